"""The join must give exactly the pairs that comparing everything gives: a missed pair is never noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching import join, near_pairs
from foureyes.engine.matching.compare import compare_all

Rows = NDArray[np.uint8]


def brute(rows: Rows, others: Rows | None, radius: int) -> list[tuple[int, int, int]]:
    """The oracle: every pair of rows, compared by plain integers."""
    left = [int.from_bytes(row.tobytes()) for row in rows]
    right = left if others is None else [int.from_bytes(row.tobytes()) for row in others]
    return [
        (i, j, (x ^ y).bit_count())
        for i, x in enumerate(left)
        for j, y in enumerate(right)
        if (others is not None or i < j) and (x ^ y).bit_count() <= radius
    ]


def joined(rows: Rows, others: Rows | None = None, radius: int = 31) -> list[tuple[int, int, int]]:
    return list(zip(*(part.tolist() for part in near_pairs(rows, others, radius=radius)), strict=True))


def random_rows(rng: np.random.Generator, count: int) -> Rows:
    return rng.integers(0, 256, (count, 32), dtype=np.uint8)


def flipped(rng: np.random.Generator, row: Rows, bits: int) -> Rows:
    as_bits = np.unpackbits(row)
    as_bits[rng.choice(256, bits, replace=False)] ^= 1
    return np.packbits(as_bits)


def clustered(seed: int, families: int, size: int, spread: int) -> Rows:
    rng = np.random.default_rng(seed)
    centres = random_rows(rng, families)
    return np.stack(
        [flipped(rng, row, int(rng.integers(0, spread + 1))) for row in centres for _ in range(size)]
    )


WAYS = {"numpy": (10**9, 10**9), "all pairs": (0, 10**9), "starts": (0, 0)}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small inputs would never be joined from starts: send them there."""
    _send(monkeypatch, request.param)


def _send(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    plain, kernel = WAYS[way]
    monkeypatch.setattr(join, "_PLAIN_PAIRS", plain)
    monkeypatch.setattr(join, "_KERNEL_PAIRS", kernel)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("radius", [0, 15, 16, 31, 47, 48, 63, 255])
def test_clusters_joined_equal_brute_force(radius: int) -> None:
    rows = clustered(radius, 7, 6, 40)
    assert joined(rows, radius=radius) == brute(rows, None, radius)


@pytest.mark.usefixtures("way")
def test_two_sets_joined_equal_brute_force() -> None:
    rows, others = clustered(1, 8, 4, 25), clustered(1, 8, 5, 30)[::-1].copy()
    found = joined(rows, others)
    assert found == brute(rows, others, 31)
    assert found


@pytest.mark.usefixtures("way")
def test_many_radii_at_their_edge() -> None:
    """Pairs planted at exactly r are found, those at r + 1 are not, whichever bits differ."""
    rng = np.random.default_rng(5)
    for radius in (0, 1, 15, 16, 31, 32, 47):
        row = random_rows(rng, 1)[0]
        rows = np.stack([row, flipped(rng, row, radius), flipped(rng, row, radius + 1)])
        assert (0, 1, radius) in joined(rows, radius=radius)
        assert all(pair[:2] != (0, 2) for pair in joined(rows, radius=radius))


@pytest.mark.usefixtures("way")
def test_a_pair_spread_over_all_bands_is_found() -> None:
    """31 bits, two in every band of 16 but one: the least favourable pair, in every rotation of bands."""
    permutation = np.random.default_rng(2017).permutation(256)
    for poor in range(16):
        bits = np.zeros(256, np.uint8)
        for band in range(16):
            places = permutation[band * 16 : band * 16 + (1 if band == poor else 2)]
            bits[places] = 1
        rows = np.stack([np.zeros(32, np.uint8), np.packbits(bits)])
        assert joined(rows) == [(0, 1, 31)]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), max_size=30),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 7, 31, 40]),
)
def test_whatever_is_given_equals_brute_force(plan: list[tuple[int, int]], seed: int, radius: int) -> None:
    rng = np.random.default_rng(seed)
    centres = random_rows(rng, 4)
    rows = np.array([flipped(rng, centres[which], bits) for which, bits in plan], np.uint8).reshape(-1, 32)
    assert joined(rows, radius=radius) == brute(rows, None, radius)
    assert joined(rows, centres, radius=radius) == brute(rows, centres, radius)


def test_buckets_and_all_pairs_agree_on_many_rows() -> None:
    rows = np.concatenate([clustered(3, 500, 4, 24), random_rows(np.random.default_rng(3), 2000)])
    words = np.ascontiguousarray(rows).view(np.uint64)
    a, b, _ = compare_all(words, words, 31, True)
    found = near_pairs(rows)
    assert len(found.a) > 1000
    assert sorted(zip(a.tolist(), b.tolist(), strict=True)) == list(
        zip(found.a.tolist(), found.b.tolist(), strict=True)
    )


def test_equal_rows_are_all_pairs_at_distance_nought() -> None:
    rows = np.repeat(random_rows(np.random.default_rng(1), 1), 50, axis=0)
    assert joined(rows) == brute(rows, None, 31)
    assert len(joined(rows, rows)) == 2500


@pytest.mark.parametrize("count", [0, 1])
def test_no_row_and_one_row_make_no_pair(count: int) -> None:
    rows = random_rows(np.random.default_rng(1), count)
    assert joined(rows) == []
    assert joined(rows, rows[:0]) == []


@pytest.mark.parametrize(
    "rows", [np.zeros((3, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((3, 32), np.int64)]
)
def test_other_shapes_are_refused(rows: Rows) -> None:
    with pytest.raises(UsageError, match=r"\(n, 32\)"):
        near_pairs(rows)


@pytest.mark.parametrize("radius", [-1, 256])
def test_a_radius_out_of_range_is_refused(radius: int) -> None:
    with pytest.raises(UsageError, match="0 to 255"):
        near_pairs(np.zeros((2, 32), np.uint8), radius=radius)
