"""The index on disk: search of one fingerprint in all that is held, and stored near pairs.

It must not know the catalogue's tables, series or what a row is a picture of.
"""

from __future__ import annotations

from foureyes.engine.matching.index.cutting import FARTHEST
from foureyes.engine.matching.index.held import (
    Hits,
    Index,
    Unseen,
    Update,
    check_radius,
    clear,
    nearest_first,
    not_of_these_rows,
    tail_of,
)
from foureyes.engine.matching.index.manifest import Manifest
from foureyes.engine.matching.index.pair_files import among, together

__all__ = [
    "FARTHEST",
    "Hits",
    "Index",
    "Manifest",
    "Unseen",
    "Update",
    "among",
    "check_radius",
    "clear",
    "nearest_first",
    "not_of_these_rows",
    "tail_of",
    "together",
]
