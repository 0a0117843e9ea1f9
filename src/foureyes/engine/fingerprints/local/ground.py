"""How bright a picture is in 16 x 16 cells, and how bare, kept beside its keypoints.

Never finds or compares anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CELLS = 16
ONE_COLOUR = 1.0
"""Levels by which a pixel's neighbourhood of 3 x 3 may vary: a window, a form and a page of text are made of
such pixels, what a camera sees is not, for its noise alone is more."""


def ground_of(grey: NDArray[Any]) -> NDArray[np.uint8]:
    """(16, 16) means of a grey picture of any size, 0 to 255."""
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    small = cv2.resize(grey, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small), 0, 255).astype(np.uint8)


def bare_of(grey: NDArray[Any]) -> NDArray[np.uint8]:
    """(16, 16): how much of each cell of a grey picture is of one colour, 255 for all of it."""
    import cv2  # noqa: PLC0415 - as above

    around = np.ones((3, 3), np.uint8)
    step = cv2.dilate(grey, around).astype(np.float32) - cv2.erode(grey, around)
    return ground_of(np.where(step <= ONE_COLOUR, np.float32(255), np.float32(0)))
