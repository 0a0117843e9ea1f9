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

SCENE_BITS = 100
"""Unrelated pictures differ in about 128 bits, neighbouring frames of a shot seldom in more than 80."""

FLAT = 20
"""Frames with less detail (PDQ's quality measure, 0 to 100) have looks that are noise: cadence only."""


_FAR = 257
"""More than 256 bits: a frame is never near itself, nor near a place that is not taken."""


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


class FrameChoice:
    """Keeps at most `frames_at_most` frames of a film of any length, seen in order of time.

    When full, each new look takes the place of the frame that is most like another one, so that memory
    is bounded whatever a file claims about its length, and what stays covers the film as evenly in looks
    as it can. Frames that keep the cadence stay; where they alone fill the bound, the cadence is doubled.
    """

    def __init__(self, frames_at_most: int, cadence_seconds: float) -> None:
        self._at_most = max(1, frames_at_most)
        self._cadence = max(0.001, cadence_seconds)
        self._frames: list[Frame] = []
        self._words = np.empty((self._at_most + 1, 4), dtype=np.uint64)
        self._apart = np.full((self._at_most + 1, self._at_most + 1), _FAR, dtype=np.int64)
        self._debt = np.zeros(self._at_most + 1, dtype=np.int64)
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
        if (
            self._scene_change
            or not self._frames
            or at_seconds - self._frames[-1].at_seconds >= self._cadence
        ):
            return True
        if look.detail < FLAT:
            return False
        return int(bits_between(look, self._words[: len(self._frames)]).min()) > NEW_LOOK_BITS

    def keep(self, pixels: NDArray[np.uint8], look: Look, at_seconds: float) -> None:
        """Keep the frame that `wants` was last asked about."""
        last = len(self._frames)
        self._words[last] = look.words
        self._debt[last] = 0
        apart = bits_between(look, self._words[:last])
        self._apart[last, :last] = self._apart[:last, last] = apart
        self._frames.append(Frame(pixels, round(at_seconds, 3), self._scene_change))
        if len(self._frames) > self._at_most:
            self._let_one_go()

    def frames(self) -> tuple[Frame, ...]:
        """What was kept, in order of time."""
        return tuple(self._frames)

    def _let_one_go(self) -> None:
        """Drop the frame whose look is best kept by another, which from then on answers for both."""
        cost = self._apart.min(axis=1) + self._debt
        gone = int(np.where(self._may_go(), cost, cost.max() + 1).argmin())
        heir = int(self._apart[gone].argmin())
        self._debt[heir] = max(self._debt[heir], cost[gone])
        del self._frames[gone]
        self._words[gone:-1] = self._words[gone + 1 :].copy()
        self._debt[gone:-1] = self._debt[gone + 1 :].copy()
        kept = np.delete(np.delete(self._apart, gone, axis=0), gone, axis=1)
        self._apart[:] = _FAR
        self._apart[:-1, :-1] = kept

    def _may_go(self) -> NDArray[np.bool_]:
        """Frames without which the cadence is still kept; the first and last stay."""
        times = np.array([frame.at_seconds for frame in self._frames])
        spans = np.full(len(times), np.inf)
        spans[1:-1] = times[2:] - times[:-2]
        if self._at_most == 1:
            spans[-1] = 0.0
        while not (spans <= self._cadence * 1.5).any():
            self._cadence *= 2
        return np.asarray(spans <= self._cadence * 1.5)
