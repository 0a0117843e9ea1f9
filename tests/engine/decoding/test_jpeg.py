from __future__ import annotations

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from engine.decoding import made
from foureyes.engine.decoding import worker
from foureyes.engine.decoding.formats import pixels
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.settings import DecodingSettings


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    worker.prepare()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_all_eight_orientations_come_upright(orientation: int, kind: str) -> None:
    decoded = made.decoded(made.turned(orientation, kind))
    (frame,) = decoded.frames
    expected = made.corners_of(pixels.upright(np.asarray(made.quarters(800, 600)), orientation))
    assert made.corners_of(frame.pixels) == expected
    assert (decoded.width, decoded.height) == ((800, 600) if orientation < 5 else (600, 800))
    assert decoded.width * frame.pixels.shape[0] == decoded.height * frame.pixels.shape[1]


def test_upright_agrees_with_pillow() -> None:
    from PIL import ImageOps  # noqa: PLC0415  a second opinion for this test alone

    for orientation in range(1, 9):
        image = made.quarters(40, 24)
        image.getexif()[0x0112] = orientation
        second = np.asarray(ImageOps.exif_transpose(image))
        assert np.array_equal(pixels.upright(np.asarray(image), orientation), second)


@pytest.mark.parametrize(
    ("size", "factor"),
    [
        ((4000, 3000), 8),
        ((4032, 3024), 8),
        ((3008, 2000), 4),
        ((1600, 1200), 4),
        ((1024, 768), 2),
        ((640, 480), 1),
    ],
)
def test_large_photos_are_reduced_by_the_dct(size: tuple[int, int], factor: int) -> None:
    decoded = made.decoded(made.saved(made.hills(*size), "JPEG"))
    (frame,) = decoded.frames
    assert frame.pixels.shape == (-(-size[1] // factor), -(-size[0] // factor), 3)
    assert (decoded.width, decoded.height, decoded.fault) == (*size, None)


def test_reduced_pixels_are_means_of_blocks() -> None:
    data = made.saved(made.hills(4000, 3000), "JPEG", quality=95)
    (frame,) = made.decoded(data).frames
    full = np.asarray(Image.open(io.BytesIO(data)).reduce(8), int)
    assert np.abs(full - frame.pixels.astype(int)).mean() < 1


@pytest.mark.parametrize(
    "variant",
    [
        lambda image: made.saved(image.convert("L"), "JPEG"),
        lambda image: made.saved(image.convert("CMYK"), "JPEG"),
        lambda image: made.saved(image, "JPEG", progressive=True),
        lambda image: made.saved(image, "JPEG", subsampling="4:4:4"),
        lambda image: made.saved(image, "JPEG", keep_rgb=True),
        lambda image: made.saved(image, "JPEG", restart_marker_rows=1),
    ],
    ids=["grey", "cmyk", "progressive", "4:4:4", "rgb", "restarts"],
)
def test_kinds_of_jpeg(variant: object) -> None:
    assert callable(variant)
    decoded = made.decoded(variant(made.hills()))
    (frame,) = decoded.frames
    assert (frame.pixels.shape, decoded.fault) == ((300, 400, 3), None)
    reference = np.asarray(made.hills().reduce(4).convert("L"), int)
    grey = np.asarray(Image.fromarray(frame.pixels).convert("L"), int)
    assert np.abs(reference - grey).mean() < 6


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_half_a_jpeg_is_half_a_picture_and_a_fault(options: dict[str, bool]) -> None:
    data = made.saved(made.hills(), "JPEG", **options)
    decoded = made.decoded(data[: len(data) // 2])
    assert len(decoded.frames) == 1
    assert decoded.fault is not None
    assert decoded.fault.code is FaultCode.DAMAGED


def test_half_a_cmyk_jpeg_too() -> None:
    data = made.saved(made.hills().convert("CMYK"), "JPEG")
    decoded = made.decoded(data[: len(data) // 2])
    assert len(decoded.frames) == 1
    assert decoded.fault is not None


@pytest.mark.parametrize("kept", [4, 20, 200, 640, 700, 2000])
def test_a_jpeg_without_pixels_is_a_fault(kept: int) -> None:
    decoded = made.decoded(made.saved(made.hills(), "JPEG")[:kept])
    assert decoded.frames == ()
    assert decoded.fault is not None
    assert decoded.fault.code is FaultCode.DAMAGED


def test_bytes_behind_the_end_do_no_harm() -> None:
    assert made.decoded(made.saved(made.hills(), "JPEG") + b"trailing" * 99).fault is None


def test_a_flood_is_refused_by_its_header() -> None:
    data = made.saved(made.hills(64, 64), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    flood = data[:at] + b"\xff\xf0\xff\xf0" + data[at + 4 :]
    assert made.decoded(flood).fault == Fault(
        FaultCode.TOO_MANY_PIXELS, "the header declares 65520 x 65520 pixels"
    )


def test_samples_of_twelve_bits_are_told_as_unsupported() -> None:
    samples = np.random.default_rng(1).integers(0, 4096, (64, 64), np.uint16)
    decoded = made.decoded(imagecodecs.jpeg8_encode(samples, bitspersample=12))
    assert decoded.fault == Fault(FaultCode.UNSUPPORTED, "jpeg: 12-bit samples")


def test_segments_without_end_are_walked_once() -> None:
    comments = b"\xff\xfe\x00\x04ab" * 100_000
    data = made.saved(made.hills(64, 64), "JPEG")
    assert made.decoded(data[:2] + comments + data[2:]).frames == ()


@pytest.mark.parametrize("filler", [b"\0", b"\xff", b"\xff\0", b"\xff\xd0"])
def test_filling_without_end_is_not_walked_byte_by_byte(filler: bytes) -> None:
    head = made.saved(made.hills(64, 64), "JPEG")[:20]
    assert made.decoded(head + filler * 2_000_000).frames == ()


def test_some_filling_before_a_marker_is_allowed() -> None:
    data = made.saved(made.hills(64, 64), "JPEG")
    at = data.index(b"\xff\xdb")
    assert made.decoded(data[:at] + b"\xff" * 100 + data[at:]).fault is None


def test_a_strip_keeps_its_length_and_its_size_in_bytes() -> None:
    settings = DecodingSettings()
    for width, height in ((60_000, 40), (20_000, 20_000), (300, 50_000), (1, 1)):
        factor = pixels.reduction(width, height, settings)
        assert -(-width // factor) * -(-height // factor) <= 4_000_000
        assert max(width, height) / factor <= 16_384
