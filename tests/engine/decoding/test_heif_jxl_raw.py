from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from engine.decoding import made, made_raw
from foureyes.engine.decoding import worker
from foureyes.engine.decoding.formats.jxl import stated_size
from foureyes.engine.model import FaultCode
from foureyes.engine.settings import DecodingSettings

VALLEY = Path(__file__).parents[2] / "files" / "valley.heif"


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    worker.prepare()


def fault_of(data: bytes, settings: DecodingSettings | None = None) -> FaultCode | None:
    decoded = made.decoded(data, settings)
    assert decoded.frames == ()
    return decoded.fault.code if decoded.fault else None


def test_a_heic_still() -> None:
    decoded = made.decoded(VALLEY.read_bytes())
    assert (decoded.format, decoded.width, decoded.height, decoded.fault) == ("heic", 640, 426, None)
    (frame,) = decoded.frames
    assert frame.pixels.shape == (426, 640, 3)
    assert frame.pixels[300:].mean(axis=(0, 1)).argmax() == 0, "the ground is red"


def test_the_exif_orientation_of_a_heic_is_not_applied_on_top() -> None:
    data = VALLEY.read_bytes()
    at = data.index(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01")
    turned = data[: at + 8] + b"\x00\x06" + data[at + 10 :]
    assert turned != data
    assert np.array_equal(made.decoded(turned).frames[0].pixels, made.decoded(data).frames[0].pixels)


def test_bad_heics_are_faults() -> None:
    data = VALLEY.read_bytes()
    assert fault_of(data[:400]) is FaultCode.DAMAGED
    assert fault_of(data[: len(data) // 2]) is FaultCode.DAMAGED
    assert fault_of(data, DecodingSettings(pixels_at_most=1000)) is FaultCode.TOO_MANY_PIXELS


@pytest.mark.parametrize("container", [False, True])
@pytest.mark.parametrize(
    "size",
    [
        (64, 64),
        (96, 80),
        (160, 120),
        (150, 100),
        (160, 90),
        (125, 100),
        (200, 100),
        (256, 8),
        (1601, 3),
        (5, 9000),
    ],
)
def test_the_size_of_a_jpeg_xl_is_read_from_its_first_bits(size: tuple[int, int], container: bool) -> None:
    data = imagecodecs.jpegxl_encode(np.zeros((size[1], size[0], 3), np.uint8), usecontainer=container)
    assert stated_size(memoryview(data)) == size


def test_a_jpeg_xl_still() -> None:
    decoded = made.decoded(imagecodecs.jpegxl_encode(np.asarray(made.quarters(1000, 750)), level=90))
    assert (decoded.width, decoded.height, decoded.fault) == (1000, 750, None)
    assert made.corners_of(decoded.frames[0].pixels) == [0, 1, 2, 3]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("bands", [1, 3, 4])
def test_any_samples_of_jpeg_xl(dtype: type, bands: int) -> None:
    most = 1 if dtype is np.float32 else np.iinfo(dtype).max
    samples = (np.linspace(0, 1, 64 * 48 * bands).reshape(48, 64, bands) * most).astype(dtype)
    if bands == 4:
        samples[:, :, 3] = most
    data = imagecodecs.jpegxl_encode(samples if bands > 1 else samples[:, :, 0], lossless=True)
    (frame,) = made.decoded(data).frames
    assert frame.pixels.shape == (48, 64, 3)
    assert np.ptp(frame.pixels) > 100


def test_bad_jpeg_xl_is_a_fault() -> None:
    data = imagecodecs.jpegxl_encode(np.asarray(made.hills(400, 300)))
    assert fault_of(data[: len(data) // 2]) is FaultCode.DAMAGED
    assert fault_of(data[:3]) is FaultCode.DAMAGED
    assert fault_of(data, DecodingSettings(pixels_at_most=1000)) is FaultCode.TOO_MANY_PIXELS
    assert fault_of(b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(400)) is FaultCode.DAMAGED


@pytest.mark.parametrize(
    ("orientation", "corners"), [(1, [0, 1, 2, 3]), (6, [2, 0, 3, 1]), (8, [1, 3, 0, 2])]
)
def test_a_raw_shows_its_preview_upright(orientation: int, corners: list[int]) -> None:
    preview = made.saved(made.quarters(640, 480), "JPEG")
    decoded = made.decoded(made_raw.dng(preview, 128, 96, orientation))
    (frame,) = decoded.frames
    assert decoded.format == "dng"
    assert made.corners_of(frame.pixels) == corners
    assert (decoded.width, decoded.height) == ((128, 96) if orientation == 1 else (96, 128))
    assert sorted(frame.pixels.shape) == [3, 480, 640]


def test_a_raw_without_preview_is_developed_at_half_its_size() -> None:
    decoded = made.decoded(made_raw.dng(b"", 128, 96))
    assert decoded.frames[0].pixels.shape == (48, 64, 3)


def test_bad_raws_are_faults() -> None:
    data = made_raw.dng(made.saved(made.quarters(640, 480), "JPEG"), 128, 96)
    assert fault_of(b"FUJIFILMCCD-RAW " + bytes(500)) in (FaultCode.DAMAGED, FaultCode.UNSUPPORTED)
    assert fault_of(data, DecodingSettings(pixels_at_most=1000)) is FaultCode.TOO_MANY_PIXELS
