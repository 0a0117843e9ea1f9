"""What linking asks and keeps around the stages: near media, names that pass on, what was left out.

Never decides what belongs together: `series/` does.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from foureyes.engine import matching, series
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import Progress, Series, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import calibrating, networks, signals, switching
from foureyes.engine.steps.finding import near_media, not_asked
from foureyes.engine.steps.listed import LinksNothing, linking_rows

_SELDOM = (50_000, 20, 100)
"""Objects made, and rounds, between two looks at the young, the older and the oldest ones."""
CARRIED_OVER = "foureyes: carried over with a merge"
"""Who named a series where a person's name passed to it from one that is part of it now."""


class Gathered(NamedTuple):
    """What linking goes by, and what it was told to leave alone."""

    nothing: LinksNothing
    evidence: series.LinkEvidence
    notes: tuple[str, ...]
    looked: bool
    """Whether every dearer signal that is on looked at what is new."""


def gather(
    catalogue: Catalogue,
    nothing: LinksNothing,
    progress: Callable[[Progress], None] = lambda _: None,
    settings: EngineSettings | None = None,
    stop: threading.Event | None = None,
) -> Gathered:
    """All that links are made from: facts, near pairs, and what dearer signals find.

    Without `settings` no dearer signal is looked for: what earlier linkings found stands. Once `stop` is set,
    what is in flight ends and is kept, and the rest is left for the next linking.
    """
    progress(Progress("matching"))
    links = linking_rows(catalogue, nothing)
    near = near_media(catalogue, links)
    kept_out = 0 if links is None else int(np.count_nonzero(~links))
    own = calibrating.in_use(catalogue.workspace)
    off = switching.off(catalogue.workspace)
    with collecting_seldom():
        held = series.evidence(catalogue.linkable(series.FACTS), near.pairs, calibration=own.calibration)
    given = replace(held, off=off.kinds)
    found = signals.added(catalogue, settings, given, links, progress, stop)
    progress(Progress("linking"))
    looking = networks.stated(catalogue.workspace).notes
    notes = (
        *own.notes,
        *off.notes,
        *looking,
        *kept_apart(nothing, kept_out),
        *left_out(near),
        *not_asked(catalogue),
        *found.notes,
    )
    return Gathered(nothing, found.evidence, notes, found.looked)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Within, Python looks less often for cycles among its objects.

    A pass over what is held makes none, and a quarter of its time went into looking for them.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def kept_apart(nothing: LinksNothing, rows: int) -> Iterator[str]:
    """What lists and rulings keep from linking, in words."""
    if nothing.set_aside:
        yield (
            f"{counted(len(nothing.set_aside), 'media is', 'media are')} set aside as irrelevant: hash "
            "lists know them"
        )
    if nothing.negative or nothing.ruled:
        yield (
            f"{counted(rows, 'picture or frame links', 'pictures and frames link')} nothing: "
            "irrelevant, on a negative list, or ruled negative"
        )


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


def turned(catalogue: Catalogue, a: str, b: str) -> int | None:
    """Which of its eight hashes makes the second picture the first, 0 to 7; None for others, and films."""
    tables = (catalogue.fingerprints("pdq", owners=[one]) for one in (a, b))
    upright, other = (table.values[table.quality >= matching.LEAST_QUALITY] for table in tables)
    return matching.orientation_of(upright, other, matching.LINKING_RADIUS)


def nearest_bits(catalogue: Catalogue, a: str, b: str) -> int | None:
    """Bits of 256 between the nearest fingerprints of two media, of those that are compared; else None."""
    tables = (catalogue.fingerprints("pdq", owners=[one]) for one in (a, b))
    upright, turned = (table.values[table.quality >= matching.LEAST_QUALITY] for table in tables)
    return matching.nearest_bits(upright, turned)
