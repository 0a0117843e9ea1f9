"""How a frame must be turned to stand upright, from the display matrix of its container.

Knows only the eight turns and mirrors; an oblique matrix is taken as the nearest of them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Uprightness:
    """What to do with stored pixels, in this order."""

    transpose: bool = False
    mirror: bool = False
    flip: bool = False

    @property
    def exif(self) -> int:
        """The same as an EXIF orientation, 1 to 8."""
        return _EXIF[self.transpose, self.mirror, self.flip]

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Upright copy of (height, width, channels) pixels, contiguous."""
        if self.transpose:
            pixels = pixels.swapaxes(0, 1)
        if self.mirror:
            pixels = pixels[:, ::-1]
        if self.flip:
            pixels = pixels[::-1]
        return np.ascontiguousarray(pixels)


_EXIF = {
    (False, False, False): 1,
    (False, True, False): 2,
    (False, True, True): 3,
    (False, False, True): 4,
    (True, False, False): 5,
    (True, True, False): 6,
    (True, True, True): 7,
    (True, False, True): 8,
}


def uprightness(untrusted_matrix: bytes) -> Uprightness:
    """From FFmpeg's display matrix: nine native 32-bit integers, a b u c d v x y w.

    A stored point (x, y) is shown at (a x + c y, b x + d y). Anything else than 36 bytes is no turn.
    """
    if len(untrusted_matrix) != struct.calcsize("9i"):
        return Uprightness()
    a, b, _, c, d, *_ = struct.unpack("9i", untrusted_matrix)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Uprightness(mirror=a < 0, flip=d < 0)
    return Uprightness(transpose=True, mirror=c < 0, flip=b < 0)


def upright_size(width: int, height: int, upright: Uprightness) -> tuple[int, int]:
    """Width and height as shown, from width and height as stored."""
    return (height, width) if upright.transpose else (width, height)
