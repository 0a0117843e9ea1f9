"""Held media that may stand next to those of a batch in any order of links, found in columns by sorting.

It gives those that are next to one and, where places in an order are told only roughly, all that may be:
whoever asks reads them and takes the exact ones (`around.py`). Never a media, only places in columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.series.links.columns import NO_CELL, Column, Columns, Index, Kind, among, cell_number
from foureyes.engine.series.links.corpus import Corpus
from foureyes.engine.series.links.places import Cell
from foureyes.engine.series.links.tokens import NONE, token

_MIX = np.int64(0x1E37_79B9_7F4A_7C15)


class Order(NamedTuple):
    """Media in orders of one kind."""

    line: Column
    """(k,): which order."""
    place: Sequence[Column]
    """Columns of where each stands in it, the first decides first."""
    row: Index
    """(k,): which media."""

    def where(self, keep: NDArray[np.bool_]) -> Order:
        """Some of them."""
        return Order(self.line[keep], [one[keep] for one in self.place], self.row[keep])


def candidates(
    held: Columns,
    new: NDArray[np.bool_],
    reach: Mapping[str, int],
    seen_by: Mapping[Cell, Collection[Cell]],
    corpus: Corpus,
) -> Index:
    """Media that are near one of the batch in any order.

    Args:
        held: all.
        new: (n,), which are of the batch; those are not given.
        reach: how far a maker looks in each kind of order, by its name.
        seen_by: of each cell those of which orders hold its shots, as far as the batch is in them.
        corpus: its counts, for shots that are not what they state.
    """
    copied = {"placed": corpus.copied_places}
    found = [np.empty(0, np.int64)]
    batch = held.where(new)
    mine = dict(_orders(batch, seen_by))
    for kind, order in _orders(held, seen_by):
        wanted = np.unique(mine[kind].line)
        some = order.where(among(order.line, wanted) & ~new[order.row])
        if kind in {"run", "body", "lens", "placed"}:
            barred = np.array(sorted(copied.get(kind, corpus.copied)), np.int64)
            some = some.where(~among(held["moment"][some.row], barred))
        found.append(some.row[beside(some, mine[kind], reach.get(kind, 1))])
    wanted = np.unique(batch.claims(Kind.IDENTIFIER)[0])
    what, by = held.claims(Kind.IDENTIFIER)
    crowded = np.array(sorted(token(one) for one in corpus.crowded), np.int64)
    found.append(by[among(what, wanted) & ~among(what, crowded) & ~new[by]])
    return np.unique(np.concatenate(found))


def beside(held: Order, new: Order, reach: int) -> Index:
    """Places in `held` that are among the `reach` next ones before or after a new one in its order.

    Of those that stand at one place all.
    """
    if not len(held.line) or not len(new.line):
        return np.empty(0, np.int64)
    line = np.concatenate([held.line, new.line])
    place = [np.concatenate(both) for both in zip(held.place, new.place, strict=True)]
    order = np.lexsort((*reversed(place), line))
    other_line = np.append(True, line[order][1:] != line[order][:-1])
    other = other_line.copy()
    for one in place:
        other[1:] |= one[order][1:] != one[order][:-1]
    rank, group = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    rank[order], group[order] = np.cumsum(other), np.cumsum(other_line)
    count = len(held.line)
    standing = order[order < count]
    ranks, lines = rank[standing], group[standing]
    at, mine = np.unique(rank[count:], return_index=True)
    own = group[count:][mine]
    first, last = np.searchsorted(lines, own), np.searchsorted(lines, own, side="right")
    before, after = np.searchsorted(ranks, at), np.searchsorted(ranks, at, side="right")
    low, high = np.maximum(before - reach, first), np.minimum(after + reach, last)
    some = low < high
    low, high = low[some], high[some]
    low = np.searchsorted(ranks, ranks[low])
    high = np.searchsorted(ranks, ranks[high - 1], side="right")
    edges = np.bincount(low, minlength=count + 1) - np.bincount(high, minlength=count + 1)
    return np.asarray(standing[np.cumsum(edges)[:count] > 0])


def _orders(held: Columns, seen_by: Mapping[Cell, Collection[Cell]]) -> Iterator[tuple[str, Order]]:
    """The orders in which media stand, by their kinds."""
    rows = np.arange(len(held))
    timed, model = held["timed"], held["model"]
    of_camera = model != NONE
    bodies = held["serial"] * _MIX + model
    stated = (
        ("run", held["run"], held["run"] != NONE, (held["taken"],)),
        ("body", bodies, of_camera & (held["serial"] != NONE), (timed,)),
        ("lens", held["lens_serial"], of_camera & (held["lens_serial"] != NONE), (timed,)),
        ("clock", held["clock"], held["clock"] != NONE, (held["clock_at"],)),
        ("folder", held["folder"], held["folder"] != NONE, (held["name"], held["number"])),
    )
    for kind, line, keep, place in stated:
        yield kind, Order(line, place, rows).where(keep)
    owners, by = held.claims(Kind.OWNER)
    yield "owner", Order(owners, [held["taken"][by]], by)
    series, by = held.claims(Kind.SERIES)
    yield "series", Order(series, [held.holders[by]], by)
    yield "placed", _placed(held, seen_by)


def _placed(held: Columns, seen_by: Mapping[Cell, Collection[Cell]]) -> Order:
    """A shot stands in the orders of all cells that see its own."""
    seen = sorted((cell_number(one), cell_number(by)) for one, some in seen_by.items() for by in some)
    cells = np.array([one for one, _ in seen], np.int64)
    lines = np.array([by for _, by in seen], np.int64)
    rows = np.flatnonzero(among(held["cell"], np.unique(cells)) & (held["cell"] != NO_CELL))
    first = np.searchsorted(cells, held["cell"][rows])
    many = np.searchsorted(cells, held["cell"][rows], side="right") - first
    repeated = np.repeat(rows, many)
    within = np.arange(len(repeated)) - np.repeat(np.cumsum(many) - many, many)
    return Order(lines[np.repeat(first, many) + within], [held["at"][repeated]], repeated)
