"""The arithmetic of PDQ up to 16 x 16 frequencies: luma, two tent-filter passes, 64 x 64 samples, DCT.

Each pass runs down the columns of a transposed picture, so that the inner loop is a long run over
neighbours and vectorises while every running sum keeps the reference's order of additions. The second
pass writes only the 64 lines that are sampled. Measured: see docs/families/fingerprints/pdq.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.running.compiled import compiled

_SAMPLES = 64
_TILE = 16

Plane = NDArray[np.float32]


@compiled
def luma(red: np.uint8, green: np.uint8, blue: np.uint8) -> np.float32:
    """Brightness in double precision, rounded to single."""
    return np.float32(red * 0.299 + green * 0.587 + blue * 0.114)


@compiled
def window_of(side: int) -> int:
    """Half a sample's width, rounded up: two passes make a tent as wide as a sample."""
    return (side + 2 * _SAMPLES - 1) // (2 * _SAMPLES)


@compiled
def sampled_line(side: int, index: int) -> int:
    """Middle of the `index`th of 64 equal parts."""
    return int(((index + 0.5) * side) / _SAMPLES)


@compiled
def reduce_to_64(pixels: NDArray[np.uint8]) -> Plane:
    """Blur contiguous RGB pixels (height, width, 3) by their size and sample 64 x 64 luma values."""
    height, width = pixels.shape[0], pixels.shape[1]
    every_row, every_column = np.arange(height), np.arange(width)
    rows, columns = _sampled(height), _sampled(width)
    plane = _luma_transposed(pixels)
    plane = _transpose(_box(plane, window_of(width), every_column))
    plane = _transpose(_box(plane, window_of(height), every_row))
    plane = _transpose(_box(plane, window_of(width), columns))
    return _box(plane, window_of(height), rows)


@compiled
def dct_16(small: Plane, matrix: Plane, matrix_transposed: Plane) -> Plane:
    """`matrix` (16, 64) x `small` (64, 64) x its transpose, each sum taken from 0 upwards."""
    half = np.zeros((16, 64), np.float32)
    for row in range(16):
        for k in range(64):
            factor = matrix[row, k]
            for column in range(64):
                half[row, column] += factor * small[k, column]
    result = np.zeros((16, 16), np.float32)
    for row in range(16):
        for k in range(64):
            factor = half[row, k]
            for column in range(16):
                result[row, column] += factor * matrix_transposed[k, column]
    return result


@compiled
def _luma_transposed(pixels: NDArray[np.uint8]) -> Plane:
    """Luma in double precision, stored in single, with rows and columns exchanged."""
    height, width = pixels.shape[0], pixels.shape[1]
    out = np.empty((width, height), np.float32)
    for top in range(0, height, _TILE):
        bottom = min(top + _TILE, height)
        for column in range(width):
            for row in range(top, bottom):
                out[column, row] = luma(
                    pixels[row, column, 0], pixels[row, column, 1], pixels[row, column, 2]
                )
    return out


@compiled
def _transpose(plane: Plane) -> Plane:
    height, width = plane.shape
    out = np.empty((width, height), np.float32)
    for top in range(0, height, _TILE):
        bottom = min(top + _TILE, height)
        for left in range(0, width, _TILE):
            for column in range(left, min(left + _TILE, width)):
                for row in range(top, bottom):
                    out[column, row] = plane[row, column]
    return out


@compiled
def _box(plane: Plane, window: int, wanted: NDArray[np.int64]) -> Plane:
    """Moving average down axis 0, in the reference's four phases; gives the `wanted` lines (rising)."""
    length, width = plane.shape
    lead = (window + 2) // 2 - 1
    total = np.zeros(width, np.float32)
    out = np.empty((len(wanted), width), np.float32)
    for line in range(min(lead, length)):
        for x in range(width):
            total[x] += plane[line, x]
    count, given = lead, 0
    for line in range(length):
        entering, leaving = line + lead, line + lead - window
        if entering < length:
            for x in range(width):
                total[x] += plane[entering, x]
            count += 1
        if leaving >= 0:
            for x in range(width):
                total[x] -= plane[leaving, x]
            count -= 1
        divisor = np.float32(count)
        while given < len(wanted) and wanted[given] == line:
            for x in range(width):
                out[given, x] = total[x] / divisor
            given += 1
    return out


@compiled
def _sampled(side: int) -> NDArray[np.int64]:
    """Middles of 64 equal parts."""
    places = np.empty(_SAMPLES, np.int64)
    for index in range(_SAMPLES):
        places[index] = sampled_line(side, index)
    return places
