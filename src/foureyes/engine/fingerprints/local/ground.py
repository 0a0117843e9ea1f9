"""How bright a picture is in 16 x 16 cells, kept beside its keypoints. Never finds or compares anything."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

CELLS = 16


def ground_of(grey: NDArray[Any]) -> NDArray[np.uint8]:
    """(16, 16) means of a grey picture of any size, 0 to 255."""
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    small = cv2.resize(grey, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small), 0, 255).astype(np.uint8)
