"""Pairs of rows that are one picture, turned or negative too, and which of too many are worth keeping.

Equal pictures are joined through their first one. Of a picture with thousands of copies the nearest pairs are
kept and whatever holds the family together: its connection is never dropped. Knows rows, not their media.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching.equal import Families
from foureyes.engine.matching.join import LINKING_RADIUS, near_pairs

LEAST_QUALITY = 50
"""Published with PDQ: below it unrelated pictures meet (0.38 % of unfiltered pairs are within 31 bits)."""

NEIGHBOURS = 32
"""Pairs kept of one row, nearest first: a link needs one, review some, and thousands tell nothing more."""

NEGATIVE = 8
"""A ninth way to be one picture: bright and dark exchanged. All frequencies change their sign, and so does
their median, so the fingerprint of a negative is the complement of the picture's (0 to 2 bits off where
frequencies equal the median). Only the upright negative is asked about: one question more for eight."""

HASHES = 9

INVERSE = np.array([0, 3, 2, 1, 4, 5, 6, 7, NEGATIVE])
"""Turning by 90 degrees is undone by 270; every mirroring is undone by itself, and so is a negative."""

Index = NDArray[np.int64]


class RowPairs(NamedTuple):
    """Arrays of one length: rows of fingerprints that lie near each other."""

    a: Index
    """a < b."""
    b: Index
    distance: Index
    orientation: Index
    """Which of the eight hashes of `b` met the upright one of `a`, 0 to 7; `NEGATIVE`."""

    def where(self, choice: NDArray[np.bool_] | Index) -> RowPairs:
        """Some of the pairs, by a mask or by their numbers."""
        return RowPairs(*(part[choice] for part in self))


def row_pairs(
    values: NDArray[np.uint8],
    quality: NDArray[np.integer],
    *,
    radius: int = LINKING_RADIUS,
    least_quality: int = LEAST_QUALITY,
) -> RowPairs:
    """Every pair of distinct hashes within `radius` in any orientation or negative, of their first rows.

    Rows whose upright hash is equal are each joined to the first of them, and only to that one: who needs
    the other pairs finds them there.

    Raises:
        UsageError: an array of another shape or type, or a radius out of range.
    """
    if values.ndim != 2 or values.shape[1] != 256 or values.dtype != np.uint8:  # noqa: PLR2004 - 8 hashes
        raise UsageError(f"oriented fingerprints must be uint8 of shape (n, 256), not {values.shape}")
    fit = np.flatnonzero(np.asarray(quality) >= least_quality)
    families = Families.of(np.ascontiguousarray(values[fit, :32]))
    first = fit[families.representative]
    near = _near_families(values[first], radius)
    return _with_equals(near._replace(a=first[near.a], b=first[near.b]), fit, families)


def _near_families(values: NDArray[np.uint8], radius: int) -> RowPairs:
    """Each unordered pair of distinct pictures once, with its best orientation as seen from the later."""
    a, turned_b, distance = near_pairs(
        np.ascontiguousarray(values[:, :32]), questions_of(values), radius=radius
    )
    b, orientation = turned_b // HASHES, turned_b % HASHES
    orientation = np.where(a > b, INVERSE[orientation], orientation)
    pairs = RowPairs(np.minimum(a, b), np.maximum(a, b), distance, orientation).where(a != b)
    pairs = pairs.where(np.lexsort((pairs.orientation, pairs.distance, pairs.b, pairs.a)))
    return pairs.where(first_of(pairs.a, pairs.b))


def _with_equals(pairs: RowPairs, fit: Index, families: Families) -> RowPairs:
    """Add each row that equals its family's first one, joined to that one."""
    size = np.diff(families.start)
    first = fit[np.repeat(families.representative, size)]
    member = fit[families.member]
    equal = first != member
    nought = np.zeros(int(equal.sum()), np.int64)
    star = RowPairs(first[equal], member[equal], nought, nought)
    both = RowPairs(*(np.concatenate(part) for part in zip(pairs, star, strict=True)))
    return both._replace(a=np.minimum(both.a, both.b), b=np.maximum(both.a, both.b))


def questions_of(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(n * 9, 32): what may be met of each row (n, 256): its eight hashes, then that of its negative."""
    return np.concatenate([values, ~values[:, :32]], axis=1).reshape(-1, 32)


def worth_keeping(pairs: RowPairs, rows: int, neighbours: int) -> NDArray[np.bool_]:
    """Mask of the nearest pairs of each row, and a forest of nearest pairs that keeps families together."""
    keep = np.zeros(len(pairs.a), bool)
    for near, far in ((pairs.a, pairs.b), (pairs.b, pairs.a)):
        order = np.lexsort((far, pairs.distance, near))
        begins = np.flatnonzero(first_of(near[order], near[order]))
        rank = np.arange(len(order)) - np.repeat(begins, np.diff(np.r_[begins, len(order)]))
        keep[order[rank < neighbours]] = True
    if keep.all():
        return keep
    from scipy.sparse import coo_array  # noqa: PLC0415 - only large families need it
    from scipy.sparse.csgraph import minimum_spanning_tree  # noqa: PLC0415 - as above

    graph = coo_array((pairs.distance + 1.0, (pairs.a, pairs.b)), shape=(rows, rows))
    forest = minimum_spanning_tree(graph.tocsr()).tocoo()
    held = np.minimum(forest.row, forest.col) * np.int64(rows) + np.maximum(forest.row, forest.col)
    return keep | np.isin(pairs.a * np.int64(rows) + pairs.b, held)


def first_of(*sorted_keys: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Where a run of equal keys begins."""
    if len(sorted_keys[0]) == 0:
        return np.zeros(0, bool)
    changed = np.zeros(len(sorted_keys[0]), bool)
    changed[0] = True
    for key in sorted_keys:
        changed[1:] |= key[1:] != key[:-1]
    return changed
