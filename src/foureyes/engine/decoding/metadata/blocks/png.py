"""The chunks of a PNG or APNG that hold metadata. Never looks at the picture's data."""

from __future__ import annotations

import re

from foureyes.engine.decoding.metadata.blocks.found import (
    BLOCK_BYTES_AT_MOST,
    BLOCKS_AT_MOST,
    Blocks,
    ExifBlock,
    copied,
    inflated,
)
from foureyes.engine.decoding.metadata.damaged import Damaged

CHUNKS_AT_MOST = 200_000
TEXTS_AT_MOST = 64
TEXT_BYTES_AT_MOST = 4000
_XMP = "XML:com.adobe.xmp"
_RAW_PROFILE = "Raw profile type "
"""ImageMagick's way: hexadecimal digits of an EXIF, IPTC or XMP block in a text chunk."""
_NOT_HEX = re.compile(rb"[^0-9a-fA-F]")


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of a PNG."""
    return head[:8] == b"\x89PNG\r\n\x1a\n"


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the blocks of a PNG, before and behind its picture data.

    Raises:
        Damaged: there are more chunks than any program writes.
    """
    at = 8
    for _ in range(CHUNKS_AT_MOST):
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at : at + 4], "big")
        kind = bytes(data[at + 4 : at + 8])
        if kind == b"IEND":
            return
        if kind in _READ:
            _READ[kind](copied(data, at + 8, at + 8 + size), blocks)
        at += 12 + size
    raise Damaged("more chunks than any program writes")


def _exif(payload: bytes, blocks: Blocks) -> None:
    blocks.exif.append(ExifBlock(payload.removeprefix(b"Exif\0\0")))


def _icc(payload: bytes, blocks: Blocks) -> None:
    if not blocks.icc:
        _, _, rest = payload.partition(b"\0")
        blocks.icc = inflated(rest[1:])


def _jumbf(payload: bytes, blocks: Blocks) -> None:
    blocks.jumbf = payload


def _plain(payload: bytes, blocks: Blocks) -> None:
    keyword, _, text = payload.partition(b"\0")
    _text(keyword.decode("latin-1"), text, "latin-1", blocks)


def _packed(payload: bytes, blocks: Blocks) -> None:
    keyword, _, rest = payload.partition(b"\0")
    _text(keyword.decode("latin-1"), rest[1:], "latin-1", blocks, packed=True)


def _international(payload: bytes, blocks: Blocks) -> None:
    keyword, _, rest = payload.partition(b"\0")
    packed, rest = rest[:1] == b"\1", rest[2:]
    _, _, rest = rest.partition(b"\0")  # language
    _, _, text = rest.partition(b"\0")  # translated keyword
    _text(keyword.decode("latin-1"), text, "utf-8", blocks, packed=packed)


def _text(keyword: str, text: bytes, encoding: str, blocks: Blocks, *, packed: bool = False) -> None:
    """One text. Hostile files pack gigabytes into many chunks: both number and size are limited."""
    whole = keyword == _XMP or keyword.startswith(_RAW_PROFILE)
    known = len(blocks.exif) + len(blocks.xmp) + len(blocks.photoshop) if whole else len(blocks.texts)
    if known >= (BLOCKS_AT_MOST if whole else TEXTS_AT_MOST):
        return
    if packed:
        text = inflated(text, BLOCK_BYTES_AT_MOST if whole else TEXT_BYTES_AT_MOST)
    if keyword == _XMP:
        blocks.xmp.append(text)
    elif whole:
        _raw_profile(keyword.removeprefix(_RAW_PROFILE), text, blocks)
    else:
        blocks.texts.append((keyword, text[:TEXT_BYTES_AT_MOST].decode(encoding, "replace")))


def _raw_profile(name: str, text: bytes, blocks: Blocks) -> None:
    """A line break, the name, the length, then the digits."""
    digits = _NOT_HEX.sub(b"", b"".join(text.strip().split(b"\n")[2:]))
    payload = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    if name in ("exif", "APP1") and payload.startswith((b"Exif\0", b"II*\0", b"MM\0*")):
        _exif(payload, blocks)
    elif name == "xmp":
        blocks.xmp.append(payload)
    elif name in ("iptc", "8bim"):
        blocks.photoshop.append(payload)


_READ = {
    b"eXIf": _exif,
    b"iCCP": _icc,
    b"caBX": _jumbf,
    b"tEXt": _plain,
    b"zTXt": _packed,
    b"iTXt": _international,
}
