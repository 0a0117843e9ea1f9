from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.fingerprints.pdq import HASH_BYTES, pdq


def scenery(height: int, width: int) -> NDArray[np.uint8]:
    """Soft shapes of many sizes, as in a photo."""
    rng = np.random.default_rng(5)
    layers = [
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (side, side, 3), np.uint8)).resize(
                (width, height), Image.Resampling.BICUBIC
            ),
            np.float32,
        )
        / side
        for side in (3, 7, 15, 31)
    ]
    mixed = np.sum(layers, axis=0)
    return (255 * (mixed - mixed.min()) / np.ptp(mixed)).astype(np.uint8)


def bits_apart(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a[:HASH_BYTES]) ^ int.from_bytes(b[:HASH_BYTES])).bit_count()


@pytest.mark.parametrize("size", [(2400, 3200), (2401, 3205), (3200, 2100)])
@pytest.mark.parametrize("factor", [4, 8])
def test_a_reduced_picture_hashes_as_the_full_one(size: tuple[int, int], factor: int) -> None:
    full = scenery(*size)
    reduced = np.asarray(Image.fromarray(full).reduce(factor))
    expected, quality = pdq(full)
    value, estimated = pdq(reduced, size)
    assert bits_apart(value, expected) <= 4
    assert abs(estimated - quality) <= 2
    assert all(bits_apart(value[at:], expected[at:]) <= 4 for at in range(0, len(value), HASH_BYTES)), (
        "every orientation"
    )


def test_knowing_the_full_size_matters() -> None:
    full = scenery(2401, 3205)
    reduced = np.asarray(Image.fromarray(full).reduce(8))
    expected, _ = pdq(full)
    assert bits_apart(pdq(reduced, (2401, 3205))[0], expected) < bits_apart(pdq(reduced)[0], expected)


def test_a_full_size_that_is_not_larger_changes_nothing() -> None:
    full = scenery(300, 400)
    assert pdq(full, (300, 400)) == pdq(full) == pdq(full, (0, 0))
