"""The extensions of a GIF that hold metadata: comments and XMP. Never looks at the picture's data."""

from __future__ import annotations

from foureyes.engine.decoding.metadata.blocks.found import BLOCK_BYTES_AT_MOST, Blocks

BLOCKS_AT_MOST = 4000
TEXT_AT_MOST = 4000
_EXTENSION, _FRAME = 0x21, 0x2C
_COMMENT, _APPLICATION = 0xFE, 0xFF
_COLOURS_FOLLOW = 0x80
_XMP, _ICC = b"XMP DataXMP", b"ICCRGBG1012"


def fits(head: bytes) -> bool:
    """Whether these are the first bytes of a GIF."""
    return head[:6] in (b"GIF87a", b"GIF89a")


def find(data: memoryview, blocks: Blocks) -> None:
    """Fill in the blocks that stand before the first frame, where every program writes them."""
    at = _first_block(data)
    for _ in range(BLOCKS_AT_MOST):
        if at + 2 > len(data) or data[at] != _EXTENSION:
            return
        label, application = data[at + 1], data[at + 3 : at + 14]
        if label == _APPLICATION and application == _XMP:
            blocks.xmp.append(_packet(data, at + 14))
        keeps = label == _APPLICATION and application == _ICC
        body, at = _sub_blocks(
            data, at + (14 if keeps else 2), BLOCK_BYTES_AT_MOST if keeps else TEXT_AT_MOST
        )
        if keeps:
            blocks.icc = body
        elif label == _COMMENT:
            blocks.texts.append(("comment", body.decode("utf-8", "replace")))


def _first_block(data: memoryview) -> int:
    if len(data) < 13:  # noqa: PLR2004 - the header's size
        return len(data)
    return 13 + _colours(data[10])


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & _COLOURS_FOLLOW else 0


def _sub_blocks(data: memoryview, at: int, most: int) -> tuple[bytes, int]:
    """The first bytes of a chain of sub-blocks, and where the chain ends."""
    body = bytearray()
    while at < len(data) and data[at]:
        if len(body) < most:
            body += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return bytes(body), at + 1


def _packet(data: memoryview, at: int) -> bytes:
    """XMP stands there in one piece, before a run of bytes that makes it skippable as sub-blocks."""
    whole = bytes(data[at : at + BLOCK_BYTES_AT_MOST])
    end = whole.find(b"<?xpacket end=")
    return whole[: end if end >= 0 else max(whole.find(b"\x01\xff\xfe"), 0)]
