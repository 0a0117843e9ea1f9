"""No sharp pixel before a reveal; each reveal recorded once; links that open for one session and a short time."""

from __future__ import annotations

import asyncio
import json
import re
import struct
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from workbench.cast import give, marks, signed_in

# isort: split
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import Client, override_settings
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.tokens import Kind, Material, Tokens
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library import media_route, previews
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.links import tokens
from foureyes.workbench.library.models import Break, Exposure, Looked, MoreAllowed, Viewing
from foureyes.workbench.series.models import Standing, State
from foureyes.workbench.settings import readers

pytest_plugins = ["workbench.stage"]

KEY = "0123456789abcdef"
DAY = timedelta(days=1)
JPEG = b"\xff\xd8\xff"


@pytest.fixture
def chosen(series: list[SeriesSummary]) -> list[str]:
    """Marks of the largest series."""
    return marks(series[0].id)


def reveal(client: Client, chosen: list[str], key: str = KEY, series: str = "") -> Any:
    body = json.dumps({"media": chosen, "series": series, "key": key})
    return client.post("/media/reveal/", body, content_type="application/json")


def fetch(
    client: Client, path: str, method: str = "GET", query: str = ""
) -> tuple[int, bytes, dict[str, str]]:
    """Ask the bare route as the browser of this client would."""
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"cookie", cookie.encode())],
    }
    assert media_route.is_media(scope)
    asyncio.run(media_route.media(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], sent[1]["body"], headers


def rested() -> None:
    """The breaks of everybody are over."""
    Break.objects.update(until=timezone.now())


def pack_link(client: Client, series_id: str) -> str:
    """The link to the pack of previews that the page of a series carries."""
    found = re.search(r'data-previews="([^"]+)"', client.get(f"/series/{series_id}/").content.decode())
    assert found is not None
    return found[1]


def test_nothing_sharp_leaves_before_a_reveal(
    as_ida: Client, series: list[SeriesSummary], chosen: list[str]
) -> None:
    pages = ["/series/", f"/series/{series[0].id}/", f"/media/{chosen[0]}/", f"/series/{series[0].id}/grid/"]
    said = b"".join(as_ida.get(page).content for page in pages)
    links = set(re.findall(r"/m/[^\"' ]+", said.decode(errors="replace")))
    assert links
    for link in links:
        status, body, _ = fetch(as_ida, link)
        assert status == 200
        assert JPEG not in body
        assert "/thumbnail/" not in link
    thumbnail = catalogue().thumbnail(catalogue().find(chosen[0])[0])
    assert thumbnail.startswith(JPEG)
    assert thumbnail not in said
    assert Exposure.objects.count() == 0


def test_a_reveal_is_recorded_once_and_opens_the_thumbnail(as_ida: Client, chosen: list[str]) -> None:
    answer = reveal(as_ida, chosen[:2]).json()
    again = reveal(as_ida, chosen[:2]).json()
    assert Exposure.objects.count() == 2
    assert Entry.objects.filter(action="media-revealed").count() == 2
    assert answer["seen_today"] == again["seen_today"] == 2
    status, body, headers = fetch(as_ida, answer["links"][chosen[0]])
    assert status == 200
    assert body == catalogue().thumbnail(catalogue().find(chosen[0])[0])
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "image/jpeg"
    assert reveal(as_ida, chosen[1:2], "f" * 16).json()["seen_today"] == 3


def test_a_reveal_that_is_refused_reveals_and_records_nothing(
    as_ida: Client, as_otto: Client, chosen: list[str]
) -> None:
    assert reveal(as_otto, chosen[:1]).status_code == 404
    assert reveal(as_ida, [chosen[0], "0" * 16]).status_code == 404
    assert reveal(as_ida, []).status_code == 404
    assert reveal(as_ida, chosen[:1], "short").status_code == 404
    assert reveal(as_ida, chosen[:49]).status_code == 404
    assert as_ida.get("/media/reveal/").status_code == 405
    for body in (
        "",
        "[]",
        "{}",
        '{"media": 3}',
        '{"media": [3], "series": "", "key": "0123456789abcdef"}',
        "[" * 9999,
    ):
        assert as_ida.post("/media/reveal/", body, content_type="application/json").status_code == 404
    assert Exposure.objects.count() == 0
    assert Entry.objects.filter(action="media-revealed").count() == 0


def test_a_reveal_needs_the_token_of_the_page(ida: Officer, chosen: list[str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ida)
    assert reveal(strict, chosen[:1]).status_code == 403
    assert Exposure.objects.count() == 0


def test_a_link_opens_for_its_own_session_only(
    ida: Officer, as_ida: Client, as_otto: Client, as_nobody: Client, chosen: list[str]
) -> None:
    link = reveal(as_ida, chosen[:1]).json()["links"][chosen[0]]
    assert fetch(as_ida, link)[0] == 200
    assert fetch(as_ida, link, "HEAD")[:2] == (200, b"")
    assert fetch(as_ida, link, "POST")[0] == 404
    assert fetch(as_otto, link)[0] == 404
    assert fetch(as_nobody, link)[0] == 404
    assert fetch(signed_in(ida), link)[0] == 404


def test_a_link_dies_with_its_session(as_ida: Client, chosen: list[str]) -> None:
    link = reveal(as_ida, chosen[:1]).json()["links"][chosen[0]]
    stolen = Client()
    stolen.cookies = as_ida.cookies.copy()  # type: ignore[assignment]  # a jar as good as a client's own
    assert fetch(stolen, link)[0] == 200
    as_ida.post("/sign-out/")
    assert fetch(stolen, link)[0] == 404


def test_a_tampered_link_opens_nothing(as_ida: Client, chosen: list[str]) -> None:
    links = reveal(as_ida, chosen[:2]).json()["links"]
    link, other = links[chosen[0]], links[chosen[1]]
    sha256, other_sha256 = link.split("/")[3], other.split("/")[3]
    tampered = [
        link.replace(sha256, other_sha256),
        link.replace("/thumbnail/", "/preview/"),
        link.replace("/thumbnail/", "/originals/"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link + "0",
        link[:-1],
        re.sub(r"/(\d+)\.", lambda found: f"/{int(found[1]) + 9}.", link),
        re.sub(r"/(\d+)\.", "/٣٣٣٣٣٣٣٣٣٣.", link),
        link.rpartition("/")[0],
        "/m/",
        "/m//" + link.removeprefix("/m/"),
        "/m/../series/",
    ]
    for path in tampered:
        assert fetch(as_ida, path)[0] == 404, path


def test_a_link_expires() -> None:
    now = [1_800_000_000.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731 - a clock that the test moves
    maker = Tokens("key", 60, clock)
    material = Material(Kind.THUMBNAIL, "a" * 64)
    path = maker.path(material, "session")
    assert maker.opens(path, "session") == material
    now[0] += 59.9
    assert maker.opens(path, "session") == material
    now[0] += 0.1
    assert maker.opens(path, "session") is None
    assert Tokens("another key", 60, lambda: 1_800_000_000.0).opens(path, "session") is None
    assert maker.opens(maker.path(material, ""), "") is None


def test_the_pack_holds_the_previews_in_the_order_of_the_grid(
    as_ida: Client, series: list[SeriesSummary], chosen: list[str]
) -> None:
    table = as_ida.get(f"/series/{series[0].id}/grid/").json()
    assert table["marks"] == chosen
    status, body, _ = fetch(as_ida, pack_link(as_ida, series[0].id))
    assert status == 200
    count = struct.unpack_from("<I", body, 4)[0]
    lengths = struct.unpack_from(f"<{count}H", body, 8)
    assert count == len(chosen)
    first = body[8 + 2 * count :][: lengths[0] & 0x7FFF]
    whole = catalogue().preview(catalogue().find(chosen[0])[0])
    assert lengths[0] & 0x8000
    assert first == whole[20:23] + whole[30:]
    assert len(set(table["leaders"])) == 18
    assert all(table["leaders"][leader] == leader for leader in table["leaders"])


def test_a_pack_of_a_series_that_changed_is_not_served(as_ida: Client, series: list[SeriesSummary]) -> None:
    revision = as_ida.get(f"/series/{series[0].id}/grid/").json()["revision"]
    session = as_ida.cookies["foureyes_session"].value
    now, before = (Material(Kind.SERIES_PREVIEWS, f"{series[0].id}@{one}") for one in (revision, "0" * 16))
    assert fetch(as_ida, tokens().path(now, session))[0] == 200
    assert fetch(as_ida, tokens().path(before, session))[0] == 404


def test_what_was_seen_is_for_the_officer_alone(as_ida: Client, as_otto: Client, chosen: list[str]) -> None:
    reveal(as_ida, chosen[:3])
    assert "<b>3</b> today, of 1000 that a day allows" in as_ida.get("/exposure/").content.decode()
    assert "<b>0</b> today" in as_otto.get("/exposure/").content.decode()


@override_settings(FOUREYES_REVEALS_A_DAY=5)
def test_beyond_the_cap_of_the_day_nothing_is_revealed(as_ida: Client, chosen: list[str]) -> None:
    first = reveal(as_ida, chosen[:3]).json()
    assert first["notice"] == ""
    assert reveal(as_ida, chosen[3:6], "a" * 16).json().keys() == {"message", "seen_today", "break"}
    rested()
    too_many = reveal(as_ida, chosen[3:6], "b" * 16)
    assert too_many.status_code == 429
    assert too_many.json() == {
        "message": "Not revealed: 2 of 5 reveals are left today, and this asks for 3. Choose 2 or fewer.",
        "seen_today": 3,
    }
    assert 0 < int(too_many.headers["Retry-After"]) <= 86_401
    nearly = reveal(as_ida, chosen[3:4], "c" * 16).json()
    assert nearly["notice"].startswith("4 of 5 reveals of today are used")
    assert "4 of 5 reveals of today" in as_ida.get("/exposure/").content.decode()
    assert reveal(as_ida, chosen[4:5], "d" * 16).status_code == 429, "the second break"
    rested()
    assert reveal(as_ida, chosen[4:5], "d" * 16).status_code == 200
    spent = reveal(as_ida, chosen[1:2], "e" * 16)
    assert spent.status_code == 429
    assert "all 5 reveals of today are used" in spent.json()["message"]
    assert reveal(as_ida, chosen[:3]).json()["links"].keys() == first["links"].keys(), "sent twice, not new"
    assert Exposure.objects.count() == 5
    refused = list(Entry.objects.filter(action="reveal-refused").values_list("officer", "thing", "detail"))
    assert [(name, thing) for name, thing, _ in refused] == [("ida", "officer:ida")] * 2
    assert json.loads(refused[0][2]) == {"asked": 3, "seen": 3, "cap": 5}


@override_settings(FOUREYES_REVEALS_A_DAY=2)
def test_the_cap_is_of_one_officer_and_one_day(
    as_ida: Client, series: list[SeriesSummary], otto: Officer, chosen: list[str]
) -> None:
    assert reveal(as_ida, chosen[:2]).status_code == 200
    assert reveal(as_ida, chosen[2:3], "b" * 16).status_code == 429
    give(series[0].id, otto.unit)
    assert reveal(signed_in(otto), chosen[2:3], "b" * 16).status_code == 200
    Exposure.objects.update(at=timezone.now() - timedelta(days=1))
    assert reveal(as_ida, chosen[2:3], "c" * 16).status_code == 200


@pytest.mark.parametrize("value", ["0", "-5", "many", "1.5", "\u0663"])
def test_a_cap_that_is_no_number_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUREYES_REVEALS_A_DAY", value)
    with pytest.raises(ImproperlyConfigured, match="FOUREYES_REVEALS_A_DAY must be a whole number"):
        readers.number("FOUREYES_REVEALS_A_DAY", 1_000)


def test_the_cap_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUREYES_REVEALS_A_DAY", " 250 ")
    assert readers.number("FOUREYES_REVEALS_A_DAY", 1_000) == 250
    monkeypatch.setenv("FOUREYES_REVEALS_A_DAY", "")
    assert readers.number("FOUREYES_REVEALS_A_DAY", 1_000) == 1_000


def test_settled_media_are_not_shown_again_unasked(
    as_ida: Client, ida: Officer, series: list[SeriesSummary], chosen: list[str]
) -> None:
    reveal(as_ida, chosen[:2])
    again = reveal(as_ida, chosen[:3], "b" * 16).json()
    assert again["settled"] == chosen[:1], "ruled on, and seen before"
    assert again["order"] == chosen[1:3]
    assert "1 settled media stays covered" in again["said"]
    assert Exposure.objects.filter(officer=ida).count() == 4
    named = json.dumps({"media": chosen[:1], "series": "", "key": "c" * 16, "settled": True})
    assert as_ida.post("/media/reveal/", named, content_type="application/json").json()["order"] == chosen[:1]
    Standing.objects.create(series=series[0].id, state=State.CLOSED)
    finished = reveal(as_ida, chosen[5:8], "d" * 16).json()
    assert (finished["links"], finished["batch"], finished["settled"]) == ({}, "", chosen[5:8])
    assert Exposure.objects.filter(officer=ida).count() == 5


def test_a_batch_gives_its_thumbnails_in_order(as_ida: Client, as_otto: Client, chosen: list[str]) -> None:
    answer = reveal(as_ida, chosen[1:9]).json()
    status, body, headers = fetch(as_ida, answer["batch"])
    assert (status, headers["content-type"]) == (200, "application/octet-stream")
    magic, count = body[:4], struct.unpack_from("<I", body, 4)[0]
    lengths = struct.unpack_from(f"<{count}I", body, 8)
    at, pictures = 8 + 4 * count, []
    for length in lengths:
        pictures.append(body[at : at + length])
        at += length
    full = [catalogue().find(mark)[0] for mark in answer["order"]]
    assert (magic, answer["order"]) == (b"4EP1", chosen[1:9])
    assert pictures == catalogue().thumbnails(full)
    assert fetch(as_ida, answer["batch"])[1] == body, "from memory as well"
    assert fetch(as_otto, answer["batch"])[0] == 404
    assert fetch(as_ida, answer["batch"].replace("/thumbnails/A", "/thumbnails/B"))[0] in {404, 200}
    assert fetch(as_ida, answer["batch"][:-1])[0] == 404


@pytest.mark.parametrize(
    ("asked", "indexes"),
    [
        ("0-3", [0, 1, 2, 3]),
        ("53.0", [53, 0]),
        ("1-2.5", [1, 2, 5]),
        ("54", None),
        ("3-1", None),
        ("-1", None),
        ("0-53.0-53", None),
        ("x", None),
        ("1..2", None),
        ("\u0663", None),
        ("0." * 5000, None),
    ],
)
def test_previews_are_asked_for_in_parts(asked: str, indexes: list[int] | None) -> None:
    assert previews.chosen(asked, 54) == indexes


def test_parts_of_a_pack_are_served(as_ida: Client, series: list[SeriesSummary]) -> None:
    link = pack_link(as_ida, series[0].id)
    status, body, _ = fetch(as_ida, link, query="at=3-4.0")
    assert (status, struct.unpack_from("<I", body, 4)[0]) == (200, 3)
    assert fetch(as_ida, link, query="at=99")[0] == 404
    fresh = as_ida.get(f"/series/{series[0].id}/grid/link/").json()
    assert fetch(as_ida, fresh["previews"], query="at=3-4.0")[1] == body


def test_a_break_is_put_off_once_with_a_reason(
    as_ida: Client, ida: Officer, chosen: list[str], series: list[SeriesSummary]
) -> None:
    with override_settings(FOUREYES_REVEALS_A_DAY=20):
        reveal(as_ida, chosen[:9], series=series[0].id)
        assert as_ida.post("/exposure/put-off/", {"reason": "now"}).status_code == 409, "there is none yet"
        due = reveal(as_ida, chosen[10:11], "b" * 16)
        assert (due.status_code, due.json()["break"]["may_put_off"]) == (429, True)
        assert 'id="break"' in as_ida.get(f"/series/{series[0].id}/").content.decode()
        assert as_ida.post("/exposure/put-off/", {"reason": " \x07 "}).status_code == 409
        assert as_ida.post("/exposure/put-off/", {"reason": "the child is named"}).status_code == 200
        assert reveal(as_ida, chosen[10:12], "c" * 16).status_code == 200
        again = reveal(as_ida, chosen[12:13], "d" * 16)
        assert (again.status_code, again.json()["break"]["may_put_off"]) == (429, False)
        assert as_ida.post("/exposure/put-off/", {"reason": "once more"}).status_code == 409
        rested()
        assert reveal(as_ida, chosen[12:13], "e" * 16).status_code == 200
    recorded = Entry.objects.filter(action__startswith="break-").order_by("id")
    words = list(recorded.values_list("action", flat=True))
    assert words == ["break-began", "break-put-off", "break-began"]
    now = timezone.now()
    given = {"officer": ida, "day": now.date(), "seen": 0, "until": now, "put_off": True}
    for bad in (
        {"number": 2, "reason": "a second time"},
        {"number": 3, "reason": "", "day": now.date() - DAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Break.objects.create(**{**given, **bad})


@override_settings(FOUREYES_REVEALS_A_DAY=2)
def test_a_coordinator_allows_another_officer_more(
    as_ida: Client, ida: Officer, series: list[SeriesSummary], otto: Officer, chosen: list[str]
) -> None:
    give(series[0].id, otto.unit)
    as_otto = signed_in(otto)
    reveal(as_otto, chosen[1:3])
    assert reveal(as_otto, chosen[3:4], "b" * 16).status_code == 429
    asked = {"officer": "otto", "reveals": "5", "reason": "one of them may be named"}
    assert as_otto.post("/exposure/more/", asked).status_code == 404, "no coordinator"
    for wrong in (
        {"officer": "ida"},
        {"officer": "nobody"},
        {"reveals": "0"},
        {"reveals": "x"},
        {"reason": " "},
    ):
        as_ida.post("/exposure/more/", asked | wrong)
    assert MoreAllowed.objects.count() == 0
    as_ida.post("/exposure/more/", asked)
    assert "Allow an officer more" in as_ida.get("/exposure/").content.decode()
    for key in "cd":
        assert "break" in reveal(as_otto, chosen[3:4], key * 16).json(), "one at each reveal, of two"
        rested()
    assert reveal(as_otto, chosen[3:4], "e" * 16).status_code == 200
    assert Entry.objects.filter(action="more-reveals-allowed", officer="ida").count() == 1
    for bad in (
        {"officer": ida, "by": ida, "reveals": 1, "reason": "me"},
        {"officer": otto, "by": ida, "reveals": 0, "reason": "none"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            MoreAllowed.objects.create(**bad)


def test_seconds_are_believed_as_far_as_they_can_be_true(
    as_ida: Client, series: list[SeriesSummary], chosen: list[str]
) -> None:
    def tell(seconds: str, of: str = series[0].id) -> float:
        assert as_ida.post("/exposure/looked/", {"seconds": seconds, "series": of}).status_code == 204
        return sum(Looked.objects.values_list("seconds", flat=True))

    assert tell("10") == 0, "nothing was revealed today"
    reveal(as_ida, chosen[1:2], series=series[0].id)
    Exposure.objects.update(at=timezone.now() - timedelta(seconds=30))
    assert tell("20.5") == pytest.approx(20.5)
    total = tell("50")
    assert total < 25, "no more than has passed since the page last told"
    for nonsense in ("-5", "nan", "inf", "1e999", "", "many"):
        assert tell(nonsense) == pytest.approx(total)
    Looked.objects.update(last=timezone.now() - timedelta(hours=1))
    assert tell("3000", "../x") < total + 61, "one telling holds a minute at most"
    page = as_ida.get("/exposure/").content.decode()
    assert series[0].id in page
    assert "with something sharp on the screen" in page


def test_viewing_is_kept_and_given_to_every_page(as_ida: Client, as_otto: Client) -> None:
    chosen = {"blur": "4", "mask": "middle", "size": "0", "colour": "on"}
    as_ida.post("/exposure/viewing/", chosen)
    told = as_ida.get("/series/").content.decode()
    assert all(
        word in told for word in ('data-blur="4"', 'data-mask="middle"', 'data-size="0"', 'data-colour="yes"')
    )
    for wrong in ({"blur": "5"}, {"mask": "x"}, {"size": "9"}, {"blur": "\u0664"}):
        as_ida.post("/exposure/viewing/", chosen | wrong)
    assert Viewing.objects.get().blur == 4
    assert 'data-blur="16"' in as_otto.get("/series/").content.decode()
