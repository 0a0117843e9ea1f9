"""The nearest vectors of each vector, kept up as vectors come and go.

What was found stands: only new vectors are compared with all others, and those that lost a neighbour.
Where all are compared, the result is that of comparing everything anew, whatever order they came in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.scenes.exact import KEPT, Exact, Found, Rows, Search, Table

DIGITS = 4
"""Of a cosine: what is beyond them is the processor's, not the picture's."""
_EXACT_AT_ONCE = 128
"""Pairs of vectors that the processor's own memory holds: half the time of 4,096 at once."""
_NEVER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Of each row of a table of vectors its nearest rows, the nearest first."""

    rows: NDArray[np.int32]
    """(n, KEPT); -1 where fewer are within the floor."""
    cosine: NDArray[np.float32]
    """(n, KEPT); falling."""
    active: NDArray[np.bool_]
    """(n,): the rows that take part."""

    @classmethod
    def none(cls, count: int = 0) -> Neighbours:
        """Of `count` rows, none of which takes part yet."""
        return cls(
            np.full((count, KEPT), -1, np.int32),
            np.full((count, KEPT), -1.0, np.float32),
            np.zeros(count, bool),
        )

    def grown(self, count: int) -> Neighbours:
        """A copy for a table that has more rows now."""
        grown, held = Neighbours.none(count), len(self.active)
        grown.rows[:held], grown.cosine[:held], grown.active[:held] = self.rows, self.cosine, self.active
        return grown


def brought_up(
    before: Neighbours,
    table: Table,
    active: NDArray[np.bool_],
    *,
    search: Search | None = None,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Neighbours:
    """Neighbours of the `active` rows of a table.

    Args:
        before: what was found earlier of the first rows of the table.
        table: all rows, those that were there before first.
        active: (n,), the rows that take part now.
        search: finds near rows; compares with all where none is given.
        told: hears (rows done, of how many).
    """
    now = before.grown(len(table.values))
    gone = now.active & ~active
    lost = active & now.active & (gone[now.rows] & (now.rows >= 0)).any(axis=1)
    new = active & ~now.active
    now.rows[gone | lost], now.cosine[gone | lost] = -1, -1.0
    now.active[:] = active
    find = search or Exact(table)
    asked = np.flatnonzero(new | lost)
    for some, tells in ((np.flatnonzero(new), True), (np.flatnonzero(lost), False)):
        for start in range(0, len(some), find.at_once):
            told(start if tells else len(asked) - len(some) + start, len(asked))
            least = now.cosine[:, -1].copy() if tells else np.full(len(active), _NEVER, np.float32)
            least[new | lost | ~active] = _NEVER
            _merge(now, table, find(some[start : start + find.at_once], active, least))
    return now


def cosines(values: NDArray[np.float16], one: Rows, two: Rows) -> NDArray[np.float32]:
    """Of pairs of rows, summed in double precision and rounded: the same on every machine."""
    made = np.empty(len(one), np.float32)
    for start in range(0, len(one), _EXACT_AT_ONCE):
        part = slice(start, start + _EXACT_AT_ONCE)
        left, right = values[one[part]].astype(np.float64), values[two[part]].astype(np.float64)
        made[part] = np.round(np.einsum("ij,ij->i", left, right), DIGITS)
    return made


def _merge(now: Neighbours, table: Table, found: Found) -> None:
    """Put what was found among what is kept: the nearest of each row, by a fixed order where equal."""
    row, other, near = _nearer(now, table, found)
    touched = np.unique(row)
    held = now.rows[touched]
    there = held >= 0
    row = np.concatenate([np.repeat(touched, KEPT)[there.reshape(-1)], row])
    other = np.concatenate([held[there].astype(np.int64), other])
    near = np.concatenate([now.cosine[touched][there], near])
    sequence = np.lexsort((table.order[other], -near, row))
    row, other, near = row[sequence], other[sequence], near[sequence]
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    place = np.arange(len(row)) - np.repeat(starts, np.diff(np.append(starts, len(row))))
    kept = place < KEPT
    now.rows[touched], now.cosine[touched] = -1, -1.0
    now.rows[row[kept], place[kept]] = other[kept]
    now.cosine[row[kept], place[kept]] = near[kept]


def _nearer(now: Neighbours, table: Table, found: Found) -> tuple[Rows, Rows, NDArray[np.float32]]:
    """What was found and is not held yet, where it is as near as the last that is held; with its cosines."""
    low, high = np.minimum(found.row, found.other), np.maximum(found.row, found.other)
    pairs, place = np.unique(low * len(now.active) + high, return_inverse=True)
    near = cosines(table.values, pairs // len(now.active), pairs % len(now.active))[place]
    within = near >= np.maximum(now.cosine[found.row, -1], table.floor)
    row, other, near = found.row[within], found.other[within], near[within]
    _, first = np.unique(row * len(now.active) + other, return_index=True)
    first = first[~(now.rows[row[first]] == other[first, None]).any(axis=1)]
    return row[first], other[first], near[first]
