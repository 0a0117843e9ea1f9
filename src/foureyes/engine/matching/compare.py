"""Kernels of the join: popcount distances over 64-bit words, bucket by bucket or all pairs.

Rows are uint64 of shape (n, 4). Knows nothing of families, permutations or what a row stands for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.running.compiled import compiled

Words = NDArray[np.uint64]
Index = NDArray[np.int64]
Found = tuple[Index, Index, Index]

_KEYS = 1 << 16


@compiled
def compare_all(left: Words, right: Words, radius: int, itself: bool) -> Found:
    """Every pair within `radius`; with `itself`, only a < b."""
    a, b, distance, count = _room(1024)
    for i in range(len(left)):
        first = i + 1 if itself else 0
        for j in range(first, len(right)):
            apart = _distance(left, i, right, j)
            if apart <= radius:
                if count == len(a):
                    a, b, distance = _more(a), _more(b), _more(distance)
                a[count], b[count], distance[count] = i, j, apart
                count += 1
    return a[:count], b[:count], distance[:count]


@compiled
def compare_buckets(
    left: Words, right: Words, band: int, masks: Index, flips: int, radius: int, itself: bool
) -> Found:
    """Pairs within `radius` whose keys of this band differ by one of `masks`.

    What a band before this one has given is passed over, so each pair comes once.
    """
    left_row, left_start = _by_key(left, band)
    right_row, right_start = (left_row, left_start) if itself else _by_key(right, band)
    left_sorted, right_sorted = left[left_row], right[right_row]
    a, b, distance, count = _room(4096)
    for key in range(_KEYS):
        begin, end = left_start[key], left_start[key + 1]
        if begin == end:
            continue
        for mask in masks:
            other = key ^ mask
            if itself and other < key:
                continue
            for i in range(begin, end):
                first = i + 1 if itself and other == key else right_start[other]
                for j in range(first, right_start[other + 1]):
                    apart = _distance(left_sorted, i, right_sorted, j)
                    if apart > radius or _given_before(left_sorted, i, right_sorted, j, band, flips):
                        continue
                    if count == len(a):
                        a, b, distance = _more(a), _more(b), _more(distance)
                    a[count], b[count], distance[count] = left_row[i], right_row[j], apart
                    count += 1
    return a[:count], b[:count], distance[:count]


@compiled
def _by_key(rows: Words, band: int) -> tuple[Index, Index]:
    """Rows sorted by their key in this band (counting sort), and where each key begins."""
    start = np.zeros(_KEYS + 1, np.int64)
    for i in range(len(rows)):
        start[_key(rows, i, band) + 1] += 1
    for key in range(_KEYS):
        start[key + 1] += start[key]
    row = np.empty(len(rows), np.int64)
    at = start.copy()
    for i in range(len(rows)):
        key = _key(rows, i, band)
        row[at[key]] = i
        at[key] += 1
    return row, start


@compiled
def _key(rows: Words, i: int, band: int) -> int:
    return int((rows[i, band // 4] >> np.uint64(16 * (band % 4))) & np.uint64(0xFFFF))


@compiled
def _given_before(left: Words, i: int, right: Words, j: int, band: int, flips: int) -> bool:
    """Whether an earlier band differs in so few bits that it has found this pair already."""
    for earlier in range(band):
        difference = np.uint64(_key(left, i, earlier) ^ _key(right, j, earlier))
        if _ones(difference) <= flips:
            return True
    return False


@compiled
def _distance(left: Words, i: int, right: Words, j: int) -> int:
    return (
        _ones(left[i, 0] ^ right[j, 0])
        + _ones(left[i, 1] ^ right[j, 1])
        + _ones(left[i, 2] ^ right[j, 2])
        + _ones(left[i, 3] ^ right[j, 3])
    )


@compiled
def _ones(word: np.uint64) -> int:
    """Population count in the form that LLVM turns into the processor's instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def _room(size: int) -> tuple[Index, Index, Index, int]:
    return np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64), 0


@compiled
def _more(values: Index) -> Index:
    """The same values with room for as many again."""
    larger = np.empty(2 * len(values), np.int64)
    larger[: len(values)] = values
    return larger
