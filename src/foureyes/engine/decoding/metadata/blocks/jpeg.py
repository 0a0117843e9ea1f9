"""The segments of a JPEG up to its first scan, and the blocks in them. Never looks at the picture's data."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from foureyes.engine.decoding.metadata.blocks.found import (
    BLOCK_BYTES_AT_MOST,
    Blocks,
    ExifBlock,
    Segment,
)

SEGMENTS_AT_MOST = 2000
JUNK_AT_MOST = 64 * 1024
"""Bytes skipped between two segments; some programs leave padding there."""
TEXT_AT_MOST = 4000

SOS, EOI, COM = 0xDA, 0xD9, 0xFE
APP1, APP2, APP11, APP13 = 0xE1, 0xE2, 0xEB, 0xED
_WITHOUT_PAYLOAD = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})

_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_EXTENDED_HEAD = struct.Struct(">32sII")
"""Name of the whole, its length, and where this part belongs."""
_PHOTOSHOP = b"Photoshop 3.0\0"
_ICC = b"ICC_PROFILE\0"
_JUMBF = b"JP"


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of a JPEG."""
    return head[:3] == b"\xff\xd8\xff"


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the blocks of a JPEG; where the segments break off, what was found before stands."""
    blocks.segments = segments_of(data)
    payloads: dict[int, list[bytes]] = {marker: [] for marker in (APP1, APP2, APP11, APP13, COM)}
    for marker, start, end in blocks.segments:
        if marker in payloads:
            payloads[marker].append(bytes(data[start:end]))
    _application_1(payloads[APP1], blocks)
    blocks.icc = _icc(payloads[APP2])
    blocks.jumbf = _jumbf(payloads[APP11])
    resources = b"".join(part[len(_PHOTOSHOP) :] for part in payloads[APP13] if part.startswith(_PHOTOSHOP))
    if resources:
        blocks.photoshop.append(resources)
    blocks.texts += [("comment", part[:TEXT_AT_MOST].decode("utf-8", "replace")) for part in payloads[COM]]


def segments_of(data: memoryview) -> list[Segment]:
    """Segments up to and with the first scan; none where it is no JPEG."""
    return list(_segments(data)) if fits(bytes(data[:3])) else []


def _segments(data: memoryview) -> Iterator[Segment]:
    at = 2
    for _ in range(SEGMENTS_AT_MOST):
        at = _next_marker(data, at)
        if at < 0 or data[at] == EOI:
            return
        marker = data[at]
        at += 1
        if marker in _WITHOUT_PAYLOAD:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        yield Segment(marker, min(at + 2, len(data)), min(at + max(length, 2), len(data)))
        at += max(length, 2)
        if marker == SOS or at >= len(data):
            return


def _next_marker(data: memoryview, at: int) -> int:
    """Where the next marker's code stands, or -1: behind junk and behind any number of 0xFF."""
    if at + 1 < len(data) and data[at] == 0xFF and data[at + 1] != 0xFF:  # noqa: PLR2004 - the common case
        return at + 1
    near = bytes(data[at : at + JUNK_AT_MOST])
    marker = near.find(b"\xff")
    while 0 <= marker < len(near) and near[marker] == 0xFF:  # noqa: PLR2004 - fill bytes
        marker += 1
    return at + marker if 0 <= marker < len(near) else -1


def _application_1(payloads: list[bytes], blocks: Blocks) -> None:
    extended: list[bytes] = []
    for payload in payloads:
        if payload.startswith(_EXIF):
            blocks.exif.append(ExifBlock(payload[6:]))
        elif payload.startswith(_XMP):
            blocks.xmp.append(payload[len(_XMP) :])
        elif payload.startswith(_EXTENDED_XMP):
            extended.append(payload[len(_EXTENDED_XMP) :])
    if whole := _extended_xmp(extended):
        blocks.xmp.append(whole)


def _extended_xmp(payloads: list[bytes]) -> bytes:
    """Parts of the first extended packet in their stated places."""
    parts: dict[int, bytes] = {}
    name = payloads[0][:32] if payloads else b""
    for payload in payloads:
        if len(payload) > _EXTENDED_HEAD.size and payload[:32] == name:
            _, _, offset = _EXTENDED_HEAD.unpack_from(payload)
            parts[offset] = payload[_EXTENDED_HEAD.size :]
    return b"".join(parts[offset] for offset in sorted(parts))[:BLOCK_BYTES_AT_MOST]


def _icc(payloads: list[bytes]) -> bytes:
    """Numbered parts of one profile, in their order."""
    parts = sorted(part[len(_ICC) :] for part in payloads if part.startswith(_ICC))
    return b"".join(part[2:] for part in parts)[:BLOCK_BYTES_AT_MOST]


def _jumbf(payloads: list[bytes]) -> bytes:
    """Parts of the first JUMBF box: `JP`, instance (2), packet number (4), then the box.

    Every part repeats the box's head (8 bytes, 16 with a long length), which only the first keeps.
    """
    parts = [part for part in payloads if part.startswith(_JUMBF) and len(part) > 16]  # noqa: PLR2004 - heads of both
    if not parts:
        return b""
    own = sorted((part for part in parts if part[2:4] == parts[0][2:4]), key=lambda part: part[4:8])
    head = 16 if own[0][8:12] == b"\0\0\0\1" else 8
    whole = own[0][8:] + b"".join(part[8 + head :] for part in own[1:])
    return whole[:BLOCK_BYTES_AT_MOST]
