"""Files of near pairs: what one update found, immutable. Rows are those of the catalogue's fingerprints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from foureyes.engine.matching.index.sections import Section, Sections, Written, write_sections
from foureyes.engine.matching.orientations import RowPairs, first_of

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
