"""Whether a homography could be two views of one surface: no mirror, no fold, no needle.

A fit to chance matches mostly turns the picture inside out or squeezes it to a line. Never fits anything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCALE_AT_MOST = 8.0
"""Times larger or smaller, in each direction."""
STRETCH_AT_MOST = 4.0
"""Longer over shorter axis of what a circle becomes: a wall seen at some 75 degrees."""
_LEAST_DEPTH = 0.2
"""Depth of the nearest over the farthest of the matched points."""

Points = NDArray[np.floating]
Matrix = NDArray[np.floating]


def plausible(homography: Matrix, points: Points) -> bool:
    """Whether the movement keeps the hull of these points a surface seen from its front.

    Args:
        homography: (3, 3), in pixels.
        points: (n, 2): where it was fitted, in the first picture.
    """
    depth = points @ homography[2, :2] + homography[2, 2]
    if not np.isfinite(homography).all() or np.abs(depth).max() <= 0:
        return False
    if depth.min() * depth.max() <= 0 or np.abs(depth).min() < _LEAST_DEPTH * np.abs(depth).max():
        return False
    centre = points.mean(axis=0)
    corners = np.vstack([centre, points[_outer(points)]])
    for at in corners:
        long, short, upright = _axes(homography, at)
        if not upright or short <= 0:
            return False
        if long > SCALE_AT_MOST or short < 1 / SCALE_AT_MOST or long / short > STRETCH_AT_MOST:
            return False
    return True


def _outer(points: Points) -> list[int]:
    """The points farthest to the left, right, top and bottom."""
    return [int(points[:, axis].argmin()) for axis in (0, 1)] + [
        int(points[:, axis].argmax()) for axis in (0, 1)
    ]


def _axes(homography: Matrix, at: Points) -> tuple[float, float, bool]:
    """How a small circle there is stretched along its two axes, and whether it keeps its sense of turning."""
    w = float(at @ homography[2, :2] + homography[2, 2])
    moved = (homography[:2, :2] @ at + homography[:2, 2]) / w
    local = (homography[:2, :2] - np.outer(moved, homography[2, :2])) / w
    long, short = np.linalg.svd(local, compute_uv=False)
    return float(long), float(short), bool(np.linalg.det(local) > 0)
