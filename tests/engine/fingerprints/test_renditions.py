"""What people see must be small, of the right shape, and made of pixels alone."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.fingerprints import compute, contact_strip, is_blank, preview, render, thumbnail
from foureyes.engine.model import Decoded, Frame, MediaKind


def flat(height: int, width: int, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def noisy(seed: int) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((512, 384), Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [
        (384, 512, (256, 192)),
        (700, 300, (110, 256)),
        (256, 256, (256, 256)),
        (20, 30, (30, 20)),
        (1, 5000, (256, 1)),
        (3, 900, (256, 1)),
    ],
)
def test_a_thumbnail_keeps_the_shape_within_256(height: int, width: int, size: tuple[int, int]) -> None:
    image = opened(thumbnail(flat(height, width, (200, 40, 10))))
    assert image.format == "JPEG"
    assert image.size == size
    red, green, blue = np.asarray(image).reshape(-1, 3).mean(axis=0)
    assert (abs(red - 200), abs(green - 40), abs(blue - 10)) < (6, 6, 6)


def test_a_thumbnail_says_nothing_but_pixels() -> None:
    assert not opened(thumbnail(noisy(1))).getexif()


def test_a_preview_is_sixteen_grey_squares_a_side_and_tiny() -> None:
    data = preview(noisy(2))
    image = opened(data)
    assert (image.format, image.size) == ("WEBP", (16, 16))
    assert len(data) <= 160
    pixels = np.asarray(image.convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 3


def test_a_preview_shows_where_it_is_bright() -> None:
    pixels = flat(200, 300, (0, 0, 0))
    pixels[:, 150:] = 255
    grey = np.asarray(opened(preview(pixels)).convert("L")).astype(int)
    assert grey[:, :6].max() < 60
    assert grey[:, 10:].min() > 195


@pytest.mark.parametrize(
    ("frames", "size"), [(2, (384, 144)), (4, (768, 144)), (8, (768, 288)), (50, (768, 288))]
)
def test_a_strip_has_at_most_eight_frames_in_two_rows(frames: int, size: tuple[int, int]) -> None:
    clip = [Frame(flat(384, 512, (5 * n, 5 * n, 5 * n)), at_seconds=n) for n in range(frames)]
    image = opened(contact_strip(clip))
    assert image.size == size
    row = -1 if frames > 4 else 0
    last = np.asarray(image)[row * 144 + 60 if row == 0 else -80, (min(frames, 8) - 1) % 4 * 192 + 96]
    assert abs(int(last[0]) - 5 * (frames - 1)) <= 4


def test_a_video_shows_a_strip_and_a_picture_itself() -> None:
    frames = (Frame(noisy(1)), Frame(noisy(2), at_seconds=2))
    video = Decoded(MediaKind.VIDEO, "mp4", 1920, 1440, frames)
    picture = Decoded(MediaKind.PICTURE, "jpeg", 4000, 3000, frames[:1])
    assert opened(render(video).thumbnail).size == (384, 144)
    assert opened(render(picture).thumbnail).size == (256, 192)
    assert render(Decoded(MediaKind.PICTURE, "raw", 10, 10, ())) == (b"", b"")


def test_frames_that_stand_still_are_kept_once() -> None:
    still, moved = noisy(3), noisy(4)
    frames = tuple(
        Frame(pixels, at_seconds=second) for second, pixels in enumerate([still, still, still, moved, still])
    )
    values = compute(Decoded(MediaKind.VIDEO, "mp4", 640, 480, frames))
    assert [value.at_seconds for value in values] == [0, 3, 4]
    assert values[0].value == values[2].value != values[1].value


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (3, 200, 90), (255, 0, 0)])
def test_a_thumbnail_of_one_colour_is_blank(colour: tuple[int, int, int]) -> None:
    assert is_blank(thumbnail(flat(300, 400, colour)))


def test_a_thumbnail_with_the_least_to_see_is_not() -> None:
    corner = flat(200, 200, (250, 250, 250))
    corner[150:, 150:] = 235
    assert not is_blank(thumbnail(corner))
    assert not is_blank(thumbnail(noisy(1)))
