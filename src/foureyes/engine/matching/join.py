"""The exact join of 256-bit fingerprints within a Hamming radius: every pair once, no pair missed.

Equal rows are brought together, bits exchanged by one fixed permutation, and the distinct rows joined from
each of 32 starts on a ring of bytes (`ring.py` says why that misses nothing). Few rows, and radii that a ring
cannot narrow, are compared pair by pair. Never approximates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching.equal import Families
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.ring import MOST_RADIUS

BITS = 256
LINKING_RADIUS = 31
"""Published radius of PDQ (ThreatExchange, `pdq/README.md`): of 3 million unrelated pairs of quality 50 and
more, the nearest differed in 66 bits (measured, mean 128, deviation 8)."""

_ROW_BYTES = 32
_PLAIN_PAIRS = 4_000_000
"""Up to so many pairs NumPy compares sooner than Numba is imported."""
_KERNEL_PAIRS = 200_000_000
"""Up to so many pairs, comparing all takes less time than sorting 32 times."""

Rows = NDArray[np.uint8]
Words = NDArray[np.uint64]
Side = tuple[Rows, Families]
"""Rows, and which of them are equal."""


def near_pairs(
    fingerprints: Rows,
    others: Rows | None = None,
    *,
    radius: int = LINKING_RADIUS,
    threads: int | None = None,
) -> Pairs:
    """Every pair of rows that differ in at most `radius` bits, each once, sorted by a, then b.

    Args:
        fingerprints: uint8, shape (n, 32), n below 2^32.
        others: uint8, shape (m, 32). Without it the rows are joined with themselves and a < b.
        radius: bits, 0 to 255; beyond 63 every pair is compared.
        threads: how many cores may work, by default all that this process may use.

    Equal rows are compared once for all of them, but all their pairs are given: n equal rows make
    n (n - 1) / 2 pairs. `near_families` hands on thousands of near rows without their square.

    Raises:
        UsageError: an array of another shape or type, or a radius out of range.
    """
    check(fingerprints, radius)
    left = Families.of(fingerprints)
    if others is None:
        return left.expand_self(_join_distinct((fingerprints, left), None, radius, threads))
    check(others, radius)
    right = Families.of(others)
    return left.expand_cross(right, _join_distinct((fingerprints, left), (others, right), radius, threads))


def _join_distinct(one: Side, two: Side | None, radius: int, threads: int | None) -> Pairs:
    """Near pairs of distinct rows, as numbers of families, in no order; without a second side a < b."""
    itself, other = two is None, two or one
    pairs = len(one[1]) * len(other[1]) // (2 if itself else 1)
    if pairs <= _PLAIN_PAIRS:
        return _plainly(_first_words(one), _first_words(other), radius, itself=itself)
    from foureyes.engine.matching import starts  # noqa: PLC0415 - Numba takes 0.5 s to import

    if pairs <= _KERNEL_PAIRS or radius > MOST_RADIUS:
        return Pairs(*starts.compare_all(_first_words(one), _first_words(other), radius, itself))
    left = starts.ring_of(one[0], one[1].representative, threads)
    right = None if two is None else starts.ring_of(two[0], two[1].representative, threads)
    return starts.join_from(left, right, radius, threads=threads)


def _first_words(side: Side) -> Words:
    return words_of(side[0][side[1].representative])


def _plainly(left: Words, right: Words, radius: int, *, itself: bool) -> Pairs:
    """Compare every pair with NumPy, as many rows at once as fit the cache."""
    found = []
    step = max(1, 65_536 // max(1, len(right)))
    for at in range(0, len(left), step):
        skipped = at if itself else 0
        differing = np.bitwise_count(left[at : at + step, None, :] ^ right[None, skipped:, :])
        apart = differing.sum(axis=-1, dtype=np.int64)
        a, b = np.nonzero(apart <= radius)
        a, b, apart = a + at, b + skipped, apart[a, b]
        found.append(Pairs(a, b, apart).where((a < b) | (not itself)))
    return Pairs.together(found)


def words_of(rows: Rows) -> Words:
    """Rows of 32 bytes as rows of four words."""
    return np.ascontiguousarray(rows).view(np.uint64).reshape(-1, _ROW_BYTES // 8)


def check(rows: Rows, radius: int) -> None:
    """Refuse what is no array of fingerprints, and a radius that is none.

    Raises:
        UsageError: either is so.
    """
    if rows.ndim != 2 or rows.shape[1] != _ROW_BYTES or rows.dtype != np.uint8:  # noqa: PLR2004 - rows of bytes
        raise UsageError(f"fingerprints must be uint8 of shape (n, 32), not {rows.dtype} {rows.shape}")
    if not 0 <= radius < BITS:
        raise UsageError(f"the radius must be 0 to 255 bits, not {radius}")
