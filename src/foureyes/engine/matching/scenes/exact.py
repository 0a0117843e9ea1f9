"""The nearest vectors of each vector by comparing all with all, in blocks."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.5
"""Cosine below which nothing is a candidate: of the development set's true pairs 98.7 % lie above."""
KEPT = 12
"""Neighbours kept of each vector, of other media than its own (docs/families/fingerprints/scene.md)."""
_BASE = 1 << 14
_SPARE = 4
"""Looked at beyond those kept, so that sums in single precision decide nothing."""

Rows = NDArray[np.int64]
Vectors = NDArray[np.float16]


class Found(NamedTuple):
    """Near rows, each pair once for the row that it was found for; cosines in single precision."""

    row: Rows
    other: Rows


class Table(NamedTuple):
    """Vectors of all rows and what is known of each row."""

    values: Vectors
    """(n, width): each of unit length, or zeros: those are near nothing."""
    owner: Rows
    """(n,): the number of the media that a row is of. Rows of one media are no neighbours."""
    order: Rows
    """(n,): the place of each row in an order that does not depend on when it came."""
    floor: float = FLOOR
    """Cosine below which nothing is near: that of the network."""


class Search(Protocol):
    """A way to find near rows."""

    at_once: int
    """Rows that are best asked about together."""

    def __call__(self, queries: Rows, active: NDArray[np.bool_], least: NDArray[np.float32]) -> Found:
        """Rows near each query, and the queries that come near other rows.

        Args:
            queries: the rows asked about.
            active: (n,), the rows that take part.
            least: (n,), the cosine above which a query is of interest to a row; above 1 where it never is.
        """


class Exact:
    """Compares each query with every row that takes part."""

    at_once = 512

    def __init__(self, table: Table) -> None:
        self._table = table

    def __call__(self, queries: Rows, active: NDArray[np.bool_], least: NDArray[np.float32]) -> Found:
        """See `Search`; nothing is missed."""
        table, base = self._table, np.flatnonzero(active)
        asked = table.values[queries].astype(np.float32)
        found = [Found(np.empty(0, np.int64), np.empty(0, np.int64))]
        for start in range(0, len(base), _BASE):
            rows = base[start : start + _BASE]
            cosine = asked @ table.values[rows].astype(np.float32).T
            cosine[table.owner[queries][:, None] == table.owner[rows]] = -1.0
            query, near = _top(cosine, table.floor)
            found.append(Found(queries[query], rows[near]))
            query, near = _top_of_columns(cosine, np.maximum(least[rows], table.floor))
            found.append(Found(rows[near], queries[query]))
        return Found(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _top(cosine: NDArray[np.float32], floor: float) -> tuple[Rows, Rows]:
    """Row and column of the largest values of each row that reach the floor."""
    count = min(KEPT + _SPARE, cosine.shape[1])
    columns = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
    reach = np.take_along_axis(cosine, columns, axis=1) >= floor
    row = np.broadcast_to(np.arange(len(cosine))[:, None], columns.shape)
    return row[reach], columns[reach]


def _top_of_columns(cosine: NDArray[np.float32], least: NDArray[np.float32]) -> tuple[Rows, Rows]:
    """Row and column of the largest values of each column that reach what the column asks for."""
    some = np.flatnonzero(cosine.max(axis=0) >= least)
    part = cosine[:, some]
    count = min(KEPT + _SPARE, len(part))
    rows = np.argpartition(-part, count - 1, axis=0)[:count]
    reach = np.take_along_axis(part, rows, axis=0) >= least[some]
    column = np.broadcast_to(some, rows.shape)
    return rows[reach], column[reach]
