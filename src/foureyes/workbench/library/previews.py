"""The pack of previews: 16x16 grey pictures of a list of media in one answer, and which are asked for.

Form, little-endian: magic `4EP2`, uint32 count, count x uint16, then the pictures in order. The low 15 bits
of each number are the bytes of a picture; the high bit says that the 27 bytes which all such WebP files
share were left out (`SHARED`; about 30 % of a preview). A picture without preview has length 0. Thumbnails
of a batch come in the form `4EP1`: uint32 lengths, and whole pictures.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

MAGIC = b"4EP2"
MAGIC_WHOLE = b"4EP1"
SHORT = 0x8000
SHARED = b"\x9d\x01\x2a\x10\x00\x10\x00"
"""Start code of a VP8 frame, and 16 x 16 pixels: bytes 23 to 29 of each preview."""
ASKED = re.compile(r"[0-9]{1,7}(-[0-9]{1,7})?(\.[0-9]{1,7}(-[0-9]{1,7})?)*")
ASKED_AT_MOST = 8_000
"""Signs of what one request asks for: about 1,000 scattered previews."""
KEPT_AT_MOST = 24
"""Series whose previews stay in memory: 0.5 MB for 5,000 media."""


def pack(previews: Sequence[bytes]) -> bytes:
    """Previews as one pack, in the order given."""
    bodies = [_short(preview) for preview in previews]
    lengths = (len(body) | (SHORT if short else 0) for body, short in bodies)
    head = struct.pack(f"<I{len(bodies)}H", len(bodies), *lengths)
    return b"".join([MAGIC, head, *(body for body, _ in bodies)])


def whole_pack(pictures: Sequence[bytes]) -> bytes:
    """Pictures of any size and form as one answer, in the order given."""
    lengths = struct.pack(f"<I{len(pictures)}I", len(pictures), *(len(picture) for picture in pictures))
    return b"".join([MAGIC_WHOLE, lengths, *pictures])


def revision(members: Sequence[str]) -> str:
    """Sixteen hex digits that change with the members or their order: page and pack must agree."""
    return hashlib.sha256("\n".join(members).encode()).hexdigest()[:16]


def chosen(untrusted_asked: str, count: int) -> list[int] | None:
    """Indexes that `0-255.300` asks for, of so many; all for an empty text, None for what is none."""
    if not untrusted_asked:
        return list(range(count))
    if len(untrusted_asked) > ASKED_AT_MOST or not ASKED.fullmatch(untrusted_asked):
        return None
    found: list[int] = []
    for part in untrusted_asked.split("."):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        if not begin <= end < count or len(found) + end - begin >= count:
            return None
        found.extend(range(begin, end + 1))
    return found


class Kept:
    """Previews of the series that were looked at last, by a name that changes with the members."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Sequence[bytes]] = OrderedDict()
        self._lock = Lock()

    def now(self, name: str) -> Sequence[bytes] | None:
        """What is kept under the name."""
        with self._lock:
            found = self._kept.get(name)
            if found is not None:
                self._kept.move_to_end(name)
            return found

    def of(self, name: str, read: Callable[[], Sequence[bytes] | None]) -> Sequence[bytes] | None:
        """What is kept under the name, else what `read` gives."""
        found = self.now(name)
        if found is None and (found := read()) is not None:
            with self._lock:
                self._kept[name] = found
                while len(self._kept) > KEPT_AT_MOST:
                    self._kept.popitem(last=False)
        return found


kept = Kept()


def _short(preview: bytes) -> tuple[bytes, bool]:
    """The preview without what all share, where it has exactly that."""
    size = len(preview)
    shared = (
        preview[:4] == b"RIFF"
        and preview[4:8] == struct.pack("<I", size - 8)
        and preview[8:16] == b"WEBPVP8 "
        and preview[16:20] == struct.pack("<I", size - 20)
        and preview[23:30] == SHARED
    )
    return (preview[20:23] + preview[30:], True) if shared else (preview, False)
