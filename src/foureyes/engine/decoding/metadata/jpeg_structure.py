"""How a JPEG is built: quantisation tables, order of segments, sampling, thumbnail.

Cameras and programs differ in it, and it outlives the removal of metadata. Never looks at the picture's
data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby

from foureyes.engine.decoding.metadata.blocks import Segment, blocks_of
from foureyes.engine.decoding.metadata.blocks.jpeg import segments_of
from foureyes.engine.decoding.metadata.damaged import Damaged
from foureyes.engine.decoding.metadata.tiff import Tiff
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Fact, FactName, Origin

_DQT, _DHT, _APP0, _APP15 = 0xDB, 0xC4, 0xE0, 0xEF
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_NAMES = {_DHT: "DHT", _DQT: "DQT", 0xCC: "DAC", 0xDA: "SOS", 0xDD: "DRI", 0xFE: "COM"}
_APPLICATIONS = (
    (b"JFIF\0", "JFIF"),
    (b"JFXX\0", "JFXX"),
    (b"Exif\0", "Exif"),
    (b"http://ns.adobe.com/xap/", "XMP"),
    (b"http://ns.adobe.com/xmp/ext", "XMP+"),
    (b"ICC_PROFILE\0", "ICC"),
    (b"MPF\0", "MPF"),
    (b"FPXR\0", "FPXR"),
    (b"Photoshop 3.0\0", "Photoshop"),
    (b"Adobe", "Adobe"),
    (b"JP", "JUMBF"),
    (b"Ducky", "Ducky"),
)
_STANDARD_HUFFMAN = {"532fd667aa554143", "a811c2965454c769"}
"""Of the tables in Annex K of the JPEG standard: all four, and the two that a grey picture needs."""
_THUMBNAIL, _THUMBNAIL_SIZE = 0x0201, 0x0202


class JpegStructureReader:
    """Reads how a JPEG is built."""

    name = "jpeg_structure"
    version = 1

    def read(self, untrusted: UntrustedInput) -> Iterator[Fact]:
        """Two facts of a JPEG, none of anything else."""
        blocks = blocks_of(untrusted)
        if not blocks.segments:
            return
        tables = _payload(untrusted.data, blocks.segments, _DQT)
        if tables:
            yield Fact(FactName.QUANTISATION, _digest(tables), Origin.JPEG)
        parts = [_order(untrusted.data, blocks.segments), *_frame(untrusted.data, blocks.segments)]
        huffman = _payload(untrusted.data, blocks.segments, _DHT)
        if huffman:
            parts.append("Huffman standard" if _is_standard(huffman) else "Huffman own")
        if blocks.exif and blocks.exif[0].data:
            parts += _thumbnail(memoryview(blocks.exif[0].data))
        yield Fact(FactName.JPEG_LAYOUT, "; ".join(parts)[:1000], Origin.JPEG)


def _payload(data: memoryview, segments: list[Segment], marker: int) -> bytes:
    return b"".join(bytes(data[start:end]) for found, start, end in segments if found == marker)


def _is_standard(huffman: bytes) -> bool:
    """Whether these are the tables of the standard, in whatever order and grouping."""
    tables: list[bytes] = []
    at = 0
    while at + 17 <= len(huffman):
        end = at + 17 + sum(huffman[at + 1 : at + 17])
        tables.append(huffman[at:end])
        at = end
    return _digest(b"".join(sorted(tables))) in _STANDARD_HUFFMAN


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()[:16]


def _order(data: memoryview, segments: list[Segment]) -> str:
    names = [_name(data, segment) for segment in segments[:200]]
    runs = ((name, sum(1 for _ in run)) for name, run in groupby(names))
    return " ".join(name if times == 1 else f"{name}*{times}" for name, times in runs)


def _name(data: memoryview, segment: Segment) -> str:
    marker, start, end = segment
    if marker in _FRAMES:
        return f"SOF{marker - 0xC0}"
    if not _APP0 <= marker <= _APP15:
        return _NAMES.get(marker, f"{marker:02X}")
    head = bytes(data[start : min(start + 32, end)])
    known = next((name for signature, name in _APPLICATIONS if head.startswith(signature)), "")
    return f"APP{marker - _APP0}" + (f"-{known}" if known else "")


def _frame(data: memoryview, segments: list[Segment]) -> Iterator[str]:
    """Sampling factors of each component, and the depth where it is not 8 bits."""
    for marker, start, end in segments:
        if marker not in _FRAMES:
            continue
        head = bytes(data[start : min(end, start + 6 + 3 * 4)])
        if len(head) >= 6:  # noqa: PLR2004 - depth, height, width, count
            factors = [f"{head[at] >> 4}x{head[at] & 15}" for at in range(7, len(head), 3)]
            yield "sampling " + ",".join(factors)
            if head[0] != 8:  # noqa: PLR2004 - bits
                yield f"{head[0]} bits"
        return


def _thumbnail(exif: memoryview) -> Iterator[str]:
    """Size of the thumbnail in EXIF, with the digest of its tables: cameras' own differ from programs'."""
    try:
        tiff, first = Tiff.opened(exif)
        second = tiff.directory(first, ()).following()
        if not second:
            return
        directory = tiff.directory(second, (_THUMBNAIL, _THUMBNAIL_SIZE))
    except Damaged:
        return
    at, size = directory.integer(_THUMBNAIL), directory.integer(_THUMBNAIL_SIZE)
    if at is None or size is None:
        return
    picture = exif[at : at + size]
    segments = segments_of(picture)
    for marker, start, end in segments:
        if marker in _FRAMES and end - start >= 5:  # noqa: PLR2004 - depth, height, width
            height, width = (int.from_bytes(picture[start + at : start + at + 2], "big") for at in (1, 3))
            yield f"thumbnail {width}x{height} {_digest(_payload(picture, segments, _DQT))}"
            return


READER = JpegStructureReader()
