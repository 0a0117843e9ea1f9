"""Matched points of compare: kept ones, comparing now in the real cage, rights, counting in the record, stopping."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import made_scenes
from workbench.cast import PASSWORD, signed_in

# isort: split
from django.test import Client, override_settings

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import MediaKind, Progress, ScenePair, ViewPair
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import viewing
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library import errands, holdings
from foureyes.workbench.library.errands import Crowded, Desk, Tell
from foureyes.workbench.library.queries import looked_at
from foureyes.workbench.series.matched import Moment, of_view

pytest_plugins = ["workbench.stage"]

SETTINGS = EngineSettings(workers=1)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A wall, the same wall aslant, a part of it that was compared with it, another wall; one whose file is gone."""
    folder = tmp_path_factory.mktemp("points")
    source = folder / "seized"
    source.mkdir()
    wall = made_scenes.scene(1)
    pictures = {"wall": wall, "aslant": made_scenes.seen_aslant(wall)[0], "part": wall[60:360, 80:480]}
    pictures["other"] = made_scenes.scene(9)
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(source / f"{name}.png")
    workspace = Workspace.create(folder / "workspace")
    pipeline.ingest(source, workspace, SETTINGS, with_linking=False)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        held = {name: catalogue.find(f"{name}.png")[0] for name in pictures}
        a, b = sorted((held["wall"], held["part"]))
        viewing.pairs(catalogue, SETTINGS, [ScenePair(a, b, 0.9)])
    return workspace.path, held


@pytest.fixture
def held(taken: tuple[Path, dict[str, str]], db: None) -> Iterator[dict[str, str]]:  # noqa: ARG001 - for what it does
    with override_settings(FOUREYES_WORKSPACE=taken[0]):
        yield taken[1]
        errands.close()
        holdings.close()


def ask(client: Client, a: str, b: str, *, post: bool = False) -> dict[str, Any]:
    sent = {"a": a[:16], "b": b[:16]}
    answer = (client.post if post else client.get)("/compare/points/", sent)
    return {"status": answer.status_code} | (answer.json() if answer.status_code in (200, 429) else {})


def waited(client: Client, a: str, b: str) -> dict[str, Any]:
    told = ask(client, a, b, post=True)
    while told["state"] == "running":
        threading.Event().wait(0.05)
        told = ask(client, a, b)
    return told


def test_what_linking_kept_is_told_in_the_order_of_the_question(as_ida: Client, held: dict[str, str]) -> None:
    wall, part = held["wall"], held["part"]
    told, turned = ask(as_ida, wall, part), ask(as_ida, part, wall)
    assert told["state"] == "found"
    assert "points agree over" in told["words"]
    assert 10 < len(told["points"]) <= 60
    for x, y, u, v in told["points"]:
        assert (x * 560, y * 420) == pytest.approx((80 + u * 400, 60 + v * 300), abs=6)
    assert [(u, v, x, y) for x, y, u, v in told["points"]] == [tuple(one) for one in turned["points"]]
    page = as_ida.get(f"/compare/?m={wall[:16]}&m={part[:16]}").content.decode()
    assert told["words"] in page
    assert not Entry.objects.filter(action="points-compared").exists()


def test_two_that_were_never_compared_are_compared_now_in_the_cage(
    as_ida: Client, held: dict[str, str]
) -> None:
    assert ask(as_ida, held["wall"], held["aslant"])["state"] == "unknown"
    told = waited(as_ida, held["wall"], held["aslant"])
    assert told["state"] == "found", told
    assert len(told["points"]) > 10
    entry = Entry.objects.get(action="points-compared")
    assert entry.thing == f"media:{held['wall']}"
    assert held["aslant"] in entry.detail
    page = as_ida.get(f"/compare/?m={held['wall'][:16]}&m={held['aslant'][:16]}").content.decode()
    assert told["words"] in page, "until another is asked for"
    assert not pipeline.was_viewed(holdings.catalogue(), held["wall"], held["aslant"]), "nothing is kept"
    assert waited(as_ida, held["wall"], held["other"])["state"] == "nothing"
    assert ask(as_ida, held["wall"], held["aslant"])["state"] == "unknown"


def test_outsiders_and_administrators_are_told_of_nothing(
    as_ida: Client, as_otto: Client, ida: Officer, held: dict[str, str]
) -> None:
    waited(as_ida, held["wall"], held["aslant"])
    wall, aslant = held["wall"], held["aslant"]
    runs = make_officer("adam", PASSWORD, ida.unit, roles=["administrator"])
    for client in (as_otto, signed_in(runs)):
        assert ask(client, wall, aslant) == {"status": 404}
        assert ask(client, wall, aslant, post=True) == {"status": 404}
    colleague = signed_in(make_officer("iris", PASSWORD, ida.unit))
    assert ask(colleague, wall, aslant)["state"] == "unknown", "what was asked for is told to who asked"
    assert ask(as_ida, wall, wall) == {"status": 404}
    assert ask(as_ida, wall, "zz" * 8) == {"status": 404}


def test_it_is_stopped_and_nothing_remains(as_ida: Client, held: dict[str, str]) -> None:
    ask(as_ida, held["wall"], held["other"], post=True)
    assert as_ida.post("/compare/points/stop/").status_code == 204
    assert ask(as_ida, held["wall"], held["other"])["state"] == "unknown"
    errands.close()
    assert list(holdings.catalogue().workspace.errands.iterdir()) == []


def desk(officer: int = 7) -> Desk:
    return Desk(holdings.catalogue().workspace.errands, "points", officer, 60.0)


def until_ended(one: Desk) -> errands.Errand:
    while not (now := one.now()) or not now.ended:
        threading.Event().wait(0.01)
    return now


def test_errands_wait_for_their_turn_and_too_many_are_refused(held: dict[str, str]) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(_held: Catalogue, _settings: EngineSettings, tell: Tell) -> object:
        tell(Progress("searching", 3, files_total=9))
        begun.set()
        go.wait(30)
        return {"found": 1}

    catalogue = holdings.catalogue()
    desk(0).begin(catalogue, {}, slow)
    assert begun.wait(30)
    running = desk(0).now()
    assert running is not None
    assert (running.state, running.looked_at, running.total) == ("running", 3, 9)
    for officer in range(1, errands.WAITING_AT_MOST + 1):
        assert desk(officer).begin(catalogue, {}, slow).state == "waiting"
    with pytest.raises(Crowded):
        desk(99).begin(catalogue, {}, slow)
    assert desk(99).now() is None
    for officer in range(2, errands.WAITING_AT_MOST + 1):
        desk(officer).end()
    go.set()
    assert until_ended(desk(0)).result == {"found": 1}
    assert until_ended(desk(1)).state == "done"
    assert desk(2).now() is None
    del held


def test_an_errand_whose_process_died_says_so(held: dict[str, str]) -> None:
    one = desk()
    begun, go = threading.Event(), threading.Event()

    def work(_held: Catalogue, _settings: EngineSettings, _tell: Tell) -> object:
        begun.set()
        go.wait(30)
        return None

    errand = one.begin(holdings.catalogue(), {}, work)
    assert begun.wait(30)
    folder = holdings.catalogue().workspace.errands
    # As a killed process leaves it: the file is there, and nobody holds its lock.
    lock = folder / f"points-7-{errand.number}.lock"
    lock.unlink()
    lock.touch()
    told = one.now()
    assert told is not None
    assert (told.state, told.failed) == ("failed", "lost")
    assert "ended with the server" in errands.failure(told)
    go.set()
    del held


def test_points_of_other_frames_of_a_film_are_not_drawn_but_led_to(
    ida: Officer, held: dict[str, str]
) -> None:
    picture, film = (looked_at(ida, held[name][:16]) for name in ("wall", "other"))
    film = replace(film, media=replace(film.media, kind=MediaKind.VIDEO))
    a, b = sorted((picture.sha256, film.sha256))
    at_film = {"at_a": 12.5} if a == film.sha256 else {"at_b": 12.5}
    view = ViewPair(a, b, "sift", 31, 0.5, 0.004, mirrored=True, points=((0.1, 0.2, 0.3, 0.4),), **at_film)
    shown = of_view(view, Moment(picture, 0.0), Moment(film, 12.0))
    assert shown.moments is None
    assert shown.points == ([(0.1, 0.2, 0.3, 0.4)] if a == picture.sha256 else [(0.3, 0.4, 0.1, 0.2)])
    assert "< 1 %" in shown.words
    assert shown.words.endswith(", mirrored")
    hidden = of_view(replace(view, hidden=2, hidden_why="person"), Moment(picture, 0.0), Moment(film, 12.0))
    assert hidden.words.endswith(", mirrored, without 2 hidden regions (person)")
    away = of_view(view, Moment(film, 3.0), Moment(picture, 0.0))
    assert away.moments is not None
    assert [one.named for one in away.moments] == [f"{film.sha256[:16]}@12.500", picture.sha256[:16]]
