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

FILMS = 5
"""A frame that so many films of different content show is a title: four strangers with one opening are six
false links already, and what two cuts of one film share besides keeps them linked (docs/videos.md)."""
HALF = 0.5
"""Films of which neither shares half of itself with the other are of different content; where both do, they
are copies of one film, titles and all. Measured: docs/videos.md."""


class Shares(NamedTuple):
    """Each two media that share frames, and how many."""

    group: Index
    """Of each pair of rows, which two media it is about."""
    owner_a: Index
    """Of each two media."""
    owner_b: Index
    share_a: NDArray[np.floating]
    """Of the frames that can be compared and of the time they stand for, whichever is less: a still shot is
    one frame for minutes, a moving one four hundred in seconds."""
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


class Weights(NamedTuple):
    """What each row stands for."""

    owner: Index
    """(n,): the media of each row."""
    seconds: NDArray[np.floating]
    """(n,): time until the next frame; 0 for a picture."""
    frames_of: NDArray[np.floating]
    """Of each media: how many of its rows can be compared."""
    seconds_of: NDArray[np.floating]
    """Of each media: the time that those stand for."""

    @classmethod
    def of(cls, owner: Index, seconds: NDArray[np.floating], counts: NDArray[np.bool_]) -> Weights:
        """From all rows, and which of them can be compared."""
        media = int(owner[-1]) + 1
        frames_of = np.bincount(owner[counts], minlength=media).astype(np.float64)
        seconds_of = np.bincount(owner[counts], weights=seconds[counts], minlength=media)
        return cls(owner, seconds, frames_of, seconds_of.astype(np.float64))


def shares(pairs: RowPairs, weights: Weights) -> Shares:
    """What each two media share.

    Args:
        pairs: rows of different media, every one of them once.
        weights: what all rows stand for.
    """
    owner = weights.owner
    first, second = owner[pairs.a], owner[pairs.b]
    swap = first > second
    a, b = np.where(swap, pairs.b, pairs.a), np.where(swap, pairs.a, pairs.b)
    order = np.lexsort((owner[b], owner[a]))
    begins = first_of(owner[a][order], owner[b][order])
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(begins) - 1
    one = order[begins]
    owner_a, owner_b = owner[a][one], owner[b][one]
    share_a, share_b = (_share(group, rows, of, weights) for rows, of in ((a, owner_a), (b, owner_b)))
    return Shares(group, owner_a, owner_b, share_a, share_b)


def _share(group: Index, rows: Index, of: Index, weights: Weights) -> NDArray[np.floating]:
    """Of each group, the part of one media that its different rows are."""
    order = np.lexsort((rows, group))
    distinct = order[first_of(group[order], rows[order])]
    frames = np.bincount(group[distinct], minlength=len(of)) / weights.frames_of[of]
    seconds = np.bincount(group[distinct], weights=weights.seconds[rows[distinct]], minlength=len(of))
    whole = weights.seconds_of[of]
    lasting = whole > 0
    return np.where(lasting, np.minimum(frames, seconds / np.where(lasting, whole, 1.0)), frames)


def titles(pairs: RowPairs, weights: Weights, in_film: NDArray[np.bool_], in_films: int = FILMS) -> Titles:
    """Find the frames that link nothing, and the pairs that fall with them.

    A row is a title where it is in `in_films` films of different content, its own included: copies and clips
    of one film count as that film (`_contents`). And where most of what it is near is one: a file that holds
    a title and nothing else. A pair falls where both its rows are titles (a still's need not be), unless the
    two films are copies.
    """
    owner = weights.owner
    none = Titles(np.zeros(len(owner), bool), np.ones(len(pairs.a), bool), 0, 0)
    films = np.flatnonzero(in_film[pairs.a] & in_film[pairs.b])
    if len(films) < in_films - 1:
        return none
    among = pairs.where(films)
    shared = shares(among, weights)
    different = np.maximum(shared.share_a, shared.share_b) < HALF
    row = _seen_in_many(among.where(different[shared.group]), _contents(shared, weights)[owner], in_films)
    if not row.any():
        return none
    row |= _mostly_near(among, row)
    copies = np.minimum(shared.share_a, shared.share_b) >= HALF
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


def _contents(shared: Shares, weights: Weights) -> Index:
    """Of each media the film whose content it is: the longest of which it, or which of it, is half.

    Films are asked the longest first, and one that is given to another gives no more: no chain of clips
    brings strangers together.
    """
    same = np.maximum(shared.share_a, shared.share_b) >= HALF
    near, far = (np.concatenate(part)[np.tile(same, 2)] for part in _sides(shared))
    order = np.argsort(near, kind="stable")
    near, far = near[order], far[order]
    content = np.arange(len(weights.frames_of))
    films = np.unique(near)
    given = np.zeros(len(content), bool)
    for film in films[np.lexsort((films, -weights.frames_of[films]))]:
        if not given[film]:
            others = far[np.searchsorted(near, film) : np.searchsorted(near, film, "right")]
            others = others[~given[others]]
            content[others] = film
            given[others] = given[film] = True
    return content


def _sides(shared: Shares) -> tuple[tuple[Index, Index], tuple[Index, Index]]:
    return (shared.owner_a, shared.owner_b), (shared.owner_b, shared.owner_a)


def _seen_in_many(pairs: RowPairs, content: Index, films: int) -> NDArray[np.bool_]:
    """Rows that are near frames of all but one of so many films: their own is the other one."""
    here, there = _both_ways(pairs)
    others = content[here] != content[there]
    return np.asarray(_distinct(here[others], content[there[others]], len(content)) >= films - 1)


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
