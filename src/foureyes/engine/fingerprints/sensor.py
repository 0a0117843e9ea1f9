"""The noise of the sensor in a picture at full size, for telling cameras apart (PRNU).

The published method: the picture minus its wavelet-denoised self (Mihcak and others 1999, as used by Lukas,
Fridrich and Goljan, "Digital camera identification from sensor pattern noise", 2006). Made of the luminance
of the middle of a picture as the sensor recorded it. It says nothing of reduced pictures, and is made late,
of few pictures: see `steps/sensing.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Plane = NDArray[np.float32]

SIDE = 1536
"""Side of the middle that is cut out: 2.4 megapixels, which a picture of 3 megapixels has. On two bodies of
one model, 1024 told apart with next to no margin, 1984 with a wide one (`bench/sensor.py`)."""
BLOCK = 8
"""Side of the blocks of which the brightness is kept."""
STEP = 16.0
"""Steps of the kept noise in one level of grey. One byte a pixel loses nothing measurable against floating
point; one bit loses more than half of the peak."""
_VARIANCE = 5.0**2
"""Of the noise that is looked for, in grey levels: the value of the published implementation."""
_LEVELS = 4
_WINDOWS = (3, 5, 7, 9)
_SATURATED, _DARK = 250, 12
"""Levels from which a pixel holds no such noise: it grows with light, until the pixel is full."""
_LEAST_NOISE = 0.2
"""Mean deviation in grey levels below which there is no noise: a drawing, or a picture much reduced. Those
of the cameras measured had 1.3 to 2.7."""
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_LOW = np.array(
    [
        0.23037781330885523, 0.7148465705525415, 0.6308807679295904, -0.02798376941698385,
        -0.18703481171888114, 0.030841381835986965, 0.032883011666982945, -0.010597401784997278,
    ],
    np.float32,
)  # fmt: skip
"""Daubechies' filter with four vanishing moments."""
_HIGH = (_LOW[::-1] * np.array([1, -1] * 4, np.float32)).astype(np.float32)


class Sensor:
    """Makes the fingerprint of kind `sensor`; no member of `FINGERPRINTS`, for it is not made at ingest."""

    name = "sensor"
    version = 1
    value_bytes = SIDE * SIDE + (SIDE // BLOCK) ** 2
    """2,396,160: noise as one signed byte a pixel, then the mean brightness of each block of 8 x 8."""

    def make(self, luma: NDArray[np.uint8]) -> tuple[bytes, int]:
        """Value and quality of a square of `SIDE` pixels of luminance, in the sensor's own orientation.

        The quality, 0 to 100, is the share of pixels that are neither full nor dark; 0 where there is no
        noise at all.
        """
        if luma.shape != (SIDE, SIDE):
            raise ValueError(f"a square of {SIDE} pixels is needed")
        usable = (luma >= _DARK) & (luma < _SATURATED)
        noise = np.where(usable, residual(luma), 0)
        light = np.where(usable, luma, 0).reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK).mean((1, 3))
        kept = np.clip(np.rint(noise * STEP), -127, 127).astype(np.int8)
        share = float(usable.mean())
        quality = round(100 * share) if share and np.abs(noise).mean() >= _LEAST_NOISE * share else 0
        return kept.tobytes() + light.astype(np.uint8).tobytes(), quality


def luma_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luminance of RGB pixels (height, width, 3)."""
    grey: NDArray[np.uint8] = np.rint(pixels @ _LUMA).astype(np.uint8)
    return grey


def residual(luma: NDArray[np.uint8]) -> Plane:
    """What denoising takes off a picture of which the sides are multiples of 16."""
    approximation = luma.astype(np.float32)
    details: list[tuple[Plane, Plane, Plane]] = []
    for _ in range(_LEVELS):
        low, high = _split(approximation, 0)
        approximation, across = _split(low, 1)
        down, both = _split(high, 1)
        details.append((_noise_in(across), _noise_in(down), _noise_in(both)))
    noise = np.zeros_like(approximation)
    for across, down, both in reversed(details):
        noise = _joined(_joined(noise, across, 1), _joined(down, both, 1), 0)
    return noise


def _noise_in(band: Plane) -> Plane:
    """The part of wavelet coefficients that is noise, by the least of their local variances."""
    from scipy.ndimage import uniform_filter  # noqa: PLC0415 - 50 ms of each start that few runs need

    smooth: Callable[..., Plane] = uniform_filter
    energy = band * band
    local = smooth(energy, _WINDOWS[0], mode="wrap")
    for window in _WINDOWS[1:]:
        np.minimum(local, smooth(energy, window, mode="wrap"), out=local)
    signal = np.maximum(local - _VARIANCE, 0)
    noise: Plane = band * (_VARIANCE / (signal + _VARIANCE))
    return noise


def _split(plane: Plane, axis: int) -> tuple[Plane, Plane]:
    """Low and high half along an axis, as if the plane went on round."""
    rows = np.moveaxis(plane, axis, 0)
    count = rows.shape[0]
    round_again = np.concatenate([rows, rows[: len(_LOW) - 2]])
    low = np.zeros((count // 2, *rows.shape[1:]), np.float32)
    high = np.zeros_like(low)
    for tap in range(len(_LOW)):
        part = round_again[tap : tap + count : 2]
        low += _LOW[tap] * part
        high += _HIGH[tap] * part
    return np.moveaxis(low, 0, axis), np.moveaxis(high, 0, axis)


def _joined(low: Plane, high: Plane, axis: int) -> Plane:
    """The reverse of `_split`."""
    lows, highs = np.moveaxis(low, axis, 0), np.moveaxis(high, axis, 0)
    count = 2 * lows.shape[0]
    beyond = len(_LOW) - 2
    rows = np.zeros((count + beyond, *lows.shape[1:]), np.float32)
    for tap in range(len(_LOW)):
        rows[tap : tap + count : 2] += _LOW[tap] * lows + _HIGH[tap] * highs
    rows[:beyond] += rows[count:]
    return np.moveaxis(rows[:count], 0, axis)
