"""SHA-256, SHA-1 and MD5 of one content in one pass over its chunks.

SHA-1 and MD5 are kept because hash lists of the field are keyed by them; only SHA-256 names a media.
"""

from __future__ import annotations

import hashlib

from foureyes.engine.model import Digests


class DigestPass:
    """Feed chunks in order, then ask once or many times for what they came to."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0

    def update(self, untrusted_chunk: bytes | bytearray | memoryview) -> None:
        """Take in the next bytes, of any length."""
        with memoryview(untrusted_chunk) as chunk:
            self._sha256.update(chunk)
            self._sha1.update(chunk)
            self._md5.update(chunk)
            self._size += chunk.nbytes

    def result(self) -> Digests:
        """Digests (lower-case hex) and size in bytes of all chunks so far."""
        return Digests(
            sha256=self._sha256.hexdigest(),
            sha1=self._sha1.hexdigest(),
            md5=self._md5.hexdigest(),
            size=self._size,
        )
