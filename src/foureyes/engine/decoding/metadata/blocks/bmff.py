"""Boxes of ISO base media files that are pictures: HEIF, AVIF, JPEG XL and Canon CR3.

Never looks at the picture's data. Films are none of its business: their facts come from the demuxer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from imagecodecs import brotli_decode  # at the head: a sealed worker can load nothing any more

from foureyes.engine.decoding.metadata.blocks.found import (
    BLOCK_BYTES_AT_MOST,
    Blocks,
    ExifBlock,
    ExifRole,
    copied,
)
from foureyes.engine.decoding.metadata.damaged import Damaged

BOXES_AT_MOST = 10_000
ITEMS_AT_MOST = 20_000
"""A 48-megapixel HEIC has some hundred tiles, each an item."""
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PARTS = {
    b"CMT1": ExifRole.WHOLE,
    b"CMT2": ExifRole.EXIF,
    b"CMT3": ExifRole.MAKER,
    b"CMT4": ExifRole.GPS,
}
_JXL = b"\0\0\0\x0cJXL \r\n\x87\n"


class Box(NamedTuple):
    """One box: its four letters and where its content stands."""

    kind: bytes
    start: int
    end: int


class Item(NamedTuple):
    """One item of a HEIF: what it is, and what type of text where it is text."""

    id: int
    kind: bytes
    content: bytes


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of such a file."""
    return head[4:8] == b"ftyp" or head[:12] == _JXL


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the blocks of a HEIF, AVIF, JPEG XL or CR3.

    Raises:
        Damaged: a box is not made as the standard says.
    """
    for box in _boxes(data, 0, len(data)):
        if box.kind == b"meta":
            _meta(data, box, blocks)
        elif box.kind == b"moov":
            _canon(data, box, blocks)
        elif box.kind == b"uuid":
            _uuid(data, box, blocks)
        elif box.kind == b"brob":
            _jxl(bytes(data[box.start : box.start + 4]), _unbrotlied(data, box), blocks)
        elif box.kind in (b"Exif", b"xml ", b"jumb"):
            _jxl(box.kind, copied(data, box.start, box.end), blocks)


def _boxes(data: memoryview, at: int, end: int) -> Iterator[Box]:
    for _ in range(BOXES_AT_MOST):
        if at + 8 > end:
            return
        size, kind = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8])
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = end - at
        if size < head:
            raise Damaged("a box is smaller than its own head")
        yield Box(kind, at + head, min(at + size, end))
        at += size


def _meta(data: memoryview, meta: Box, blocks: Blocks) -> None:
    inner = {box.kind: box for box in _boxes(data, meta.start + 4, meta.end)}
    if b"iinf" in inner and b"iloc" in inner:
        items = {item.id: item for item in _items(data, inner[b"iinf"])}
        for number, payload in _payloads(data, inner[b"iloc"], inner.get(b"idat"), items):
            if items[number].kind == b"Exif":
                _exif(payload, blocks)
            else:
                blocks.xmp.append(payload)
    if b"iprp" in inner:
        _profile(data, inner[b"iprp"], blocks)


def _items(data: memoryview, iinf: Box) -> Iterator[Item]:
    """Items that are EXIF or XMP."""
    wide = data[iinf.start] != 0
    for box in _boxes(data, iinf.start + (8 if wide else 6), iinf.end):
        version = data[box.start] if box.start < box.end else 0
        if box.kind != b"infe" or version < 2:  # noqa: PLR2004 - older ones name no type
            continue
        size = 2 if version == 2 else 4  # noqa: PLR2004 - the version with short numbers
        at = box.start + 4 + size + 2
        kind = bytes(data[at : at + 4])
        if kind not in (b"Exif", b"mime"):
            continue
        _, _, content = bytes(data[at + 4 : min(box.end, at + 300)]).partition(b"\0")
        content = content.partition(b"\0")[0]
        if kind == b"Exif" or content == b"application/rdf+xml":
            yield Item(int.from_bytes(data[box.start + 4 : box.start + 4 + size], "big"), kind, content)


def _payloads(
    data: memoryview, iloc: Box, idat: Box | None, wanted: dict[int, Item]
) -> Iterator[tuple[int, bytes]]:
    """Bytes of the wanted items, from their extents in the file or in the `idat` box."""
    reader = _Numbers(data, iloc.start, iloc.end)
    version = reader.take(1)
    reader.take(3)
    sizes, bases = reader.take(1), reader.take(1)
    widths = (sizes >> 4, sizes & 15, bases >> 4, bases & 15 if version else 0)
    number_width = 4 if version == 2 else 2  # noqa: PLR2004 - the version with long numbers
    count = reader.take(number_width)
    if count > ITEMS_AT_MOST:
        raise Damaged("more items than any camera writes")
    for _ in range(count):
        number = reader.take(number_width)
        method = reader.take(2) & 15 if version else 0
        reader.take(2)
        extents = reader.extents(widths)
        if number in wanted:
            start, end = (0, len(data)) if method == 0 else (idat.start, idat.end) if idat else (0, 0)
            yield number, _gathered(data[start:end], extents)


class _Numbers:
    """Numbers of stated widths, one after the other, from within one box."""

    def __init__(self, data: memoryview, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def take(self, width: int) -> int:
        if self._at + width > self._end:
            raise Damaged("a table ends before its last entry")
        self._at += width
        return int.from_bytes(self._data[self._at - width : self._at], "big")

    def extents(self, widths: tuple[int, int, int, int]) -> list[tuple[int, int]]:
        """(offset, length) of one item; widths: offset, length, base offset, index."""
        base = self.take(widths[2])
        found: list[tuple[int, int]] = []
        for _ in range(self.take(2)):
            self.take(widths[3])
            found.append((base + self.take(widths[0]), self.take(widths[1])))
            if not (widths[0] or widths[1] or widths[3]):  # entries of no bytes could be stated without end
                break
        return found


def _gathered(space: memoryview, extents: list[tuple[int, int]]) -> bytes:
    whole = bytearray()
    for offset, length in extents:
        room = BLOCK_BYTES_AT_MOST - len(whole)
        whole += space[offset : offset + min(length or room, room)]
    return bytes(whole)


def _exif(payload: bytes, blocks: Blocks) -> None:
    """Four bytes say how far the TIFF header is from here; writers disagree, so look for it."""
    skip = 4 + int.from_bytes(payload[:4], "big")
    if payload[skip : skip + 2] not in (b"II", b"MM"):
        near = [at for at in (payload.find(b"II*\0", 0, 64), payload.find(b"MM\0*", 0, 64)) if at >= 0]
        if not near:
            raise Damaged("the EXIF item has no TIFF header")
        skip = min(near)
    blocks.exif.append(ExifBlock(payload[skip:]))


def _profile(data: memoryview, iprp: Box, blocks: Blocks) -> None:
    for ipco in _boxes(data, iprp.start, iprp.end):
        if ipco.kind != b"ipco":
            continue
        for box in _boxes(data, ipco.start, ipco.end):
            if box.kind == b"colr" and bytes(data[box.start : box.start + 4]) in (b"prof", b"rICC"):
                blocks.icc = copied(data, box.start + 4, box.end)
                return


def _canon(data: memoryview, moov: Box, blocks: Blocks) -> None:
    for box in _boxes(data, moov.start, moov.end):
        if box.kind == b"uuid" and data[box.start : box.start + 16] == _CANON:
            for part in _boxes(data, box.start + 16, box.end):
                if part.kind in _CANON_PARTS:
                    blocks.exif.append(ExifBlock(copied(data, part.start, part.end), _CANON_PARTS[part.kind]))


def _uuid(data: memoryview, box: Box, blocks: Blocks) -> None:
    name = bytes(data[box.start : box.start + 16])
    if name == _XMP:
        blocks.xmp.append(copied(data, box.start + 16, box.end))
    elif name == _C2PA:
        # version and flags (4), purpose (text with NUL), offset of a further box (8), then the boxes
        content = copied(data, box.start + 20, box.end)
        purpose, _, rest = content.partition(b"\0")
        if purpose == b"manifest":
            blocks.jumbf = rest[8:]


def _jxl(kind: bytes, payload: bytes, blocks: Blocks) -> None:
    if kind == b"Exif":
        _exif(payload, blocks)
    elif kind == b"xml ":
        blocks.xmp.append(payload)
    elif kind == b"jumb":
        blocks.jumbf = struct.pack(">I", len(payload) + 8) + b"jumb" + payload


def _unbrotlied(data: memoryview, box: Box) -> bytes:
    """A JPEG XL box packed by Brotli, unpacked to at most what is kept of a block."""
    try:
        return bytes(brotli_decode(copied(data, box.start + 4, box.end), out=BLOCK_BYTES_AT_MOST))
    except (RuntimeError, ValueError, struct.error) as error:
        raise Damaged("a packed box cannot be unpacked") from error
