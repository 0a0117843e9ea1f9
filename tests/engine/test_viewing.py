"""Verification of candidates on real files, through the cage and the catalogue."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import made_scenes
from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace, schema
from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.local import xfeat
from foureyes.engine.model import NewRegion, Progress, ScenePair, ViewPair
from foureyes.engine.series.links import same_view
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import looks, viewing

SETTINGS = EngineSettings(workers=1)
WALL = made_scenes.scene(1)


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


def put(seized: Path, **pictures: NDArray[np.uint8]) -> None:
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(seized / f"{name}.png")


class Taken:
    """What was taken in, by name."""

    def __init__(self, folder: Path, seized: Path, settings: EngineSettings = SETTINGS) -> None:
        self.workspace = Workspace.open_or_create(folder / "workspace")
        pipeline.ingest(seized, self.workspace, settings, source="seized", with_linking=False)
        self.catalogue = Catalogue.open(self.workspace, settings, write=True)
        self.named = {
            record.occurrence.path.split(".")[0]: str(record.sha256)
            for record in self.catalogue.iterate_occurrences()
        }

    def candidate(self, a: str, b: str, at: float = 0.0, cosine: float = 0.9) -> ScenePair:
        first, second = sorted((self.named[a], self.named[b]))
        film_first = first == self.named[a]
        return ScenePair(first, second, cosine, at if film_first else 0.0, 0.0 if film_first else at)

    def all(self) -> list[ScenePair]:
        return [self.candidate(a, b) for a, b in itertools.combinations(sorted(self.named), 2)]

    def found(self, *candidates: ScenePair) -> dict[frozenset[str], ViewPair]:
        names = {sha256: name for name, sha256 in self.named.items()}
        viewed = viewing.pairs(self.catalogue, SETTINGS, candidates or self.all())
        return {frozenset((names[one.a], names[one.b])): one for one in viewed.pairs}


@pytest.fixture
def taken(tmp_path: Path, seized: Path) -> Iterator[Taken]:
    put(
        seized,
        wall=WALL,
        aslant=made_scenes.seen_aslant(WALL)[0],
        crop=made_scenes.cropped(WALL, 0.2, 0.2, 0.7, 0.8),
        other=made_scenes.scene(2),
        blank=np.zeros((200, 300, 3), np.uint8),
    )
    held = Taken(tmp_path, seized)
    yield held
    held.catalogue.close()


def test_views_are_found_and_become_a_series(taken: Taken) -> None:
    found = taken.found()
    assert found.keys() == {frozenset(one) for one in itertools.combinations(("wall", "aslant", "crop"), 2)}
    signals = series.Signals(views=list(found.values()))
    built = series.build(series.evidence(taken.catalogue.linkable(series.FACTS), (), signals), (), ())
    assert [len(one.members) for one in built.series] == [3]
    assert not next(iter(found.values())).small


def test_a_kept_view_is_given_in_any_order(taken: Taken) -> None:
    a, b, c = (taken.named[one] for one in ("wall", "aslant", "other"))
    assert pipeline.view_of(taken.catalogue, a, b) is None
    assert not pipeline.was_viewed(taken.catalogue, a, b)
    (found,) = viewing.pairs(
        taken.catalogue, SETTINGS, [taken.candidate("wall", "aslant"), taken.candidate("wall", "other")]
    ).pairs
    assert pipeline.view_of(taken.catalogue, a, b) == pipeline.view_of(taken.catalogue, b, a) == found
    assert pipeline.view_of(taken.catalogue, c, a) is None
    assert pipeline.was_viewed(taken.catalogue, c, a)


def test_nothing_is_compared_twice_whatever_came_of_it(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    first = taken.found()
    held = {(one.a, one.b): one.score for one in taken.catalogue.comparisons(viewing.KIND, viewing.VERSION)}
    assert len(held) == 10
    assert sum(score > 0 for score in held.values()) == 3

    def never(*_: object) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr(viewing, "best_view", never)
    monkeypatch.setattr(looks, "look_of", never)
    assert taken.found() == first
    assert list(taken.catalogue.verify()) == []


def test_killed_in_the_middle_it_goes_on(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "BATCH", 3)

    class Killed(BaseException):
        pass

    def kill(told: Progress) -> None:
        if told.files == 6:
            raise Killed

    with pytest.raises(Killed):
        viewing.pairs(taken.catalogue, SETTINGS, taken.all(), kill)
    assert len(list(taken.catalogue.comparisons(viewing.KIND, viewing.VERSION))) == 6
    seen: list[int] = []
    viewing.pairs(taken.catalogue, SETTINGS, taken.all(), lambda told: seen.append(told.files_total or 0))
    assert set(seen) == {4}
    assert len(taken.found()) == 3


def test_it_tells_of_every_pair(taken: Taken) -> None:
    told: list[int] = []
    viewing.pairs(taken.catalogue, SETTINGS, taken.all(), lambda one: told.append(one.files))
    assert told == sorted(told)
    assert {*told} == {*range(10)}, "looks are half of the work"
    told.clear()
    with taken.catalogue._store.database.writing() as connection:
        connection.execute(schema.comparison.delete())
    viewing.pairs(taken.catalogue, SETTINGS, taken.all(), lambda one: told.append(one.files))
    assert told == [0, *range(10)], "the looks were kept"


def test_a_reader_keeps_nothing_and_finds_the_same(taken: Taken) -> None:
    with Catalogue.open(taken.workspace, SETTINGS) as reader:
        viewed = viewing.pairs(reader, SETTINGS, taken.all())
    assert not list(taken.catalogue.comparisons(viewing.KIND, viewing.VERSION))
    assert not len(taken.catalogue.fingerprints("xfeat"))
    assert set(viewed.pairs) == set(taken.found().values())


def test_features_are_kept_of_candidates_only(taken: Taken) -> None:
    taken.found(taken.candidate("wall", "other"))
    owners = {bytes(one).hex() for one in taken.catalogue.fingerprints("xfeat").sha256}
    assert owners == {taken.named["wall"], taken.named["other"]}
    assert taken.catalogue.fingerprints("sift").values.shape == (2, 101_896)


def test_a_media_is_compared_so_many_times_and_the_likeliest_first(taken: Taken) -> None:
    candidates = [
        taken.candidate("wall", name, cosine=cosine)
        for name, cosine in (("blank", 0.3), ("other", 0.5), ("aslant", 0.8), ("crop", 0.7))
    ]
    viewed = viewing.pairs(taken.catalogue, SETTINGS, candidates, at_most=2)
    assert len(viewed.pairs) == 2
    assert viewed.notes == ("2 candidates were not compared: their media have more than 2",)


def test_a_thumbnail_does_where_the_original_is_away(taken: Taken, seized: Path) -> None:
    for path in seized.iterdir():
        path.unlink()
    viewed = viewing.pairs(taken.catalogue, SETTINGS, [taken.candidate("wall", "aslant")])
    assert [one.small for one in viewed.pairs] == [True]
    assert viewed.notes == ("2 pictures were looked at by thumbnail, the original being away",)
    assert not len(taken.catalogue.fingerprints("xfeat"))


def test_regions_of_persons_do_not_count_and_count_again_without(tmp_path: Path, seized: Path) -> None:
    person = made_scenes.scene(7, width=200, height=300)
    one, two = made_scenes.scene(31), made_scenes.scene(32)
    one[60:360, 40:240] = two[60:360, 300:500] = person
    put(seized, one=one, two=two)
    held = Taken(tmp_path, seized)
    with held.catalogue:
        pair = held.candidate("one", "two")
        assert held.found(pair)
        made = held.catalogue.hide(
            [
                NewRegion(held.named["one"], (0.05, 0.1, 0.45, 0.9), "person"),
                NewRegion(held.named["two"], (0.5, 0.1, 0.92, 0.9), "person"),
            ],
            officer="ida",
        )
        assert not held.found(pair)
        assert viewing.outcomes(held.catalogue) == ([], set())  # nothing is said of the whole pictures
        assert viewing.kept_view(held.catalogue, *held.named.values()) is None
        assert viewing.was_compared(held.catalogue, *held.named.values())
        held.catalogue.withdraw_hidden(made.first, made.last, officer="ida", reason="a poster")
        assert not viewing.was_compared(held.catalogue, *held.named.values())
        assert held.found(pair)


def test_a_view_that_rests_on_the_background_stands_and_says_what_was_left_out(
    tmp_path: Path, seized: Path
) -> None:
    """Two shots of one still camera: only the person is another."""
    one, two = made_scenes.scene(31), made_scenes.scene(31)
    one[60:360, 40:240] = made_scenes.scene(7, width=200, height=300)
    two[60:360, 40:240] = made_scenes.scene(8, width=200, height=300)
    put(seized, one=one, two=two)
    held = Taken(tmp_path, seized)
    with held.catalogue:
        box = (0.05, 0.1, 0.45, 0.9)
        regions = [NewRegion(held.named[name], box, "person") for name in ("one", "two")]
        held.catalogue.hide(regions, officer="ida")
        (view,) = held.found().values()
        assert (view.hidden, view.hidden_why, view.fixed) == (2, "person", False)
        assert "without 2 hidden regions (person)" in same_view.words(view)
        assert viewing.kept_view(held.catalogue, view.a, view.b) == view
        for x, y, u, v in view.points:
            assert not (0.05 < x < 0.45 and 0.1 < y < 0.9)
            assert not (0.05 < u < 0.45 and 0.1 < v < 0.9)


def test_a_region_of_one_moment_of_a_film_counts_for_that_moment(tmp_path: Path, seized: Path) -> None:
    shown = [made_scenes.scene(seed, width=480, height=360) for seed in (51, 52, 53)]
    _film(seized / "film.mp4", shown)
    put(seized, still=shown[2])
    held = Taken(tmp_path, seized)
    with held.catalogue:
        candidate = held.candidate("film", "still", at=9.0)
        film = held.named["film"]
        whole = (0.0, 0.0, 1.0, 1.0)
        assert held.found(candidate)
        held.catalogue.hide([NewRegion(film, whole, "person", 1.0)], officer="ida")
        (view,) = held.found(candidate).values()
        assert view.hidden == 0
        times = np.arange(7.0, 12.0, 0.5)
        held.catalogue.hide([NewRegion(film, whole, "person", float(at)) for at in times], officer="ida")
        assert not held.found(candidate)


def test_a_collage_of_two_series_is_told_part_by_part_and_a_player_is_not_a_view(
    tmp_path: Path, seized: Path
) -> None:
    left, right = made_scenes.scene(41), made_scenes.scene(42)
    put(
        seized,
        left=left,
        right=right,
        collage=np.hstack([left, right]),
        playing=made_scenes.in_a_player(made_scenes.scene(43)),
        playing_other=made_scenes.in_a_player(made_scenes.scene(44)),
    )
    held = Taken(tmp_path, seized)
    with held.catalogue:
        found = held.found()
    assert {frozenset(("left", "collage")), frozenset(("right", "collage"))} <= found.keys()
    whole = found[frozenset(("left", "collage"))]
    assert min(whole.share_a, whole.share_b) < 0.55
    assert frozenset(("left", "right")) not in found
    assert found[frozenset(("playing", "playing_other"))].fixed


def test_a_still_is_found_in_the_frame_that_it_shows(tmp_path: Path, seized: Path) -> None:
    shown = [made_scenes.scene(seed, width=480, height=360) for seed in (51, 52, 53)]
    _film(seized / "film.mp4", shown)
    put(seized, screen=made_scenes.in_a_player(shown[2]))
    held = Taken(tmp_path, seized)
    with held.catalogue:
        (view,) = held.found(held.candidate("film", "screen", at=9.0)).values()
        again = held.found(held.candidate("film", "screen", at=9.0))
    assert max(view.at_a, view.at_b) >= 8.0
    assert list(again.values()) == [view]


def test_a_letterboxed_film_is_one_and_a_shared_opening_is_not(tmp_path: Path, seized: Path) -> None:
    shown = [made_scenes.scene(seed, width=480, height=360) for seed in (51, 52, 53)]
    _film(seized / "film.mp4", shown)
    _film(seized / "boxed.mp4", [np.pad(one, ((100, 100), (0, 0), (0, 0))) for one in shown])
    _film(
        seized / "opening.mp4", [shown[0], *(made_scenes.scene(n, width=480, height=360) for n in (54, 55))]
    )
    held = Taken(tmp_path, seized)
    pairs = [replace(held.candidate("film", other), at_a=1.0, at_b=1.0) for other in ("boxed", "opening")]
    with held.catalogue:
        found = held.found(*pairs)
        linkable = held.catalogue.linkable(series.FACTS)
        told = series.evidence(linkable, (), series.Signals(views=list(found.values())))
        built = series.build(told, (), ())
    assert found[frozenset(("film", "boxed"))].moments > 1
    assert found[frozenset(("film", "opening"))].moments == 1
    (one,) = built.series
    assert set(one.members) == {held.named["film"], held.named["boxed"]}


def test_without_its_network_it_says_so(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    xfeat_module = __import__(xfeat.__module__, fromlist=["PATH"])
    monkeypatch.setattr(xfeat_module, "PATH", tmp_path / "none.onnx")
    xfeat_module._network.cache_clear()
    with pytest.raises(ModelUnusable, match="missing"):
        taken.found(taken.candidate("wall", "crop"))
    xfeat_module._network.cache_clear()


def _film(path: Path, shown: list[NDArray[np.uint8]]) -> None:
    """Each picture for four seconds."""
    import av  # noqa: PLC0415 - only this test needs it

    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=5, options={"preset": "ultrafast"})
        stream.width, stream.height = shown[0].shape[1], shown[0].shape[0]
        stream.pix_fmt = "yuv420p"
        for pixels in shown:
            for _ in range(20):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        film.mux(stream.encode())
