"""Whether two pictures show one surface: matched places that agree with one movement of the camera.

The verdict counts places, not keypoints: several on one spot are one. Never decides what a view is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.geometry.drawn import drawn, surface, whole
from foureyes.engine.matching.geometry.nearest import alike
from foureyes.engine.matching.geometry.overlays import around_other_contents
from foureyes.engine.matching.geometry.plausible import plausible
from foureyes.engine.model import Box, LocalFeatures, MatchedPoint

LEAST_INLIERS = 10
"""Fewer are not told of: 4 points always fit a homography, and pictures full of corners fit 9 by chance."""
OFF_AT_MOST = 1 / 160
"""Of the longer side: how far a place may lie from where the movement puts it; 4 pixels of 640."""
SPOT = 1 / 160
"""Of the longer side: keypoints nearer than this to each other are one place."""
LEAST_SHARE = 0.002
"""Of either picture: matched places within less than this are a spot, not a surface."""
THINNEST = 0.02
"""Of the longer side: the narrower side of what the places span, at least. A line fits too much."""
POINTS_KEPT = 60
STILL = 1 / 100
"""Of the sides: places that moved no further lie at the same place of both."""
GRID = 12
"""Cells each way in which it is counted how much of a surface agrees."""
SCATTERED = 0.25
"""Of those cells: of pictures that lie still, places that agree in fewer are buttons around other things."""

ALL_OF_IT = 0.75
"""Of all cells of both pictures: a drawing that agrees in more is the same drawing, a page turned or cropped.
Of 70 pairs of windows of one program that fitted aslant or moved, one had more."""
A_PICTURE = 0.6
"""Of the cells within what the places span: what agrees in more, with other things around it or with holes in
it, is a picture. The frames of players agree in less, and so do rooms in which somebody moves."""
A_LARGE_PART = 0.2
"""Of either picture that the places span, for it to be a picture and no mark on another."""

_SURE = 0.999
_TRIES = 3_000


Boxes = Sequence[Box]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What two pictures share."""

    method: str
    inliers: int
    share_a: float
    share_b: float
    agrees: float
    """Of the cells within the hull that have keypoints in both pictures, the share with a matched place."""
    covers: float
    """Of what both pictures would show if all were this surface, the share that the hull covers: nearly all
    where two views overlap at their edges, little for a poster in two rooms."""
    still: bool
    """Every matched place lies at the same place of both: a copy, a still camera, or an overlay."""
    homography: NDArray[np.float64]
    """(3, 3), from `a` to `b`, sides of both from 0 to 1."""
    places: NDArray[np.float64]
    """(n, 4): x and y in `a`, x and y in `b`, 0 to 1: every matched place."""
    overlay: bool = False
    """What was matched is a frame, a form or a logo: what lies between is something else."""
    mirrored: bool = False
    unsure: bool = False
    """What was matched may be a window or a form of one kind, or what stays around other things: an overlay
    or a room, which nobody can tell by this."""

    def points(self) -> tuple[MatchedPoint, ...]:
        """Some of the places, well spread, at most 60."""
        rows = spread(self.places[:, :2], POINTS_KEPT)
        return tuple(
            (float(x), float(y), float(u), float(v)) for x, y, u, v in np.round(self.places[rows], 4)
        )


def view_of(a: LocalFeatures, b: LocalFeatures) -> View | None:
    """The surface that two pictures share, or None.

    Raises:
        ValueError: their features were made in different ways.
    """
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    numbers_a, numbers_b = alike(a, b)
    if len(numbers_a) < LEAST_INLIERS:
        return None
    points_a, points_b = a.points[numbers_a], b.points[numbers_b]
    off = OFF_AT_MOST * max(b.width, b.height)
    found, inside = cv2.findHomography(
        points_a, points_b, cv2.USAC_MAGSAC, off, maxIters=_TRIES, confidence=_SURE
    )
    fitted = np.asarray(found, np.float64)
    if fitted.shape != (3, 3) or inside.sum() < LEAST_INLIERS:  # it gives None where nothing fits
        return None
    kept = np.flatnonzero(inside.ravel())
    kept = kept[_spots(points_a[kept], SPOT * max(a.width, a.height))]
    kept = kept[_spots(points_b[kept], SPOT * max(b.width, b.height))]
    if len(kept) < LEAST_INLIERS or not plausible(fitted, points_a[kept].astype(np.float64)):
        return None
    return _verdict(a, b, points_a[kept], points_b[kept], fitted)


def mirrored_back(view: View) -> View:
    """The view as it lies in the picture `b`, where it was found in `b` mirrored left to right."""
    places = view.places.copy()
    places[:, 2] = 1 - places[:, 2]
    flip = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return replace(view, homography=flip @ view.homography, places=places, mirrored=True, still=False)


def without(features: LocalFeatures, boxes: Boxes) -> LocalFeatures:
    """The keypoints outside all boxes: the background decides."""
    if not boxes:
        return features
    at = features.points / np.array([features.width, features.height], np.float32)
    keep = np.ones(len(at), bool)
    for left, top, right, bottom in boxes:
        keep &= ~((at[:, 0] >= left) & (at[:, 0] <= right) & (at[:, 1] >= top) & (at[:, 1] <= bottom))
    hidden = (*features.hidden, *boxes)
    points, descriptors = features.points[keep], features.descriptors[keep]
    return replace(features, points=points, descriptors=descriptors, hidden=hidden)


def spread(points: NDArray[np.floating], at_most: int) -> NDArray[np.int64]:
    """Numbers of at most so many points, each as far as can be from those before it."""
    if len(points) <= at_most:
        return np.arange(len(points))
    chosen = [int(((points - points.mean(axis=0)) ** 2).sum(axis=1).argmax())]
    near = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < at_most:
        chosen.append(int(near.argmax()))
        near = np.minimum(near, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return np.asarray(sorted(chosen))


def _verdict(
    a: LocalFeatures,
    b: LocalFeatures,
    points_a: NDArray[np.float32],
    points_b: NDArray[np.float32],
    fitted: NDArray[np.float64],
) -> View | None:
    size_a, size_b = np.array([a.width, a.height]), np.array([b.width, b.height])
    share_a, share_b = _share(points_a, size_a), _share(points_b, size_b)
    if min(share_a, share_b) < LEAST_SHARE:
        return None
    places = np.hstack([points_a / size_a, points_b / size_b]).astype(np.float64)
    to_pixels, to_parts = np.diag([*size_a, 1.0]), np.diag([*(1 / size_b), 1.0])
    homography = to_parts @ fitted @ to_pixels
    agrees = _agreement(a, b, points_a, fitted)
    still = bool(np.abs(places[:, :2] - places[:, 2:]).max(axis=1).mean() <= STILL)
    others = (still and agrees < SCATTERED) or around_other_contents(
        (a.ground, a.hidden), (b.ground, b.hidden), homography, places
    )
    whole_seen = not (a.hidden or b.hidden)
    seen = others and whole_seen and agrees >= SCATTERED and surface(a, b, places)
    picture = agrees >= A_PICTURE and max(share_a, share_b) >= A_LARGE_PART
    form = drawn(a, b, places) and whole(a, b, homography, places) < ALL_OF_IT
    return View(
        method=a.method,
        inliers=len(places),
        share_a=share_a,
        share_b=share_b,
        agrees=agrees,
        covers=_covers(share_a, size_a, size_b, fitted),
        still=still,
        overlay=others and not seen,
        unsure=form or (seen and not picture),
        homography=homography,
        places=places,
    )


def _spots(points: NDArray[np.float32], side: float) -> NDArray[np.int64]:
    """The first point of each spot."""
    _, first = np.unique(np.floor(points / side).astype(np.int64), axis=0, return_index=True)
    return np.sort(first)


def _share(points: NDArray[np.float32], size: NDArray[np.int64]) -> float:
    """Share of a picture that the hull of points covers; 0 for a line."""
    import cv2  # noqa: PLC0415 - as above

    hull = cv2.convexHull(points)
    _, sides, _ = cv2.minAreaRect(hull)
    if min(sides) < THINNEST * size.max():
        return 0.0
    return round(min(1.0, float(cv2.contourArea(hull)) / float(size[0] * size[1])), 4)


def _covers(
    share_a: float, size_a: NDArray[np.int64], size_b: NDArray[np.int64], fitted: NDArray[np.float64]
) -> float:
    """The hull's share of the part of `a` that lies within the frame of `b`."""
    import cv2  # noqa: PLC0415 - as above

    frame_a, frame_b = (
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        for width, height in (size_a, size_b)
    )
    back = np.linalg.inv(fitted)
    depth = frame_b @ back[2, :2] + back[2, 2]
    if depth.min() * depth.max() <= 0:
        return share_a
    moved = cv2.perspectiveTransform(frame_b[None], back)[0]
    area, _ = cv2.intersectConvexConvex(frame_a.astype(np.float32), moved.astype(np.float32))
    return round(min(1.0, share_a * float(size_a[0] * size_a[1]) / max(float(area), 1.0)), 4)


def _agreement(
    a: LocalFeatures, b: LocalFeatures, points: NDArray[np.float32], fitted: NDArray[np.float64]
) -> float:
    """Of the cells of `a` within the hull with keypoints of both pictures, the share with a matched one."""
    import cv2  # noqa: PLC0415 - as above

    back = np.linalg.inv(fitted)
    moved = cv2.perspectiveTransform(b.points[None].astype(np.float64), back)[0].astype(np.float32)
    hull = cv2.convexHull(points)
    size = np.array([a.width, a.height])
    cells = []
    for some in (a.points, moved, points):
        inside = np.array(
            [cv2.pointPolygonTest(hull, (float(x), float(y)), False) >= 0 for x, y in some], bool
        )
        grid = np.clip(np.floor(some[inside] / size * GRID), 0, GRID - 1).astype(np.int64)
        cells.append(set((grid[:, 0] * GRID + grid[:, 1]).tolist()))
    both = cells[0] & cells[1]
    return round(len(cells[2] & both) / len(both), 3) if both else 1.0
