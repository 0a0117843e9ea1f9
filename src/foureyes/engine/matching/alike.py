"""Pairs that equal hashes have in common: what is near one of them is near all of them.

The join tells equal rows by their first one only. Here the pairs of the others are made again, as many as
films need to count what they share, and as few as thousands of copies allow. Measures no distance itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.orientations import INVERSE, Index, RowPairs, first_of

HUBS = 16
"""Of one frame that is in thousands of films, so many films are paired with every other: thrice what the
stop-list counts to, and a copied film needs one. All pairs of 1,000 copies of 400 frames are 200 million."""


class Alike(NamedTuple):
    """Rows brought together by equal hashes: rows of films first in each class, then pictures."""

    number: Index
    """Class of each row that takes part in a pair, by its place in `rows`."""
    member: Index
    """Rows, class by class."""
    start: Index
    """Where each class begins in `member`."""
    films: Index
    """How many of each class are frames of films."""
    pictures: Index


def spread(pairs: RowPairs, in_film: NDArray[np.bool_]) -> RowPairs:
    """The same pairs with those that equal rows share, each once.

    Args:
        pairs: rows whose upright hashes are equal are connected by pairs of distance 0, orientation 0.
        in_film: shape (n,), whether a row is one of several frames of its media.

    A frame meets every equal frame of `HUBS` films and all of those meet it; pictures of one class meet
    their first one. Pairs of one media with itself are among them.
    """
    rows, places = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    place_a, place_b = np.split(places, 2)
    alike = _alike(rows, place_a, place_b, (pairs.distance == 0) & (pairs.orientation == 0), in_film)
    between = _between(pairs, alike.number[place_a], alike.number[place_b])
    inside = _inside(alike)
    found = [inside, *_across(between, alike)]
    a, b, distance, orientation = (np.concatenate(part) for part in zip(*found, strict=True))
    orientation = np.where(a > b, INVERSE[orientation], orientation)
    every = RowPairs(np.minimum(a, b), np.maximum(a, b), distance, orientation)
    every = every.where(np.lexsort((every.orientation, every.distance, every.b, every.a)))
    return every.where(first_of(every.a, every.b))


def _alike(
    rows: Index, place_a: Index, place_b: Index, equal: NDArray[np.bool_], in_film: NDArray[np.bool_]
) -> Alike:
    from scipy.sparse import coo_array  # noqa: PLC0415 - only where there are pairs
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - as above

    edges = (np.ones(int(equal.sum()), np.int8), (place_a[equal], place_b[equal]))
    count, found = connected_components(coo_array(edges, shape=(len(rows), len(rows))), directed=False)
    number = np.asarray(found, np.int64)
    order = np.lexsort((rows, ~in_film[rows], number))
    size = np.bincount(number, minlength=count).astype(np.int64)
    films = np.bincount(number[in_film[rows]], minlength=count).astype(np.int64)
    start = np.r_[0, np.cumsum(size)[:-1]].astype(np.int64)
    return Alike(number, rows[order], start, films, size - films)


def _between(pairs: RowPairs, class_a: Index, class_b: Index) -> RowPairs:
    """Each two classes once, at their least distance."""
    orientation = np.where(class_a > class_b, INVERSE[pairs.orientation], pairs.orientation)
    low, high = np.minimum(class_a, class_b), np.maximum(class_a, class_b)
    between = RowPairs(low, high, pairs.distance, orientation).where(low != high)
    between = between.where(np.lexsort((between.orientation, between.distance, between.b, between.a)))
    return between.where(first_of(between.a, between.b))


def _inside(alike: Alike) -> RowPairs:
    """Pairs of equal rows: films by their hubs, pictures by their first one."""
    parts: list[tuple[Index, Index, Index]] = []
    for hub in range(HUBS):
        some = np.flatnonzero(alike.films > hub)
        rest = alike.films[some] + alike.pictures[some] - hub - 1
        parts.append(_product(alike, (some, hub, np.ones_like(some)), (some, hub + 1, rest)))
    some = np.flatnonzero(alike.pictures > 1)
    first = alike.films[some]
    parts.append(
        _product(alike, (some, first, np.ones_like(some)), (some, first + 1, alike.pictures[some] - 1))
    )
    a, b, _ = (np.concatenate(part) for part in zip(*parts, strict=True))
    nought = np.zeros(len(a), np.int64)
    return RowPairs(a, b, nought, nought)


def _across(between: RowPairs, alike: Alike) -> list[RowPairs]:
    """Pairs of rows of two classes that lie near each other."""
    x, y = between.a, between.b
    films_x, films_y = alike.films[x], alike.films[y]
    hubs_x, hubs_y = np.minimum(films_x, HUBS), np.minimum(films_y, HUBS)
    one = np.minimum(1, np.minimum(alike.pictures[x], alike.pictures[y]))
    blocks = (
        ((x, 0, hubs_x), (y, 0, films_y + alike.pictures[y])),
        ((x, hubs_x, films_x - hubs_x), (y, 0, hubs_y)),
        ((x, films_x, alike.pictures[x]), (y, 0, hubs_y)),
        ((x, films_x, one), (y, films_y, one)),
    )
    found = []
    for left, right in blocks:
        a, b, which = _product(alike, left, right)
        found.append(RowPairs(a, b, between.distance[which], between.orientation[which]))
    return found


Block = tuple[Index, Index | int, Index]
"""Classes, how far into each, and how many rows from there."""


def _product(alike: Alike, left: Block, right: Block) -> tuple[Index, Index, Index]:
    """All rows of one block with all rows of the other, and the number of the two classes they came from."""
    count = left[2] * right[2]
    which = np.repeat(np.arange(len(count)), count)
    place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    begin_left, begin_right = alike.start[left[0]] + left[1], alike.start[right[0]] + right[1]
    a = alike.member[begin_left[which] + place // right[2][which]]
    b = alike.member[begin_right[which] + place % right[2][which]]
    return a, b, which
