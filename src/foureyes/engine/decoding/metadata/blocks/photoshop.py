"""Photoshop's image resources: of a PSD file, and where a JPEG, PNG or TIFF carries a list of them.

Never looks at layers or pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.decoding.metadata.blocks.found import Blocks, ExifBlock, copied

RESOURCES_AT_MOST = 1000
_COLOUR_DATA = 26
"""Where a PSD states the length of its colour mode data; resources follow behind that."""
_IPTC, _ICC, _EXIF, _XMP = 0x0404, 0x040F, 0x0422, 0x0424


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of a PSD or PSB."""
    return head[:4] == b"8BPS"


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the list of resources of a PSD."""
    at = _COLOUR_DATA + 4 + int.from_bytes(data[_COLOUR_DATA : _COLOUR_DATA + 4], "big")
    size = int.from_bytes(data[at : at + 4], "big")
    if size:
        blocks.photoshop.append(copied(data, at + 4, at + 4 + size))


def sort_resources(blocks: Blocks) -> None:
    """Give each resource found to the blocks it belongs to; what the container states itself wins."""
    for listed in blocks.photoshop:
        for number, payload in _resources(listed):
            if number == _IPTC:
                blocks.iptc.append(payload)
            elif number == _EXIF and not blocks.exif:
                blocks.exif.append(ExifBlock(payload))
            elif number == _XMP and not blocks.xmp:
                blocks.xmp.append(payload)
            elif number == _ICC and not blocks.icc:
                blocks.icc = payload


def _resources(listed: bytes) -> Iterator[tuple[int, bytes]]:
    """`8BIM`, number (2), a name with its length (even), size (4), content (even)."""
    at = 0
    for _ in range(RESOURCES_AT_MOST):
        if listed[at : at + 4] != b"8BIM" or at + 12 > len(listed):
            return
        number = int.from_bytes(listed[at + 4 : at + 6], "big")
        at += 6 + (listed[at + 6] // 2 + 1) * 2
        size = int.from_bytes(listed[at : at + 4], "big")
        yield number, listed[at + 4 : at + 4 + size]
        at += 4 + size + size % 2
