"""What a content is by its first bytes: a family and a format. Decides nothing, opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What kind of work a content asks for."""

    PICTURE = "picture"
    VIDEO = "video"
    ARCHIVE = "archive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ContentType:
    """What sniffing found."""

    family: Family
    format: str
    """Short lower-case name: jpeg, png, heic, nef, mp4, matroska, zip, pdf, unknown, ..."""

    @property
    def is_media(self) -> bool:
        """Whether a decoder is to see it."""
        return self.family in (Family.PICTURE, Family.VIDEO)
