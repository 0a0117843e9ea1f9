"""Rows of the catalogue in any order give the same pairs of media."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching import (
    LINKING_RADIUS,
    NEGATIVE,
    FoundMedia,
    NearMedia,
    found_media,
    near_media,
    row_pairs,
)
from foureyes.engine.matching.scenes import Stacks

Rows = NDArray[np.uint8]


def rows() -> tuple[Rows, Rows, NDArray[np.int16], NDArray[np.float64]]:
    """A film of three frames, a still of its second one upside down, and a stranger."""
    rng = np.random.default_rng(8)
    names = rng.integers(0, 256, (3, 32), dtype=np.uint8)
    frames = rng.integers(0, 256, (3, 256), dtype=np.uint8)
    upside_down = frames[1].reshape(8, 32)[[2, 3, 0, 1, 5, 4, 7, 6]].reshape(-1)
    stranger = rng.integers(0, 256, 256, dtype=np.uint8)
    return (
        names[[0, 0, 0, 1, 2]],
        np.stack([*frames, upside_down, stranger]),
        np.full(5, 90, np.int16),
        np.array([0, 2.5, 5, 0, 0]),
    )


def test_a_still_is_found_in_its_film_at_its_second() -> None:
    sha256, values, quality, at = rows()
    (pair,) = near_media(sha256, values, quality, at).pairs
    film, still = (bytes(sha256[row]).hex() for row in (0, 3))
    assert (pair.a, pair.b) == (min(film, still), max(film, still))
    assert (pair.at_a if pair.a == film else pair.at_b) == 2.5
    assert (pair.distance_bits, pair.orientation) == (0, 2)


def test_the_order_of_rows_does_not_matter() -> None:
    given = rows()
    expected = near_media(*given)
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(5)
        assert near_media(*(part[order] for part in given)) == expected  # type: ignore[arg-type]  # the arguments as given, in another order


def test_frames_that_say_too_little_are_counted() -> None:
    sha256, values, quality, at = rows()
    quality[3] = 49
    assert near_media(sha256, values, quality, at)[:3] == ([], 1, 0)


def test_nothing_gives_nothing() -> None:
    empty = np.zeros((0, 32), np.uint8), np.zeros((0, 256), np.uint8), np.zeros(0, np.int16), np.zeros(0)
    assert near_media(*empty)[:3] == ([], 0, 0)


def test_equal_frames_of_one_film_are_no_pair() -> None:
    sha256, values, quality, at = rows()
    values[[1, 2]] = values[0]
    assert near_media(sha256[:3], values[:3], quality[:3], at[:3]).pairs == []


def many() -> FoundMedia:
    """Families of copies, a few bits apart, of which each family has a few."""
    rng = np.random.default_rng(3)
    count = 60
    names = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    values = rng.integers(0, 256, (20, 256), dtype=np.uint8)[rng.integers(0, 20, count)]
    values[np.arange(count), rng.integers(0, 256, count)] ^= 1
    quality = np.full(count, 90, np.int16)
    return found_media(names, quality, np.zeros(count), row_pairs(values, quality))


def test_of_some_media_the_same_pairs_are_told() -> None:
    found = many()
    every = found.told().pairs
    some = {every[0].a, every[5].b}
    told = found.told(found.places(some))
    assert told.pairs == [one for one in every if {one.a, one.b} & some]
    assert told._replace(pairs=[]) == found.told()._replace(pairs=[])


def test_pairs_within_some_media_go_by_their_first_bits() -> None:
    found = many()
    every = [(int(one.a[:16], 16), int(one.b[:16], 16)) for one in found.told().pairs]
    some = {*every[0], *every[1], *every[7]}
    among = found.between(np.array(sorted(some), np.uint64))
    assert sorted(among) == sorted(pair for pair in every if some.issuperset(pair))


def test_who_is_stood_for_is_who_is_in_a_stack_and_not_its_first() -> None:
    found = many()
    every = found.told().pairs
    barred = {every[0].a}
    middle = sorted(one.distance_bits for one in every)[len(every) // 2]
    for but, within in ((set[str](), LINKING_RADIUS), (barred, LINKING_RADIUS), (barred, middle)):
        told = [one for one in every if one.distance_bits <= within]
        pairs = [(one.a, one.b) for one in told if not {one.a, one.b} & but]
        others = {bytes(one).hex() for one in found.stood_for([], but, within)}
        assert others == Stacks(pairs).others()
    also = [every[0]]
    assert len(found.stood_for(also, set(), LINKING_RADIUS)) == len(
        Stacks((one.a, one.b) for one in every).others()
    )


def test_a_negative_stands_for_nothing() -> None:
    rng = np.random.default_rng(9)
    value = rng.integers(0, 256, 256, dtype=np.uint8)
    names, values = rng.integers(0, 256, (2, 32), dtype=np.uint8), np.stack([value, ~value])
    quality = np.full(2, 90, np.int16)
    found = found_media(names, quality, np.zeros(2), row_pairs(values, quality))
    assert [(one.distance_bits, one.orientation) for one in found.told().pairs] == [(0, NEGATIVE)]
    assert not len(found.stood_for([], set(), LINKING_RADIUS))


def test_of_nothing_nothing_is_told() -> None:
    none = np.zeros((0, 32), np.uint8)
    pairs = row_pairs(np.zeros((0, 256), np.uint8), np.zeros(0, np.int16))
    found = found_media(none, np.zeros(0, np.int16), np.zeros(0), pairs)
    assert found.told() == found.told(found.places(["ab" * 32])) == NearMedia([], 0, 0)
    assert not list(found.between(np.array([1], np.uint64)))
    assert len(found.stood_for([], set(), LINKING_RADIUS)) == 0
