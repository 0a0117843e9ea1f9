"""Local features as one value of fixed width, for the catalogue, and back. Never makes or compares any.

A value is 8 bytes of head (width, height and number of keypoints, 16 bits each, and 2 spare), 256 of ground,
256 of how bare it is, then a place of 2 x 16 bits for each keypoint there can be, then its descriptor at
8 bits a number.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.fingerprints.local.ground import CELLS
from foureyes.engine.model import Fingerprint, LocalFeatures

KEYPOINTS = 768
"""Of one picture or frame, at most; the weaker ones are left out."""
VERSION = 2
"""Of both kinds: raised whenever the same pixels would give another value."""
LENGTHS = {"xfeat": 64, "sift": 128}
_HEAD = 8
_GROUND = CELLS * CELLS
_PARTS = 32.0
"""Places are kept in 32nds of a pixel."""
_LARGEST = {"xfeat": 0.64, "sift": 0.51}
"""Larger numbers of a descriptor are cut to this: of a descriptor of length 1 hardly any is."""


def value_bytes(method: str) -> int:
    """Length of every value of a method."""
    return _HEAD + 2 * _GROUND + KEYPOINTS * (4 + LENGTHS[method])


def packed(features: LocalFeatures, quality: int) -> Fingerprint:
    """The value of the strongest keypoints."""
    count = min(len(features), KEYPOINTS)
    head = np.array([features.width, features.height, count, 0], "<u2")
    places = np.zeros((KEYPOINTS, 2), "<u2")
    places[:count] = np.clip(np.round(features.points[:count] * _PARTS), 0, 65_535)
    numbers = np.zeros((KEYPOINTS, LENGTHS[features.method]), np.int8)
    steps = features.descriptors[:count] * (127 / _LARGEST[features.method])
    numbers[:count] = np.clip(np.round(steps), -127, 127)
    parts = (head, features.ground, features.bare, places, numbers)
    value = b"".join(part.tobytes() for part in parts)
    return Fingerprint(features.method, VERSION, value, quality, features.at_seconds)


def unpacked(method: str, value: NDArray[np.uint8], at_seconds: float = 0.0) -> LocalFeatures:
    """Features as `packed` wrote them.

    Raises:
        ValueError: the value is of another length.
    """
    if len(value) != value_bytes(method):
        raise ValueError(f"features of {method} take {value_bytes(method)} bytes, not {len(value)}")
    raw = np.ascontiguousarray(value)
    width, height, count, _ = (int(one) for one in raw[:_HEAD].view("<u2"))
    count = min(count, KEYPOINTS)
    begin = _HEAD + 2 * _GROUND
    end = begin + KEYPOINTS * 4
    ground, bare = raw[_HEAD:begin].reshape(2, CELLS, CELLS)
    points = raw[begin:end].view("<u2").reshape(-1, 2)[:count].astype(np.float32) / np.float32(_PARTS)
    numbers = raw[end:].view(np.int8).reshape(KEYPOINTS, -1)[:count].astype(np.float32)
    length = np.maximum(np.linalg.norm(numbers, axis=1, keepdims=True), 1e-9)
    return LocalFeatures(method, width, height, points, numbers / length, ground, bare, at_seconds)
