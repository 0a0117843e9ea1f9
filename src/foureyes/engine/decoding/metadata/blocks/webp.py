"""The chunks of a WebP that hold metadata. Never looks at the picture's data."""

from __future__ import annotations

from foureyes.engine.decoding.metadata.blocks.found import Blocks, ExifBlock, copied
from foureyes.engine.decoding.metadata.damaged import Damaged

CHUNKS_AT_MOST = 100_000


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of a WebP."""
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the blocks of a WebP.

    Raises:
        Damaged: there are more chunks than any program writes.
    """
    at = 12
    for _ in range(CHUNKS_AT_MOST):
        if at + 8 > len(data):
            return
        kind = bytes(data[at : at + 4])
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if kind == b"EXIF":
            blocks.exif.append(ExifBlock(copied(data, at + 8, at + 8 + size).removeprefix(b"Exif\0\0")))
        elif kind == b"XMP ":
            blocks.xmp.append(copied(data, at + 8, at + 8 + size))
        elif kind == b"ICCP":
            blocks.icc = copied(data, at + 8, at + 8 + size)
        elif kind == b"C2PA":
            blocks.jumbf = copied(data, at + 8, at + 8 + size)
        at += 8 + size + size % 2
    raise Damaged("more chunks than any program writes")
