"""What crosses the cage's wall when something is rendered for viewing; `wire.py` is its like for ingests.

The reading side trusts nothing: sizes, order and counts of what comes are checked against what was stated
first. Pixels come raw; a rendered film is bytes that nobody here opens.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.decoding.content import ContentType, Family
from foureyes.engine.decoding.wire import WireError
from foureyes.engine.model import FilmOutline
from foureyes.engine.settings import RenderSettings

Pixels = NDArray[np.uint8]

VERSION = 1
TILE = 512
"""Side of a tile, and rows of a band."""
LEVELS_AT_MOST = 16
STRIP_FRAMES = 12
STRIP_SIDE = 240
TIMES_AT_MOST = 100_000
FILM_BYTES_AT_MOST = 512 * 1024**2
THOUSAND = 1000
SECONDS_AT_MOST, RATE_AT_MOST = 1e9, 1e6
SOUND_RATE = 11_025
"""Samples a second of the sound that comes out to be compared: one channel, 16 bits."""
PIECE_SAMPLES = 30 * SOUND_RATE
SOUND_SECONDS_AT_MOST = 4 * 3600
"""Of a film's sound: 318 MB leave the cage."""

_QUESTION = struct.Struct("<BBBQIIdddB")
_SIZE = struct.Struct("<IIIIB")
_BAND = struct.Struct("<BIII")
_FILM = struct.Struct("<ddIIBB")
_FRAME = struct.Struct("<dII")
_PROGRESS = struct.Struct("<H")
_START = struct.Struct("<d")
_FAMILIES = tuple(Family)


class What(IntEnum):
    """What is asked for."""

    PICTURE = 0
    """A picture, or with a time a frame of a film, whole and in halves."""
    OUTLINE = 1
    PART = 2
    SOUND = 3
    """The sound of a film as samples, to be compared."""


class Tag(IntEnum):
    """Frames of an answer."""

    SIZE = 1
    BAND = 2
    FILM = 3
    FRAME = 4
    PROGRESS = 5
    TIMES = 6
    CHUNK = 7
    START = 8
    SAMPLES = 9


@dataclass(frozen=True, slots=True)
class Question:
    """One rendering as the worker is asked for it."""

    what: What
    content: ContentType
    pixels_at_most: int
    """Declared pixels above which nothing is decoded."""
    settings: RenderSettings
    at_seconds: float = 0.0
    """Of a frame, or where a part begins."""

    def packed(self) -> bytes:
        """As bytes."""
        name = self.content.format.encode("ascii")
        fixed = _QUESTION.pack(
            VERSION,
            self.what,
            _FAMILIES.index(self.content.family),
            self.pixels_at_most,
            self.settings.pixels_at_most,
            self.settings.side_at_most,
            float(self.settings.film_side),
            self.settings.part_seconds,
            self.at_seconds,
            len(name),
        )
        return fixed + name

    @classmethod
    def unpacked(cls, question: bytes) -> Question:
        """The reverse, inside the cage."""
        _, what, family, declared, kept, side, film_side, part, at, length = _QUESTION.unpack_from(question)
        name = question[_QUESTION.size : _QUESTION.size + length].decode("ascii")
        settings = RenderSettings(
            pixels_at_most=kept, side_at_most=side, film_side=int(film_side), part_seconds=part
        )
        return cls(What(what), ContentType(_FAMILIES[family], name), declared, settings, at)


@dataclass(frozen=True, slots=True)
class Size:
    """Of a rendered picture; `full` is what it has before it was reduced to fit."""

    width: int
    height: int
    full_width: int
    full_height: int
    partial: bool
    """Part of it is missing: the file is damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Up to 512 rows of one level, (height, width, 3)."""

    level: int
    row: int
    pixels: Pixels


def level_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Width and height of every level: whole, halved, halved again, until it fits one tile."""
    sizes = [(width, height)]
    while max(sizes[-1]) > TILE:
        sizes.append((-(-sizes[-1][0] // 2), -(-sizes[-1][1] // 2)))
    return sizes


def size_frame(size: Size) -> tuple[int, bytes]:
    """The first frame of a picture's answer."""
    sides = (size.width, size.height, size.full_width, size.full_height)
    return Tag.SIZE, _SIZE.pack(*sides, size.partial)


def band_frames(level: int, pixels: Pixels) -> Iterator[tuple[int, bytes]]:
    """A level in bands."""
    for row in range(0, pixels.shape[0], TILE):
        band = pixels[row : row + TILE]
        yield Tag.BAND, _BAND.pack(level, row, *band.shape[:2]) + band.tobytes()


def film_frame(outline: FilmOutline, strip: int) -> tuple[int, bytes]:
    """The first frame of an outline's answer; so many frames of the strip follow."""
    sides = (outline.width, outline.height)
    return Tag.FILM, _FILM.pack(outline.seconds, outline.rate, *sides, outline.sound, strip)


def strip_frame(at_seconds: float, pixels: Pixels) -> tuple[int, bytes]:
    """One frame of the strip."""
    return Tag.FRAME, _FRAME.pack(at_seconds, *pixels.shape[:2]) + pixels.tobytes()


def progress_frame(share: float) -> tuple[int, bytes]:
    """How far a part is, 0 to 1."""
    return Tag.PROGRESS, _PROGRESS.pack(round(min(max(share, 0.0), 1.0) * THOUSAND))


def size_of(tag: int, untrusted: bytes, settings: RenderSettings) -> Size:
    """The stated size. Raises WireError."""
    if tag != Tag.SIZE or len(untrusted) != _SIZE.size:
        raise WireError("no size first")
    width, height, full_width, full_height, partial = _SIZE.unpack(untrusted)
    if not (0 < width <= settings.side_at_most and 0 < height <= settings.side_at_most):
        raise WireError("an impossible size")
    if width * height > settings.pixels_at_most or width > full_width or height > full_height or partial > 1:
        raise WireError("a size that makes no sense")
    return Size(width, height, full_width, full_height, bool(partial))


def band_of(tag: int, untrusted: bytes, expected: tuple[int, int, int, int]) -> Band:
    """One band, which must be the expected one: level, first row, height, width. Raises WireError."""
    if tag != Tag.BAND or len(untrusted) < _BAND.size:
        raise WireError("no band where one was due")
    stated = _BAND.unpack_from(untrusted)
    level, row, height, width = expected
    if stated != expected or len(untrusted) - _BAND.size != height * width * 3:
        raise WireError("another band than was due")
    pixels = np.frombuffer(untrusted, np.uint8, offset=_BAND.size).reshape(height, width, 3)
    return Band(level, row, pixels)


def bands_due(size: Size) -> Iterator[tuple[int, int, int, int]]:
    """What must come, in order: level, first row, height, width."""
    for level, (width, height) in enumerate(level_sizes(size.width, size.height)):
        for row in range(0, height, TILE):
            yield level, row, min(TILE, height - row), width


def film_of(tag: int, untrusted: bytes) -> tuple[FilmOutline, int]:
    """The stated outline, and how many frames follow. Raises WireError."""
    if tag != Tag.FILM or len(untrusted) != _FILM.size:
        raise WireError("no outline first")
    seconds, rate, width, height, sound, strip = _FILM.unpack(untrusted)
    believable = 0 <= seconds <= SECONDS_AT_MOST and 0 < rate <= RATE_AT_MOST
    if not (believable and 0 < width <= 1 << 16 and 0 < height <= 1 << 16 and sound <= 1):
        raise WireError("an outline that makes no sense")
    if strip > STRIP_FRAMES:
        raise WireError("a strip too long")
    return FilmOutline(seconds, rate, width, height, bool(sound)), strip


def strip_of(tag: int, untrusted: bytes) -> tuple[float, Pixels]:
    """One frame of the strip. Raises WireError."""
    if tag != Tag.FRAME or len(untrusted) < _FRAME.size:
        raise WireError("no frame where one was due")
    at_seconds, height, width = _FRAME.unpack_from(untrusted)
    if not (0 < height <= STRIP_SIDE and 0 < width <= STRIP_SIDE and 0 <= at_seconds < math.inf):
        raise WireError("a frame that makes no sense")
    if len(untrusted) - _FRAME.size != height * width * 3:
        raise WireError("a frame whose pixels do not fill it")
    pixels = np.frombuffer(untrusted, np.uint8, offset=_FRAME.size).reshape(height, width, 3)
    return at_seconds, pixels


def progress_of(untrusted: bytes) -> float:
    """How far, 0 to 1. Raises WireError."""
    if len(untrusted) != _PROGRESS.size:
        raise WireError("a progress of the wrong length")
    return min(float(_PROGRESS.unpack(untrusted)[0]) / THOUSAND, 1.0)


def times_of(untrusted: bytes) -> NDArray[np.float64]:
    """Seconds of the film at which each frame of a part stands. Raises WireError."""
    if len(untrusted) % 8 or not 0 < len(untrusted) // 8 <= TIMES_AT_MOST:
        raise WireError("times of the wrong length")
    times = np.frombuffer(untrusted, "<f8")
    if not np.isfinite(times).all() or times[0] < 0 or (np.diff(times) < 0).any():
        raise WireError("times that make no sense")
    return times


def start_frame(seconds: float) -> tuple[int, bytes]:
    """The first frame of a sound's answer: the second of the film at which it begins."""
    return Tag.START, _START.pack(seconds)


def start_of(tag: int, untrusted: bytes) -> float:
    """When the sound begins. Raises WireError."""
    if tag != Tag.START or len(untrusted) != _START.size:
        raise WireError("no start first")
    seconds = float(_START.unpack(untrusted)[0])
    if not 0 <= seconds <= SECONDS_AT_MOST:
        raise WireError("a start that makes no sense")
    return seconds


def samples_of(tag: int, untrusted: bytes) -> NDArray[np.int16]:
    """The next samples of a sound. Raises WireError."""
    if tag != Tag.SAMPLES or len(untrusted) % 2 or not 0 < len(untrusted) <= 2 * PIECE_SAMPLES:
        raise WireError("no samples where some were due")
    return np.frombuffer(untrusted, "<i2")
