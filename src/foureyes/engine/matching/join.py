"""The exact join of 256-bit fingerprints within a Hamming radius: every pair once, no pair missed.

Cut into 16 bands of 16 bits, two rows within 31 bits differ by at most one bit in some band (were it two in
each, they would differ by 32). So rows are sorted by each band and a bucket is compared with itself and
the 16 buckets one bit away. Never approximates: where bands cannot promise it, every pair is compared.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError

BITS = 256
LINKING_RADIUS = 31
"""Published radius of PDQ (ThreatExchange, `pdq/README.md`): of 3 million unrelated pairs of quality 50 and
more, the nearest differed in 66 bits (measured, mean 128, deviation 8)."""

_ROW_BYTES = 32
_BANDS = 16
_BAND_BITS = 16
_FEW_ROWS = 3_000
"""Below this, comparing every pair takes less time than looking into 65,536 buckets 16 times."""
_MOST_FLIPS = 2
"""Three flips would open 697 of 65,536 buckets in each of 16 bands: no better than comparing all pairs."""

Rows = NDArray[np.uint8]
Index = NDArray[np.int64]
Distance = NDArray[np.int64]


class Pairs(NamedTuple):
    """Three arrays of one length: rows of the input, and in how many bits they differ."""

    a: Index
    b: Index
    distance: Distance


def near_pairs(fingerprints: Rows, others: Rows | None = None, *, radius: int = LINKING_RADIUS) -> Pairs:
    """Every pair of rows that differ in at most `radius` bits, each once, sorted by a, then b.

    Args:
        fingerprints: uint8, shape (n, 32).
        others: uint8, shape (m, 32). Without it the rows are joined with themselves and a < b.
        radius: bits, 0 to 255.

    Equal rows are compared once for all of them, but all their pairs are given: n equal rows make
    n (n - 1) / 2 pairs. `orientation_pairs` hands on families by a representative instead.

    Raises:
        UsageError: an array of another shape or type, or a radius out of range.
    """
    _check(fingerprints, radius)
    if others is None:
        family = Families.of(fingerprints)
        return family.expand_self(_join(family.rows, family.rows, radius, itself=True))
    _check(others, radius)
    left, right = Families.of(fingerprints), Families.of(others)
    return _expand_cross(_join(left.rows, right.rows, radius, itself=False), left, right)


class Families(NamedTuple):
    """Distinct rows, and which rows of the input are equal to each."""

    rows: Rows
    """Shape (distinct, 32)."""
    member: Index
    """Rows of the input, those of one family side by side, rising inside a family."""
    start: Index
    """Where each family begins in `member`; one longer than `rows`."""

    @classmethod
    def of(cls, rows: Rows) -> Families:
        """Bring equal rows together; families are in the order of their first member."""
        if len(rows) == 0:
            return cls(rows, np.empty(0, np.int64), np.zeros(1, np.int64))
        words = _words(rows)
        order = np.lexsort((words[:, 3], words[:, 2], words[:, 1], words[:, 0])).astype(np.int64)
        ordered = words[order]
        first = np.flatnonzero(np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)])
        by_first_member = np.argsort(order[first], kind="stable")
        size = np.diff(np.r_[first, len(rows)])[by_first_member]
        start = np.r_[0, np.cumsum(size)].astype(np.int64)
        member = order[np.repeat(first[by_first_member] - start[:-1], size) + np.arange(len(rows))]
        return cls(rows[member[start[:-1]]], member, start)

    @property
    def representative(self) -> Index:
        """First row of each family."""
        return self.member[self.start[:-1]]

    def expand_self(self, pairs: Pairs) -> Pairs:
        """Pairs of families to pairs of rows, with those inside each family."""
        across = _expand_cross(pairs, self, self)
        parts_a, parts_b = [across.a], [across.b]
        sizes = np.diff(self.start)
        for size in np.unique(sizes[sizes > 1]):
            begin = self.start[:-1][sizes == size, None]
            low, high = np.triu_indices(int(size), 1)
            parts_a.append(self.member[(begin + low).reshape(-1)])
            parts_b.append(self.member[(begin + high).reshape(-1)])
        a, b = np.concatenate(parts_a), np.concatenate(parts_b)
        distance = np.concatenate([across.distance, np.zeros(len(a) - len(across.a), np.int64)])
        return _sorted(np.minimum(a, b), np.maximum(a, b), distance)


def _expand_cross(pairs: Pairs, left: Families, right: Families) -> Pairs:
    """All members of one family with all members of the other."""
    wide = np.diff(left.start)[pairs.a]
    high = np.diff(right.start)[pairs.b]
    count = wide * high
    pair = np.repeat(np.arange(len(count)), count)
    place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    a = left.member[left.start[pairs.a][pair] + place // high[pair]]
    b = right.member[right.start[pairs.b][pair] + place % high[pair]]
    return _sorted(a, b, pairs.distance[pair])


def _sorted(a: Index, b: Index, distance: Distance) -> Pairs:
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], distance[order])


def _join(left: Rows, right: Rows, radius: int, *, itself: bool) -> Pairs:
    from foureyes.engine.matching.compare import compare_all, compare_buckets  # noqa: PLC0415 - Numba takes 0.5 s

    flips = radius // _BANDS
    if flips > _MOST_FLIPS or max(len(left), len(right)) < _FEW_ROWS:
        return Pairs(*compare_all(_words(left), _words(right), radius, itself))
    words_left = _words(_permuted(left))
    words_right = words_left if itself else _words(_permuted(right))
    masks = _masks(flips)
    found = [
        compare_buckets(words_left, words_right, band, masks, flips, radius, itself) for band in range(_BANDS)
    ]
    a, b, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    return Pairs(a, b, distance)


def _masks(flips: int) -> NDArray[np.int64]:
    """All 16-bit values with at most `flips` bits set."""
    values = np.arange(1 << _BAND_BITS)
    return values[np.bitwise_count(values) <= flips].astype(np.int64)


def _permuted(rows: Rows) -> Rows:
    """Exchange bits by one fixed permutation.

    Neighbouring bits of PDQ correlate, and a band of such bits has over-full buckets: the fullest held 215
    times the uniform share, 16 times when permuted.
    """
    permutation = np.random.default_rng(2017).permutation(BITS)
    step = 65_536
    parts = [
        np.packbits(np.unpackbits(rows[at : at + step], axis=1)[:, permutation], axis=1)
        for at in range(0, len(rows), step)
    ]
    return np.concatenate(parts) if parts else rows


def _words(rows: Rows) -> NDArray[np.uint64]:
    return np.ascontiguousarray(rows).view(np.uint64).reshape(-1, _ROW_BYTES // 8)


def _check(rows: Rows, radius: int) -> None:
    if rows.ndim != 2 or rows.shape[1] != _ROW_BYTES or rows.dtype != np.uint8:  # noqa: PLR2004 - rows of bytes
        raise UsageError(f"fingerprints must be uint8 of shape (n, 32), not {rows.dtype} {rows.shape}")
    if not 0 <= radius < BITS:
        raise UsageError(f"the radius must be 0 to 255 bits, not {radius}")
