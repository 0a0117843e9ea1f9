"""Looking closely: rights, counting and words, and what the media route gives for rendered material."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from films import make_film
from made_pictures import made_picture
from workbench.cast import signed_in

# isort: split
from django.test import Client, override_settings

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.rendering import RenderKind, Rendition
from foureyes.workbench.access.tokens import Kind, Material
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library import holdings, rendering, sharp_route
from foureyes.workbench.library.models import Exposure

pytest_plugins = ["workbench.stage"]

SETTINGS = EngineSettings(workers=1)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A workspace over a source that is there: SHA-256 by the names of files."""
    folder = tmp_path_factory.mktemp("looking")
    source = folder / "seized"
    source.mkdir()
    (source / "a.jpg").write_bytes(made_picture(1, width=600))
    (source / "cut.jpg").write_bytes(made_picture(2)[:300])
    (source / "gone.jpg").write_bytes(made_picture(3))
    make_film(source / "film.mp4", [(1, 1.0)])
    workspace = Workspace.create(folder / "workspace")
    pipeline.ingest(source, workspace, SETTINGS)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        held = {path.name: catalogue.find(path.name)[0] for path in source.iterdir()}
    (source / "gone.jpg").unlink()
    return workspace.path, held


@pytest.fixture
def held(taken: tuple[Path, dict[str, str]], db: None) -> Iterator[dict[str, str]]:  # noqa: ARG001 - for what it does
    with override_settings(FOUREYES_WORKSPACE=taken[0]):
        yield taken[1]
        rendering.close()
        holdings.close()


def ask(client: Client, sha256: str, what: str = "tiles", key: str = "k" * 16, number: int = 0) -> Any:
    body = json.dumps({"what": what, "number": number, "series": "", "key": key})
    return client.post(f"/media/{sha256[:16]}/open/", body, content_type="application/json")


def waited(client: Client, sha256: str, what: str = "tiles", **more: Any) -> dict[str, Any]:
    """Ask as a page does, until it is ready or failed."""
    while True:
        answer = ask(client, sha256, what, **more).json()
        if answer["state"] != "rendering":
            return dict(answer)
        threading.Event().wait(0.05)


def test_opening_is_a_reveal_that_counts_once_however_often_it_is_asked(
    as_ida: Client, held: dict[str, str]
) -> None:
    answer = waited(as_ida, held["a.jpg"])
    assert answer["state"] == "ready"
    assert (answer["width"], answer["height"], answer["grids"]) == (600, 450, [[2, 1], [1, 1]])
    assert answer["seen_today"] == 1
    assert Exposure.objects.count() == 1
    assert Entry.objects.filter(action="media-revealed").count() == 1
    assert waited(as_ida, held["a.jpg"], key="another-key-of-a-press")["seen_today"] == 2


def test_beyond_the_cap_nothing_is_rendered(as_ida: Client, held: dict[str, str]) -> None:
    with override_settings(FOUREYES_REVEALS_A_DAY=1):
        assert ask(as_ida, held["film.mp4"], "outline").status_code == 200
        refused = ask(as_ida, held["a.jpg"], key="another-key-of-a-press")
    assert refused.status_code == 429
    assert "all 1 reveals of today are used" in refused.json()["message"]


@pytest.mark.parametrize("part", ["zoom", "play", "open"])
def test_others_get_what_a_missing_one_gives(
    as_otto: Client, as_ida: Client, held: dict[str, str], part: str
) -> None:
    for client, mark in ((as_otto, held["a.jpg"][:16]), (as_ida, "0" * 16), (as_ida, "nonsense")):
        address = f"/media/{mark}/{part}/"
        body = json.dumps({"what": "tiles", "number": 0, "series": "", "key": "k" * 16})
        asked = (
            client.post(address, body, content_type="application/json")
            if part == "open"
            else client.get(address)
        )
        assert asked.status_code == 404
    assert Exposure.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{", '{"what": "all", "number": 0, "series": "", "key": "kkkkkkkkkkkkkkkk"}',
        '{"what": "tiles", "number": -1, "series": "", "key": "kkkkkkkkkkkkkkkk"}',
        '{"what": "tiles", "number": 1e9, "series": "", "key": "kkkkkkkkkkkkkkkk"}',
        '{"what": "tiles", "number": true, "series": "", "key": "kkkkkkkkkkkkkkkk"}',
        '{"what": "tiles", "number": 0, "series": "", "key": "short"}',
    ],
)  # fmt: skip
def test_a_malformed_question_reveals_nothing(as_ida: Client, held: dict[str, str], body: str) -> None:
    address = f"/media/{held['a.jpg'][:16]}/open/"
    assert as_ida.post(address, body, content_type="application/json").status_code == 404
    assert Exposure.objects.count() == 0


def test_what_cannot_be_shown_is_told_in_words(as_ida: Client, held: dict[str, str]) -> None:
    assert "It cannot be shown (damaged)" in waited(as_ida, held["cut.jpg"])["message"]
    assert "Plug the source seized in" in waited(as_ida, held["gone.jpg"])["message"]
    assert "A picture is rendered in tiles" in waited(as_ida, held["a.jpg"], "part")["message"]
    assert "no frame of this part" in waited(as_ida, held["film.mp4"], "part", number=99)["message"]


def test_a_picture_is_no_film(as_ida: Client, held: dict[str, str]) -> None:
    answer = as_ida.get(f"/media/{held['a.jpg'][:16]}/play/")
    assert answer["Location"] == f"/media/{held['a.jpg'][:16]}/zoom/"


def test_a_film_comes_in_ranges_and_tiles_one_by_one(as_ida: Client, held: dict[str, str]) -> None:
    waited(as_ida, held["a.jpg"])
    waited(as_ida, held["film.mp4"], "outline")
    waited(as_ida, held["film.mp4"], "part")
    catalogue = holdings.catalogue()
    film = Material(Kind.FILM, Rendition(held["film.mp4"], RenderKind.PART).name)
    whole = sharp_route.answer(catalogue, film, b"", "")
    assert whole.status == 200
    assert whole.body[:4] == b"\x1aE\xdf\xa3"
    first = sharp_route.answer(catalogue, film, b"", "bytes=0-99")
    rest = sharp_route.answer(catalogue, film, b"", "bytes=100-")
    assert first.body + rest.body == whole.body
    assert (first.status, dict(first.headers)[b"content-range"]) == (206, b"bytes 0-99/%d" % len(whole.body))
    assert sharp_route.answer(catalogue, film, b"", "bytes=-10").body == whole.body[-10:]
    for nonsense in ("bytes=9-3", "bytes=-", "bytes=0-1,5-6", f"bytes={len(whole.body)}-", "lines=1-2"):
        assert sharp_route.answer(catalogue, film, b"", nonsense).status == 416
    picture = Material(Kind.TILE, Rendition(held["a.jpg"], RenderKind.TILES).name)
    assert sharp_route.answer(catalogue, picture, b"level=0&column=1&row=0", "").body[:2] == b"\xff\xd8"
    for query in (b"", b"level=0&column=2&row=0", b"level=-1&column=0&row=0", b"level=9&column=0&row=0"):
        assert sharp_route.answer(catalogue, picture, query, "").status == 404
    strip = Material(Kind.STRIP, Rendition(held["film.mp4"], RenderKind.OUTLINE).name)
    assert sharp_route.answer(catalogue, strip, b"", "").body[:2] == b"\xff\xd8"
    for name in ("../catalogue.sqlite", "", "0" * 64 + "-tiles-1-0"):
        assert sharp_route.answer(catalogue, Material(Kind.TILE, name), b"", "").status == 404


@given(first=st.integers(0, 300), last=st.integers(0, 300), length=st.integers(1, 200))
def test_a_range_never_leaves_its_film(first: int, last: int, length: int) -> None:
    bounds = sharp_route._bounds(f"bytes={first}-{last}", length)
    if bounds is None:
        assert first >= length or first > last
    else:
        assert 0 <= bounds[0] <= bounds[1] < length


def test_what_nobody_asks_for_any_more_is_not_rendered(as_ida: Client, held: dict[str, str]) -> None:
    catalogue = holdings.catalogue()
    wanted = Rendition(held["film.mp4"], RenderKind.FRAME, 500)
    lane = rendering._Lane("test")
    job = rendering._Job(wanted, catalogue, time.monotonic() - rendering.LEFT_SECONDS - 1)
    lane.jobs[wanted] = job
    assert lane.ask(catalogue, Rendition(held["a.jpg"], RenderKind.TILES)).percent == 0
    while not all(one.ended for one in list(lane.jobs.values())):
        threading.Event().wait(0.02)
    lane.close()
    assert not rendering.ask(catalogue, wanted).ready
    assert waited(as_ida, held["film.mp4"], "frame", number=500)["state"] == "ready"


def test_the_media_page_leads_to_zoom_and_film(ida: Officer, held: dict[str, str]) -> None:
    client = signed_in(ida)
    picture, film = held["a.jpg"][:16], held["film.mp4"][:16]
    assert f"/media/{picture}/zoom/" in client.get(f"/media/{picture}/").content.decode()
    assert f"/media/{film}/play/" in client.get(f"/media/{film}/").content.decode()
    cut = held["cut.jpg"][:16]
    assert f"/media/{cut}/zoom/" not in client.get(f"/media/{cut}/").content.decode()


def test_compare_is_for_those_who_may_see_every_one(
    as_ida: Client, as_otto: Client, held: dict[str, str]
) -> None:
    a, film = held["a.jpg"][:16], held["film.mp4"][:16]
    assert as_ida.get(f"/compare/?m={a}&m={film}@0.5").status_code == 200
    assert as_otto.get(f"/compare/?m={a}&m={film}").status_code == 404
    for gone in ("0" * 16, "nonsense", f"{film}@never", "", f"{film}@-1"):
        assert as_ida.get("/compare/", {"m": [a, gone]}).status_code == 404
    for wrong in ([], [a], [a, a], [a, *(f"{film}@{number}" for number in range(6))]):
        answer = as_ida.get("/compare/", {"m": wrong})
        assert answer.status_code == 400
        assert "2 to 6 different media" in answer.content.decode()
