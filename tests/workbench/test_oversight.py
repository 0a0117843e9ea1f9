"""Oversight finds what anybody did, is recorded itself, and sees no media. Officers find their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from workbench.cast import PASSWORD, grow_old, signed_in

# isort: split
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Role
from foureyes.workbench.audit import offline_verify
from foureyes.workbench.audit.actions import Did, append, append_many
from foureyes.workbench.audit.checkpoints import make_checkpoint, signer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.audit.searching import A_PAGE, Place, page_of, sought_in
from foureyes.workbench.oversight.models import Refusal

pytest_plugins = ["workbench.stage"]

MEDIA = [f"{number:064x}" for number in range(5)]


@pytest.fixture
def vera(ida: Officer) -> Officer:
    """Oversight, in Ida's own unit."""
    return make_officer("vera", PASSWORD, ida.unit, roles=(Role.OVERSIGHT,))


@pytest.fixture
def as_vera(vera: Officer) -> Client:
    return signed_in(vera)


@pytest.fixture
def acted(ida: Officer, otto: Officer) -> None:
    """Ida revealed five media in one series and ruled on two; Otto opened another series."""
    append_many(ida, Did.MEDIA_REVEALED, [(f"media:{one}", {"series": "S-A"}) for one in MEDIA])
    detail: dict[str, str | int | list[str]] = {
        "media": MEDIA[:2],
        "series": ["S-A", "S-B"],
        "reason": "<b>x</b>",
    }
    append(ida, Did.DECIDED, "series:S-A", detail)
    append(otto, Did.SERIES_OPENED, "series:S-B")


def found(client: Client, query: str) -> list[int]:
    """Numbers of the entries that the page shows."""
    page = client.get("/record/" + query)
    assert page.status_code == 200
    return [int(number) for number in re.findall(r'href="/record/(\d+)/"', page.content.decode())]


@pytest.mark.usefixtures("acted")
@pytest.mark.parametrize(
    ("query", "things"),
    [
        ("?officer=otto", ["series:S-B"]),
        ("?series=S-B", ["series:S-B", "series:S-A"]),
        ("?series=S-A&action=decided", ["series:S-A"]),
        (f"?media={MEDIA[1]}", ["series:S-A", f"media:{MEDIA[1]}"]),
        (f"?media={MEDIA[4][:16]}", ["series:S-A", *(f"media:{one}" for one in reversed(MEDIA))]),
        ("?unit=Other+unit+%28AT%29&action=series-opened", ["series:S-B"]),
        ("?officer=nobody", []),
        ("?officer=ida&first=2020-01-01&last=2020-12-31", []),
        ("?action=decided&first=2020-01-01&last=2999-12-31", ["series:S-A"]),
        ("?action=decided&last=9999-12-31", ["series:S-A"]),
        ("?media=%27%20OR%201", []),
        ("?first=yesterday", []),
    ],
)
def test_a_search_finds_what_was_done(query: str, things: list[str], as_vera: Client) -> None:
    numbers = found(as_vera, query)
    by_number = dict(Entry.objects.values_list("id", "thing"))
    assert [by_number[number] for number in numbers] == things


def test_pages_by_number_show_every_entry_once_in_both_directions(ida: Officer) -> None:
    append_many(ida, Did.MEDIA_REVEALED, [(f"media:{number}", {}) for number in range(2 * A_PAGE + 7)])
    sought, place, seen = sought_in({"officer": "ida"}), Place(), []
    while True:
        page = page_of(sought, place)
        seen.append([entry.id for entry in page.entries])
        if not page.older:
            break
        place = Place(before=page.older)
    assert [number for rows in seen for number in rows] == list(range(2 * A_PAGE + 7, 0, -1))
    back = [[entry.id for entry in page.entries]]
    while page.newer:
        page = page_of(sought, Place(after=page.newer))
        back.append([entry.id for entry in page.entries])
    assert sorted(number for rows in back for number in rows) == list(range(1, 2 * A_PAGE + 8))
    assert page_of(sought, Place(before=10**17)).entries[0].id == 2 * A_PAGE + 7


@pytest.mark.usefixtures("acted")
def test_the_number_of_queries_does_not_grow_with_the_record(as_vera: Client, ida: Officer) -> None:
    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get("/record/" + query).status_code == 200
        return len(captured)

    query = "?officer=ida&series=S-A&media=0000000000000000&first=2020-01-01"
    queries("")  # the session
    few = queries(""), queries(query)
    append_many(ida, Did.MEDIA_REVEALED, [(f"media:{one:064x}", {"series": "S-A"}) for one in range(1500)])
    assert (queries(""), queries(query)) == few


@pytest.mark.usefixtures("acted")
def test_each_look_of_oversight_is_an_entry_and_an_officer_s_own_is_not(
    as_vera: Client, as_ida: Client
) -> None:
    as_vera.get("/record/?officer=ida&before=7")
    as_vera.get("/record/1/")
    read = list(Entry.objects.filter(action=Did.RECORD_READ).order_by("id"))
    assert [(one.officer, one.thing) for one in read] == [("vera", "record"), ("vera", "entry:1")]
    assert json.loads(read[0].detail) == {"before": 7, "for-officer": "ida"}
    before = Entry.objects.count()
    assert "saw media 0000000000000000 sharp" in as_ida.get("/record/mine/").content.decode()
    assert as_ida.get("/record/1/").status_code == 200
    assert Entry.objects.count() == before


@pytest.mark.usefixtures("acted", "workspace")
def test_oversight_sees_marks_and_no_media(as_vera: Client) -> None:
    for address in ("/record/", "/record/1/", "/record/6/", "/record/checkpoints/"):
        page = as_vera.get(address).content.decode()
        assert "<img" not in page
        assert 'href="/media/' not in page
        assert 'href="/m/' not in page
        assert "<b>x</b>" not in page
    assert as_vera.get(f"/media/{MEDIA[0][:16]}/").status_code == 404


@pytest.mark.usefixtures("acted")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OVERSIGHT])
def test_no_other_role_reads_the_record_of_others(role: Role, ida: Officer) -> None:
    client = signed_in(make_officer("other", PASSWORD, ida.unit, roles=(role,)))
    for address in ("/record/", "/record/1/", "/record/1/proof/", "/record/checkpoints/"):
        assert client.get(address).status_code == 404
    assert client.post("/record/export/").status_code == 404
    assert client.get("/record/mine/").status_code == 200


@pytest.mark.usefixtures("acted")
def test_officers_search_their_own_and_reach_no_other(as_otto: Client) -> None:
    page = as_otto.get("/record/mine/?action=series-opened").content.decode()
    assert "otto opened the page of series S-B" in page
    assert "signed in" not in page.partition("<table")[2]
    assert as_otto.get("/record/1/").status_code == 404
    assert as_otto.get("/record/7/").status_code == 200
    assert as_otto.get("/record/7/proof/").status_code == 404  # nothing was signed yet
    assert as_otto.get("/record/999999999999999999999/").status_code == 404


@pytest.mark.usefixtures("acted")
def test_an_entry_s_page_and_file_prove_it(as_vera: Client, as_ida: Client, tmp_path: Path) -> None:
    assert "Nothing signs it yet" in as_vera.get("/record/3/").content.decode()
    made = make_checkpoint()
    assert made is not None
    page = as_vera.get("/record/3/").content.decode()
    assert made.root in page
    for client in (as_vera, as_ida):
        answer = client.get("/record/3/proof/")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="entry-3.jsonl"'
        path = tmp_path / "proof.jsonl"
        path.write_bytes(answer.content)
        said = offline_verify.check(path, [offline_verify.key_of(signer().public)], [])
        assert said.startswith("Entry 3 of ")
    exported = Entry.objects.filter(action=Did.RECORD_EXPORTED)
    assert [(one.officer, one.detail) for one in exported] == [("vera", '{"entry":3}')]


@pytest.mark.usefixtures("acted")
def test_what_a_search_finds_is_exported_with_its_proofs(as_vera: Client, tmp_path: Path) -> None:
    refused = as_vera.post("/record/export/", follow=True)
    assert "Nothing was signed yet" in refused.content.decode()
    make_checkpoint()
    answer = as_vera.post("/record/export/", {"series": "S-A"})
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"".join(answer))  # type: ignore[call-overload]  # a streaming answer gives bytes
    said = offline_verify.check(path, [offline_verify.key_of(signer().public)], [])
    assert [line.split()[1] for line in said.splitlines()] == ["1", "2", "3", "4", "5", "6"]
    newest = Entry.objects.filter(action=Did.RECORD_EXPORTED).latest("id")
    assert json.loads(newest.detail) == {"for-series": "S-A"}


@pytest.mark.usefixtures("acted")
def test_exports_ask_an_old_sign_in_again(as_vera: Client) -> None:
    make_checkpoint()
    grow_old(as_vera)
    assert as_vera.get("/record/3/proof/").headers["Location"] == "/again/?next=%2Frecord%2F3%2Fproof%2F"
    assert as_vera.post("/record/export/", {"series": "S-A"}).headers["Location"] == "/again/"
    assert not Entry.objects.filter(action=Did.RECORD_EXPORTED).exists()
    as_vera.post("/again/", {"password": PASSWORD})
    kept = as_vera.get("/again/kept/").content.decode()
    assert 'action="/record/export/"' in kept
    assert 'name="series" value="S-A"' in kept
    assert as_vera.post("/record/export/", {"series": "S-A"}).status_code == 200
    assert as_vera.get("/record/3/proof/").status_code == 200


@pytest.mark.usefixtures("acted", "workspace")
def test_refusals_are_recorded_and_cannot_flood_the_record(as_otto: Client, otto: Officer) -> None:
    before = Entry.objects.count()
    for _ in range(120):
        assert as_otto.get("/series/S-AAAAAAAA/grid/").status_code == 404
    entries = Entry.objects.filter(id__gt=before).order_by("id")
    assert [(one.action, one.thing) for one in entries] == [("access-refused", "series:S-AAAAAAAA")] * 3
    assert [json.loads(one.detail)["within-the-hour"] for one in entries] == [1, 10, 100]
    assert Refusal.objects.get(officer=otto).times == 120
    mine = as_otto.get("/record/mine/").content.decode()
    assert "S-AAAAAAAA" not in mine
    assert as_otto.get(f"/record/{entries[0].id}/").status_code == 404
    as_otto.get("/record/")
    assert Entry.objects.latest("id").detail == '{"action":"read-record","within-the-hour":1}'


@pytest.mark.usefixtures("acted")
def test_how_old_the_last_checkpoint_is_that_left_is_said(as_vera: Client) -> None:
    assert "Nothing was signed yet" in as_vera.get("/record/").content.decode()
    make_checkpoint()
    page = as_vera.get("/record/").content.decode()
    assert "Signed up to entry" in page
    assert "No checkpoint has left this machine" in page
    assert "Stays here." in as_vera.get("/record/checkpoints/").content.decode()
