"""Frozen records that the catalogue answers with, beside those of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foureyes.engine.model import Change, ChangeKind, Fault, MediaKind, Occurrence, Outcome


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit changed."""

    occurrences: int
    """New or changed paths."""
    unchanged: int
    """Paths that stood in the catalogue just so already."""
    media: int
    """Media that the catalogue did not know, or knew without pixels."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the catalogue holds."""

    sources: int
    occurrences: int
    """Paths, whatever became of them."""
    unique: int
    """Binary-unique media, those included that could not be decoded."""
    pictures: int
    videos: int
    undecoded: int
    """Binary-unique contents known by their digests only."""
    other: int
    """Paths that are no image or video."""
    occurrence_bytes: int
    unique_bytes: int
    faults: Mapping[str, int]
    """Paths by fault code; those included that were readable in part."""
    series: int
    in_series: int


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One source, and what became of its paths."""

    id: int
    name: str
    path: str
    reader: str
    added_at: str
    occurrences: int
    media: int
    """Paths that hold media."""
    other: int
    faults: int
    bytes: int


@dataclass(frozen=True, slots=True)
class OccurrenceRecord:
    """One path, where it lies and what became of it."""

    source_id: int
    source: str
    occurrence: Occurrence
    outcome: Outcome
    sha256: str | None
    past: bool = False
    """The path held this media once and holds another content now."""


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """One path that could not be read, or only in part."""

    source_id: int
    source: str
    path: str
    size: int | None
    fault: Fault
    sha256: str | None
    partial: bool
    """There is media nevertheless: the file was readable in part."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One media with the path that stands for it: the one with the earliest time of change, then by name."""

    sha256: str
    kind: MediaKind | None
    format: str
    width: int
    height: int
    size: int
    source_id: int
    path: str
    modified_ns: int | None


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """One series as a list shows it."""

    id: str
    name: str
    named_by_person: bool
    size: int
    reasons: Mapping[str, int]
    """Number of links inside the series by kind."""


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Changes of one kind, to one series, because of one list."""

    kind: ChangeKind
    series_id: str | None
    """The series that changed, or that the media are in now; None where they are in none."""
    list_id: int | None
    count: int
    newest: Change


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was committed."""

    where: str
    """What is damaged: a file's name, a table, a media."""
    what: str
    """In words, for people."""
