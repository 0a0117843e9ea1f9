"""The record that containers fill in: the blocks of one file, as bytes of their own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

BLOCK_BYTES_AT_MOST = 4 * 1024**2
"""Bytes kept of one block. Real ones: EXIF 64 KiB, ICC up to 2 MiB, XMP seldom above 100 KiB."""


BLOCKS_AT_MOST = 8
"""Blocks of one kind that are read of one file; two are common (EXIF of a preview)."""


class ExifRole(Enum):
    """What the first directory of an EXIF block is."""

    WHOLE = "IFD0"
    EXIF = "Exif IFD"
    GPS = "GPS IFD"
    MAKER = "maker note of Canon"


class ExifBlock(NamedTuple):
    """One TIFF-structured block; `data` is None where the file itself is the block."""

    data: bytes | None
    role: ExifRole = ExifRole.WHOLE


class Segment(NamedTuple):
    """One segment of a JPEG: its marker and where its payload stands in the file."""

    marker: int
    start: int
    end: int


@dataclass(slots=True)
class Blocks:
    """All metadata blocks of one file."""

    exif: list[ExifBlock] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    photoshop: list[bytes] = field(default_factory=list)
    """Lists of 8BIM resources."""
    iptc: list[bytes] = field(default_factory=list)
    """IPTC data sets that stand without 8BIM around them."""
    icc: bytes = b""
    jumbf: bytes = b""
    """The start of the JUMBF boxes that hold content credentials."""
    texts: list[tuple[str, str]] = field(default_factory=list)
    """Plain texts of the container: (keyword, text)."""
    segments: list[Segment] = field(default_factory=list)
    """Of a JPEG, up to and with the first scan."""
    fault: str = ""


def copied(data: memoryview, start: int, end: int) -> bytes:
    """Bytes of one block, as many as are kept."""
    return bytes(data[start : min(end, start + BLOCK_BYTES_AT_MOST)])


def inflated(untrusted_bytes: bytes, most: int = BLOCK_BYTES_AT_MOST) -> bytes:
    """Zlib data unpacked, as far as it goes and at most so many bytes; b"" where it is not zlib."""
    try:
        return zlib.decompressobj().decompress(untrusted_bytes, most)
    except zlib.error:
        return b""
