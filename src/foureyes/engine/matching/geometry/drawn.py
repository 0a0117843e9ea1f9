"""Whether what two pictures share is drawn (windows, forms, text) or a surface that a camera saw.

The windows of one program, two filled-in forms and two pages of one site fit each other at hundreds of places
and show nothing together. What is drawn is of one colour to the pixel between its places; what a camera saw,
or an edit of it, is not. Never matches anything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import LocalFeatures

DRAWN = 0.4
"""Share of the matched cells of both that is of one colour, from which they are drawn. Of 56 pairs of windows
of one program none had less than 0.49; of some 90 true pairs, edits of photos, none had more than 0.11."""
SEEN = 0.25
"""Under this the matched cells were seen by a camera."""
DARK = 24
"""Of 255: what is darker is of one colour in a photo of the night too, and tells nothing of what is drawn."""
ALIKE = 0.85
"""Correlation of brightness at the places of one surface. Of some 70 edits of photos with other things in
them most had more than 0.9; places of a watermark have the brightness of what is under it."""
CELLS_LEAST = 12
"""Cells with a matched place: with fewer a correlation says nothing."""
GRID = 12
"""Cells each way in which it is counted how much of both pictures agrees."""

Places = NDArray[np.float64]


def drawn(a: LocalFeatures, b: LocalFeatures, places: Places) -> bool:
    """Whether the matched places (n, 4; x and y in `a`, x and y in `b`, 0 to 1) lie on drawings in both."""
    return all(
        _bare(features, at, darkest=DARK) >= DRAWN
        for features, at in ((a, places[:, :2]), (b, places[:, 2:]))
    )


def surface(a: LocalFeatures, b: LocalFeatures, places: Places) -> bool:
    """Whether the matched places are things that a camera saw, equally bright in both: no frame, no mark."""
    sides = ((a, places[:, :2]), (b, places[:, 2:]))
    if any(_bare(features, at, darkest=0) >= SEEN for features, at in sides):
        return False
    if len(np.unique(_cells(places[:, :2], a.ground.shape[0]), axis=0)) < CELLS_LEAST:
        return False
    one, two = (_brightness(features.ground, at) for features, at in sides)
    return min(one.std(), two.std()) > 1 and float(np.corrcoef(one, two)[0, 1]) >= ALIKE


def whole(a: LocalFeatures, b: LocalFeatures, homography: NDArray[np.float64], places: Places) -> float:
    """Of all cells within the frame of both with a keypoint of either, the share with a matched place.

    What is drawn is found wherever it is: a keypoint that the other picture lacks is other text.
    """
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    own = _parts(a)
    other = _parts(b)
    there = cv2.perspectiveTransform(own[None], homography)[0]
    here = cv2.perspectiveTransform(other[None], np.linalg.inv(homography))[0]
    every = _named(own[_within(there)]) | _named(here[_within(here)])
    return round(len(_named(places[:, :2])) / max(1, len(every)), 3)


def _bare(features: LocalFeatures, at: Places, *, darkest: int) -> float:
    """Mean share of one colour in the cells with a place that are as bright; 0 where there are none."""
    cells = np.unique(_cells(at, features.bare.shape[0]), axis=0)
    x, y = cells[:, 0], cells[:, 1]
    bright = features.ground[y, x] >= darkest
    return float(features.bare[y, x][bright].mean()) / 255 if bright.any() else 0.0


def _cells(at: Places, cells: int) -> NDArray[np.int64]:
    return np.clip(np.floor(at * cells), 0, cells - 1).astype(np.int64)


def _brightness(ground: NDArray[np.uint8], at: Places) -> NDArray[np.float64]:
    import cv2  # noqa: PLC0415 - as above

    x, y = (np.clip(at * len(ground) - 0.5, 0, len(ground) - 1)).astype(np.float32).T
    return np.asarray(cv2.remap(ground.astype(np.float32), x, y, cv2.INTER_LINEAR).ravel(), np.float64)


def _parts(features: LocalFeatures) -> Places:
    return np.asarray(features.points / np.array([features.width, features.height]), np.float64)


def _within(at: Places) -> NDArray[np.bool_]:
    return np.asarray(((at >= 0) & (at < 1)).all(axis=1))


def _named(at: Places) -> set[int]:
    cells = _cells(at, GRID)
    return set((cells[:, 1] * GRID + cells[:, 0]).tolist())
