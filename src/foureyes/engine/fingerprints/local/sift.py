"""SIFT (Lowe 2004) by OpenCV, its descriptors as RootSIFT (Arandjelovic and Zisserman 2012).

Finds turned pictures, which XFeat does not. What a mirrored picture's descriptors would be is a reordering of
the upright ones, so no second look at the pixels is needed. Never compares pictures.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.fingerprints.local.ground import bare_of, ground_of
from foureyes.engine.model import LocalFeatures

CELLS = 4
DIRECTIONS = 8
LENGTH = CELLS * CELLS * DIRECTIONS
LEAST_CONTRAST = 0.02
"""Half of OpenCV's default: dim rooms have few strong corners."""


def sift(pixels: NDArray[np.uint8], side: int, at_most: int, at_seconds: float = 0.0) -> LocalFeatures:
    """The strongest keypoints of RGB pixels (height, width, 3), with a longer side of at most `side`."""
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    if scale < 1:
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    finder = cv2.SIFT_create(  # type: ignore[attr-defined]  # the stubs lack it
        nfeatures=at_most, contrastThreshold=LEAST_CONTRAST
    )
    cells = ground_of(grey), bare_of(grey)
    keypoints, found = finder.detectAndCompute(grey, None)
    if found is None:
        nothing = np.zeros((0, 2), np.float32), np.zeros((0, LENGTH), np.float32)
        return LocalFeatures("sift", size[0], size[1], *nothing, *cells, at_seconds)
    order = np.argsort([-one.response for one in keypoints], kind="stable")[:at_most]
    points = np.asarray([keypoints[number].pt for number in order], np.float32).reshape(-1, 2)
    return LocalFeatures(
        "sift", size[0], size[1], points, _root(np.asarray(found)[order]), *cells, at_seconds
    )


def mirrored(features: LocalFeatures) -> LocalFeatures:
    """What the picture mirrored left to right would give."""
    points = features.points.copy()
    points[:, 0] = features.width - 1 - points[:, 0]
    cells = features.descriptors.reshape(-1, CELLS, CELLS, DIRECTIONS)
    turned = cells[:, ::-1][..., -np.arange(DIRECTIONS) % DIRECTIONS]
    flat = np.ascontiguousarray(turned.reshape(-1, LENGTH))
    hidden = tuple((1 - right, top, 1 - left, bottom) for left, top, right, bottom in features.hidden)
    ground, bare = (one[:, ::-1].copy() for one in (features.ground, features.bare))
    return replace(features, points=points, descriptors=flat, ground=ground, bare=bare, hidden=hidden)


def _root(found: NDArray[np.float32]) -> NDArray[np.float32]:
    summed = np.maximum(np.abs(found).sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.sqrt(np.abs(found) / summed), np.float32)
