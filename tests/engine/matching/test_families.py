"""Families must lose nothing: expanded, they are exactly the pairs of the join; and thousands make no square."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching import NearFamilies, Pairs, near_families, near_pairs

Rows = NDArray[np.uint8]


def edits(seed: int, families: int, size: int, bits: int) -> Rows:
    """So many edits of some pictures, each up to so many bits from its own."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 2, (families, 256), dtype=np.uint8)
    flips = rng.random((families, size, 256)).argsort(axis=2) < rng.integers(0, bits + 1, (families, size, 1))
    return np.packbits(centres[:, None] ^ flips, axis=2).reshape(-1, 32)


def listed(pairs: Pairs) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in pairs), strict=True))


def check(found: NearFamilies, rows: Rows) -> None:
    """What is promised of any families."""
    assert listed(found.expand(rows)) == listed(near_pairs(rows, radius=found.radius))
    assert len(np.unique(found.member)) == len(found.member)
    family = np.full(len(rows), -1)
    for number, chosen in enumerate(found.representative):
        own = found.member[found.start[number] : found.start[number + 1]]
        family[own] = number
        assert chosen in own
        apart = np.bitwise_count(rows[own] ^ rows[chosen]).sum(axis=1)
        assert apart.tolist() == found.distance[found.start[number] : found.start[number + 1]].tolist()
        assert apart.max() <= found.radius
    a, b = family[found.pairs.a], family[found.pairs.b]
    assert not ((a == b) & (a >= 0)).any(), "a pair of one family among the pairs"


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    families=st.integers(1, 4),
    size=st.integers(0, 12),
    bits=st.integers(0, 60),
    radius=st.sampled_from([0, 1, 7, 31, 32, 47, 63]),
    dense=st.sampled_from([1, 4, 64]),
)
def test_expanded_they_are_the_pairs_of_the_join(
    seed: int, families: int, size: int, bits: int, radius: int, dense: int
) -> None:
    rows = edits(seed, families, size, bits)
    check(near_families(rows, radius=radius, dense=dense), rows)


def test_thousands_of_edits_are_one_family() -> None:
    rows = edits(1, 1, 3_000, 15)
    found = near_families(rows)
    assert len(found.representative) == 1
    assert len(found.member) == len(found.equal) > 2_000
    assert len(found.pairs.a) == 0


def test_thousands_of_equal_rows_are_copies_and_no_pairs() -> None:
    found = near_families(np.zeros((5_000, 32), np.uint8))
    assert found.equal.size.tolist() == [5_000]
    assert len(found.pairs.a) == len(found.member) == 0


def test_dense_rows_that_meet_across_families_stay_pairs() -> None:
    """A chain of dense places: each end is near the middle, the ends are not near each other."""
    rng = np.random.default_rng(3)
    ends = np.zeros((2, 256), np.uint8)
    ends[1, :40] = 1
    rows = np.repeat(ends, 150, axis=0)
    rows[np.arange(300), rng.integers(100, 250, 300)] ^= 1
    rows[np.arange(0, 300, 3), 10:20] ^= 1
    packed = np.packbits(rows, axis=1)
    found = near_families(packed, dense=20)
    check(found, packed)
    assert len(found.representative) > 1
    assert len(found.pairs.a) > 0


@pytest.mark.parametrize(("radius", "dense"), [(64, 64), (-1, 64), (31, 0)])
def test_what_cannot_be_is_refused(radius: int, dense: int) -> None:
    with pytest.raises(UsageError):
        near_families(np.zeros((2, 32), np.uint8), radius=radius, dense=dense)
