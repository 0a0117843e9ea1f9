"""The join of distinct rows from each start on the ring: sort by the bits after it, compare near keys.

Work is shared out to threads; kernels hold no lock. Memory beside the rows is 20 bytes a row and a table of
keys, for one start at a time. Rows here are rings: their bits exchanged, first byte topmost.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.compare import Keep, Side, compare_all, compare_keys
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.ring import BLOCKS, LONGEST_KEY, RING_BYTES, WHOLE, Masks, Share, masks
from foureyes.engine.matching.sorting import ROOM, Dealt, Sorted, count_blocks, deal, permute, sort_blocks

__all__ = ["compare_all", "found_from", "join_from", "keep_all", "ring_of"]

_LOG = logging.getLogger(__name__)
_SEED = 2017
_ROWS_A_TASK = 65_536
_SHORTEST_KEY = 12
_ROWS_A_KEY_BITS = 3
"""Keys so many bits shorter than log2 of the rows: 4 to 12 rows a key. Measured at 4 million, CPU seconds a
start with keys of 18, 19, 20, 21 bits: 0.33, 0.33, 0.38, 0.58."""
_OVER_FULL = 4096
"""Rows of one key from which on it is worth a word in the log: they are compared all with all, exactly."""

Words = NDArray[np.uint64]
Rows = NDArray[np.uint8]
Index = NDArray[np.int64]
Result = TypeVar("Result")


class Run(Protocol):
    """Has a task done for each item, by several threads or by this one."""

    def __call__(self, do: Callable[[Any], Result], items: Iterable[Any], /) -> list[Result]:
        """Results in the order of the items."""


def keep_all() -> Keep:
    """Nothing is passed over."""
    return Keep(0, np.zeros(0, np.int64), np.zeros(0, np.int64))


def join_from(
    left: Words, right: Words | None, radius: int, share: Share = WHOLE, *, threads: int | None = None
) -> Pairs:
    """Pairs of rings within a radius of 0 to 63 that this share of the join finds, in no order.

    Shares that are disjoint find disjoint pairs, and all together every pair: a pair belongs to its first
    good start, and to the byte there (of its lesser row by key, in a self-join).
    """
    return Pairs.together(found_from(left, right, radius, share, keep_all(), threads=threads))


def found_from(
    left: Words, right: Words | None, radius: int, share: Share, keep: Keep, *, threads: int | None = None
) -> Iterator[Pairs]:
    """What each start of a share finds, less what is passed over."""
    larger = max(len(left), 0 if right is None else len(right), 1)
    bits = min(LONGEST_KEY, max(_SHORTEST_KEY, round(np.log2(larger)) - _ROWS_A_KEY_BITS))
    wanted = masks(radius, bits, itself=right is None)
    with _hands(threads) as run:
        for turn in share.turns:
            yield Pairs.together(_from_start(left, right, wanted, turn, share.blocks, radius, keep, run))


def _from_start(
    left: Words,
    right: Words | None,
    wanted: Masks,
    turn: int,
    blocks: range,
    radius: int,
    keep: Keep,
    run: Run,
) -> list[tuple[Index, Index, Index]]:
    chosen = np.zeros(BLOCKS, bool)
    chosen[blocks] = True
    reached = _reached(chosen, wanted)
    others = left if right is None else right
    two = Side(others, _in_order(others, turn, wanted.bits, reached, run))
    one = two if right is None else Side(left, _in_order(left, turn, wanted.bits, chosen, run))
    if turn == 0:
        _log_over_full(two.order)
    inner = wanted.bits - 8
    step = max(1, len(blocks) * _ROWS_A_TASK // max(1, len(left), len(others)))
    edges = [*range(blocks.start, blocks.stop, step), blocks.stop]
    return run(
        lambda bounds: compare_keys(
            one, two, wanted, bounds[0] << inner, bounds[1] << inner, right is None, turn, radius, keep
        ),
        list(pairwise(edges)),
    )


def _in_order(ring: Words, turn: int, bits: int, chosen: NDArray[np.bool_], run: Run) -> Sorted:
    """The rows of the chosen blocks sorted by key, each thread with its own rows, then its own blocks."""
    edges = list(pairwise([*range(0, len(ring), 16 * _ROWS_A_TASK), len(ring)]))
    counts = np.array(run(lambda part: count_blocks(ring, turn, part[0], part[1], chosen), edges))
    counts = counts.reshape(-1, BLOCKS)
    begin = np.append(0, np.cumsum(counts.sum(axis=0)))
    at = begin[:-1] + np.cumsum(counts, axis=0) - counts
    total = int(begin[-1])
    parts = [(first, last, place) for (first, last), place in zip(edges, at, strict=True)]
    dealt = Dealt(np.empty(total, np.uint64), np.empty(total, np.uint32))
    run(lambda part: deal(ring, turn, part[0], part[1], chosen, part[2], dealt), parts)
    order = Sorted(
        np.zeros(total + ROOM, np.uint32), np.empty(total, np.uint32), np.empty((1 << bits) + 1, np.uint32)
    )
    order.start[-1] = total
    step = max(1, BLOCKS * _ROWS_A_TASK // max(1, len(ring)))
    blocks = list(pairwise([*range(0, BLOCKS, step), BLOCKS]))
    run(lambda part: sort_blocks(dealt, begin, part[0], part[1], bits, order), blocks)
    return order


def _reached(chosen: NDArray[np.bool_], wanted: Masks) -> NDArray[np.bool_]:
    """First bytes that a near row may have."""
    flips = np.unique(wanted.value >> np.uint32(wanted.bits - 8)).astype(np.int64)
    reached = chosen.copy()
    for flip in flips:
        reached |= chosen[np.arange(BLOCKS) ^ flip]
    return reached


def _log_over_full(order: Sorted) -> None:
    size = np.diff(order.start.astype(np.int64))
    full = size[size > _OVER_FULL]
    if len(full):
        _LOG.warning(
            "%d keys hold %d of %d rows, the fullest %d: they are compared all with all",
            len(full), full.sum(), size.sum(), full.max(),
        )  # fmt: skip


def ring_of(rows: Rows, chosen: Index, threads: int | None = None) -> Words:
    """The chosen rows of shape (n, 32) with their bits exchanged by one fixed permutation, as rings.

    Neighbouring bits of PDQ correlate, and keys of such bits have over-full buckets: the fullest held 215
    times the uniform share, 16 times when permuted.
    """
    ring = np.empty((len(chosen), 4), np.uint64)
    table, values = _permutation(), np.ascontiguousarray(rows)
    edges = list(pairwise([*range(0, len(ring), _ROWS_A_TASK), len(ring)]))
    with _hands(threads) as run:
        run(lambda part: permute(values, chosen, table, ring, part[0], part[1]), edges)
    return ring


def _permutation() -> Words:
    """What each value of each byte of a row gives, shape (32, 256, 4)."""
    to = np.random.default_rng(_SEED).permutation(8 * RING_BYTES)
    table = np.zeros((RING_BYTES, 256, 4), np.uint64)
    values = np.arange(256)
    for bit, place in enumerate(to):
        held = (values >> (bit % 8)) & 1 == 1
        table[bit // 8, held, place // 64] |= np.uint64(1) << np.uint64(place % 64)
    return table


@contextmanager
def _hands(threads: int | None) -> Iterator[Run]:
    """A way to have tasks done, by several threads where there are several cores."""
    count = len(os.sched_getaffinity(0)) if threads is None else threads
    if count < 2:  # noqa: PLR2004 - one is no pool
        yield lambda do, items: [do(item) for item in items]
        return
    with ThreadPoolExecutor(count) as pool:
        yield lambda do, items: list(pool.map(do, items))
