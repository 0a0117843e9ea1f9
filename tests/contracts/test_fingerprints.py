"""What every member of the fingerprint family must keep to."""

from __future__ import annotations

import numpy as np
import pytest

from foureyes.engine.fingerprints import FINGERPRINTS, FingerprintMaker


@pytest.fixture(params=FINGERPRINTS, ids=lambda maker: maker.name)
def maker(request: pytest.FixtureRequest) -> FingerprintMaker:
    member: FingerprintMaker = request.param
    return member


def test_names_are_unique_and_versions_count_from_one() -> None:
    assert len({maker.name for maker in FINGERPRINTS}) == len(FINGERPRINTS)
    assert all(maker.version >= 1 for maker in FINGERPRINTS)


def test_the_same_pixels_give_the_same_value(maker: FingerprintMaker) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    before = pixels.copy()
    value, quality = maker.make(pixels, (90, 120))
    assert (value, quality) == maker.make(pixels.copy(), (90, 120))
    assert np.array_equal(pixels, before)
    assert len(value) == maker.value_bytes
    assert 0 <= quality <= 100
    assert maker.alike(value, value)


@pytest.mark.parametrize("full", [(1, 1), (0, 0), (6000, 4000), (400_000_000, 1), (7, 65_535)])
@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 2), (512, 512)])
def test_any_shape_and_any_claim_is_answered(
    maker: FingerprintMaker, shape: tuple[int, int], full: tuple[int, int]
) -> None:
    value, quality = maker.make(np.zeros((*shape, 3), np.uint8), full)
    assert len(value) == maker.value_bytes
    assert quality == 0


def test_different_pictures_are_not_alike(maker: FingerprintMaker) -> None:
    rng = np.random.default_rng(2)
    first, second = (rng.integers(0, 256, (90, 120, 3), dtype=np.uint8) for _ in range(2))
    assert not maker.alike(maker.make(first, (90, 120))[0], maker.make(second, (90, 120))[0])
