"""Both networks together: pixels in, lines of text with their places out. One thread of the processor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks import Network
from foureyes.engine.fingerprints.spread import most_different
from foureyes.engine.fingerprints.texts import letters, spotting
from foureyes.engine.fingerprints.texts.packing import packed
from foureyes.engine.fingerprints.texts.weights import Weights
from foureyes.engine.model import Fingerprint, Frame, TextLine

Pixels = NDArray[np.uint8]

SIDE = 512
"""Longer side at which pictures are looked at: that of the ordinary decode."""
LINES_AT_MOST = 40
"""Of a page full of text the highest lines are read: 5 milliseconds each."""
SURE = 0.6
"""Mean certainty of letters under which what was read is left out: textures read as letters."""
FRAMES_AT_MOST = 6
"""Of a film so many frames are read, those that differ most."""
_DOUBTFUL = 0.9
"""Under this a line is read upside down too: it may stand on its head."""


class Reader:
    """Reads pictures. Safe to be used by many threads at once."""

    def __init__(self, files: Weights) -> None:
        """Load both networks; raises ModelUnusable where they are none that read."""
        self._spotting, self._letters = (
            Network(content, any_shape=True) for content in (files.spotting, files.letters)
        )
        self._alphabet = letters.alphabet(self._letters.note("character"))

    def rows(self, frames: Sequence[Frame], made: Sequence[Fingerprint]) -> list[Fingerprint]:
        """What the catalogue keeps of a picture's frame, or of those frames of a film that differ most.

        `made`: the PDQ of the frames, by which they are told apart.
        """
        chosen = most_different(frames, made, FRAMES_AT_MOST) if len(frames) > 1 else frames
        return [row for one in chosen for row in packed(self.read(one.pixels), one.at_seconds)]

    def spots(self, pixels: Pixels, side: int = SIDE) -> list[spotting.Spot]:
        """Where lines of text may stand in an RGB picture, seen with this longer side."""
        heat = self._spotting.outputs(spotting.batch(pixels, side))[0]
        if heat.ndim != 4 or heat.shape[:2] != (1, 1):  # noqa: PLR2004 - a map for the one picture
            raise ModelUnusable(f"The network gives {heat.shape}, not a map of where text is.")
        return spotting.spots(heat[0, 0])

    def read(self, pixels: Pixels, side: int = SIDE) -> tuple[TextLine, ...]:
        """The lines that can be read, from the upper left on; at most `LINES_AT_MOST`, the highest."""
        found = []
        for spot in self.spots(pixels, side)[:LINES_AT_MOST]:
            line = spotting.cut(pixels, spot.corners)
            if line is None:
                continue
            text, sure = self._told(line)
            if sure >= SURE and text.strip():
                place = tuple((round(float(x), 4), round(float(y), 4)) for x, y in spot.corners)
                found.append(TextLine(text.strip(), round(sure, 3), place))
        return tuple(sorted(found, key=lambda one: (one.place[0][1], one.place[0][0])))

    def _told(self, line: Pixels) -> tuple[str, float]:
        upright = self._line(line)
        if upright[1] >= _DOUBTFUL:
            return upright
        return max(upright, self._line(np.ascontiguousarray(line[::-1, ::-1])), key=lambda one: one[1])

    def _line(self, line: Pixels) -> tuple[str, float]:
        chances = self._letters.outputs(letters.batch(line))[0]
        if chances.ndim != 3 or chances.shape[2] != len(self._alphabet):  # noqa: PLR2004 - strips by letters
            raise ModelUnusable(f"The network gives {chances.shape}, not letters of a line.")
        return letters.told(chances[0], self._alphabet)
