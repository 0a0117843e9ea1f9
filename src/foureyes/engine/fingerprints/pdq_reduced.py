"""PDQ's 64 x 64 samples of a full picture, estimated from a reduced one.

PDQ's blur has a whole number of pixels as its width, so the hash of a reduced picture is not that of the
full one: at 500 pixels the rounding alone moves 6 of 256 bits at the median and up to 44. Here each sample
gets the weights that the full picture's blur gives to the pixels that went into each reduced pixel.
Measured: docs/decisions/0002-reduced-decode.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.fingerprints.pdq_filter import luma, sampled_line, window_of
from foureyes.engine.running.compiled import compiled

_SAMPLES = 64

Plane = NDArray[np.float32]


@compiled
def sample_as_full(pixels: NDArray[np.uint8], full_height: int, full_width: int) -> Plane:
    """64 x 64 luma values, as the picture of full_height x full_width pixels would have them.

    `pixels`: (height, width, 3), each the mean of a block of the full picture.
    """
    height, width = pixels.shape[0], pixels.shape[1]
    down, across = _weights(full_height, height), _weights(full_width, width)
    lines = np.zeros((_SAMPLES, width), np.float32)
    row_luma = np.empty(width, np.float32)
    for row in range(height):
        for column in range(width):
            row_luma[column] = luma(pixels[row, column, 0], pixels[row, column, 1], pixels[row, column, 2])
        for sample in range(_SAMPLES):
            weight = down[sample, row]
            if weight > 0:
                for column in range(width):
                    lines[sample, column] += weight * row_luma[column]
    return _samples_of_lines(lines, across)


@compiled
def _samples_of_lines(lines: Plane, across: Plane) -> Plane:
    out = np.zeros((_SAMPLES, _SAMPLES), np.float32)
    for sample in range(_SAMPLES):
        for column in range(lines.shape[1]):
            weight = across[sample, column]
            if weight > 0:
                for line in range(_SAMPLES):
                    out[line, sample] += weight * lines[line, column]
    return out


@compiled
def _weights(full: int, reduced: int) -> Plane:
    """Weight of each reduced pixel in each of 64 samples: two moving averages of the full picture.

    A picture reduced by a whole factor holds full pixels j*f to j*f + f - 1 in pixel j, its last one fewer;
    any other reduction (films) is taken as even.
    """
    window = window_of(full)
    back, ahead = window - (window + 2) // 2, (window + 2) // 2 - 1
    factor = (full + reduced - 1) // reduced
    whole = (full + factor - 1) // factor == reduced
    weights = np.zeros((_SAMPLES, reduced), np.float32)
    steps = np.zeros(full + 1, np.float64)
    for sample in range(_SAMPLES):
        centre = sampled_line(full, sample)
        first, last = max(centre - back, 0), min(centre + ahead, full - 1)
        lowest, highest = max(first - back, 0), min(last + ahead, full - 1)
        steps[lowest : highest + 2] = 0
        for middle in range(first, last + 1):
            low, high = max(middle - back, 0), min(middle + ahead, full - 1)
            share = 1.0 / ((last - first + 1) * (high - low + 1))
            steps[low] += share
            steps[high + 1] -= share
        weight = 0.0
        for pixel in range(lowest, highest + 1):
            weight += steps[pixel]
            place = pixel // factor if whole else pixel * reduced // full
            weights[sample, place] += np.float32(weight)
    return weights
