"""The pack of previews: every 16x16 grey picture of a list of media in one answer.

Form, little-endian: magic `4EP1`, uint32 count, count x uint32 lengths, then the WebP pictures in order.
A picture without preview has length 0. 5,000 media are about 460 kB.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

MAGIC = b"4EP1"


def pack(previews: Sequence[bytes]) -> bytes:
    """Previews as one pack, in the order given."""
    lengths = struct.pack(f"<{len(previews)}I", *(len(preview) for preview in previews))
    return b"".join([MAGIC, struct.pack("<I", len(previews)), lengths, *previews])


def revision(members: Sequence[str]) -> str:
    """Sixteen hex digits that change with the members or their order: page and pack must agree."""
    return hashlib.sha256("\n".join(members).encode()).hexdigest()[:16]
