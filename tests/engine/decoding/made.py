"""Pictures that tests build, good and bad, and the shortest way to have them decoded."""

from __future__ import annotations

import fcntl
import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.decoding import sniff, wire, worker
from foureyes.engine.model import Decoded
from foureyes.engine.settings import DecodingSettings

Pixels = NDArray[np.uint8]

CORNERS = ((220, 30, 30), (30, 200, 30), (40, 40, 210), (230, 220, 40))
"""Colours of the four quarters of `quarters`: top left, top right, bottom left, bottom right."""


def quarters(width: int = 1600, height: int = 1200) -> Image.Image:
    """Four quarters of four colours: any turn of the picture shows."""
    pixels = np.empty((height, width, 3), np.uint8)
    for index, colour in enumerate(CORNERS):
        down, across = divmod(index, 2)
        rows = slice(down * height // 2, (down + 1) * height // 2)
        pixels[rows, across * width // 2 : (across + 1) * width // 2] = colour
    return Image.fromarray(pixels)


def hills(width: int = 1600, height: int = 1200, seed: int = 1) -> Image.Image:
    """Soft random shapes, as in a photo."""
    noise = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as the bytes of a file."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    """`quarters`, with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(quarters(800, 600), kind, exif=exif)


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_zeros(count: int) -> bytes:
    """So many zeros as zlib packs them, without packing them all: one megabyte, repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % (1 << 20))) + packer.flush()
    checksum = struct.pack(">HH", count % 65_521, 1)
    return b"\x78\xda" + megabyte * (count >> 20) + rest + checksum


def png(width: int, height: int, packed: bytes, *, before: bytes = b"") -> bytes:
    """An RGB PNG around packed bytes that need not be its pixels; `before` stands in front of them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + end


@contextmanager
def sealed(data: bytes) -> Iterator[int]:
    """Bytes as the sealed memory file that ingestion hands to the cage."""
    fd = os.memfd_create("untrusted", os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        yield fd
    finally:
        os.close(fd)


def decoded(data: bytes, settings: DecodingSettings | None = None) -> Decoded:
    """Decode bytes by the worker's own program, here and without a cage: for files that we made."""
    content = sniff(data[:4096])
    with sealed(data) as fd:
        question = wire.question_to_bytes(content, settings or DecodingSettings())
        return wire.from_frames(worker.serve(fd, question), content)


def corners_of(pixels: Pixels) -> list[int]:
    """Which quarter of `quarters` each corner of a picture is, by the nearest colour."""
    height, width = pixels.shape[:2]
    places = [(height // 4, width // 4), (height // 4, width * 3 // 4)]
    places += [(height * 3 // 4, width // 4), (height * 3 // 4, width * 3 // 4)]
    colours = np.array(CORNERS, int)
    return [int(np.abs(colours - pixels[place].astype(int)).sum(axis=1).argmin()) for place in places]
