"""Patterns of sensors compared: made cameras with a pattern of their own, and pictures taken by them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from foureyes.engine.fingerprints.sensor import residual
from foureyes.engine.matching.sensor import BLOCK, STEP, Pattern, pattern_of, pce

SIDE = 512


def camera(seed: int) -> NDArray[np.float64]:
    """How much more or less than its neighbours each pixel of a sensor takes: 2 in 100."""
    return np.random.default_rng(1000 + seed).normal(0, 0.02, (SIDE + 64, SIDE + 64))


@cache
def taken(body: int, shot: int, left: int = 0, level: float = 120.0) -> bytes:
    """A fingerprint, as `fingerprints.sensor` makes it, of a picture by a camera, cut so far from the left."""
    numbers = np.random.default_rng(100 * body + shot)
    rows, columns = np.mgrid[0 : SIDE + 64, 0 : SIDE + 64] / SIDE
    scene = level + 50 * np.sin(rows * numbers.uniform(2, 9)) * np.cos(columns * numbers.uniform(2, 9))
    seen = scene * (1 + camera(body)) + numbers.normal(0, 3, scene.shape)
    luma = np.clip(np.rint(seen), 0, 255).astype(np.uint8)[:SIDE, left : left + SIDE]
    noise = np.clip(np.rint(residual(luma) * STEP), -127, 127).astype(np.int8)
    light = luma.reshape(SIDE // BLOCK, BLOCK, SIDE // BLOCK, BLOCK).mean((1, 3)).astype(np.uint8)
    return noise.tobytes() + light.tobytes()


def of(body: int, *shots: int) -> Pattern:
    return pattern_of(taken(body, shot) for shot in shots)


def test_one_camera_peaks_and_another_does_not() -> None:
    assert pce(of(1, 1, 2, 3), of(1, 4)) > 200
    assert abs(pce(of(2, 1, 2, 3), of(1, 4))) < 20


def test_more_pictures_say_more() -> None:
    asked = of(1, 9)
    assert pce(of(1, 1), asked) < pce(of(1, 1, 2, 3, 4), asked)


def test_it_does_not_matter_which_comes_first() -> None:
    assert pce(of(1, 1, 2), of(1, 3)) == pytest.approx(pce(of(1, 3), of(1, 1, 2)))


def test_a_crop_is_found_by_a_search_only() -> None:
    cropped = pattern_of([taken(1, 7, left=24)])
    known = of(1, 1, 2, 3)
    assert abs(pce(known, cropped)) < 20
    assert pce(known, cropped, reach=32) > 60
    assert pce(of(2, 1, 2, 3), cropped, reach=32) < 60


def test_a_pattern_that_is_turned_over_has_the_other_sign() -> None:
    value = bytearray(taken(1, 5))
    noise = np.frombuffer(bytes(value[: SIDE * SIDE]), np.int8)
    value[: SIDE * SIDE] = (-noise).astype(np.int8).tobytes()
    assert pce(of(1, 1, 2, 3), pattern_of([bytes(value)])) < -100


def test_nothing_at_all_gives_no_peak() -> None:
    empty = pattern_of([bytes(SIDE * SIDE + (SIDE // BLOCK) ** 2)])
    assert empty.pixels == 0
    assert pce(empty, empty) == 0.0
    assert pce(of(1, 1), empty) == 0.0


@pytest.mark.parametrize("wrong", [b"", b"1234", bytes(SIDE * SIDE)])
def test_what_is_no_fingerprint_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="fingerprint of a sensor"):
        pattern_of([wrong])


def test_a_pattern_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a picture"):
        pattern_of([])
