"""The smallest DNG that LibRaw takes for one: a JPEG preview, and sensor samples behind it."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

Tag = tuple[int, int, bytes | list[int]]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 10: 8}
_LETTERS = {1: "B", 3: "H", 4: "I"}


def dng(preview: bytes, width: int, height: int, orientation: int = 1) -> bytes:
    """A DNG of width x height sensor samples around a JPEG preview; without preview if that is empty."""
    sensor = (np.arange(width * height, dtype=np.uint16) * 37 % 4000).tobytes()
    first, second = _directories(preview, width, height, orientation, (0, 0, 0))
    sub = 8 + len(first)
    at_preview = sub + len(second)
    places = (sub, at_preview, at_preview + len(preview))
    first, second = _directories(preview, width, height, orientation, places)
    return b"II*\0" + struct.pack("<I", 8) + first + second + preview + sensor


def _directories(
    preview: bytes, width: int, height: int, orientation: int, places: tuple[int, int, int]
) -> tuple[bytes, bytes]:
    sub, at_preview, at_sensor = places
    across, down = Image.open(io.BytesIO(preview)).size if preview else (0, 0)
    matrix = b"".join(struct.pack("<ii", x, 10000) for x in (10000, 0, 0, 0, 10000, 0, 0, 0, 10000))
    shown: list[Tag] = [
        (0x0100, 4, [across]),
        (0x0101, 4, [down]),
        (0x0102, 3, [8, 8, 8]),
        (0x0103, 3, [7]),
        (0x0106, 3, [6]),
        (0x0111, 4, [at_preview]),
        (0x0115, 3, [3]),
        (0x0116, 4, [down]),
        (0x0117, 4, [len(preview)]),
    ]
    camera: list[Tag] = [
        (0x00FE, 4, [1]),
        (0x010F, 2, b"Foureyes\0"),
        (0x0110, 2, b"Test body\0"),
        (0x0112, 3, [orientation]),
        (0x014A, 4, [sub]),
        (0xC612, 1, [1, 4, 0, 0]),
        (0xC614, 2, b"Foureyes test body\0"),
        (0xC621, 10, matrix),
        (0xC628, 5, struct.pack("<6I", *[1] * 6)),
    ]
    first = _directory(8, camera + (shown if preview else []))
    samples: list[Tag] = [
        (0x00FE, 4, [0]),
        (0x0100, 4, [width]),
        (0x0101, 4, [height]),
        (0x0102, 3, [16]),
        (0x0103, 3, [1]),
        (0x0106, 3, [32803]),
        (0x0111, 4, [at_sensor]),
        (0x0115, 3, [1]),
        (0x0116, 4, [height]),
        (0x0117, 4, [width * height * 2]),
        (0x828D, 3, [2, 2]),
        (0x828E, 1, [0, 1, 1, 2]),
        (0xC61D, 4, [4095]),
    ]
    return first, _directory(8 + len(first), samples)


def _directory(at: int, tags: list[Tag]) -> bytes:
    out, extra = struct.pack("<H", len(tags)), b""
    base = at + 2 + 12 * len(tags) + 4
    for tag, kind, value in sorted(tags, key=lambda one: one[0]):
        data = value if isinstance(value, bytes) else struct.pack(f"<{len(value)}{_LETTERS[kind]}", *value)
        head = struct.pack("<HHI", tag, kind, len(data) // _SIZES[kind])
        if len(data) <= 4:
            out += head + data.ljust(4, b"\0")
            continue
        out += head + struct.pack("<I", base + len(extra))
        extra += data + b"\0" * (len(data) % 2)
    return out + b"\0\0\0\0" + extra
