"""TIFF files and camera raws. Never looks at the picture's data, and copies none of a TIFF-based file."""

from __future__ import annotations

from foureyes.engine.decoding.metadata.blocks import jpeg
from foureyes.engine.decoding.metadata.blocks.found import Blocks, ExifBlock, copied
from foureyes.engine.decoding.metadata.damaged import Damaged
from foureyes.engine.decoding.metadata.tiff import Tiff

_XMP, _IPTC, _PHOTOSHOP, _ICC, _JUMBF = 700, 33723, 34377, 34675, 0xCD41
_PREVIEW_OF_RW2 = 0x2E
_WANTED = frozenset({_XMP, _IPTC, _PHOTOSHOP, _ICC, _JUMBF, _PREVIEW_OF_RW2})
_TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIU\0", b"IIRO", b"IIRS", b"MMOR")
_RAF = b"FUJIFILMCCD-RAW "
_MRW = b"\0MRM"


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of a TIFF, BigTIFF, or of a raw that we can look into."""
    return head[:4] in _TIFF_HEADS or head[:16] == _RAF or head[:4] == _MRW


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the blocks of a TIFF-based file, a Fujifilm RAF or a Minolta MRW.

    Raises:
        Damaged: the first directory cannot be read.
    """
    head = bytes(data[:16])
    if head == _RAF:
        _raf(data, blocks)
    elif head[:4] == _MRW:
        _mrw(data, blocks)
    else:
        blocks.exif.append(ExifBlock(None))
        _tiff(data, blocks)


def _tiff(data: memoryview, blocks: Blocks) -> None:
    block, first = Tiff.opened(data)
    directory = block.directory(first, _WANTED)
    found = {tag: directory.view(tag) for tag in _WANTED}
    if packet := found[_XMP]:
        blocks.xmp.append(copied(packet, 0, len(packet)))
    if sets := found[_IPTC]:
        blocks.iptc.append(_untwisted(copied(sets, 0, len(sets)), block.order))
    if resources := found[_PHOTOSHOP]:
        blocks.photoshop.append(copied(resources, 0, len(resources)))
    if profile := found[_ICC]:
        blocks.icc = copied(profile, 0, len(profile))
    if credentials := found[_JUMBF]:
        blocks.jumbf = copied(credentials, 0, len(credentials))
    if preview := found[_PREVIEW_OF_RW2]:
        _blocks_of_preview(preview, blocks)


def _untwisted(sets: bytes, order: str) -> bytes:
    """Some programs write IPTC as 32-bit numbers in the byte order of the file, which turns it around."""
    if sets[:1] == b"\x1c" or order == ">" or len(sets) < 4 or sets[3:4] != b"\x1c":  # noqa: PLR2004 - one number
        return sets
    whole = sets[: len(sets) // 4 * 4]
    return b"".join(whole[at : at + 4][::-1] for at in range(0, len(whole), 4))


def _raf(data: memoryview, blocks: Blocks) -> None:
    start, size = (int.from_bytes(data[at : at + 4], "big") for at in (84, 88))
    _blocks_of_preview(data[start : start + size], blocks)


def _blocks_of_preview(preview: memoryview, blocks: Blocks) -> None:
    """The embedded JPEG holds the EXIF; its segments say nothing about this file, which is no JPEG."""
    if jpeg.fits(bytes(preview[:4])):
        jpeg.find(preview, blocks)
        blocks.segments = []


def _mrw(data: memoryview, blocks: Blocks) -> None:
    at, end = 8, min(8 + int.from_bytes(data[4:8], "big"), len(data))
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        if bytes(data[at : at + 4]) == b"\0TTW":
            blocks.exif.append(ExifBlock(copied(data, at + 8, at + 8 + size)))
            return
        at += 8 + size
    raise Damaged("no directory in the header")
