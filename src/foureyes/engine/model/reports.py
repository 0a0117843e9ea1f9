"""How far a run is, and what it came to: for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is; totals are None until planning has seen everything."""

    stage: str
    files: int = 0
    bytes: int = 0
    files_total: int | None = None
    bytes_total: int | None = None
    faults: int = 0
    seconds: float = 0.0


NOTHING_IN_FLIGHT = frozenset({"matching", "looking around"})
"""Stages that have nothing to finish: what they keep is whole at any moment, the rest is found anew."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What linking came to."""

    series: int
    media_in_series: int
    largest: int
    links: dict[str, int]
    notes: tuple[str, ...] = ()
    whole: bool = True
    """Everything was linked anew; else only what came since the last linking, with what is near it."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest came to; `files` counts paths of this run, `skipped` those known from earlier runs."""

    source: str
    files: int
    skipped: int
    bytes: int
    media_new: int
    outcomes: dict[str, int]
    faults: dict[str, int]
    seconds: float
    caged: bool
    interrupted: bool
    linking: LinkReport | None = None
    kept: int = 0
    """Originals copied into the workspace by this run."""
