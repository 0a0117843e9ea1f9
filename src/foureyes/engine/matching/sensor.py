"""Compares the noise of sensors: did one camera take two pictures, or two groups of pictures.

The published method (Chen, Fridrich, Goljan and Lukas, "Determining image origin and integrity using sensor
noise", 2008): the most likely pattern of a sensor from several pictures, cleaned of what all cameras of a
make share, and the energy of the peak of correlation against that of all other shifts. Never says what a peak
is worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Plane = NDArray[np.float32]

BLOCK = 8
STEP = 16.0
"""As the fingerprint of kind `sensor`, version 1, has them."""
AROUND = 5
"""Pixels around a peak that belong to it: a square of 11 is left out of the energy of the rest."""
_WINDOWS = (3, 5, 7, 9)


@dataclass(frozen=True, eq=False)
class Pattern:
    """What pictures of one camera say of its sensor together. Cleaning it takes longest, so that is kept."""

    weighted: Plane
    """Sum of noise times brightness over the pictures."""
    light: Plane
    """Sum of squared brightness."""
    pictures: int

    @property
    def pixels(self) -> int:
        """Pixels in which some picture says anything."""
        return int(np.count_nonzero(self.light))

    @cached_property
    def bright(self) -> Plane:
        """What one picture of as much light would have."""
        root: Plane = np.sqrt(self.light)
        return root

    @cached_property
    def known(self) -> Plane:
        """The most likely pattern of the sensor."""
        return _cleaned(self.weighted / (self.light + 1))

    @cached_property
    def seen(self) -> Plane:
        """The noise that one picture of as much light would have."""
        return _cleaned(self.weighted / (self.bright + 1))


def pattern_of(values: Iterable[bytes | NDArray[np.uint8]]) -> Pattern:
    """What fingerprints of one camera say together; they must be in one orientation.

    Raises:
        ValueError: there is none, or they are of another form.
    """
    weighted: Plane | None = None
    light: Plane | None = None
    count = 0
    for value in values:
        noise, brightness = _planes(np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value)
        if weighted is None or light is None:
            weighted, light = np.zeros_like(noise), np.zeros_like(noise)
        weighted += noise * brightness
        light += brightness * brightness
        count += 1
    if weighted is None or light is None:
        raise ValueError("a pattern needs a picture")
    return Pattern(weighted, light, count)


def pce(one: Pattern, other: Pattern, reach: int = 0) -> float:
    """Peak-to-correlation energy of two patterns, with the sign of the peak.

    The one of more pictures is taken as the camera, the other as what it may have taken. Unrelated sensors
    give about 1 or -1; with a search over shifts, the most of as many tries.

    Args:
        one: pattern of some pictures.
        other: pattern of others, of one side with it.
        reach: shifts of up to so many pixels that are tried for a cropped picture; 0 tries none.
    """
    camera, asked = (one, other) if one.pictures >= other.pictures else (other, one)
    return _peak(asked.seen, camera.known * asked.bright, reach)


def _planes(value: NDArray[np.uint8]) -> tuple[Plane, Plane]:
    """Noise in levels of grey, and brightness, of each pixel."""
    small = math.isqrt(len(value) // (BLOCK * BLOCK + 1))
    side = small * BLOCK
    if small == 0 or len(value) != side * side + small * small:
        raise ValueError("no fingerprint of a sensor")
    noise = value[: side * side].view(np.int8).reshape(side, side).astype(np.float32) / STEP
    light = value[side * side :].reshape(small, small).astype(np.float32)
    return noise, np.repeat(np.repeat(light, BLOCK, axis=0), BLOCK, axis=1)


def _cleaned(plane: Plane) -> Plane:
    """Without what all cameras of one make have: means of rows and columns, and regular waves."""
    return _without_waves(_without_lines(plane))


def _without_lines(plane: Plane) -> Plane:
    """Means of rows and columns taken off, for each of the four places of a colour filter by itself."""
    made: Plane = plane - plane.mean()
    for row in (0, 1):
        for column in (0, 1):
            part = made[row::2, column::2]
            part -= part.mean(axis=0, keepdims=True)
            part -= part.mean(axis=1, keepdims=True)
    return made


def _without_waves(plane: Plane) -> Plane:
    """A Wiener filter over the spectrum: what stands out of it is no noise of a sensor."""
    from scipy import fft  # noqa: PLC0415 - 50 ms of each start that few runs need
    from scipy.ndimage import uniform_filter  # noqa: PLC0415 - as above

    smooth: Callable[..., Plane] = uniform_filter
    noise = float(plane.var())
    if noise <= 0:
        return plane
    spectrum = fft.fft2(plane)
    energy = (np.abs(spectrum) ** 2 / plane.size).astype(np.float32)
    local = smooth(energy, _WINDOWS[0], mode="wrap")
    for window in _WINDOWS[1:]:
        np.minimum(local, smooth(energy, window, mode="wrap"), out=local)
    signal = np.maximum(local - noise, 0)
    filtered: Plane = fft.ifft2(spectrum * (noise / (signal + noise))).real.astype(np.float32)
    return filtered


def _peak(noise: Plane, expected: Plane, reach: int) -> float:
    """Squared correlation at the peak over the mean of those away from it."""
    from scipy import fft  # noqa: PLC0415 - as above

    one, two = fft.rfft2(noise - noise.mean()), fft.rfft2(expected - expected.mean())
    found = fft.irfft2(one * np.conj(two), s=noise.shape)
    near = np.roll(found, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    at = np.unravel_index(int(np.argmax(near)), near.shape)
    top, left = int(at[0]) - reach, int(at[1]) - reach
    squared = np.roll(found, (AROUND - top, AROUND - left), (0, 1)).astype(np.float64) ** 2
    width = 2 * AROUND + 1
    rest = (squared.sum() - squared[:width, :width].sum()) / (squared.size - width * width)
    peak = float(found[top, left])
    return math.copysign(peak * peak / rest, peak) if rest > 0 else 0.0
