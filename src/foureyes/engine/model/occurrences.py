"""One path in one source, and the unit of work that reading plans."""

from __future__ import annotations

from dataclasses import dataclass, field

from foureyes.engine.model.facts import Fact
from foureyes.engine.model.faults import Fault


@dataclass(frozen=True, slots=True)
class Times:
    """Times of a file as its source has them: nanoseconds since 1970 UTC, None where not stated."""

    created_ns: int | None = None
    modified_ns: int | None = None
    accessed_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One path in one source. Many occurrences may hold one media.

    `path` is relative to the source, with `/` between folders and `!/` between an archive and its
    member (`DCIM/old.zip!/a.jpg`). Bytes that are not UTF-8 are kept by `surrogateescape`:
    `os.fsencode(path)` gives the exact name back.
    """

    path: str
    size: int | None = None
    times: Times = field(default_factory=Times)
    facts: tuple[Fact, ...] = ()
    """What the source states beside the file (`Origin.SOURCE`)."""
    fault: Fault | None = None
    """Set where reading found the path but can give no bytes."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of a source that one task takes in: small, picklable, the same on every planning."""

    reader: str
    """Name of the reader that planned it and opens it."""
    root: str
    """Absolute path of the source on disk (surrogateescape)."""
    members: tuple[str, ...] = ()
    """Paths relative to the root, in order; empty means the whole root (one archive, one file)."""
    occurrences: tuple[Occurrence, ...] = ()
    """What planning already found without opening: faults, and facts that the source states (VICS)."""
    size: int = 0
    """Bytes on disk, for progress."""
