"""The dearer signals together, on real files: what is looked at, what is kept, what links only by them."""

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import made_scenes
from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import Comparison, DecisionKind, LinkReport, NewRegion, Progress, ScenePair
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import looks, masking, signals, viewing
from foureyes.engine.steps.signals import BETWEEN, LIKELY, OF_ONE, open_pairs

SETTINGS = EngineSettings(workers=1)


def alike(a: str, b: str, cosine: float = 0.9) -> ScenePair:
    return ScenePair(*sorted((a, b)), cosine)


def named(pairs: list[ScenePair]) -> list[str]:
    return [one.a + one.b for one in pairs]


def test_nothing_is_open_between_media_that_are_together() -> None:
    pairs = [alike("a", "b"), alike("b", "c"), alike("c", "d")]
    assert named(open_pairs(pairs, [("a", "b"), ("c", "d")])) == ["bc"]


def test_two_groups_are_compared_by_their_likeliest_pairs() -> None:
    left, right = "abcdef", "uvwxyz"
    pairs = [alike(a, b, 0.8 + n / 100) for n, (a, b) in enumerate(zip(left, right, strict=True))]
    assert named(open_pairs(pairs, [left, right])) == ["fz", "ey", "dx"]
    assert BETWEEN == 3


def test_two_groups_are_compared_by_other_members_each_time() -> None:
    pairs = [alike("a", "u", 0.95), alike("a", "v", 0.94), alike("b", "u", 0.93), alike("b", "v", 0.92)]
    assert named(open_pairs(pairs, ["ab", "uv"])) == ["au", "bv"]
    assert named(open_pairs(pairs, ["ab"])) == ["au", "av", "bu", "bv"]


def test_one_media_is_compared_with_so_many_at_most() -> None:
    pairs = [alike("a", other, 0.99 - n / 100) for n, other in enumerate("bcdefg")]
    assert named(open_pairs(pairs, [])) == ["ab", "ac", "ad", "ae"]
    assert OF_ONE == 4


def test_what_is_hardly_alike_is_compared_only_with_its_nearest() -> None:
    little = LIKELY - 0.05
    pairs = [alike("a", "b", little), alike("a", "c", little - 0.01), alike("b", "c", little - 0.02)]
    assert named(open_pairs(pairs, [])) == ["ab", "ac"]


def put(folder: Path, **pictures: NDArray[np.uint8]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


class Held:
    """A workspace, and its media by name."""

    def __init__(self, folder: Path, seized: Path) -> None:
        self.workspace = Workspace.open_or_create(folder / "workspace")
        self.report = pipeline.ingest(seized, self.workspace, SETTINGS, source="seized")
        with Catalogue.open(self.workspace, SETTINGS) as catalogue:
            self.sha = {
                record.occurrence.path.split(".")[0]: str(record.sha256)
                for record in catalogue.iterate_occurrences()
            }

    notes: tuple[str, ...] = ()

    def groups(self, *, quick: bool = True, unlink: str = "") -> set[frozenset[str]]:
        name_of = {sha256: name for name, sha256 in self.sha.items()}
        with Catalogue.open(self.workspace, SETTINGS, write=True) as catalogue:
            if unlink:
                media = [self.sha[unlink]]
                pipeline.decide(catalogue, DecisionKind.NEGATIVE, (), media, officer="ida", reason="a logo")
            report = pipeline.link(catalogue, settings=None if quick else SETTINGS)
            self.notes = report.notes
            return {frozenset(name_of[sha] for sha in one.members) for one in catalogue.all_series()}

    def noted(self, part: str) -> bool:
        """Whether the last linking said so."""
        return any(part in note for note in self.notes)

    def evidence(self, a: str, b: str) -> str:
        """What the reasons of two media say."""
        with Catalogue.open(self.workspace, SETTINGS) as catalogue:
            explained = pipeline.explain(catalogue, self.sha[a], self.sha[b])
        return " ".join(link.evidence for hop in explained.hops for link in hop.links)


WALL = made_scenes.scene(1)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    folder = tmp_path_factory.mktemp("signals")
    seized = put(
        folder / "seized",
        wall=WALL,
        aslant=made_scenes.seen_aslant(WALL)[0],
        other=made_scenes.scene(2),
        blank=np.zeros((200, 300, 3), np.uint8),
    )
    return Held(folder, seized)


TOGETHER = {frozenset({"wall", "aslant"})}


DETAIL = {
    "method": "sift",
    "share": [0.8, 0.8],
    "covers": 0.8,
    "agrees": 1.0,
    "at": [0, 0],
    "points": [],
    **dict.fromkeys(("mirrored", "fixed", "alone", "unsure", "small"), False),
    "moments": 1,
    "homography": [1, 0, 0, 0, 1, 0, 0, 0, 1],
}


def test_what_was_joined_leaves_its_looks_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    colours = {f"of{n}": np.full((60, 80, 3), 40 * n, np.uint8) for n in range(6)}
    workspace = Workspace.create(tmp_path / "here")
    seized = put(tmp_path / "seized", **colours)
    pipeline.ingest(seized, workspace, SETTINGS, source="seized", with_linking=False)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        *group, last = media = sorted(catalogue.linkable(series.FACTS), key=lambda one: one.sha256)
        scenes = [alike(a.sha256, b.sha256) for a, b in itertools.combinations(group, 2)]
        scenes.append(alike(group[0].sha256, last.sha256, 0.75))
        kept = json.dumps(DETAIL).encode()
        catalogue.record_comparisons(
            [Comparison(one.a, one.b, viewing.KIND, viewing.VERSION, 90.0, kept) for one in scenes]
        )
        told = series.evidence(media, (), series.Signals(scenes=scenes))
        found = {(one.a, one.b) for one in signals.verified(catalogue, SETTINGS, told).pairs}
        monkeypatch.setattr(signals, "ROUNDS", 1)
        once = {(one.a, one.b) for one in signals.verified(catalogue, SETTINGS, told).pairs}
    assert (group[0].sha256, last.sha256) in found - once


def test_an_ingest_links_what_only_a_closer_look_shows(held: Held) -> None:
    assert held.report.linking is not None
    assert held.report.linking.links["same-view"] == 1
    assert "same-picture" not in held.report.linking.links
    assert held.groups() == TOGETHER


def test_a_quick_linking_looks_at_nothing_and_keeps_what_was_found(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("looked")

    monkeypatch.setattr(signals.scenes, "pairs", never)
    monkeypatch.setattr(signals.viewing, "pairs", never)
    monkeypatch.setattr(signals.sensing, "pairs", never)
    assert held.groups() == TOGETHER


def test_no_pair_is_compared_a_second_time(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr(viewing, "_compared", never)
    assert held.groups(quick=False) == TOGETHER


def test_a_wish_to_stop_ends_the_linking_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "BATCH", 1)
    numbers = ((1, 0.1), (1, 0.2), (2, 0.1), (2, 0.2))
    pictures = {
        f"wall{seed}{n}": made_scenes.seen_aslant(made_scenes.scene(seed), amount=amount)[0]
        for n, (seed, amount) in enumerate(numbers)
    }
    seized, workspace = put(tmp_path / "seized", **pictures), Workspace.create(tmp_path / "workspace")

    def stopped_at(pair: int | None) -> tuple[LinkReport, list[tuple[int, int]]]:
        """Ingest, with the wish to stop while so many pairs are compared; what was told of viewing."""
        stop, told = threading.Event(), list[tuple[int, int]]()

        def tell(progress: Progress) -> None:
            if progress.stage == "viewing":
                told.append((progress.files, progress.files_total or 0))
                if progress.files == pair:
                    stop.set()

        report = pipeline.ingest(seized, workspace, SETTINGS, progress=tell, stop=stop)
        assert report.interrupted == (pair is not None)
        assert report.linking is not None
        return report.linking, told

    def compared() -> int:
        with Catalogue.open(workspace, SETTINGS) as catalogue:
            return sum(map(len, viewing.outcomes(catalogue)))

    linking, told = stopped_at(0)
    (_, all_of_them), *more = told
    assert all_of_them > 1
    assert not more
    assert compared() == 0
    assert linking.notes == (f"{all_of_them} candidates are not compared yet: {viewing.INTERRUPTED}",)

    linking, told = stopped_at(1)
    assert told == [(0, all_of_them), (1, all_of_them)]
    assert compared() == 1
    assert linking.notes == (f"{all_of_them - 1} candidates are not compared yet: {viewing.INTERRUPTED}",)

    linking, told = stopped_at(None)
    assert told == [(done, all_of_them - 1) for done in range(all_of_them - 1)]
    assert compared() == all_of_them
    assert (linking.series, linking.media_in_series) == (2, 4)


def test_what_is_ruled_negative_is_held_together_by_no_view(tmp_path: Path) -> None:
    seized = put(tmp_path / "seized", wall=WALL, aslant=made_scenes.seen_aslant(WALL)[0])
    here = Held(tmp_path, seized)
    assert here.groups() == TOGETHER
    assert here.groups(unlink="wall") == set()
    assert here.groups(quick=False) == set()


def test_views_are_found_between_what_shows_one_wall_and_nothing_else(held: Held) -> None:
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        found, in_vain = viewing.outcomes(catalogue)
    assert [{one.a, one.b} for one in found] == [{held.sha["wall"], held.sha["aslant"]}]
    assert in_vain
    assert all(held.sha["blank"] not in pair for pair in in_vain)


BOX = (0.04, 0.03, 0.61, 0.97)
PERSON = made_scenes.scene(7, width=300, height=380)


def with_person(background: int, person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A room with somebody in `BOX` of it."""
    pixels = made_scenes.scene(background)
    pixels[20:400, 30:330] = person
    return pixels


def test_one_person_in_two_rooms_is_no_view_once_hidden_and_one_room_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "seized", room=WALL, aslant=made_scenes.seen_aslant(WALL)[0])
    seized = put(
        tmp_path / "seized",
        here=with_person(31, PERSON),
        there=with_person(32, made_scenes.seen_aslant(PERSON)[0]),
    )
    held = Held(tmp_path, seized)
    people, room = frozenset({"here", "there"}), frozenset({"room", "aslant"})
    assert held.groups() == {people, room}
    compared: list[set[str]] = []
    outcome = viewing._outcome

    def counted(shelf: looks.Shelf, pair: ScenePair, masks: masking.Masks) -> Comparison:
        compared.append({pair.a, pair.b})
        return outcome(shelf, pair, masks)

    monkeypatch.setattr(viewing, "_outcome", counted)
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        regions = [NewRegion(held.sha[name], BOX, "person") for name in ("here", "there", "aslant")]
        made = catalogue.hide(regions, officer="ida", tool="finder 1")
    assert held.groups() == {people, room}, "a quick linking looks at nothing"
    assert held.groups(quick=False) == {room}
    assert held.noted("compared anew")
    touched = {held.sha[name] for name in ("here", "there", "aslant")}
    assert compared
    assert all(pair & touched for pair in compared)
    compared.clear()
    assert held.groups(quick=False) == {room}
    assert not compared
    assert held.noted("3 regions of 3 media (person) do not count in views")
    assert "without 1 hidden region (person)" in held.evidence("room", "aslant")
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        catalogue.withdraw_hidden(made.first, made.last, officer="ida", reason="wrong model")
    assert held.groups(quick=False) == {people, room}
    assert "hidden" not in held.evidence("room", "aslant")
    with Catalogue.open(held.workspace, SETTINGS) as catalogue:
        assert list(catalogue.verify()) == []
        assert [one.withdrawn_reason for one in catalogue.hidden_regions(active_only=False)] == [
            "wrong model"
        ] * 3
