"""Near fingerprints where they are dense: families with a representative, not the square of their rows.

A row with more near rows than a given number is dense. Dense rows near one that stands for them make a
family; all pairs that are not inside one family are given as pairs. Loses nothing: `expand` gives what
`near_pairs` gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching.equal import Families
from foureyes.engine.matching.join import LINKING_RADIUS, check, words_of
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.ring import MOST_RADIUS, WHOLE

Rows = NDArray[np.uint8]
Words = NDArray[np.uint64]
Index = NDArray[np.int64]

DENSE = 64
"""Near rows beyond which one of them may stand for the others: review shows a few, links need one."""

_ONE_BLOCK_RADIUS = 31
"""Beyond it near rows lie in several blocks, whose threads would count the same row at once."""


@dataclass(frozen=True)
class NearFamilies:
    """Distinct fingerprints, each named by its first row: families of the dense, and all other near pairs."""

    radius: int
    equal: Families
    """Which rows of the input are equal; everything else here speaks of the first rows alone."""
    representative: Index
    """One row of each family: of its rows, the nearest to what most of them agree on."""
    member: Index
    """Rows of all families side by side, the representative among its own."""
    start: Index
    """Where each family begins in `member`; one longer than there are families."""
    distance: Index
    """Bits between each member and its representative, at most the radius."""
    pairs: Pairs
    """Near pairs of first rows that are not both in one family, in order."""

    def inside(self, fingerprints: Rows, family: int) -> Pairs:
        """Near pairs of first rows inside one family, in order; `fingerprints` are those given before."""
        from foureyes.engine.matching.compare import compare_all  # noqa: PLC0415 - Numba takes 0.5 s to import

        rows = np.sort(self.member[self.start[family] : self.start[family + 1]])
        words = words_of(fingerprints[rows])
        found = Pairs(*compare_all(words, words, self.radius, True)).in_order()
        return Pairs(rows[found.a], rows[found.b], found.distance)

    def expand(self, fingerprints: Rows) -> Pairs:
        """Every near pair of rows as `near_pairs` gives them: the square of each family, mind the memory."""
        inside = [self.inside(fingerprints, family) for family in range(len(self.representative))]
        every = Pairs.together([self.pairs, *inside])
        number = np.empty(len(fingerprints), np.int64)
        number[self.equal.representative] = np.arange(len(self.equal))
        return self.equal.expand_self(every._replace(a=number[every.a], b=number[every.b]))


def near_families(
    fingerprints: Rows, *, radius: int = LINKING_RADIUS, dense: int = DENSE, threads: int | None = None
) -> NearFamilies:
    """Near pairs of distinct fingerprints, where they are dense by families.

    Args:
        fingerprints: uint8, shape (n, 32).
        radius: bits, 0 to 63.
        dense: near rows that a row may have before it is dense, at least 1.
        threads: how many cores may work, by default all that this process may use.

    Memory grows with n times `dense` at most, and with the near pairs between different families.

    Raises:
        UsageError: an array of another shape or type, a radius out of range, or `dense` below 1.
    """
    from foureyes.engine.matching.starts import ring_of  # noqa: PLC0415 - Numba takes 0.5 s to import

    check(fingerprints, radius)
    if radius > MOST_RADIUS or dense < 1:
        raise UsageError(
            f"families have a radius of 0 to {MOST_RADIUS} bits and `dense` from 1, not {radius}, {dense}"
        )
    equal = Families.of(fingerprints)
    ring = ring_of(fingerprints, equal.representative, threads)
    pairs, crowded, root = _sparse_pairs(ring, radius, dense, threads)
    leader, distance = _leaders(ring, crowded, root[crowded], radius)
    across = _across(ring, crowded, leader, radius, threads)
    order = np.lexsort((crowded, leader))
    first = np.flatnonzero(np.diff(leader[order], prepend=-1))
    row = equal.representative
    every = Pairs.together([pairs, across])
    return NearFamilies(
        radius,
        equal,
        row[leader[order][first]],
        row[crowded[order]],
        np.append(first, len(order)),
        distance[order],
        every._replace(a=row[every.a], b=row[every.b]).in_order(),
    )


def _sparse_pairs(ring: Words, radius: int, dense: int, threads: int | None) -> tuple[Pairs, Index, Index]:
    """Pairs of which a row at least is not dense, the dense rows, and a name for all that hang together."""
    from foureyes.engine.matching.compare import Keep, unite  # noqa: PLC0415 - Numba takes 0.5 s to import
    from foureyes.engine.matching.starts import found_from  # noqa: PLC0415 - as above

    degree, root = np.zeros(len(ring), np.int64), np.arange(len(ring))
    keep = Keep(dense, degree, np.zeros(0, np.int64))
    kept: list[Pairs] = []
    for found in found_from(
        ring, None, radius, WHOLE, keep, threads=threads if radius <= _ONE_BLOCK_RADIUS else 1
    ):
        unite(root, found.a, found.b)
        kept.append(_with_a_sparse_row(found, degree, dense))
    while (root[root] != root).any():
        root = root[root]
    return _with_a_sparse_row(Pairs.together(kept), degree, dense), np.flatnonzero(degree > dense), root


def _with_a_sparse_row(pairs: Pairs, degree: Index, dense: int) -> Pairs:
    return pairs.where((degree[pairs.a] <= dense) | (degree[pairs.b] <= dense))


def _leaders(ring: Words, crowded: Index, root: Index, radius: int) -> tuple[Index, Index]:
    """Of each dense row the row that stands for it, and its distance to that one."""
    leader, distance = np.full(len(crowded), -1), np.zeros(len(crowded), np.int64)
    order = np.argsort(root, kind="stable")
    for place in np.split(order, np.flatnonzero(np.diff(root[order])) + 1):
        left = place
        while len(left):
            chosen, apart = _middle(ring, crowded[left], radius)
            near = apart <= radius
            leader[left[near]], distance[left[near]] = chosen, apart[near]
            left = left[~near]
    return leader, distance


def _middle(ring: Words, rows: Index, radius: int) -> tuple[int, Index]:
    """Of the rows near the first, the nearest to what most of them agree on; how far all are from it."""
    from foureyes.engine.matching.compare import distances  # noqa: PLC0415 - Numba takes 0.5 s to import

    around = rows[distances(ring, rows[0], rows) <= radius]
    bits = np.unpackbits(ring[around].view(np.uint8).reshape(len(around), -1), axis=1)
    agreed = bits.sum(axis=0, dtype=np.int64) * 2 > len(around)
    chosen = int(around[np.count_nonzero(bits != agreed, axis=1).argmin()])
    return chosen, distances(ring, chosen, rows)


def _across(ring: Words, crowded: Index, leader: Index, radius: int, threads: int | None) -> Pairs:
    """Near pairs of dense rows of different families."""
    from foureyes.engine.matching.compare import Keep  # noqa: PLC0415 - Numba takes 0.5 s to import
    from foureyes.engine.matching.starts import found_from  # noqa: PLC0415 - as above

    if len(np.unique(leader)) < 2:  # noqa: PLR2004 - one family has none beside it
        return Pairs.together([])
    keep = Keep(0, np.zeros(0, np.int64), leader)
    found = Pairs.together(found_from(ring[crowded], None, radius, WHOLE, keep, threads=threads))
    return found._replace(a=crowded[found.a], b=crowded[found.b])
