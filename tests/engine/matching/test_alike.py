"""What equal hashes have in common is found again, however the pairs were told."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from foureyes.engine.matching import RowPairs
from foureyes.engine.matching.alike import HUBS, spread

Looks = list[tuple[int, bool]]
looks = st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=14)
"""Of each row its look, and whether it is a frame of a film. Looks next to each other are near."""


def every_pair(held: Looks) -> list[tuple[int, int, int]]:
    """All pairs of near rows with their distance, by comparing each two."""
    return [
        (a, b, 10 * abs(held[a][0] - held[b][0]))
        for b in range(len(held))
        for a in range(b)
        if abs(held[a][0] - held[b][0]) <= 1
    ]


def as_pairs(found: list[tuple[int, int, int]]) -> RowPairs:
    a, b, distance = np.array(found, np.int64).reshape(-1, 3).T
    return RowPairs(a, b, distance, np.zeros(len(a), np.int64))


def told_by_first_rows(held: Looks) -> RowPairs:
    """As the join tells it: looks by their first rows, and each row with the first of its look."""
    first = {look: row for row, (look, _) in reversed(list(enumerate(held)))}
    firsts = set(first.values())
    found = [
        (a, b, bits) for a, b, bits in every_pair(held) if {a, b} <= firsts or (bits == 0 and a in firsts)
    ]
    return as_pairs(found)


def in_films(held: Looks) -> NDArray[np.bool_]:
    return np.array([film for _, film in held], bool)


@given(looks)
def test_every_pair_of_frames_is_found_again(held: Looks) -> None:
    given_pairs = told_by_first_rows(held)
    if not len(given_pairs.a):
        return
    found = spread(given_pairs, in_films(held))
    pairs = set(zip(found.a.tolist(), found.b.tolist(), found.distance.tolist(), strict=True))
    assert len(pairs) == len(found.a)
    every = every_pair(held)
    assert pairs <= set(every)
    assert {pair for pair in every if held[pair[0]][1] or held[pair[1]][1]} <= pairs


@given(looks)
def test_it_does_not_matter_how_equal_rows_were_told(held: Looks) -> None:
    every = as_pairs(every_pair(held))
    if not len(every.a):
        return
    by_first, by_all = (spread(pairs, in_films(held)) for pairs in (told_by_first_rows(held), every))
    assert all((one == other).all() for one, other in zip(by_first, by_all, strict=True))


def test_pictures_meet_their_first_one_only() -> None:
    found = spread(told_by_first_rows([(0, False)] * 50), np.zeros(50, bool))
    assert set(found.a.tolist()) == {0}
    assert len(found.a) == 49


def test_a_frame_in_very_many_films_meets_them_by_some() -> None:
    films = 200
    found = spread(told_by_first_rows([(0, True)] * films), np.ones(films, bool))
    assert len(found.a) == HUBS * films - HUBS * (HUBS + 1) // 2
    assert set(found.a.tolist()) == set(range(HUBS))
