"""Where a file keeps its metadata: each container's blocks, copied out once, whatever the format.

Never reads what is in a block: that is the readers' work. Never copies a file: a TIFF-based file stays
where it is.
"""

from __future__ import annotations

from functools import lru_cache

from foureyes.engine.decoding.metadata.blocks import bmff, gif, jpeg, photoshop, png, raw, webp
from foureyes.engine.decoding.metadata.blocks.found import (
    BLOCKS_AT_MOST,
    Blocks,
    ExifBlock,
    ExifRole,
    Segment,
)
from foureyes.engine.decoding.metadata.damaged import Damaged
from foureyes.engine.decoding.untrusted import UntrustedInput

_CONTAINERS = (jpeg, png, webp, bmff, gif, photoshop, raw)
"""Each has `fits(head)` on the first 32 bytes and `find(data, blocks)`, which fills `blocks` in."""


@lru_cache(maxsize=1)
def blocks_of(untrusted: UntrustedInput) -> Blocks:
    """All metadata blocks of one file, found once for all readers.

    Keeps copies, never views, so that the mapping of the file can end with the decode.
    """
    blocks = Blocks()
    head = bytes(untrusted.data[:32])
    for container in _CONTAINERS:
        if container.fits(head):
            try:
                container.find(untrusted.data, blocks)
            except Damaged as damage:
                blocks.fault = str(damage)
            break
    photoshop.sort_resources(blocks)
    for several in (blocks.exif, blocks.xmp, blocks.iptc):
        del several[BLOCKS_AT_MOST:]
    return blocks


__all__ = ["Blocks", "ExifBlock", "ExifRole", "Segment", "blocks_of"]
