"""One picture in any orientation is one pair, and families of thousands do not become millions of pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from foureyes.engine.errors import UsageError
from foureyes.engine.matching import RowPairs, row_pairs
from foureyes.engine.matching.orientations import NEGATIVE, worth_keeping

Values = NDArray[np.uint8]
GOOD = 80


def unrelated(count: int, seed: int = 0) -> Values:
    return np.random.default_rng(seed).integers(0, 256, (count, 256), dtype=np.uint8)


def near(value: Values, bits: int, seed: int) -> Values:
    """The same picture again: each of its eight hashes moved by so many bits."""
    rng = np.random.default_rng(seed)
    out = []
    for hashed in value.reshape(8, 32):
        as_bits = np.unpackbits(hashed)
        as_bits[rng.choice(256, bits, replace=False)] ^= 1
        out.append(np.packbits(as_bits))
    return np.concatenate(out)


def rotated(value: Values) -> Values:
    """The eight hashes of the picture turned by 90 degrees: its upright one is the other's second."""
    return value.reshape(8, 32)[[1, 2, 3, 0, 6, 7, 5, 4]].reshape(-1)


def found(values: Values) -> RowPairs:
    return row_pairs(values, np.full(len(values), GOOD))


def thinned(values: Values, neighbours: int) -> RowPairs:
    pairs = found(values)
    return pairs.where(worth_keeping(pairs, len(values), neighbours))


def listed(pairs: RowPairs) -> list[tuple[int, int, int, int]]:
    return sorted(zip(*(part.tolist() for part in pairs), strict=True))


def test_a_turned_picture_is_found_with_its_orientation() -> None:
    value = unrelated(1)[0]
    values = np.stack([value, unrelated(1, 7)[0], rotated(value)])
    assert listed(found(values)) == [(0, 2, 0, 3)]
    assert listed(found(values[::-1].copy())) == [(0, 2, 0, 1)]


def test_the_best_orientation_wins_and_the_pair_comes_once() -> None:
    value = unrelated(1)[0]
    symmetric = np.tile(value[:32], 8)
    pairs = found(np.stack([symmetric, near(symmetric, 6, 1)]))
    assert [pair[:2] for pair in listed(pairs)] == [(0, 1)]
    assert pairs.distance[0] == 6


def test_a_negative_is_found_from_either_side() -> None:
    value = unrelated(1)[0]
    values = np.stack([value, unrelated(1, 7)[0], near(~value, 5, 3)])
    assert listed(found(values)) == [(0, 2, 5, NEGATIVE)]
    assert listed(found(values[::-1].copy())) == [(0, 2, 5, NEGATIVE)]


def test_poor_quality_takes_no_part() -> None:
    value = unrelated(1)[0]
    assert listed(row_pairs(np.stack([value, value, value]), np.array([50, 49, 90]))) == [(0, 2, 0, 0)]


def test_equal_pictures_are_joined_through_the_first() -> None:
    values = np.concatenate([unrelated(1), np.repeat(unrelated(1, 5), 3000, axis=0)])
    pairs = found(values)
    assert set(pairs.a.tolist()) == {1}
    assert sorted(pairs.b.tolist()) == list(range(2, 3001))
    assert not pairs.distance.any()


def test_a_thousand_near_copies_keep_few_pairs_and_stay_together() -> None:
    value = unrelated(1)[0]
    values = np.stack([near(value, 8, seed) for seed in range(1000)])
    every, pairs = found(values), thinned(values, 4)
    assert len(pairs.a) <= 1000 * 9
    assert len(every.a) == 1000 * 999 // 2
    graph = coo_array((np.ones(len(pairs.a)), (pairs.a, pairs.b)), shape=(1000, 1000))
    assert connected_components(graph.tocsr())[0] == 1


def test_a_chain_stays_whole_when_few_neighbours_are_kept() -> None:
    """Two crowds joined by one far pair: the far pair is nobody's nearest, and must stay."""
    left = unrelated(1)[0]
    right = near(left, 30, 99)
    crowd = [near(left, 1, seed) for seed in range(20)] + [near(right, 1, seed) for seed in range(50, 70)]
    values = np.stack([left, right, *crowd])
    pairs = thinned(values, 1)
    graph = coo_array((np.ones(len(pairs.a)), (pairs.a, pairs.b)), shape=(42, 42))
    assert connected_components(graph.tocsr())[0] == 1


def test_the_order_of_rows_does_not_matter() -> None:
    base = unrelated(6)
    values = np.concatenate([base, np.stack([near(row, 10, n) for n, row in enumerate(base)])])
    order = np.random.default_rng(4).permutation(len(values))
    straight = {frozenset(pair[:2]) for pair in listed(found(values))}
    shuffled = {frozenset((int(order[a]), int(order[b]))) for a, b, *_ in listed(found(values[order]))}
    assert straight == shuffled
    assert len(straight) == 6


def test_nothing_gives_nothing() -> None:
    assert [len(part) for part in found(np.zeros((0, 256), np.uint8))] == [0, 0, 0, 0]


def test_other_shapes_are_refused() -> None:
    with pytest.raises(UsageError, match="256"):
        row_pairs(np.zeros((2, 32), np.uint8), np.array([90, 90]))
