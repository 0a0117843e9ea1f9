"""Links, series and people's decisions. Media are named by their SHA-256, lower-case hex."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from foureyes.engine.model.facts import Fact
from foureyes.engine.model.media import MediaKind


@dataclass(frozen=True, slots=True)
class SharedStretch:
    """A stretch of film `a` that is a stretch of film `b`, in seconds; a still is at 0."""

    a_from: float
    a_to: float
    b_from: float
    b_to: float
    frames: int
    """Frames of `a` that lie in it and match in step."""


@dataclass(frozen=True, slots=True)
class SharedFrames:
    """How much of two media, one of them a film at least, is to be seen in the other.

    Frames too plain to be compared, and frames that link nothing (title cards), count on neither side.
    """

    seen_a: int
    """Frames of `a` that are in `b`."""
    of_a: int
    seen_b: int
    of_b: int
    share_a: float
    """Share of the time of `a` that those frames stand for, 0 to 1."""
    share_b: float
    seconds_a: float
    """Time of `a` that can be compared; 0 for a picture."""
    seconds_b: float
    stretches: tuple[SharedStretch, ...] = ()
    """Where the two run in step, the longest first."""


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two media with fingerprints within the radius, by the nearest two: what matching hands to series."""

    a: str
    b: str
    distance_bits: int
    orientation: int = 0
    """Index of the dihedral variant of `b` that matched, 0 to 7; 0 is upright, 8 the upright negative."""
    at_a: float = 0.0
    at_b: float = 0.0
    shared: SharedFrames | None = None
    """Where one of the two has several frames: how much of each is in the other."""
    plain: bool = False
    """Too plain for the fingerprint alone: they have one size and one thumbnail as well."""


@dataclass(frozen=True, slots=True)
class HeldMatch:
    """A media that is held and is the same picture as the one that was asked about."""

    sha256: str
    distance_bits: int
    orientation: int = 0
    """Index of the dihedral variant of the question that matched, 0 to 7; 0 is upright."""
    at_seconds: float = 0.0
    """When in the held video it is; 0 for a picture."""
    series_id: str | None = None
    series_name: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A stated reason that two media belong together; `a` < `b`."""

    a: str
    b: str
    kind: str
    """Name of the member of the link family: same-picture, same-camera, same-place-and-time."""
    strength: float
    """log10 of the likelihood ratio, capped by the kind: 2 means a hundred times likelier together."""
    evidence: str
    """In words, for people."""
    version: int = 1


class DecisionKind(StrEnum):
    """A person's ruling."""

    BELONGS = "belongs"
    DOES_NOT_BELONG = "does-not-belong"
    MERGE = "merge"
    SPLIT = "split"
    NEGATIVE = "negative"
    """The media's pictures link nothing (a logo, a meme, a title frame): about media, of no one series."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A ruling that binds every later run until a person withdraws it."""

    id: int
    kind: DecisionKind
    series: tuple[str, ...]
    """Ids of the series it is about: one, or the two that are merged."""
    media: tuple[str, ...]
    """belongs / does not belong: the media ruled on. split: the members that leave together."""
    anchors: tuple[str, ...]
    """Members of the series when it was ruled: what the ruling is relative to, whatever ids become."""
    officer: str
    at: datetime
    reason: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None
    held: bool = False
    """It binds nothing yet: whoever made it has not released it."""


@dataclass(frozen=True, slots=True)
class Series:
    """Media of one production, proposed by the machine or ruled by people."""

    id: str
    """Stable: survives re-runs and new arrivals. `S-` and eight base-32 characters."""
    name: str
    """A person's name for it, else one made of what holds it."""
    named_by_person: bool
    members: tuple[str, ...]
    links: tuple[Link, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of an explanation: why two media are together."""

    a: str
    b: str
    links: tuple[Link, ...]
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two media are in one series, or what is nearest to linking them."""

    a: str
    b: str
    together: bool
    hops: tuple[Hop, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Linkable:
    """What linking needs to know of one media: all but its pixels."""

    sha256: str
    kind: MediaKind | None
    facts: tuple[Fact, ...] = ()
    """Facts of the media and of its occurrences."""
    paths: tuple[str, ...] = ()
    """Where it was found, relative to its sources."""
    frames: int = 1
    """Fingerprints that it has: one for a picture, several for a video."""
    format: str = ""
    width: int = 0
    height: int = 0
    """Upright, of the full picture in pixels; 0 where not known."""
    modified_ns: int | None = None
    """Earliest time of change of its files, nanoseconds since 1970 UTC; None where none is stated."""
    folders: tuple[str, ...] = ()
    """The folders and archives that hold it, each with the number of its source: `3:DCIM/100CANON`."""
