"""Files of rendered films: the outline with its strip of frames, and one part with the times of its frames.

Form of an outline, little-endian: magic `4EO1`, float64 seconds and rate, uint32 width and height, uint8
sound, frames of the strip, columns; then a float64 for each frame of the strip, and the strip as one JPEG.
Of a part: magic `4EP1`, uint32 count, count x float64 seconds of the film, then the film itself to the end.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from foureyes.engine.model import FilmOutline

OUTLINE_MAGIC, PART_MAGIC = b"4EO1", b"4EP1"
_OUTLINE = struct.Struct("<4sddIIBBB")
_PART = struct.Struct("<4sI")
_JPEG_AT_MOST = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class OutlineFile:
    """An outline as it is kept."""

    outline: FilmOutline
    columns: int
    """Frames in a row of the strip."""
    times: tuple[float, ...]
    """Seconds of each frame of the strip."""
    strip: bytes
    """One JPEG."""


@dataclass(frozen=True, slots=True)
class PartHead:
    """What stands before the film of a part."""

    times: tuple[float, ...]
    offset: int
    length: int


def write_outline(file: BinaryIO, kept: OutlineFile) -> None:
    """Write an outline."""
    told = kept.outline
    sides = (told.width, told.height, told.sound, len(kept.times), kept.columns)
    file.write(_OUTLINE.pack(OUTLINE_MAGIC, told.seconds, told.rate, *sides))
    file.write(struct.pack(f"<{len(kept.times)}d", *kept.times))
    file.write(kept.strip)


def outline_of(descriptor: int) -> OutlineFile | None:
    """The outline in a file; None where it is none."""
    content = os.pread(descriptor, _JPEG_AT_MOST, 0)
    if len(content) < _OUTLINE.size or content[:4] != OUTLINE_MAGIC:
        return None
    _, seconds, rate, width, height, sound, count, columns = _OUTLINE.unpack_from(content)
    times = struct.unpack_from(f"<{count}d", content, _OUTLINE.size)
    strip = content[_OUTLINE.size + 8 * count :]
    return OutlineFile(FilmOutline(seconds, rate, width, height, bool(sound)), columns, times, strip)


def write_part(file: BinaryIO, times: Sequence[float], untrusted_film: bytes) -> None:
    """Write a part."""
    file.write(_PART.pack(PART_MAGIC, len(times)))
    file.write(struct.pack(f"<{len(times)}d", *times))
    file.write(untrusted_film)


def part_of(descriptor: int) -> PartHead | None:
    """Where the film of a part lies in its file, and the times of its frames; None where it is none."""
    head = os.pread(descriptor, _PART.size, 0)
    if len(head) != _PART.size or head[:4] != PART_MAGIC:
        return None
    _, count = _PART.unpack(head)
    times = struct.unpack(f"<{count}d", os.pread(descriptor, 8 * count, _PART.size))
    offset = _PART.size + 8 * count
    return PartHead(times, offset, os.fstat(descriptor).st_size - offset)
