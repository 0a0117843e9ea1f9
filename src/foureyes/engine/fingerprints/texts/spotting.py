"""Where lines of text stand: from a map of how much each pixel looks like text to boxes aslant.

The method is differentiable binarisation (Liao and others 2020), with the values of the network's makers. It
reads nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float32]
"""(4, 2): x and y, 0 to 1, of a line's corners from its upper left on, clockwise."""

TEXT = 0.3
"""Value of the map from which a pixel is text."""
SURE = 0.5
"""Mean value inside a box from which it holds a line."""
GROWN = 1.6
"""The map shows a line's core: area over circumference, times this, is added on each side."""
THIN = 3.0
"""Pixels of the map that a line's core is high at least."""
_STEP = 32
_SPOTS_AT_MOST = 1000


class Spot(NamedTuple):
    """One line."""

    corners: Corners
    sure: float
    """0 to 1."""


def batch(pixels: Pixels, side: int) -> NDArray[np.float32]:
    """One picture as the network wants it: its longer side near `side`, in steps of 32; BGR, -1 to 1."""
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    shape = tuple(max(_STEP, round(one * scale / _STEP) * _STEP) for one in (width, height))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    seen = np.asarray(cv2.resize(pixels, shape, interpolation=way))
    numbers = seen[:, :, ::-1].astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(numbers.transpose(2, 0, 1)[None])


def spots(heat: NDArray[np.float32]) -> list[Spot]:
    """Lines in a map (height, width), the highest first."""
    import cv2  # noqa: PLC0415 - as above

    text = np.asarray(cv2.dilate((heat > TEXT).astype(np.uint8), np.ones((2, 2), np.uint8)))
    outlines, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines[:_SPOTS_AT_MOST]:
        middle, (wide, high), turn = cv2.minAreaRect(outline)
        if min(wide, high) < THIN:
            continue
        sure = _inside(heat, np.asarray(cv2.boxPoints((middle, (wide, high), turn))))
        if sure < SURE:
            continue
        more = wide * high * GROWN / (wide + high)
        corners = np.asarray(cv2.boxPoints((middle, (wide + more, high + more), turn)), np.float32)
        size = np.array(heat.shape[::-1], np.float32)
        found.append((min(wide, high) + more, Spot(_from_upper_left(corners) / size, sure)))
    found.sort(key=lambda one: (-one[0], float(one[1].corners[0, 1]), float(one[1].corners[0, 0])))
    return [spot for _, spot in found]


def cut(pixels: Pixels, corners: Corners) -> Pixels | None:
    """The pixels of one line, level; None where nothing is left. What stands upright is turned to lie."""
    import cv2  # noqa: PLC0415 - as above

    size = np.array(pixels.shape[1::-1], np.float32)
    placed = (corners * size).astype(np.float32)
    sides = np.linalg.norm(placed - np.roll(placed, -1, axis=0), axis=1)
    wide, high = int(max(sides[0], sides[2])), int(max(sides[1], sides[3]))
    if min(wide, high) < 2:  # noqa: PLR2004 - less than two pixels say nothing
        return None
    level = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    moved = cv2.getPerspectiveTransform(placed, level)
    line = cv2.warpPerspective(
        pixels, moved, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(np.rot90(line) if 2 * high >= 3 * wide else line, np.uint8)


def _inside(heat: NDArray[np.float32], corners: Corners) -> float:
    """Mean of the map within a box."""
    import cv2  # noqa: PLC0415 - as above

    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, None)
    high = np.ceil(corners.max(axis=0)).astype(int)
    part = heat[low[1] : high[1] + 1, low[0] : high[0] + 1]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(corners - low).astype(np.int32)], (1,))
    return float(cv2.mean(part, mask)[0])


def _from_upper_left(corners: Corners) -> Corners:
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.stack([left[0], right[0], right[1], left[1]])
