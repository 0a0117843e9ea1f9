"""Kernels that bring rows into the order of their bits after a start, so that near keys lie near.

A row is four 64-bit words whose bytes, the first one topmost, lie on a ring. Rows are dealt out by their
first byte into blocks, then sorted inside a block, which fits the cache. Compares nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.popcount import signed
from foureyes.engine.matching.ring import BLOCKS
from foureyes.engine.running.compiled import compiled

Words = NDArray[np.uint64]
Short = NDArray[np.uint32]
Index = NDArray[np.int64]

ROOM = 64
"""Words readable after the last row, so that vectors need no tail."""


class Dealt(NamedTuple):
    """Rows by their first byte: the eight bytes after the start, and the row."""

    eight: Words
    row: Short


class Sorted(NamedTuple):
    """Rows sorted by key: the 32 bits after the key, the row, and where each key begins."""

    word: Short
    """Longer by `ROOM` than there are rows."""
    row: Short
    start: Short
    """Of each key; one longer than there are keys."""


@compiled
def first_equal(rows: Words) -> Index:
    """Of each row, the first row that equals it (a table of open addresses, at most half full)."""
    size = 1024
    while size < 2 * len(rows):
        size *= 2
    table = np.zeros(size, np.uint32)
    first = np.empty(len(rows), np.int64)
    last = np.uint64(size - 1)
    for i in range(len(rows)):
        mixed = np.uint64(0)
        for word in range(4):
            mixed = (mixed ^ rows[i, word]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(32)
        slot = mixed & last
        while table[slot] and not _equal(rows, i, signed(table[slot]) - 1):
            slot = (slot + np.uint64(1)) & last
        if not table[slot]:
            table[slot] = i + 1
        first[i] = signed(table[slot]) - 1
    return first


@compiled
def _equal(rows: Words, i: int, j: int) -> bool:
    for word in range(4):  # noqa: SIM110 - Numba compiles no generators
        if rows[i, word] != rows[j, word]:
            return False
    return True


@compiled
def permute(rows: NDArray[np.uint8], chosen: Index, table: Words, into: Words, begin: int, end: int) -> None:
    """Exchange the bits of some of the chosen rows: `table` says what each value of each byte gives."""
    for i in range(begin, end):
        a = b = c = d = np.uint64(0)
        row = chosen[i]
        for place in range(32):
            value = rows[row, place]
            a |= table[place, value, 0]
            b |= table[place, value, 1]
            c |= table[place, value, 2]
            d |= table[place, value, 3]
        into[i, 0], into[i, 1], into[i, 2], into[i, 3] = a, b, c, d


@compiled
def count_blocks(ring: Words, turn: int, begin: int, end: int, blocks: NDArray[np.bool_]) -> Index:
    """How many rows from `begin` to `end` fall into each wanted block."""
    count = np.zeros(BLOCKS, np.int64)
    word, shift = turn // 8, np.uint64(56 - 8 * (turn % 8))
    for i in range(begin, end):
        count[(ring[i, word] >> shift) & np.uint64(255)] += 1
    for block in range(BLOCKS):
        if not blocks[block]:
            count[block] = 0
    return count


@compiled
def deal(
    ring: Words, turn: int, begin: int, end: int, blocks: NDArray[np.bool_], at: Index, dealt: Dealt
) -> None:
    """Write each row of a wanted block, its place counted on in `at`."""
    for i in range(begin, end):
        eight = eight_bytes(ring, i, turn)
        block = eight >> np.uint64(56)
        if blocks[block]:
            place = at[block]
            dealt.eight[place] = eight
            dealt.row[place] = i
            at[block] = place + 1


@compiled
def sort_blocks(dealt: Dealt, block_begin: Index, first: int, last: int, bits: int, into: Sorted) -> None:
    """Sort the blocks from `first` to before `last` by key (counting sort)."""
    inner = bits - 8
    keys = 1 << inner
    mask = np.uint64(keys - 1)
    shift, after = np.uint64(64 - bits), np.uint64(32 - bits)
    at = np.empty(keys, np.int64)
    for block in range(first, last):
        at[:] = 0
        for i in range(block_begin[block], block_begin[block + 1]):
            at[(dealt.eight[i] >> shift) & mask] += 1
        place = block_begin[block]
        for key in range(keys):
            into.start[(block << inner) + key] = place
            count = at[key]
            at[key] = place
            place += count
        for i in range(block_begin[block], block_begin[block + 1]):
            key = (dealt.eight[i] >> shift) & mask
            place = at[key]
            into.word[place] = np.uint32((dealt.eight[i] >> after) & np.uint64(0xFFFFFFFF))
            into.row[place] = dealt.row[i]
            at[key] = place + 1


@compiled
def eight_bytes(ring: Words, i: int, turn: int) -> np.uint64:
    """The eight bytes of a row from a start, the first one topmost."""
    word, shift = turn // 8, 8 * (turn % 8)
    eight = ring[i, word] << np.uint64(shift)
    if shift > 0:
        eight |= ring[i, (word + 1) % 4] >> np.uint64(64 - shift)
    return np.uint64(eight)
