"""PDQ must agree with the reference bit for bit: other agencies' lists were made by the reference."""

from __future__ import annotations

import numpy as np
import pdqhash
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.fingerprints.pdq import HASH_BYTES, ORIENTATIONS, VALUE_BYTES, Pdq, pdq

Pixels = NDArray[np.uint8]


def scene(seed: int, height: int, width: int) -> Pixels:
    """A photo-like picture: soft light, edges and texture, different in each colour."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = []
    for _ in range(3):
        waves = sum(
            rng.normal() * np.sin(y * rng.uniform(0.002, 0.08) + x * rng.uniform(0.002, 0.08))
            for _ in range(6)
        )
        edge = (y * rng.normal() + x * rng.normal() > rng.normal() * height) * rng.uniform(20, 90)
        planes.append(120 + 28 * waves + edge + rng.normal(0, 4, (height, width)))
    return np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)


def photo(seed: int, height: int, width: int) -> Pixels:
    """A scene of many pixels, made quickly."""
    small = Image.fromarray(scene(seed, height // 4, width // 4))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def reference(pixels: Pixels) -> tuple[bytes, int]:
    variants, quality = pdqhash.compute_dihedral(pixels)
    return np.packbits(np.asarray(variants, np.uint8), axis=1).tobytes(), int(quality)


def bits_different(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


@pytest.mark.parametrize(
    ("height", "width"),
    [(384, 512), (512, 341), (512, 512), (64, 64), (63, 65), (128, 129), (5, 5), (5, 700), (100, 31)],
)
def test_all_eight_hashes_equal_the_reference(height: int, width: int) -> None:
    for seed in range(3):
        pixels = scene(seed, height, width)
        assert pdq(pixels) == reference(pixels)


@settings(max_examples=60)
@given(st.integers(5, 300), st.integers(5, 300), st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 60, 255]))
def test_any_pixels_equal_the_reference(height: int, width: int, seed: int, contrast: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, contrast + 1, (height, width, 3), dtype=np.uint8)
    assert pdq(pixels) == reference(pixels)


def test_pixels_that_are_a_view_give_the_same_as_their_copy() -> None:
    wide = scene(4, 200, 600)
    assert pdq(wide[:, ::2]) == pdq(wide[:, ::2].copy())


@pytest.mark.parametrize("orientation", range(8))
def test_each_orientation_is_the_hash_of_the_turned_picture(orientation: int) -> None:
    pixels = scene(9, 384, 512)
    turned = [
        pixels,
        np.rot90(pixels),
        np.rot90(pixels, 2),
        np.rot90(pixels, 3),
        pixels[::-1],
        pixels[:, ::-1],
        pixels.transpose(1, 0, 2),
        np.rot90(pixels, 2).transpose(1, 0, 2),
    ][orientation]
    value, _ = pdq(pixels)
    upright_of_turned = pdq(np.ascontiguousarray(turned))[0][:HASH_BYTES]
    distances = [
        bits_different(value[HASH_BYTES * other : HASH_BYTES * (other + 1)], upright_of_turned)
        for other in range(len(ORIENTATIONS))
    ]
    assert distances[orientation] == min(distances) <= 31
    assert sorted(distances)[1] > 60


REDUCTIONS = [
    (1200, 1600, 4),
    (1067, 1600, 4),
    (1600, 1067, 3),
    (867, 1300, 2),
    (2000, 1500, 4),
    (703, 1999, 4),
]


@pytest.mark.parametrize("seed", range(4))
def test_the_hash_of_a_negative_is_the_complement(seed: int) -> None:
    """But for frequencies that equal the median, and for rounding."""
    pixels = scene(seed, 300, 400)
    upright, negative = (
        np.frombuffer(pdq(some)[0], np.uint8)[:HASH_BYTES] for some in (pixels, 255 - pixels)
    )
    assert int(np.bitwise_count(upright ^ ~negative).sum()) <= 2


@pytest.mark.parametrize(("height", "width", "factor"), REDUCTIONS)
def test_a_reduced_picture_gives_the_hash_of_the_full_one(height: int, width: int, factor: int) -> None:
    """Lists were made from full pictures: at most 10 bits apart, the reference's own limit for decoders."""
    for seed in range(2):
        full = photo(seed, height, width)
        held = np.asarray(Image.fromarray(full).reduce(factor))
        (value, quality), (wanted, wanted_quality) = pdq(held, (height, width)), reference(full)
        for variant in range(8):
            at = slice(HASH_BYTES * variant, HASH_BYTES * (variant + 1))
            assert bits_different(value[at], wanted[at]) <= 10
        assert abs(quality - wanted_quality) <= 1


def test_reduced_pictures_are_mostly_equal_to_the_bit_and_beat_hashing_the_small_one() -> None:
    ours, naive = [], []
    for seed in range(9):
        full = photo(seed, 1067, 1600)
        held = np.asarray(Image.fromarray(full).reduce(4))
        wanted = reference(full)[0][:HASH_BYTES]
        ours.append(bits_different(pdq(held, (1067, 1600))[0][:HASH_BYTES], wanted))
        naive.append(bits_different(pdq(held)[0][:HASH_BYTES], wanted))
    assert np.median(ours) <= 2 < np.median(naive)


def test_sizes_that_were_not_reduced_take_the_exact_way() -> None:
    pixels = scene(6, 300, 400)
    assert pdq(pixels, (300, 400)) == pdq(pixels) == pdq(pixels, (10, 10)) == reference(pixels)


def test_a_flat_picture_has_no_quality_and_a_rich_one_has() -> None:
    assert pdq(np.full((300, 400, 3), 90, np.uint8))[1] == 0
    assert pdq(scene(1, 300, 400))[1] >= 50


def test_a_picture_too_small_to_hash_gives_zeros_of_no_quality() -> None:
    assert pdq(np.full((4, 900, 3), 7, np.uint8)) == (bytes(VALUE_BYTES), 0)


@pytest.mark.parametrize(
    "pixels", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32)]
)
def test_what_is_not_rgb_bytes_is_refused(pixels: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="height, width, 3"):
        pdq(pixels)


def test_frames_are_alike_up_to_two_bits_and_no_further() -> None:
    value, _ = pdq(scene(2, 200, 300))

    def flipped(bits: int) -> bytes:
        first = int.from_bytes(value[:HASH_BYTES]) ^ ((1 << bits) - 1)
        return first.to_bytes(HASH_BYTES) + value[HASH_BYTES:]

    assert Pdq().alike(value, flipped(2))
    assert not Pdq().alike(value, flipped(3))
