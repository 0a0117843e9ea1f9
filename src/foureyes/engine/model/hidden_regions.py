"""Regions of media that do not count when views are verified, such as persons: the background decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Box = tuple[float, float, float, float]
"""Left, top, right and bottom of a region of the upright picture, 0 to 1 from its upper left corner."""


@dataclass(frozen=True, slots=True)
class NewRegion:
    """A region that is not to count."""

    sha256: str
    box: Box
    why: str
    """What is there, in a word or two: person."""
    at_seconds: float | None = None
    """The moment of a film that it is about; None for a picture, and for all of a film."""


@dataclass(frozen=True, slots=True)
class HiddenRegion:
    """A region as it was recorded."""

    id: int
    sha256: str
    box: Box
    why: str
    at_seconds: float | None
    tool: str
    """What found it; empty where the officer drew it by hand."""
    officer: str
    """Who recorded it."""
    at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """What became of regions that were to be recorded."""

    recorded: int = 0
    first: int = 0
    """Number of the first that was recorded, and of the last; of a file others' may lie between."""
    last: int = 0
    held: int = 0
    """That said what is recorded already."""
    withdrawn: int = 0
    """That a tool said again after an officer had withdrawn them: those are not taken again."""


@dataclass(frozen=True, slots=True)
class RegionFault:
    """A line of a file of regions that cannot be taken."""

    line: int
    """From 1."""
    detail: str
