"""How a network wants to see a picture: its size, its numbers, their order. Never decodes a file."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.settings import SceneModel

Pixels = NDArray[np.uint8]

_STEP = 32
"""Sides are multiples of what the network's last feature map is smaller by."""
_LONGEST = 4.0
"""Times the shorter side that the longer one may have: a strip beyond that is squeezed."""


class Seeing(NamedTuple):
    """What is done to upright RGB pixels before a network gets them; see `settings.SceneModel`."""

    side: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    layout: str = "nchw"
    squeezed: bool = False
    mirrored: bool = True

    @classmethod
    def of(cls, model: SceneModel) -> Seeing:
        """As the settings of a model say."""
        return cls(model.side, model.mean, model.deviation, model.layout, model.squeezed, model.mirrored)

    def batch(self, pixels: Pixels) -> NDArray[Any]:
        """The picture, and its mirror image where both count, in one array of the network's layout."""
        height, width = pixels.shape[:2]
        size = (self.side, self.side) if self.squeezed else own_shape(width, height, self.side)
        seen = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
        views = np.stack([seen, seen[:, ::-1]]) if self.mirrored else seen[None]
        if self.layout == "nhwc-uint8":
            return views
        numbers = (views - np.array(self.mean, np.float32)) / np.array(self.deviation, np.float32)
        return numbers if self.layout == "nhwc" else np.ascontiguousarray(numbers.transpose(0, 3, 1, 2))


def own_shape(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height with about side x side pixels in the picture's own shape, in steps of 32."""
    shape = min(max(width / height, 1 / _LONGEST), _LONGEST) ** 0.5
    across, down = (max(_STEP, round(one / _STEP) * _STEP) for one in (side * shape, side / shape))
    return across, down
