"""Reads the first directory of a TIFF structure, as far as it lies in the bytes given, and never beyond.

Serves sniffing (which camera raw is it) and orientation. Every offset is checked; nothing is followed
further than the first directory, so loops of directories cannot catch it. Never raises.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_TAGS_AT_MOST = 512
_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE, _ORIENTATION = 0x00FE, 0x0103, 0x0106, 0x010F, 0x0112
_SUB_DIRECTORIES, _DNG_VERSION = 0x014A, 0xC612
_SENSOR_PHOTOMETRIC = frozenset({32803, 34892})
"""Colour filter array and linear raw: pixels of a sensor, not of a picture."""
_RAW_COMPRESSION = frozenset({32767, 32769, 32770, 34713, 65000, 65535})
"""Sony, packed, Samsung, Nikon, Kodak and Pentax compression."""
_RAW_OF_MAKER = (
    (b"NIKON", "nef"),
    (b"SONY", "arw"),
    (b"PENTAX", "pef"),
    (b"RICOH", "pef"),
    (b"ASAHI", "pef"),
    (b"SAMSUNG", "srw"),
    (b"Hasselblad", "3fr"),
    (b"SEIKO EPSON", "erf"),
    (b"EASTMAN KODAK", "kdc"),
    (b"Kodak", "kdc"),
    (b"Phase One", "iiq"),
    (b"Leaf", "mos"),
    (b"Mamiya", "mef"),
)
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tag: its number (first value of integer kinds) and its bytes where they lie within reach."""

    number: int
    text: bytes


def format_of(untrusted: bytes) -> str:
    """`tiff`, or the camera raw format that this TIFF structure is."""
    if untrusted[8:10] == b"CR":
        return "cr2"
    if untrusted[8:12] in (b"IIII", b"MMMM"):
        return "iiq"
    tags = _first_directory(untrusted)
    if _DNG_VERSION in tags:
        return "dng"
    preview_first = _number(tags, _SUBFILE) & 1 == 1 and _SUB_DIRECTORIES in tags
    sensor = (
        _number(tags, _PHOTOMETRIC) in _SENSOR_PHOTOMETRIC or _number(tags, _COMPRESSION) in _RAW_COMPRESSION
    )
    if not (preview_first or sensor):
        return "tiff"
    make = tags[_MAKE].text if _MAKE in tags else b""
    return next(
        (name for maker, name in _RAW_OF_MAKER if make.startswith(maker)), "raw" if sensor else "tiff"
    )


def orientation_of(untrusted: bytes | memoryview) -> int:
    """EXIF orientation of a TIFF structure, 1 to 8; 1 where it says nothing sensible."""
    number = _number(_first_directory(untrusted), _ORIENTATION)
    return number if 1 <= number <= 8 else 1  # noqa: PLR2004  the eight of EXIF


def _number(tags: dict[int, _Entry], tag: int) -> int:
    return tags[tag].number if tag in tags else 0


def _first_directory(data: bytes | memoryview) -> dict[int, _Entry]:
    """Tags of the first directory of a classic TIFF structure; as many as can be read."""
    order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
    if order is None or len(data) < 8 or struct.unpack_from(order + "H", data, 2)[0] != 42:  # noqa: PLR2004  TIFF's header
        return {}
    (start,) = struct.unpack_from(order + "I", data, 4)
    if start + 2 > len(data):
        return {}
    (count,) = struct.unpack_from(order + "H", data, start)
    tags: dict[int, _Entry] = {}
    for index in range(min(count, _TAGS_AT_MOST)):
        at = start + 2 + 12 * index
        if at + 12 > len(data):
            break
        tag, kind, values = struct.unpack_from(order + "HHI", data, at)
        tags.setdefault(tag, _entry(data, order, at + 8, kind, values))
    return tags


def _entry(data: bytes | memoryview, order: str, at: int, kind: int, values: int) -> _Entry:
    size = _SIZES.get(kind, 1) * values
    if size > 4:  # noqa: PLR2004  larger values lie elsewhere
        (at,) = struct.unpack_from(order + "I", data, at)
    text = bytes(data[at : at + min(size, 64)])
    if kind == 3 and len(text) >= 2:  # noqa: PLR2004  SHORT
        return _Entry(struct.unpack_from(order + "H", text)[0], text)
    if kind in (4, 13) and len(text) >= 4:  # noqa: PLR2004  LONG, IFD
        return _Entry(struct.unpack_from(order + "I", text)[0], text)
    return _Entry(text[0] if text else 0, text)
