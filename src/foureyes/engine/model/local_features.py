"""Places of a picture that can be found again in another, each with what it looks like there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model.hidden_regions import Box


@dataclass(frozen=True, slots=True, eq=False)
class LocalFeatures:
    """The strongest keypoints of one picture or frame, the strongest first."""

    method: str
    """How they were made: `xfeat`, `sift`. Only features of one method can be compared."""
    width: int
    """Of the picture as it was looked at, in pixels: what `points` counts in."""
    height: int
    points: NDArray[np.float32]
    """(n, 2): x and y, from the upper left corner."""
    descriptors: NDArray[np.float32]
    """(n, d), each of length 1."""
    ground: NDArray[np.uint8]
    """(16, 16): how bright the picture is, to see whether what lies between keypoints is the same too."""
    bare: NDArray[np.uint8]
    """(16, 16): how much of each cell is of one colour to the pixel, 255 for all: drawn, or blank."""
    at_seconds: float = 0.0
    hidden: tuple[Box, ...] = ()
    """Regions that no keypoints are of, and that say nothing of what lies between keypoints."""

    def __len__(self) -> int:
        return len(self.points)
