"""The stop-list that a corpus teaches itself: frames that many films of different content show link nothing.

A title card, a studio's logo or a test picture shares itself and nothing more; a film copied forty times
shares most of its frames with every copy. So what counts is in how many films a frame is that otherwise
have little in common. Knows films as numbers, and never looks at pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.orientations import Index, RowPairs, first_of

FILMS = 8
"""A frame that so many films of different content show is a title (measured: docs/videos.md)."""
RELATED = 0.25
"""Films of which either shares so much of its frames with the other are not of different content."""
COPY = 0.5
"""Films that share so much of both are two copies of one film, titles and all."""


class Shares(NamedTuple):
    """Each two media that share frames, and how many."""

    group: Index
    """Of each pair of rows, which two media it is about."""
    owner_a: Index
    """Of each two media."""
    owner_b: Index
    seen_a: Index
    """Frames of `owner_a` that are in `owner_b`."""
    seen_b: Index
    share_a: NDArray[np.floating]
    """Of the frames that can be compared."""
    share_b: NDArray[np.floating]


class Titles(NamedTuple):
    """What the stop-list came to."""

    row: NDArray[np.bool_]
    """Shape (n,): whether a row is a frame that links nothing."""
    kept: NDArray[np.bool_]
    """Of each pair of rows, whether it still counts."""
    frames: int
    """Different frames on the stop-list."""
    films: int
    """Films that show any of them."""


def shares(pairs: RowPairs, owner: Index, comparable: Index) -> Shares:
    """What each two media share.

    Args:
        pairs: rows of different media, every one of them once.
        owner: shape (n,), the media of each row.
        comparable: how many rows of each media can be compared.
    """
    first, second = owner[pairs.a], owner[pairs.b]
    swap = first > second
    a, b = np.where(swap, pairs.b, pairs.a), np.where(swap, pairs.a, pairs.b)
    order = np.lexsort((owner[b], owner[a]))
    begins = first_of(owner[a][order], owner[b][order])
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(begins) - 1
    one = order[begins]
    seen_a, seen_b = (_distinct(group, rows, len(one)) for rows in (a, b))
    owner_a, owner_b = owner[a][one], owner[b][one]
    share_a, share_b = seen_a / comparable[owner_a], seen_b / comparable[owner_b]
    return Shares(group, owner_a, owner_b, seen_a, seen_b, share_a, share_b)


def titles(pairs: RowPairs, owner: Index, comparable: Index, in_film: NDArray[np.bool_]) -> Titles:
    """Find the frames that link nothing, and the pairs that fall with them.

    A row is a title where it is in `FILMS` films, its own included, that share less than `RELATED` of their
    frames; and where most of what it is near is one: a file that holds a title and nothing else. A pair
    falls where both its rows are titles (a still's need not be), unless the two films are copies.
    """
    none = Titles(np.zeros(len(owner), bool), np.ones(len(pairs.a), bool), 0, 0)
    films = np.flatnonzero(in_film[pairs.a] & in_film[pairs.b])
    if len(films) < FILMS - 1:
        return none
    among = pairs.where(films)
    shared = shares(among, owner, comparable)
    different = np.maximum(shared.share_a, shared.share_b) < RELATED
    row = _seen_in_many(among.where(different[shared.group]), owner)
    if not row.any():
        return none
    row |= _mostly_near(among, row)
    copies = np.minimum(shared.share_a, shared.share_b) >= COPY
    kept = ~((row | ~in_film)[pairs.a] & (row | ~in_film)[pairs.b] & (row[pairs.a] | row[pairs.b]))
    kept[films] |= copies[shared.group]
    shown = row & in_film
    return Titles(row, kept, _different_frames(among, row), len(np.unique(owner[shown])))


def _distinct(group: Index, rows: Index, groups: int) -> Index:
    order = np.lexsort((rows, group))
    begins = first_of(group[order], rows[order])
    return np.bincount(group[order][begins], minlength=groups)


def _both_ways(pairs: RowPairs) -> tuple[Index, Index]:
    return np.concatenate([pairs.a, pairs.b]), np.concatenate([pairs.b, pairs.a])


def _seen_in_many(pairs: RowPairs, owner: Index) -> NDArray[np.bool_]:
    """Rows that are near frames of `FILMS` - 1 other films."""
    here, there = _both_ways(pairs)
    return np.asarray(_distinct(here, owner[there], len(owner)) >= FILMS - 1)


def _mostly_near(pairs: RowPairs, row: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows more than half of whose neighbours are titles."""
    here, there = _both_ways(pairs)
    near = np.bincount(here, minlength=len(row))
    of_them = np.bincount(here, weights=row[there], minlength=len(row))
    return np.asarray(2 * of_them > near)


def _different_frames(pairs: RowPairs, row: NDArray[np.bool_]) -> int:
    """Titles told apart: those that are near each other are one."""
    from scipy.sparse import coo_array  # noqa: PLC0415 - only where there are titles
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - as above

    both = row[pairs.a] & row[pairs.b]
    edges = (np.ones(int(both.sum()), np.int8), (pairs.a[both], pairs.b[both]))
    _, number = connected_components(coo_array(edges, shape=(len(row), len(row))), directed=False)
    return len(np.unique(number[row]))
