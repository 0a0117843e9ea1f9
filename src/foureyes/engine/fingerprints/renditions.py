"""The small pictures that people see, made from raw pixels: thumbnail, contact strip, preview.

Nothing of the seized file reaches them but its pixels, so no hidden data is served. Never decodes a file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import (
    Image,
    WebPImagePlugin,  # noqa: F401 - else the first preview loads Pillow's forty formats: 0.1 CPU seconds
)

from foureyes.engine.model import Decoded, Frame, MediaKind

Pixels = NDArray[np.uint8]

THUMBNAIL_SIDE = 256
THUMBNAIL_QUALITY = 80
STRIP_FRAMES = 8
STRIP_COLUMNS = 4
STRIP_SIDE = 192
"""Longer side of one frame of a contact strip: a full strip is at most 768 x 384 (or 768 x 768 upright)."""
BLANK_LEVELS = 6
"""Of the plain pictures of the development set, those of one colour have 0 to 3, shots of an evenly lit white
field by a real camera 12 and more."""
PREVIEW_SIDE = 16
PREVIEW_QUALITY = 20
"""82 bytes for a typical photo, WebP method 2: 15 % fewer bytes than quality 30 at the same 0.08 ms."""


class Renditions(NamedTuple):
    """What the catalogue keeps to show: JPEG and WebP bytes, empty where there are no pixels."""

    thumbnail: bytes
    preview: bytes


def render(decoded: Decoded) -> Renditions:
    """Make both of what a decoder gave: a strip for a video or animation of several frames."""
    if not decoded.frames:
        return Renditions(b"", b"")
    middle = decoded.frames[len(decoded.frames) // 2].pixels
    if decoded.kind is MediaKind.VIDEO and len(decoded.frames) > 1:
        return Renditions(contact_strip(decoded.frames), preview(middle))
    small = _shrunk(decoded.frames[0].pixels, THUMBNAIL_SIDE)
    return Renditions(_jpeg(small), preview(small))


def thumbnail(pixels: Pixels) -> bytes:
    """JPEG of RGB pixels (height, width, 3), longer side at most 256, quality 80."""
    return _jpeg(_shrunk(pixels, THUMBNAIL_SIDE))


def contact_strip(frames: Sequence[Frame]) -> bytes:
    """JPEG of up to 8 frames taken evenly, first and last among them, four in a row, on black."""
    picked = _evenly(frames, STRIP_FRAMES)
    tiles = [_shrunk(frame.pixels, STRIP_SIDE) for frame in picked]
    height = max(tile.shape[0] for tile in tiles)
    width = max(tile.shape[1] for tile in tiles)
    columns = min(len(tiles), STRIP_COLUMNS)
    rows = -(-len(tiles) // columns)
    sheet = np.zeros((rows * height, columns * width, 3), np.uint8)
    for index, tile in enumerate(tiles):
        top = (index // columns) * height + (height - tile.shape[0]) // 2
        left = (index % columns) * width + (width - tile.shape[1]) // 2
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return _jpeg(sheet)


def is_blank(thumbnail: bytes) -> bool:
    """Whether a thumbnail that was made here shows one colour, `BLANK_LEVELS` of 255 apart at most."""
    pixels = simplejpeg.decode_jpeg(thumbnail, colorspace="RGB")
    return bool(np.ptp(pixels.reshape(-1, 3), axis=0).max() <= BLANK_LEVELS)


def preview(pixels: Pixels) -> bytes:
    """16 x 16 grey WebP of RGB pixels (height, width, 3): the whole picture, squeezed to a square."""
    square = (PREVIEW_SIDE, PREVIEW_SIDE)
    grey = Image.fromarray(pixels).resize(square, Image.Resampling.BOX).convert("L")
    out = io.BytesIO()
    grey.save(out, "WEBP", quality=PREVIEW_QUALITY, method=2)
    return out.getvalue()


def _shrunk(pixels: Pixels, side: int) -> Pixels:
    """Average down to a longer side of at most `side`; smaller pictures stay as they are."""
    height, width = pixels.shape[:2]
    longer = max(height, width)
    if longer <= side:
        return pixels
    image = Image.fromarray(pixels)
    factor = longer // side
    if factor > 1 and min(height, width) >= factor:
        image = image.reduce(factor)
    if max(image.size) > side:
        size = (max(1, round(width * side / longer)), max(1, round(height * side / longer)))
        image = image.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image)


def _jpeg(pixels: Pixels) -> bytes:
    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels),
        quality=THUMBNAIL_QUALITY,
        colorspace="RGB",
        colorsubsampling="420",
        fastdct=True,
    )
    return encoded


def _evenly(frames: Sequence[Frame], count: int) -> list[Frame]:
    if len(frames) <= count:
        return list(frames)
    last = len(frames) - 1
    return [frames[round(index * last / (count - 1))] for index in range(count)]
