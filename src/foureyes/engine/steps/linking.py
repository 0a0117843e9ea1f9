"""What linking asks and keeps around the stages: near media, names that pass on, what was left out.

Never decides what belongs together: `series/` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foureyes.engine import matching
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import Series

CARRIED_OVER = "foureyes: carried over with a merge"
"""Who named a series where a person's name passed to it from one that is part of it now."""


def keep_names(catalogue: Catalogue, built: Sequence[Series]) -> None:
    """Record names that passed to another id with a merge: the next run looks names up by id alone.

    Before the merge is written, so that no kill between the two loses a name; the heir's id stands already.
    """
    given = catalogue.series_names()
    for one in built:
        if one.named_by_person and given.get(one.id) != one.name:
            catalogue.rename_series(one.id, one.name, CARRIED_OVER)


def left_out(near: matching.NearMedia) -> Iterator[str]:
    """What matching did not use, in words: nothing is dropped silently."""
    return near.notes()


def nearest_bits(catalogue: Catalogue, a: str, b: str) -> int | None:
    """Bits of 256 between the nearest fingerprints of two media, of those that are compared; else None."""
    tables = (catalogue.fingerprints("pdq", owners=[one]) for one in (a, b))
    upright, turned = (table.values[table.quality >= matching.LEAST_QUALITY] for table in tables)
    return matching.nearest_bits(upright, turned)
