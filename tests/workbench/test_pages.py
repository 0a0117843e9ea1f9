"""Headers, messages, error pages, and that the number of queries does not grow with what is shown."""

from __future__ import annotations

import base64
import importlib
import secrets
import sys
from pathlib import Path

import pytest

from workbench.cast import PASSWORD, marks

# isort: split
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from foureyes.engine.catalogue import SeriesSummary, Workspace
from foureyes.engine.model import Fact, FactName, Link, MediaKind, Origin
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library import holdings
from foureyes.workbench.pages.templatetags import words
from foureyes.workbench.series.grids import grid, leaders
from foureyes.workbench.series.outlines import outline
from foureyes.workbench.settings import readers, safety
from workbench.filled import Plan, fill

pytest_plugins = ["workbench.stage"]


def test_pages_carry_the_strict_headers(as_ida: Client, series: list[SeriesSummary]) -> None:
    for page in ("/series/", f"/series/{series[0].id}/", "/nowhere/", "/sources/"):
        headers = as_ida.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_no_template_holds_script_or_style() -> None:
    folder = Path(words.__file__).parents[2]
    templates = list(folder.glob("*/templates/*/*.html"))
    assert len(templates) > 15
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert " style=" not in text, template
        assert "<style" not in text, template
        assert " on" + "click" not in text, template
        assert "|safe" not in text, template
        assert "http://" not in text, template
        assert "https://" not in text, template
        assert "<script>" not in text, template


def test_no_view_touches_the_tables() -> None:
    apps = Path(words.__file__).parents[2]
    views = [*apps.glob("*/views.py"), *apps.glob("*/views/*.py")]
    assert len(views) >= 5
    for view in views:
        assert ".objects" not in view.read_text(encoding="utf-8"), view


def test_cookies_are_kept_from_scripts_and_other_sites(ida: Officer, as_nobody: Client) -> None:
    as_nobody.get("/sign-in/")
    as_nobody.post("/sign-in/", {"username": ida.username, "password": PASSWORD})
    for name in ("foureyes_session", "foureyes_csrf"):
        assert as_nobody.cookies[name]["httponly"]
        assert as_nobody.cookies[name]["samesite"] == "Strict"


def test_the_sign_in_goes_on_to_pages_of_this_site_only(ida: Officer, as_nobody: Client) -> None:
    form = {"username": ida.username, "password": PASSWORD}
    assert as_nobody.post("/sign-in/", {**form, "next": "/faults/"}).headers["Location"] == "/faults/"
    for elsewhere in ("https://example.org/", "//example.org", "javascript:alert(1)"):
        assert as_nobody.post("/sign-in/", {**form, "next": elsewhere}).headers["Location"] == "/"


def test_a_name_is_locked_after_five_wrong_passwords(ida: Officer, as_nobody: Client) -> None:
    def try_with(password: str) -> tuple[int, str]:
        response = as_nobody.post("/sign-in/", {"username": ida.username, "password": password})
        return response.status_code, response.content.decode()

    for _ in range(4):
        assert "do not fit" in try_with("wrong")[1]
    assert "locked" in try_with("wrong")[1]
    assert try_with(PASSWORD)[0] == 422
    ida.refresh_from_db()
    assert ida.locked_until is not None
    Officer.objects.update(locked_until=ida.made_at)
    assert try_with(PASSWORD)[0] == 302


def test_an_officer_who_left_is_out_at_once(ida: Officer, as_ida: Client) -> None:
    assert as_ida.get("/exposure/").status_code == 200
    Officer.objects.filter(pk=ida.pk).update(is_active=False)
    assert as_ida.get("/exposure/").status_code == 302


def test_the_board_sorts_and_filters_by_its_address(as_ida: Client, series: list[SeriesSummary]) -> None:
    def ids(query: str) -> list[str]:
        body = as_ida.get(f"/series/{query}").content.decode()
        return sorted((one.id for one in series if one.id in body), key=body.index)

    assert len(ids("")) == 4
    assert ids("?sort=size")[-1] == series[0].id
    assert ids("?sort=-last")[0] == ids("?q=iphone")[0]
    assert ids("?q=NIKON+d3200") == [series[0].id]
    assert ids("?q=nikon+canon") == []
    assert ids("?sort=nonsense&page=999999999999") == ids("")
    assert "No series fits" in as_ida.get("/series/?q=nothing").content.decode()


@pytest.mark.usefixtures("workspace")
def test_hostile_names_are_shown_as_text(as_ida: Client) -> None:
    body = as_ida.get("/faults/").content.decode()
    assert "\x1b" not in body
    assert "broken/\\x1b[31mred\\udcff.avi" in body
    assert "the decoder died" in body


def test_an_empty_workspace_says_what_to_do(tmp_path: Path, as_ida: Client) -> None:
    Workspace.create(tmp_path / "empty")
    with override_settings(FOUREYES_WORKSPACE=tmp_path / "empty"):
        for page in ("/series/", "/sources/"):
            assert "foureyes ingest PATH" in as_ida.get(page).content.decode()
        assert "could be read" in as_ida.get("/faults/").content.decode()
    holdings.close()


def test_a_missing_workspace_is_a_page_in_words(tmp_path: Path, as_ida: Client) -> None:
    with override_settings(FOUREYES_WORKSPACE=tmp_path / "gone"):
        response = as_ida.get("/series/")
    assert response.status_code == 409
    assert "foureyes init" in response.content.decode()


def test_queries_do_not_grow_with_rows(tmp_path: Path, as_ida: Client, series: list[SeriesSummary]) -> None:
    def count(path: str) -> int:
        as_ida.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert as_ida.get(path).status_code == 200
        return len(asked)

    few = count("/series/")
    assert count(f"/series/{series[0].id}/") == count(f"/series/{series[-1].id}/")
    assert count(f"/series/{series[0].id}/grid/") == count(f"/series/{series[-1].id}/grid/")
    assert count(f"/media/{marks(series[0].id)[0]}/") == count(f"/media/{marks(series[-1].id)[0]}/")
    many = tuple(Plan(f"pair{number}", 1, 1) for number in range(12))
    with override_settings(FOUREYES_WORKSPACE=fill(tmp_path / "many", many).path):
        assert len(holdings.catalogue().series_list()) == 12
        assert count("/series/") == few
    holdings.close()


@pytest.mark.parametrize(
    ("key", "debug", "hosts", "words_of_it"),
    [
        ("", False, ["work.example"], "FOUREYES_SECRET_KEY"),
        ("short", False, ["work.example"], "FOUREYES_SECRET_KEY"),
        ("k" * 60, True, ["work.example"], "Debug"),
        ("k" * 60, False, [], "FOUREYES_HOSTS"),
        ("k" * 60, False, ["*"], "FOUREYES_HOSTS"),
        ("k" * 60, False, [".example"], "FOUREYES_HOSTS"),
    ],
)
def test_production_refuses_to_start_unsafe(
    key: str, debug: bool, hosts: list[str], words_of_it: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=words_of_it):
        safety.refuse_unsafe(secret_key=key, debug=debug, hosts=hosts)
    safety.refuse_unsafe(secret_key="k" * 60, debug=False, hosts=["work.example"])


def test_production_settings_pass_the_check_of_a_deployment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "foureyes.workbench.settings.production"
    monkeypatch.setenv("FOUREYES_SECRET_KEY", "")
    with pytest.raises(ImproperlyConfigured, match="FOUREYES_SECRET_KEY"):
        importlib.import_module(name)
    monkeypatch.setenv("FOUREYES_SECRET_KEY", secrets.token_urlsafe(64))
    monkeypatch.setenv("FOUREYES_HOSTS", "work.example")
    monkeypatch.setenv("FOUREYES_WORKSPACE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match="FOUREYES_RECORD_KEY"):
        importlib.import_module(name)
    monkeypatch.setenv("FOUREYES_RECORD_KEY", base64.b64encode(secrets.token_bytes(32)).decode())
    settings = importlib.import_module(name)
    monkeypatch.delitem(sys.modules, name)
    chosen = {key: getattr(settings, key) for key in dir(settings) if key.isupper() and key != "DATABASES"}
    with override_settings(**chosen):
        found = checks.run_checks(include_deployment_checks=True)
    # Preloading of HSTS is for public sites: the list is published.
    assert {one.id for one in found} <= {"security.W005", "security.W021"}
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_NAME.startswith("__Host-")


def test_a_workspace_keeps_its_key_to_itself(tmp_path: Path) -> None:
    key = safety.workspace_key(tmp_path)
    assert safety.workspace_key(tmp_path) == key
    assert (tmp_path / "workbench.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "workbench.key").chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        safety.workspace_key(tmp_path)


def test_secrets_may_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from a file\n", encoding="utf-8")
    monkeypatch.setenv("FOUREYES_X_FILE", str(tmp_path / "secret"))
    assert readers.secret("FOUREYES_X") == "from a file"
    monkeypatch.setenv("FOUREYES_X_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match="FOUREYES_X_FILE"):
        readers.secret("FOUREYES_X")


def test_copies_fold_under_the_largest() -> None:
    members, areas = ["a", "b", "c", "d", "e"], [10, 30, 30, 5, 99]
    assert leaders(members, areas, [("a", "b"), ("b", "c"), ("x", "d")]) == [1, 1, 1, 3, 4]
    assert leaders(members, areas, []) == [0, 1, 2, 3, 4]


def test_a_clip_does_not_fold_with_its_stills(own_workspace: Path) -> None:
    catalogue = holdings.catalogue()
    media = {row.sha256: row for row in catalogue.media_index()}
    clips = [sha256 for sha256, row in media.items() if row.kind is MediaKind.VIDEO]
    stills = [sha256 for sha256, row in media.items() if row.path.startswith("market/")]
    links = [Link(*sorted((clip, stills[0])), "same-picture", 6.0, "a frame of it") for clip in clips]
    members = sorted([*clips, *stills[:2]])
    table = grid(members, [*links, Link(*sorted(stills[:2]), "same-picture", 6.0, "a copy")])
    assert own_workspace.exists()
    assert len(set(table.leaders)) == len(clips) + 1


def test_an_outline_sums_up_what_files_state() -> None:
    def stated(**facts: str | float) -> tuple[Fact, ...]:
        names = {name.replace("-", "_"): FactName(name) for name in FactName}
        return tuple(Fact(names[name], value, Origin.EXIF) for name, value in facts.items())

    facts = {
        "a": stated(
            captured_at="2019-07-03T14:00:00", camera_maker="NIKON CORPORATION", camera_model="NIKON D3200"
        ),
        "b": stated(gps_time="2019-07-01T09:00:00Z", latitude=59.4370, longitude=24.7536),
        "c": stated(latitude=59.43701, longitude=24.75361, camera_maker="DJI", camera_model="FC300S"),
        "d": stated(
            latitude=59.5, captured_at="2019-07-04T08:00:00", camera_maker="DJI", camera_model="FC300S"
        ),
    }
    summed = outline(["a", "b", "c", "d", "e"], facts)
    assert (summed.first, summed.last, summed.dated) == ("2019-07-01T09:00:00Z", "2019-07-04T08:00:00", 3)
    assert summed.cameras == (("DJI FC300S", 2), ("NIKON D3200", 1))
    assert [place.media for place in summed.places] == [2]


def test_words_for_people() -> None:
    assert words.moment("2019-07-03T14:00:30.123456+02:00") == "2019-07-03 14:00:30 +02:00"
    assert words.moment("2019-07-03T14:00:30Z") == "2019-07-03 14:00:30"
    assert words.size(3_565_158) == "3.4 MB"
    assert words.size(12) == "12 bytes"
    assert words.nanoseconds(10**30) == ""
    assert words.printable("a\x1b[31m\u202eb\udcff") == "a\\x1b[31m\\u202eb\\udcff"
