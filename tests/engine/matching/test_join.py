"""The join must give exactly the pairs that comparing everything gives: a missed pair is never noticed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching import join, join_piece, join_pieces, near_pairs, starts
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
@pytest.mark.parametrize("radius", [0, 1, 7, 15, 16, 31, 32, 47, 48, 63, 255])
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
    for radius in (0, 1, 7, 15, 16, 31, 32, 47, 63):
        row = random_rows(rng, 1)[0]
        rows = np.stack([row, flipped(rng, row, radius), flipped(rng, row, radius + 1)])
        assert (0, 1, radius) in joined(rows, radius=radius)
        assert all(pair[:2] != (0, 2) for pair in joined(rows, radius=radius))


@pytest.mark.usefixtures("way")
def test_the_least_favourable_pairs_are_found() -> None:
    """31 bits, one in every byte of the ring but one: a single start is good. So from each start, and across."""
    place = np.random.default_rng(2017).permutation(256)
    for poor in range(32):
        bits = np.zeros(256, np.uint8)
        for byte in range(32):
            if byte != poor:
                bits[np.flatnonzero((place // 64 == byte // 8) & ((63 - place % 64) // 8 == byte % 8))[3]] = 1
        rows = np.stack([np.zeros(32, np.uint8), np.packbits(bits, bitorder="little")])
        assert joined(rows) == [(0, 1, 31)]
        assert joined(rows[:1], rows[1:]) == [(0, 0, 31)]


PLANS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 70)), max_size=30)
RADII = st.sampled_from([0, 1, 7, 31, 32, 40, 47, 63])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40, deadline=None)
@given(plan=PLANS, seed=st.integers(0, 2**32 - 1), radius=RADII)
def test_whatever_is_given_equals_brute_force(
    way: str, plan: list[tuple[int, int]], seed: int, radius: int
) -> None:
    rng = np.random.default_rng(seed)
    centres = random_rows(rng, 4)
    rows = np.array([flipped(rng, centres[which], bits) for which, bits in plan], np.uint8).reshape(-1, 32)
    with pytest.MonkeyPatch.context() as patch:
        _send(patch, way)
        assert joined(rows, radius=radius) == brute(rows, None, radius)
        assert joined(rows, centres, radius=radius) == brute(rows, centres, radius)


@settings(max_examples=8, deadline=None)
@given(plan=PLANS, seed=st.integers(0, 2**32 - 1), radius=RADII, pieces=st.sampled_from([1, 3, 32, 64]))
def test_pieces_are_disjoint_and_give_all(
    plan: list[tuple[int, int]], seed: int, radius: int, pieces: int
) -> None:
    rng = np.random.default_rng(seed)
    centres = random_rows(rng, 4)
    rows = np.array([flipped(rng, centres[which], bits) for which, bits in plan], np.uint8).reshape(-1, 32)
    for others in (None, centres):
        parts = [join_piece(rows, others, piece, radius) for piece in join_pieces(len(rows), radius, pieces)]
        whole = [one for part in parts for one in zip(*(column.tolist() for column in part), strict=True)]
        assert sorted(whole) == brute(rows, others, radius)


@pytest.mark.parametrize(("rows", "radius", "pieces"), [(1, 31, 0), (-1, 31, 1), (1, 64, 1), (1, -1, 1)])
def test_pieces_that_cannot_be_are_refused(rows: int, radius: int, pieces: int) -> None:
    with pytest.raises(UsageError):
        join_pieces(rows, radius, pieces)


def test_keys_of_every_length_give_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """32 million rows have keys of 22 bits; here few rows have them too."""
    _send(monkeypatch, "starts")
    rows = clustered(8, 20, 10, 40)
    for radius, bits in ((7, 22), (31, 17), (31, 22), (47, 18)):
        monkeypatch.setattr(starts, "_SHORTEST_KEY", bits)
        assert joined(rows, radius=radius) == brute(rows, None, radius)


def test_over_full_keys_are_logged_and_exact(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows that share every key but few bits elsewhere: all with all, part by part."""
    _send(monkeypatch, "starts")
    monkeypatch.setattr(starts, "_OVER_FULL", 100)
    rng = np.random.default_rng(4)
    rows = np.repeat(random_rows(rng, 1), 700, axis=0)
    rows[:, 31] = np.arange(700) % 256
    rows[:, 20] = np.arange(700) // 256
    found = near_pairs(rows, radius=3)
    a, b, _ = compare_all(rows.view(np.uint64), rows.view(np.uint64), 3, True)
    assert len(found.a) == len(a) > 10_000
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == set(
        zip(found.a.tolist(), found.b.tolist(), strict=True)
    )
    assert "all with all" in caplog.text


def test_few_rows_need_no_compiler() -> None:
    """A run over a small folder is not kept waiting for Numba."""
    script = (
        "import sys, numpy as np; from foureyes.engine.matching import near_pairs;"
        "near_pairs(np.zeros((2000, 32), np.uint8)); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


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
