"""What the pigeonring principle asks of two rows within a radius, as masks of keys.

Cut the bits into 32 bytes on a ring. If two rows differ in at most r bits, there is a start from which every
run of l bytes differs in at most r·l/32 bits: were every start to fail at some length, runs that fail would
tile the ring and add up to more than r. A join therefore looks, from each of 32 starts, only at pairs whose
first bytes keep to that. Holds no rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RING_BYTES = 32
BLOCKS = 256
"""One for each value of the byte at a start."""
WORD_BITS = 32
"""After the key, so many bits of each row are compared before its other bytes are fetched at all."""

LONGEST_KEY = 24
MOST_OF_A_GROUP = 64
MOST_RADIUS = 63
"""Up to here the first byte differs in at most one bit; with two, a join looks at a fifth of all pairs."""


class Share(NamedTuple):
    """A part of a join: left rows of some first bytes, from some starts."""

    turns: range = range(RING_BYTES)
    blocks: range = range(BLOCKS)


WHOLE = Share()


class Masks(NamedTuple):
    """In which bits of the key near rows may differ, in groups that share weight and topmost bit."""

    bits: int
    """Length of a key."""
    value: NDArray[np.uint32]
    begin: NDArray[np.int64]
    """Where each group begins in `value`; one longer than the groups."""
    top: NDArray[np.uint32]
    """Of each group, its masks' topmost bit as a value, 0 for the empty mask."""
    limit: NDArray[np.int64]
    """Of each group, in how many of the 32 bits after it two rows may differ. Groups are sorted by it."""
    inside: int
    """The same for rows of one key."""


def masks(radius: int, bits: int, *, itself: bool) -> Masks:
    """The masks of a radius of 0 to 63 for keys of 8 to 24 bits; for a self-join without the empty one."""
    values, weights = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for place in range(-(-bits // 8)):
        width = min(8, bits - 8 * place)
        tail = np.arange(1 << width)
        values = ((values[:, None] << width) | tail).reshape(-1)
        weights = (weights[:, None] + np.bitwise_count(tail)).reshape(-1)
        fit = weights <= allowed(radius, place + 1)
        values, weights = values[fit], weights[fit]
    limits = allowed(radius, -(-(bits + WORD_BITS) // 8)) - weights
    keep = (limits >= 0) & ((values > 0) | (not itself))
    values, limits = values[keep], limits[keep]
    lengths = np.frexp(values.astype(np.float64))[1]
    order = np.lexsort((values, lengths, -limits))
    values, limits, lengths = values[order], limits[order], lengths[order]
    first = _groups(limits, lengths)
    top = np.where(lengths[first] > 0, 1 << np.maximum(lengths[first] - 1, 0), 0)
    begin = np.append(first, len(values)).astype(np.int64)
    inside = allowed(radius, -(-(bits + WORD_BITS) // 8))
    return Masks(
        bits, values.astype(np.uint32), begin, top.astype(np.uint32), limits[first].astype(np.int64), inside
    )


def _groups(*keys: NDArray[np.integer]) -> NDArray[np.intp]:
    """Where groups of equal keys begin, none longer than `MOST_OF_A_GROUP`."""
    changed = np.zeros(len(keys[0]), bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    begin = np.flatnonzero(changed)
    place = np.arange(len(changed)) - np.repeat(begin, np.diff(np.append(begin, len(changed))))
    return np.flatnonzero(place % MOST_OF_A_GROUP == 0)


def allowed(radius: int, length: int) -> int:
    """Bits in which `length` bytes after a good start may differ."""
    return radius * length // RING_BYTES
