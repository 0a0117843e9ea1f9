"""What a sound track is known by: Chromaprint's sub-fingerprints, 32 bits each, eight a second.

The published method (Lalinsky, "How does Chromaprint work?", 2011; its algorithm "test 2", the default),
made here without the library: that brings a second FFmpeg into the process, and 97 libraries with it. Bit for
bit what the library makes (`tests/engine/fingerprints/test_sound.py`). Made of numbers, never of a file, and
never compared here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Fingerprint

RATE = 11_025
"""Samples a second that the method wants: one channel, 16 bits."""
FRAME, HOP = 4096, 4096 // 3
SPAN = (FRAME + (16 - 1 + 5 - 1) * HOP) / RATE
"""Seconds of sound that one sub-fingerprint is made of: 2.7."""
STEP = HOP / RATE
"""Seconds from one to the next: 0.124."""
ITEMS = 128
"""Sub-fingerprints in one value: 16 seconds."""
_TAPS = np.array([0.25, 0.75, 1.0, 0.75, 0.25])
_LOWEST, _HIGHEST, _BASE = 28, 3520, 440.0 / 16
_QUIET = 0.01
_BANDS = 12
_WIDTH = 16
_FULL = 32_767.0
_GREY = np.array([0, 1, 3, 2], np.uint32)
_CLASSIFIERS: tuple[tuple[tuple[int, int, int, int], tuple[float, float, float]], ...] = (
    ((0, 4, 3, 15), (1.98215, 2.35817, 2.63523)),
    ((4, 4, 6, 15), (-1.03809, -0.651211, -0.282167)),
    ((1, 0, 4, 16), (-0.298702, 0.119262, 0.558497)),
    ((3, 8, 2, 12), (-0.105439, 0.0153946, 0.135898)),
    ((3, 4, 4, 8), (-0.142891, 0.0258736, 0.200632)),
    ((4, 0, 3, 5), (-0.826319, -0.590612, -0.368214)),
    ((1, 2, 2, 9), (-0.557409, -0.233035, 0.0534525)),
    ((2, 7, 3, 4), (-0.0646826, 0.00620476, 0.0784847)),
    ((2, 6, 2, 16), (-0.192387, -0.029699, 0.215855)),
    ((2, 1, 3, 2), (-0.0397818, -0.00568076, 0.0292026)),
    ((5, 10, 1, 15), (-0.53823, -0.369934, -0.190235)),
    ((3, 6, 2, 10), (-0.124877, 0.0296483, 0.139239)),
    ((2, 1, 1, 14), (-0.101475, 0.0225617, 0.231971)),
    ((3, 5, 6, 4), (-0.0799915, -0.00729616, 0.063262)),
    ((1, 9, 2, 12), (-0.272556, 0.019424, 0.302559)),
    ((3, 4, 2, 14), (-0.164292, -0.0321188, 0.0846339)),
)
"""Shape, first band, bands and frames of each filter, and the three steps of what it gives: the numbers that
the method was published with."""

Plane = NDArray[np.float64]


class Sound:
    """Makes the fingerprint of kind `sound`; no member of `FINGERPRINTS`, for it is not made of pixels.

    A value is the number of its sub-fingerprints (16 bits, and 2 bytes spare), then those, then zeros. Its
    quality is the share of them, in per cent, that no other of the value equals: 0 for silence.
    """

    name = "sound"
    version = 1
    value_bytes = 4 + 4 * ITEMS

    def make(self, pieces: Iterable[NDArray[np.int16]], start_seconds: float = 0.0) -> list[Fingerprint]:
        """Values of a whole sound track, in order of time; one without anything in it where there is none.

        Args:
            pieces: samples at `RATE`, one channel, in any pieces.
            start_seconds: when the track begins.
        """
        items = np.concatenate([np.empty(0, np.uint32), *sub_fingerprints(pieces)])
        return [
            self._value(items[begin : begin + ITEMS], start_seconds + begin * STEP)
            for begin in range(0, max(1, len(items)), ITEMS)
        ]

    def _value(self, items: NDArray[np.uint32], at_seconds: float) -> Fingerprint:
        whole = np.zeros(ITEMS, "<u4")
        whole[: len(items)] = items
        distinct = len(np.unique(items))
        quality = round(100 * distinct / len(items)) if distinct > 1 else 0
        value = np.array([len(items), 0], "<u2").tobytes() + whole.tobytes()
        return Fingerprint(self.name, self.version, value, quality, at_seconds)


def unpacked(values: NDArray[np.uint8]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """All sub-fingerprints of values (n, `value_bytes`), one after the other, and how many each has."""
    counts = np.minimum(np.ascontiguousarray(values[:, :2]).view("<u2")[:, 0], ITEMS).astype(np.int64)
    items = np.ascontiguousarray(values[:, 4:]).view("<u4")
    return items[np.arange(ITEMS) < counts[:, None]].astype(np.uint32), counts


def sub_fingerprints(pieces: Iterable[NDArray[np.int16]]) -> Iterator[NDArray[np.uint32]]:
    """Sub-fingerprints of a stream of samples, as they come."""
    waiting = np.empty(0, np.int16)
    chroma = np.empty((0, _BANDS))
    image = np.empty((0, _BANDS))
    for piece in pieces:
        waiting = np.concatenate([waiting, piece])
        frames = max(0, (len(waiting) - FRAME) // HOP + 1)
        if frames == 0:
            continue
        chroma = np.concatenate([chroma, _chroma(waiting, frames)])
        waiting = waiting[frames * HOP :]
        image = np.concatenate([image, _smoothed(chroma)])
        chroma = chroma[-len(_TAPS) + 1 :]
        yield _classified(image)
        image = image[-_WIDTH + 1 :]


def _chroma(samples: NDArray[np.int16], frames: int) -> Plane:
    """(frames, 12): energy by note, whatever the octave."""
    cut = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[: frames * HOP : HOP]
    energy = np.abs(np.fft.rfft(cut * _window(), axis=1)) ** 2
    first, last = (round(FRAME * edge / RATE) for edge in (_LOWEST, _HIGHEST))
    octave = np.log2(np.arange(first, last) * RATE / FRAME / _BASE)
    note = (_BANDS * (octave - np.floor(octave))).astype(np.int64)
    return energy[:, first:last] @ np.eye(_BANDS)[note]


def _window() -> Plane:
    return np.hamming(FRAME) / _FULL


def _smoothed(chroma: Plane) -> Plane:
    """(frames - 4, 12): each with its neighbours in time, at length 1; zeros for next to nothing."""
    count = max(0, len(chroma) - len(_TAPS) + 1)
    summed = sum((tap * chroma[n : n + count] for n, tap in enumerate(_TAPS)), np.zeros((count, _BANDS)))
    length = np.sqrt((summed**2).sum(axis=1, keepdims=True))
    return np.where(length < _QUIET, 0.0, summed / np.maximum(length, _QUIET))


def _classified(image: Plane) -> NDArray[np.uint32]:
    """One for each frame that has 15 more behind it: two bits of each filter."""
    count = max(0, len(image) - _WIDTH + 1)
    area = np.zeros((len(image) + 1, _BANDS + 1))
    area[1:, 1:] = image.cumsum(axis=0).cumsum(axis=1)
    items = np.zeros(count, np.uint32)
    for shape, steps in _CLASSIFIERS:
        level = np.searchsorted(steps, _filtered(area, shape, count), side="right")
        items = (items << np.uint32(2)) | _GREY[level]
    return items


def _filtered(area: Plane, shape: tuple[int, int, int, int], count: int) -> Plane:
    """How much more there is in one part of a rectangle than in the other, at every frame."""
    kind, low, bands, frames = shape

    def inside(left: int, right: int, bottom: int, top: int) -> Plane:
        """Sum of frames `left` to `right` and bands `bottom` to `top`, without the last, from its corner."""
        later, sooner = area[right : right + count], area[left : left + count]
        high, under = low + top, low + bottom
        return later[:, high] - sooner[:, high] - later[:, under] + sooner[:, under]

    whole = inside(0, frames, 0, bands)
    if kind == 0:
        part, rest = whole, np.zeros(count)
    elif kind == 1:
        part, rest = inside(0, frames, bands // 2, bands), inside(0, frames, 0, bands // 2)
    elif kind == 2:  # noqa: PLR2004 - shapes as they were published
        part, rest = inside(frames // 2, frames, 0, bands), inside(0, frames // 2, 0, bands)
    elif kind == 3:  # noqa: PLR2004 - as above
        half, middle = frames // 2, bands // 2
        part = inside(0, half, middle, bands) + inside(half, frames, 0, middle)
        rest = inside(0, half, 0, middle) + inside(half, frames, middle, bands)
    elif kind == 4:  # noqa: PLR2004 - as above
        third = bands // 3
        part = inside(0, frames, third, 2 * third)
        rest = inside(0, frames, 0, third) + inside(0, frames, 2 * third, bands)
    else:
        third = frames // 3
        part = inside(third, 2 * third, 0, bands)
        rest = inside(0, third, 0, bands) + inside(2 * third, frames, 0, bands)
    return np.log((1.0 + part) / (1.0 + rest))
