"""XFeat: keypoints and descriptors of 64 values by a small network (Potje and others, CVPR 2024).

The network is a file beside this module, trusted by its SHA-256 alone. It sees raw pixels that came out of
the cage. What follows the network (strongest places, sampling of descriptors) is the published method in
numpy; the sampling is checked against ONNX's own GridSample in the tests. Never compares pictures.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.fingerprints.local.ground import bare_of, ground_of
from foureyes.engine.fingerprints.networks import Network, checked
from foureyes.engine.model import LocalFeatures

SHA256 = "0bfa6930c60451d9480aa8a365d9380b5331ddc5105349f2cc01bea705c6cf56"
PATH = Path(__file__).with_name("xfeat.onnx")
CELL = 8
"""Pixels to one place of the map of descriptors, each way."""
MULTIPLE = 32
"""Sides that the network takes are multiples of this."""
LEAST_HEAT = 0.05
"""A keypoint's probability at least, as published."""
NEIGHBOURHOOD = 5
"""Side of the square in which only the strongest keypoint stays, as published."""
LEAST_SIDE = 64
_CUBIC = -0.75
"""The constant of the cubic kernel that the published code samples descriptors with."""

Grey = NDArray[np.float32]
Plane = NDArray[np.float32]


def xfeat(pixels: NDArray[np.uint8], side: int, at_most: int, at_seconds: float = 0.0) -> LocalFeatures:
    """The strongest keypoints of RGB pixels (height, width, 3), with a longer side of at most `side`.

    Raises:
        ModelUnusable: the network's file is missing or not the one that was shipped.
    """
    grey = prepared(pixels, side)
    height, width = grey.shape
    descriptors, heat, reliable = _network().outputs(grey[None, None])
    points, scores = strongest(heat[0, 0], reliable[0, 0], at_most)
    sampled = sample_cubic(descriptors[0], points, (height, width))
    sampled /= np.maximum(np.linalg.norm(sampled, axis=1, keepdims=True), 1e-12)
    found = points[scores > 0], sampled[scores > 0]
    return LocalFeatures("xfeat", width, height, *found, ground_of(grey), bare_of(grey), at_seconds)


def prepared(pixels: NDArray[np.uint8], side: int) -> Grey:
    """Grey, its sides multiples of 32 and at most `side` (or a little less)."""
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = [max(LEAST_SIDE, round(one * scale) // MULTIPLE * MULTIPLE) for one in (width, height)]
    grey = pixels.astype(np.float32).mean(axis=2)
    kind = cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, (size[0], size[1]), interpolation=kind), np.float32)


def strongest(heat: Plane, reliable: Plane, at_most: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points (n, 2) and their scores: local maxima of the heat, by heat times reliability.

    Args:
        heat: (height, width): probability of a keypoint.
        reliable: (height / 8, width / 8): how far descriptors there can be relied on.
        at_most: points kept.
    """
    import cv2  # noqa: PLC0415 - as above

    around = cv2.dilate(heat, np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8))
    rows, columns = np.nonzero((heat == around) & (heat > LEAST_HEAT))
    points = np.stack([columns, rows], axis=1).astype(np.float32)
    scores = heat[rows, columns] * sample_linear(reliable, points, heat.shape)
    order = np.argsort(-scores, kind="stable")[:at_most]
    return points[order], scores[order].astype(np.float32)


def sample_linear(plane: Plane, points: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """Values of a smaller plane at points of the picture, zero beyond its edges."""
    padded = np.pad(plane, 1)
    x, y = _places(points, plane.shape, size)
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    across, down = x - left, y - top
    height, width = padded.shape
    columns = [np.clip(left + 1 + step, 0, width - 1) for step in (0, 1)]
    rows = [np.clip(top + 1 + step, 0, height - 1) for step in (0, 1)]
    above = padded[rows[0], columns[0]] * (1 - across) + padded[rows[0], columns[1]] * across
    below = padded[rows[1], columns[0]] * (1 - across) + padded[rows[1], columns[1]] * across
    return np.asarray(above * (1 - down) + below * down, np.float32)


def sample_cubic(
    planes: NDArray[np.float32], points: NDArray[np.float32], size: tuple[int, ...]
) -> NDArray[np.float32]:
    """(n, channels): values of (channels, height / 8, width / 8) at points, by a cubic kernel."""
    channels, height, width = planes.shape
    flat = np.ascontiguousarray(np.pad(planes, ((0, 0), (2, 2), (2, 2))).transpose(1, 2, 0))
    x, y = _places(points, (height, width), size)
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    across, down = _kernel(x - left), _kernel(y - top)
    sampled = np.zeros((len(points), channels), np.float32)
    for row in range(4):
        rows = np.clip(top + row + 1, 0, height + 3)
        for column in range(4):
            columns = np.clip(left + column + 1, 0, width + 3)
            sampled += flat[rows, columns] * (down[row] * across[column])[:, None]
    return sampled


def _places(
    points: NDArray[np.float32], shape: tuple[int, ...], size: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of the picture on a smaller map, as the published code lays one on the other."""
    x = points[:, 0].astype(np.float64) / (size[1] - 1) * shape[1] - 0.5
    y = points[:, 1].astype(np.float64) / (size[0] - 1) * shape[0] - 0.5
    return x, y


def _kernel(part: NDArray[np.float64]) -> list[NDArray[np.float32]]:
    """Weights of the four neighbours, from the one before the left one on."""

    def near(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((_CUBIC + 2) * t - (_CUBIC + 3)) * t * t + 1

    def far(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((_CUBIC * t - 5 * _CUBIC) * t + 8 * _CUBIC) * t - 4 * _CUBIC

    weights = (far(part + 1), near(part), near(1 - part), far(2 - part))
    return [one.astype(np.float32) for one in weights]


@cache
def _network() -> Network:
    return Network(checked(PATH, SHA256))
