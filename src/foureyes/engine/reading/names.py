"""Makes the name of an archive's member into a harmless path of an occurrence.

The path is a label: nothing is ever written or opened by it. Still, it must not read as if it led
outside its archive, so what climbs is spelled out: `../a.jpg` becomes `(up)/a.jpg`. The content is kept
either way, without a fault.
"""

from __future__ import annotations

import os
import re
from hashlib import blake2b

LONGEST = 4096
_UP = "(up)"
_NAMELESS = "(no name)"
_DRIVE = re.compile("[A-Za-z]:")


def harmless(untrusted_name: bytes) -> str:
    """Return a relative path with `/` between folders, never empty, absolute, or leading upwards."""
    text = os.fsdecode(untrusted_name).replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\\", "/")
    parts = [_UP if part == ".." else part for part in text.split("/") if part not in ("", ".")]
    if parts and _DRIVE.fullmatch(parts[0]):
        parts[0] = parts[0][0]
    path = "/".join(parts) or _NAMELESS
    if len(path) > LONGEST:  # a million times the same letter is a trick, too: the end tells more
        path = "(cut)/" + path[len("(cut)/") - LONGEST :]
    return path


class Namer:
    """Gives every member of one archive a path of its own; 100 bytes of memory for each."""

    def __init__(self) -> None:
        self._times: dict[bytes, int] = {}

    def path(self, untrusted_name: bytes) -> str:
        """Return the harmless path, numbered from the second one of the same name on."""
        wanted = path = harmless(untrusted_name)
        while (times := self._count(path)) > 1:
            path = f"{wanted} ({times})"
        return path

    def _count(self, path: str) -> int:
        key = blake2b(os.fsencode(path), digest_size=8).digest()
        self._times[key] = times = self._times.get(key, 0) + 1
        return times
