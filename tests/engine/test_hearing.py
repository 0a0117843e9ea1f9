"""Films that sound the same, on real files: heard once in the cage, late or at once, and what comes of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.series.made_up import near
from films import make_film
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import Link, LinkReport, SharedFrames
from foureyes.engine.settings import EngineSettings, SceneSettings
from foureyes.engine.steps import hearing
from made_sounds import RATE, hum, make_sounding_film, melody, silence

SETTINGS = EngineSettings(workers=1, scenes=SceneSettings(on=False))
SONG = melody(1, 40.0)


def shared(of_a: float, of_b: float) -> SharedFrames:
    return SharedFrames(
        seen_a=5, of_a=10, seen_b=5, of_b=10, share_a=of_a, share_b=of_b, seconds_a=20.0, seconds_b=20.0
    )


class Held:
    """A workspace and the folder that it takes films from."""

    def __init__(self, folder: Path) -> None:
        self.seized = folder / "seized"
        self.seized.mkdir()
        self.workspace = Workspace.open_or_create(folder / "workspace")

    def take(self, *, with_linking: bool = False) -> LinkReport | None:
        report = pipeline.ingest(
            self.seized, self.workspace, SETTINGS, source="seized", with_linking=with_linking
        )
        assert not report.faults
        return report.linking

    def link(self, *, quick: bool = False) -> LinkReport:
        with Catalogue.open(self.workspace, SETTINGS, write=True) as catalogue:
            return pipeline.link(catalogue, settings=None if quick else SETTINGS)

    def names(self) -> dict[str, str]:
        with Catalogue.open(self.workspace, SETTINGS) as catalogue:
            return {
                str(one.sha256): one.occurrence.path.split(".")[0] for one in catalogue.iterate_occurrences()
            }

    def sounds(self) -> dict[frozenset[str], Link]:
        names = self.names()
        with Catalogue.open(self.workspace, SETTINGS) as catalogue:
            links = [link for link in catalogue.links() if link.kind == "same-sound"]
        return {frozenset((names[link.a], names[link.b])): link for link in links}

    def heard(self) -> int:
        with Catalogue.open(self.workspace, SETTINGS) as catalogue:
            return len({bytes(one) for one in catalogue.fingerprints("sound").sha256})


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


def two_cuts(folder: Path) -> None:
    make_sounding_film(folder / "whole.mp4", 1, SONG)
    make_sounding_film(
        folder / "cut.mkv", 2, SONG[12 * RATE : 27 * RATE], container="matroska", codec="libmp3lame"
    )


def test_films_that_sound_the_same_are_told_with_their_times(held: Held) -> None:
    two_cuts(held.seized)
    make_sounding_film(held.seized / "other.mp4", 3, melody(2, 20.0))
    make_film(held.seized / "none.mp4", [(4, 3.0)])
    for number in (5, 6):
        make_sounding_film(held.seized / f"still{number}.mp4", number, silence(20.0 + number))
    for number in (7, 8):
        make_sounding_film(held.seized / f"hum{number}.mp4", number, hum(20.0 + number))
    report = held.take(with_linking=True)
    assert report is not None
    assert report.links["same-sound"] == 1
    assert not [note for note in report.notes if "heard" in note or "sound" in note]
    assert held.heard() == 7
    ((pair, link),) = held.sounds().items()
    assert pair == {"whole", "cut"}
    assert link.strength > 1.0
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        told = pipeline.explain(catalogue, link.a, link.b)
        assert not told.together
        assert "same-sound" in told.sentence
        assert link.evidence in told.sentence
        assert not list(catalogue.all_series())


def test_films_held_before_are_heard_once_at_the_next_linking(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_cuts(held.seized)
    held.take()
    assert (held.heard(), held.sounds()) == (0, {})
    assert "same-sound" not in held.link(quick=True).links
    assert held.link().links["same-sound"] == 1

    def never(*_: object, **__: object) -> None:
        raise AssertionError("heard again")

    monkeypatch.setattr(hearing.Renderer, "sound", never)
    assert held.link().links["same-sound"] == 1
    assert held.link(quick=True).links["same-sound"] == 1


def test_a_kind_that_is_off_hears_nothing(held: Held) -> None:
    two_cuts(held.seized)
    pipeline.kinds_of_links(held.workspace, turn_off=["same-sound"])
    report = held.take(with_linking=True)
    assert report is not None
    assert "same-sound" not in report.links
    assert held.heard() == 0
    pipeline.kinds_of_links(held.workspace, turn_on=["same-sound"])
    assert held.link().links["same-sound"] == 1
    pipeline.kinds_of_links(held.workspace, turn_off=["same-sound"])
    assert "same-sound" not in held.link(quick=True).links


def test_an_original_that_is_away_is_told_and_heard_when_it_is_back(held: Held) -> None:
    two_cuts(held.seized)
    held.take()
    away = held.seized.parent / "away.mkv"
    (held.seized / "cut.mkv").rename(away)
    notes = held.link().notes
    assert "1 film was not heard: no original is at hand" in notes
    assert (held.heard(), held.sounds()) == (1, {})
    away.rename(held.seized / "cut.mkv")
    assert held.link().links["same-sound"] == 1


def test_a_sound_that_cannot_be_decoded_is_told_once(held: Held) -> None:
    two_cuts(held.seized)
    film = make_sounding_film(
        held.seized / "broken.mkv", 9, silence(6.0), container="matroska", codec="pcm_s16le"
    )
    untrusted = film.read_bytes()
    assert untrusted.count(b"A_PCM/INT/LIT") == 1
    film.write_bytes(untrusted.replace(b"A_PCM/INT/LIT", b"A_AAC/MPEG4/SS"[:13]))
    report = held.take(with_linking=True)
    assert report is not None
    assert report.links["same-sound"] == 1
    told = [note for note in report.notes if "cannot be decoded" in note]
    assert held.heard() == 2 + len(told)
    assert not [note for note in held.link().notes if "cannot be decoded" in note]


def test_ten_films_with_one_jingle_are_not_linked(held: Held) -> None:
    jingle = melody(99, 8.0)
    for number in range(10):
        sound = np.concatenate([melody(number, 6.0), jingle, melody(50 + number, 6.0)])
        make_sounding_film(held.seized / f"film{number}.mp4", number, sound)
    report = held.take(with_linking=True)
    assert report is not None
    assert "same-sound" not in report.links
    first, *others = sorted(held.names())
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        pairs = hearing.kept(catalogue).pairs
        copies = [replace(near(0, 1), a=first, b=other, shared=shared(0.6, 0.2)) for other in others]
        passing = [replace(one, shared=shared(0.3, 0.3)) for one in copies]
        assert {one.holders for one in hearing.kept(catalogue, copies).pairs} == {2}
        assert hearing.kept(catalogue, passing).pairs == pairs
    assert len(pairs) >= 40
    assert min(one.holders for one in pairs) >= 9


def test_where_no_cage_can_be_built_linking_goes_on_and_says_so(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_cuts(held.seized)
    held.take()

    def none(_: EngineSettings) -> bool:
        raise hearing.CageError("no namespaces here.")

    monkeypatch.setattr(hearing, "require_cage", none)
    (note,) = [one for one in held.link().notes if "sound" in one]
    assert note == "no namespaces here. Without it no sound is heard: 2 films were not"
    assert held.heard() == 0


def test_nothing_is_heard_of_what_is_only_read_nor_once_it_is_stopped(held: Held) -> None:
    two_cuts(held.seized)
    held.take()
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        films = sorted(held.names())
        assert hearing.lacking(catalogue, films) == films
        assert hearing.pairs(catalogue, SETTINGS, films) == hearing.Heard((), ())
    assert held.heard() == 0
    with Catalogue.open(held.workspace, SETTINGS, write=True) as catalogue:
        stop = threading.Event()
        stop.set()
        assert hearing.pairs(catalogue, SETTINGS, films, stop=stop) == hearing.Heard((), ())
    assert held.heard() == 0


def test_sound_that_begins_late_is_told_by_the_seconds_of_its_film(held: Held) -> None:
    make_sounding_film(held.seized / "whole.mkv", 1, SONG, container="matroska")
    cut = SONG[5 * RATE : 25 * RATE]
    make_sounding_film(held.seized / "late.mkv", 2, cut, container="matroska", late=30.0)
    held.take(with_linking=True)
    names = held.names()
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        (pair,) = hearing.kept(catalogue).pairs
    at = {names[pair.a]: pair.at_a, names[pair.b]: pair.at_b}
    assert at["whole"] == pytest.approx(5, abs=1.0)
    assert at["late"] == pytest.approx(30, abs=1.0)
    assert pair.seconds == pytest.approx(20, abs=2.0)
    assert pair.share == pytest.approx(1.0, abs=0.1)
