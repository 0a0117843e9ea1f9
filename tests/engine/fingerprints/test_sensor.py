"""The noise of a sensor: taken out of a picture, kept small, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foureyes.engine.fingerprints.sensor import SIDE, STEP, Sensor, luma_of, residual


def smooth(side: int) -> NDArray[np.float64]:
    rows, columns = np.mgrid[0:side, 0:side] / side
    scene: NDArray[np.float64] = 120 + 40 * np.sin(6 * rows) * np.cos(5 * columns)
    return scene


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_the_noise_of_a_picture_is_found_in_it(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 3, (128, 128))
    taken = np.clip(np.rint(smooth(128) + noise), 0, 255).astype(np.uint8)
    found = residual(taken)
    assert np.corrcoef(found.ravel(), noise.ravel())[0, 1] > 0.7


def test_edges_are_no_noise() -> None:
    drawn = np.zeros((128, 128), np.uint8)
    drawn[32:96, 32:96] = 200
    assert np.abs(residual(drawn)).mean() < 1


def test_a_value_has_its_width_and_its_bytes_say_what_they_should() -> None:
    noise = np.random.default_rng(3).normal(0, 2, (SIDE, SIDE))
    luma = np.clip(np.rint(smooth(SIDE) + noise), 0, 255).astype(np.uint8)
    value, quality = Sensor().make(luma)
    assert (len(value), quality) == (Sensor.value_bytes, 100)
    kept = np.frombuffer(value, np.int8, SIDE * SIDE).reshape(SIDE, SIDE) / STEP
    assert np.abs(kept - np.clip(residual(luma), -127 / STEP, 127 / STEP)).max() <= 0.5 / STEP + 1e-6
    assert abs(int(value[SIDE * SIDE]) - luma[:8, :8].mean()) < 1
    assert Sensor().make(luma.copy()) == (value, quality)


@pytest.mark.parametrize("level", [0, 5, 128, 251, 255])
def test_one_colour_says_nothing(level: int) -> None:
    assert Sensor().make(np.full((SIDE, SIDE), level, np.uint8))[1] == 0


def test_pixels_that_are_full_or_dark_do_not_count() -> None:
    luma = np.random.default_rng(4).integers(90, 110, (SIDE, SIDE)).astype(np.uint8)
    luma[: SIDE // 2] = 255
    luma[SIDE // 2 : 3 * SIDE // 4] = 3
    value, quality = Sensor().make(luma)
    assert quality == 25
    kept = np.frombuffer(value, np.int8, SIDE * SIDE).reshape(SIDE, SIDE)
    assert not kept[: 3 * SIDE // 4].any()


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="square of 1536"):
        Sensor().make(np.zeros((SIDE, SIDE - 8), np.uint8))


def test_luminance_is_that_of_the_standard() -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]]], np.uint8)
    assert luma_of(pixels).tolist() == [[76, 150, 29, 90]]
