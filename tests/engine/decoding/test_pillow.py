from __future__ import annotations

import zlib

import numpy as np
import pytest
from PIL import Image

from engine.decoding import made
from foureyes.engine.decoding import worker
from foureyes.engine.model import Fact, FactName, FaultCode, MediaKind, Origin
from foureyes.engine.settings import DecodingSettings


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    worker.prepare()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000"])
def test_each_format_shows_the_same_picture(kind: str) -> None:
    decoded = made.decoded(made.saved(made.quarters(1000, 750), kind))
    (frame,) = decoded.frames
    assert (decoded.format, decoded.width, decoded.height) == (kind.lower(), 1000, 750)
    assert made.corners_of(frame.pixels) == [0, 1, 2, 3]
    assert frame.pixels.shape == (375, 500, 3)
    assert decoded.fault is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK", "LAB", "F", "I"])
def test_any_mode_becomes_rgb(mode: str) -> None:
    if mode in ("I;16", "F", "I"):
        slope = np.tile(np.linspace(0, 65_535, 800), (600, 1))
        image = Image.fromarray(slope.astype({"I;16": np.uint16, "F": np.float32, "I": np.int32}[mode]))
    else:
        image = made.hills(800, 600).convert("RGB" if mode == "LAB" else mode)
    (frame,) = made.decoded(made.saved(image, "PNG" if mode in ("P", "LA", "RGBA") else "TIFF")).frames
    assert frame.pixels.shape == (300, 400, 3)
    assert np.ptp(frame.pixels) > 200


def test_sixteen_bits_keep_their_upper_eight() -> None:
    image = Image.fromarray(np.full((64, 64), 0xABCD, np.uint16))
    assert made.decoded(made.saved(image, "PNG")).frames[0].pixels[0, 0].tolist() == [0xAB] * 3


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF"])
def test_transparency_lies_over_white(kind: str) -> None:
    image = made.quarters(64, 64).convert("RGBA")
    image.putalpha(0)
    assert made.decoded(made.saved(image, kind)).frames[0].pixels.min() >= 254


def test_a_palette_with_a_transparent_colour_lies_over_white() -> None:
    image = Image.new("P", (64, 64), 3)
    image.putpalette([0, 0, 0] * 256)
    assert made.decoded(made.saved(image, "PNG", transparency=3)).frames[0].pixels.min() == 255


@pytest.mark.parametrize(
    ("kind", "name"), [("GIF", "gif"), ("PNG", "apng"), ("WEBP", "webp"), ("AVIF", "avif")]
)
def test_an_animation_gives_frames_at_a_cadence(kind: str, name: str) -> None:
    frames = [made.hills(160, 120, seed) for seed in range(10)]
    data = made.saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=1000)
    decoded = made.decoded(data)
    assert (decoded.kind, decoded.format) == (MediaKind.PICTURE, name)
    assert [round(frame.at_seconds) for frame in decoded.frames] == [0, 2, 4, 6, 8]
    assert Fact(FactName.FRAME_COUNT, 10, Origin.CONTAINER) in decoded.facts
    third = np.asarray(frames[4], int)
    assert np.abs(third - decoded.frames[2].pixels.astype(int)).mean() < 12


def test_a_long_animation_is_thinned_evenly() -> None:
    frames = [made.hills(32, 24, seed) for seed in range(60)]
    data = made.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=2000)
    decoded = made.decoded(data, DecodingSettings(frames_at_most=8))
    assert 4 <= len(decoded.frames) <= 8
    steps = np.diff([frame.at_seconds for frame in decoded.frames])
    assert len(set(steps)) == 1
    assert decoded.frames[-1].at_seconds >= 96


def test_a_wide_animation_keeps_fewer_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foureyes.engine.decoding.formats.pillow._REEL_BYTES_AT_MOST", 3 * 160 * 120 * 3)
    frames = [made.hills(160, 120, seed) for seed in range(10)]
    data = made.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=2000)
    assert 1 <= len(made.decoded(data).frames) <= 3


def test_what_is_damaged_ends_an_animation_and_what_came_before_stays() -> None:
    frames = [made.hills(160, 120, seed) for seed in range(10)]
    data = made.saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=1000)
    decoded = made.decoded(data[: len(data) * 2 // 3])
    assert len(decoded.frames) == 3
    assert decoded.fault is not None
    assert decoded.fault.code is FaultCode.DAMAGED


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_half_a_file_is_half_a_picture_and_a_fault(kind: str) -> None:
    data = made.saved(made.hills(800, 600), kind)
    decoded = made.decoded(data[: len(data) // 2])
    assert len(decoded.frames) == 1
    assert decoded.fault is not None
    assert decoded.fault.code is FaultCode.DAMAGED


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP", "AVIF", "JPEG2000"])
def test_the_head_of_a_file_is_a_fault(kind: str) -> None:
    data = made.saved(made.hills(400, 300), kind)
    decoded = made.decoded(data[: len(data) // 60])
    assert decoded.frames == ()
    assert decoded.fault is not None


def test_the_first_page_is_taken() -> None:
    pages = [made.quarters(64, 64), made.hills(64, 64)]
    (frame,) = made.decoded(made.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])).frames
    assert made.corners_of(frame.pixels) == [0, 1, 2, 3]


def test_a_flood_of_pixels_is_refused_by_its_header() -> None:
    decoded = made.decoded(made.png(60_000, 60_000, made.packed_zeros(1000)))
    assert decoded.frames == ()
    assert decoded.fault is not None
    assert decoded.fault.code is FaultCode.TOO_MANY_PIXELS


def test_the_limit_of_pixels_is_the_one_that_is_set() -> None:
    data = made.saved(made.hills(100, 100), "PNG")
    decoded = made.decoded(data, DecodingSettings(pixels_at_most=9_999))
    assert decoded.fault is not None
    assert decoded.fault.code is FaultCode.TOO_MANY_PIXELS
    assert made.decoded(data, DecodingSettings(pixels_at_most=10_000)).fault is None


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_a_bomb_beside_the_pixels_does_not_hide_them(kind: bytes) -> None:
    bomb = made.chunk(kind, b"name\0\0" + made.packed_zeros(50_000_000))
    rows = b"".join(b"\0" + bytes([200, 10, 10] * 40) for _ in range(40))
    decoded = made.decoded(made.png(40, 40, zlib.compress(rows), before=bomb))
    assert decoded.frames[0].pixels[0, 0].tolist() == [200, 10, 10]
    assert decoded.fault is not None
    assert decoded.fault.detail == "png: its metadata cannot be read"


def test_directories_that_point_at_themselves_end() -> None:
    data = bytearray(made.saved(made.quarters(64, 64), "TIFF"))
    start = int.from_bytes(data[4:8], "little")
    after = start + 2 + 12 * int.from_bytes(data[start : start + 2], "little")
    data[after : after + 4] = start.to_bytes(4, "little")
    (frame,) = made.decoded(bytes(data)).frames
    assert made.corners_of(frame.pixels) == [0, 1, 2, 3]


def test_a_composite_of_layers() -> None:
    pixels = np.asarray(made.quarters(32, 32)).transpose(2, 0, 1)
    head = b"8BPS\0\x01" + bytes(6) + b"\0\x03" + (32).to_bytes(4) * 2 + b"\0\x08\0\x03" + bytes(12)
    (frame,) = made.decoded(head + b"\0\0" + pixels.tobytes()).frames
    assert made.corners_of(frame.pixels) == [0, 1, 2, 3]
