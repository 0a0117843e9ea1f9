"""How 256 bits are cut into chunks that are looked up, and how many flips of each a radius needs.

The general pigeonhole principle: with flips t1 to tm whose sum of (t + 1) is r + 1, two rows within r bits
differ in at most t bits of some chunk. Says what a search will cost, so that dear ones become a scan.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS = 256
FARTHEST = 63
"""Largest radius that is answered. Unrelated pictures lie 128 bits apart, the nearest of 3 million 66."""
PERMUTATION_SEED = 2017
_FEWEST_BITS, _MOST_BITS = 12, 27
_PROBE_COST, _CANDIDATE_COST, _SCAN_COST = 15.0, 45.0, 2.7
"""Nanoseconds for a look into a table, a row of it that is compared, and a row of a scan (measured)."""


class Plan(NamedTuple):
    """How rows within a radius are looked up."""

    low: NDArray[np.int64]
    """(m,): where each chunk begins."""
    width: NDArray[np.int64]
    """(m,): its bits."""
    flips: NDArray[np.int64]
    """(m,): bits of it that may differ; -1: the chunk is not looked at."""
    masks: NDArray[np.uint32]
    """What a key is changed by, all chunks one after the other."""
    mask_begin: NDArray[np.int64]
    """(m + 1,)."""
    nanoseconds: float
    """What one question costs, about."""


def chunk_widths(rows: int) -> tuple[int, ...]:
    """Widths of the chunks for so many rows: keys somewhat shorter than log2(rows), which sum to 256."""
    bits = min(max(log2(max(rows, 1)) - 1.6, _FEWEST_BITS), _MOST_BITS)
    count = round(BITS / bits)
    return tuple(BITS // count + (number < BITS % count) for number in range(count))


@lru_cache(maxsize=256)
def plan(widths: tuple[int, ...], rows: int, radius: int) -> Plan:
    """The cheapest flips for a radius, and their cost."""
    flips = [-1] * len(widths)

    def cost(number: int) -> float:
        width = widths[number]
        return comb(width, flips[number] + 1) * (_PROBE_COST + _CANDIDATE_COST * rows / (1 << width))

    total = 0.0
    for _ in range(radius + 1):
        cheapest = min(range(len(widths)), key=cost)
        total += cost(cheapest)
        flips[cheapest] += 1
    low = np.cumsum((0, *widths[:-1]), dtype=np.int64)
    few = total < scan_nanoseconds(rows)
    masks = [_ball(width, most) if few else _NONE for width, most in zip(widths, flips, strict=True)]
    begin = np.cumsum([0, *map(len, masks)], dtype=np.int64)
    return Plan(low, np.array(widths), np.array(flips), np.concatenate(masks), begin, total)


def scan_nanoseconds(rows: int) -> float:
    """What comparing one question with every row costs, about."""
    return rows * _SCAN_COST


_NONE = np.empty(0, np.uint32)


@lru_cache(maxsize=64)
def _ball(width: int, flips: int) -> NDArray[np.uint32]:
    """All values of `width` bits with at most `flips` bits set, rising: neighbours share cache lines."""
    if flips < 0:
        return _NONE
    shells = [np.zeros(1, np.uint32)]
    bits = np.uint32(1) << np.arange(width, dtype=np.uint32)
    for _ in range(flips):
        larger = shells[-1][:, None] | bits
        shells.append(larger[bits > shells[-1][:, None]])
    return np.sort(np.concatenate(shells))


def permuted(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Rows (n, 32) as words (n, 4) with their bits exchanged by the fixed permutation.

    Neighbouring bits of PDQ correlate: the fullest bucket of 16 such bits held 215 times the uniform share,
    16 times when permuted.
    """
    order = np.random.default_rng(PERMUTATION_SEED).permutation(BITS)
    exchanged = np.empty((len(rows), 32), np.uint8)
    step = 65_536
    for at in range(0, len(rows), step):
        bits = np.unpackbits(rows[at : at + step], axis=1)
        exchanged[at : at + step] = np.packbits(bits[:, order], axis=1)
    return exchanged.view(np.uint64)
