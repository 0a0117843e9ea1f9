"""Decoded pixels, fingerprints, and the record of one binary-unique image or video."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model.facts import Fact
from foureyes.engine.model.faults import Fault
from foureyes.engine.model.occurrences import Occurrence


class MediaKind(StrEnum):
    """What kind of media a content is."""

    PICTURE = "picture"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Digests:
    """Cryptographic digests of one content, all from one pass; lower-case hex."""

    sha256: str
    sha1: str
    md5: str
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Upright pixels of a picture, or of a video at one moment."""

    pixels: NDArray[np.uint8]
    """RGB, shape (height, width, 3), orientation applied, longer side near `side_pixels`."""
    at_seconds: float = 0.0
    scene_change: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What a decoder hands back of one content: facts, and pixels at the size asked for."""

    kind: MediaKind
    format: str
    """Short lower-case name found by content: jpeg, png, heic, mp4, matroska, ..."""
    width: int
    """Upright width of the full picture in pixels (not of `frames`)."""
    height: int
    frames: tuple[Frame, ...]
    """One for a picture, several for a video or an animation; empty where only facts could be had."""
    facts: tuple[Fact, ...] = ()
    fault: Fault | None = None
    """Set beside frames where the file was readable only in part."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One stored comparable value. Kind and version say how it was made."""

    kind: str
    version: int
    value: bytes
    """For `pdq`: 8 x 32 bytes, the eight dihedral variants, the upright one first."""
    quality: int = 100
    at_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Media:
    """One binary-unique image or video with all that was made of it in the one decode."""

    digests: Digests
    kind: MediaKind | None
    """None where the content could not be decoded: digests still stand."""
    format: str
    width: int = 0
    height: int = 0
    duration_seconds: float | None = None
    thumbnail: bytes = b""
    """JPEG made by us from pixels, longer side 256; for a video its contact strip."""
    preview: bytes = b""
    """16 x 16 grey WebP made by us from pixels: all that a page sees before a reveal."""
    facts: tuple[Fact, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    fault: Fault | None = None


class Outcome(StrEnum):
    """What became of one path."""

    MEDIA = "media"
    """New or known media; `TakenIn.sha256` names it."""
    OTHER = "other"
    """Not an image or video by content: passed over, counted."""
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one task found out about one path; rows of a part file."""

    occurrence: Occurrence
    outcome: Outcome
    sha256: str | None = None
    media: Media | None = None
    """Given where this task decoded the content; None where the catalogue knew it already."""
    fault: Fault | None = None
