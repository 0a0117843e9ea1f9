"""Files of near pairs: what one update found, immutable. Rows are those of the catalogue's fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.index.sections import Section, Sections, Written, write_sections
from foureyes.engine.matching.orientations import INVERSE, RowPairs, first_of

KIND = "pairs"


NO_PAIRS = RowPairs(*(np.empty(0, np.int64) for _ in range(4)))


def together(parts: Sequence[RowPairs]) -> RowPairs:
    """All of them; one pair may come several times, the nearest first."""
    if not parts:
        return NO_PAIRS
    pairs = RowPairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return pairs.where(np.lexsort((pairs.orientation, pairs.distance, pairs.b, pairs.a)))


def once(pairs: RowPairs) -> RowPairs:
    """Of each pair its nearest, sorted by a, then b."""
    pairs = together([pairs])
    return pairs.where(first_of(pairs.a, pairs.b))


def among(pairs: RowPairs, rows: NDArray[np.bool_]) -> RowPairs:
    """The pairs of some rows, numbered among those alone.

    Rows of equal fingerprints are joined through one of them: where that one is not among the rows, another
    takes its place, so that whatever was near stays near.

    Args:
        pairs: of any rows; rows with equal fingerprints are connected by pairs of distance 0, orientation 0.
        rows: (n,): which rows; pairs of later ones are left out.
    """
    pairs = once(pairs.where(pairs.b < len(rows)))
    if rows.all() or not len(pairs.a):
        return pairs
    from scipy.sparse import coo_array  # noqa: PLC0415 - only where some rows are left out
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - as above

    named, places = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    a, b = np.split(places, 2)
    equal = (pairs.distance == 0) & (pairs.orientation == 0)
    edges = (np.ones(int(equal.sum()), np.int8), (a[equal], b[equal]))
    count, alike = connected_components(coo_array(edges, shape=(len(named), len(named))), directed=False)
    kept = np.flatnonzero(rows[named])
    first = np.full(count, -1)
    first[alike[kept[::-1]]] = named[kept[::-1]]
    a, b, star = first[alike[a]], first[alike[b]], first[alike[kept]]
    orientation = np.where(a > b, INVERSE[pairs.orientation], pairs.orientation)
    across = RowPairs(np.minimum(a, b), np.maximum(a, b), pairs.distance, orientation)
    nought = np.zeros(len(kept), np.int64)
    found = together([across.where((a >= 0) & (b >= 0)), RowPairs(star, named[kept], nought, nought)])
    number = np.cumsum(rows) - 1
    found = found._replace(a=number[found.a], b=number[found.b])
    return once(found.where(found.a != found.b))


def write_pairs(path: Path, pairs: RowPairs) -> Written:
    """Write a file of pairs; see `write_sections`."""
    sections = [
        Section.of("a", pairs.a.astype("<u4")),
        Section.of("b", pairs.b.astype("<u4")),
        Section.of("distance", pairs.distance.astype(np.uint8)),
        Section.of("orientation", pairs.orientation.astype(np.uint8)),
    ]
    return write_sections(path, KIND, sections)


def read_pairs(path: Path, written: Written) -> RowPairs:
    """The pairs of a file; see `Sections` for what it raises."""
    file = Sections(path, KIND, written)
    return RowPairs(*(file[name].astype(np.int64) for name in RowPairs._fields))
