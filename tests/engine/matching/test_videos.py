"""Films are compared by their frames: how much of each is in the other, and when."""

from __future__ import annotations

import pytest

from engine.matching.made_rows import film, rows, sha
from foureyes.engine.model import NearPair, SharedFrames, SharedStretch


def shared(pair: NearPair, first: object) -> SharedFrames:
    """What a pair shares, as seen from one of the two."""
    found = pair.shared
    assert found is not None
    if pair.a == sha(first):
        return found
    return SharedFrames(
        found.seen_b, found.of_b, found.seen_a, found.of_a,
        found.share_b, found.share_a, found.seconds_b, found.seconds_a,
        tuple(SharedStretch(one.b_from, one.b_to, one.a_from, one.a_to, one.frames) for one in found.stretches),
    )  # fmt: skip


def test_a_clip_cut_from_a_film_is_told_with_its_times() -> None:
    (pair,) = rows({"film": film(range(100)), "clip": film(range(70, 85))}).near().pairs
    seen = shared(pair, "clip")
    assert (seen.seen_a, seen.of_a, seen.seen_b, seen.of_b) == (15, 15, 15, 100)
    assert (seen.share_a, seen.share_b) == (1.0, 0.15)
    assert seen.stretches == (SharedStretch(0.0, 15.0, 70.0, 85.0, 15),)


def test_the_times_hold_where_the_two_were_looked_at_in_other_steps() -> None:
    """The copy keeps every other frame: each of its frames stands for two seconds."""
    (pair,) = rows({"film": film(range(60)), "copy": film(range(10, 50, 2), step=2)}).near().pairs
    (stretch,) = shared(pair, "copy").stretches
    assert stretch.a_from == pytest.approx(0, abs=1)
    assert stretch.b_from == pytest.approx(10, abs=1)
    assert stretch.b_to == pytest.approx(50, abs=1)
    assert shared(pair, "copy").share_a == 1.0


def test_a_film_cut_together_anew_has_a_stretch_for_each_piece() -> None:
    cut = film([*range(40, 60), *range(200, 230), *range(10)])
    (pair,) = rows({"film": film(range(100)), "cut": cut}).near().pairs
    assert shared(pair, "cut").stretches == (
        SharedStretch(0.0, 20.0, 40.0, 60.0, 20),
        SharedStretch(50.0, 60.0, 0.0, 10.0, 10),
    )


def test_a_still_shot_does_not_outvote_the_moving_part() -> None:
    """One look returns throughout both films; only the moving part says how they lie to each other."""
    one = film([1 if n % 2 else n + 100 for n in range(40)])
    two = film([1 if n % 2 else n + 110 for n in range(30)])
    (pair,) = rows({"one": one, "two": two}).near().pairs
    assert shared(pair, "two").stretches[0] == SharedStretch(0.0, 30.0, 10.0, 40.0, 30)


def test_a_single_frame_runs_in_step_with_nothing() -> None:
    (pair,) = rows({"a": film(range(20)), "b": film([500, 501, 7, 503])}).near().pairs
    seen = shared(pair, "b")
    assert (seen.seen_a, seen.seen_b, seen.stretches) == (1, 1, ())
    assert seen.share_b == 0.05


def test_frames_too_plain_count_on_neither_side() -> None:
    held = rows({"a": film(range(10)), "b": film(range(10))})
    held.quality[5:10] = 10
    (pair,) = held.near().pairs
    seen = shared(pair, "a")
    assert (seen.of_a, seen.seen_a, seen.of_b, seen.seen_b) == (5, 5, 10, 5)
    assert (seen.share_a, seen.share_b, seen.seconds_a) == (1.0, 0.5, 5.0)


def test_a_still_is_wholly_in_its_film() -> None:
    (pair,) = rows({"film": film(range(50)), "still": [(31, 0.0)]}).near().pairs
    seen = shared(pair, "still")
    assert (seen.share_a, seen.share_b) == (1.0, 0.02)


def test_pictures_share_no_frames() -> None:
    (pair,) = rows({"a": [(1, 0.0)], "b": [(1, 0.0)]}, bits_off={"b": 9}).near().pairs
    assert pair.shared is None
    assert pair.distance_bits == 9


def test_every_two_of_many_equal_copies_of_a_film_share_all_of_it() -> None:
    found = rows({name: film(range(12)) for name in range(10)}).near()
    assert len(found.pairs) == 45
    assert all(pair.shared and pair.shared.share_a == pair.shared.share_b == 1.0 for pair in found.pairs)


def test_of_hundreds_of_copies_the_pairs_do_not_grow_to_a_square() -> None:
    copies = 200
    found = rows({name: film(range(3)) for name in range(copies)}).near()
    assert copies - 1 <= len(found.pairs) < 40 * copies
    assert all(pair.shared and pair.shared.share_a == 1.0 for pair in found.pairs)
