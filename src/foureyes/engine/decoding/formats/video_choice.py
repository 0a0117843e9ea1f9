"""Which frames of a film are worth keeping: every look that a still of it could have, within a bound.

Compares frames by the signs of their low frequencies, the same idea as PDQ's, so that "far enough to
keep" is counted in the bits that matching counts. Knows no film format.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Frame

LOOK_SIDE = 64
"""Side of the reduced luma that a look is made of, as in PDQ."""

_FREQUENCIES = 16

NEW_LOOK_BITS = 18
"""A frame is kept when it is further than this from all kept. Matching accepts 31 of 256 bits; recompression
of a still and the difference between this look and true PDQ take up the rest (numbers: docs page)."""

SCENE_BITS = 80
"""Unrelated pictures differ in about 128 bits, neighbouring frames of a shot seldom in more than 64."""

FLAT = 20
"""Frames with less detail (PDQ's quality measure, 0 to 100) have looks that are noise: cadence only."""

THINNED_TO = 0.75
"""Share of the frames that thinning keeps at most, so that it is done seldom."""


def _cosines() -> NDArray[np.float32]:
    """Rows 1 to 16 of the 64-point DCT-II matrix: the lowest frequency, the mean, is left out."""
    row, column = np.mgrid[1 : _FREQUENCIES + 1, 0:LOOK_SIDE]
    return np.asarray(np.cos(np.pi / (2 * LOOK_SIDE) * row * (2 * column + 1)), dtype=np.float32)


_COSINES = _cosines()


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """256 bits of one frame, as four 64-bit words, and how much detail they rest on."""

    words: NDArray[np.uint64]
    detail: int


def look_of(luma: NDArray[np.uint8]) -> Look:
    """The look of (64, 64) luma."""
    values = luma.astype(np.float32)
    frequencies = _COSINES @ values @ _COSINES.T
    bits = np.packbits(frequencies > np.median(frequencies))
    return Look(bits.view(np.uint64), _detail(values))


def _detail(values: NDArray[np.float32]) -> int:
    """PDQ's quality: summed steps between neighbours, in hundredths of the range, over 90."""
    steps = sum(np.trunc(np.abs(np.diff(values, axis=axis)) * (100 / 255)).sum() for axis in (0, 1))
    return min(100, int(steps / 90))


def bits_between(look: Look, others: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Differing bits between one look and (n, 4) words of others."""
    return np.asarray(np.bitwise_count(others ^ look.words).sum(axis=1, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    frame: Frame
    look: Look


class FrameChoice:
    """Keeps at most `frames_at_most` frames of a film of any length, seen in order of time.

    When full, it doubles the cadence and asks for more difference, and lets go what the stricter rule
    would not have kept: memory is bounded whatever a file claims about its length.
    """

    def __init__(self, frames_at_most: int, cadence_seconds: float) -> None:
        self._at_most = max(1, frames_at_most)
        self._cadence = cadence_seconds
        self._new_look_bits = float(NEW_LOOK_BITS)
        self._kept: list[_Kept] = []
        self._words: NDArray[np.uint64] = np.empty((self._at_most + 1, 4), dtype=np.uint64)
        self._previous: Look | None = None
        self._scene_change = False

    def wants(self, look: Look, at_seconds: float) -> bool:
        """Whether the frame is to be kept; to be called once for each frame, in order."""
        before, self._previous = self._previous, look
        self._scene_change = (
            before is not None
            and look.detail >= FLAT
            and int(np.bitwise_count(before.words ^ look.words).sum()) >= SCENE_BITS
        )
        return self._adds(look, at_seconds, self._kept)

    def keep(self, pixels: NDArray[np.uint8], look: Look, at_seconds: float) -> None:
        """Keep the frame that `wants` was last asked about."""
        self._words[len(self._kept)] = look.words
        frame = Frame(pixels, round(at_seconds, 3), self._scene_change)
        self._kept.append(_Kept(frame, look))
        if len(self._kept) > self._at_most:
            self._thin()

    def frames(self) -> tuple[Frame, ...]:
        """What was kept, in order of time."""
        return tuple(kept.frame for kept in self._kept)

    def _adds(self, look: Look, at_seconds: float, kept: list[_Kept]) -> bool:
        if not kept or at_seconds - kept[-1].frame.at_seconds >= self._cadence:
            return True
        if look.detail < FLAT:
            return False
        return int(bits_between(look, self._words[: len(kept)]).min()) > self._new_look_bits

    def _thin(self) -> None:
        while len(self._kept) > max(1, int(self._at_most * THINNED_TO)):
            self._cadence *= 2
            self._new_look_bits *= 1.2
            stays: list[_Kept] = []
            for kept in self._kept:
                if self._adds(kept.look, kept.frame.at_seconds, stays):
                    self._words[len(stays)] = kept.look.words
                    stays.append(kept)
            self._kept = stays
