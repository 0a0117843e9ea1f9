"""The bytes of a list inside the cage: read forwards in chunks, in UTF-8 whatever they came in.

Never holds more than what a reader leaves unread plus one chunk, and never parses anything.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator

CHUNK_BYTES = 3 * 1024**2
"""3 MB hold some 7,500 VICS records; 1 to 8 MB are read equally fast, larger ones cost memory."""

UTF8_MARK = codecs.BOM_UTF8
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class UntrustedList:
    """One open file."""

    def __init__(self, untrusted_fd: int, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Take an open descriptor, which stays the caller's."""
        self.descriptor = untrusted_fd
        self._chunk_bytes = chunk_bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the text from its start: without byte order mark, UTF-16 with one turned into UTF-8.

        Half a character pair becomes U+FFFD: a record is no worse for it, digests are plain ASCII.
        """
        first = os.pread(self.descriptor, 3, 0)
        encoding = _WIDE.get(first[:2])
        at = 2 if encoding else 3 if first == UTF8_MARK else 0
        decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
        while chunk := os.pread(self.descriptor, self._chunk_bytes, at):
            at += len(chunk)
            yield chunk if decoder is None else decoder.decode(chunk).encode("utf-8", "replace")
        if decoder is not None and (rest := decoder.decode(b"", final=True)):
            yield rest.encode("utf-8", "replace")


def as_utf8(untrusted_head: bytes) -> bytes:
    """Give the start of a file as `chunks` would."""
    encoding = _WIDE.get(untrusted_head[:2])
    if encoding:
        return untrusted_head[2:].decode(encoding, "replace").encode("utf-8", "replace")
    return untrusted_head.removeprefix(UTF8_MARK)


class Window:
    """The part of the text that is not read yet, with where it stands in the whole."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Read the first chunk."""
        self._chunks = chunks
        self.data = b""
        self.at = 0
        self.offset = 0
        """Place of `data[0]` in the whole text."""
        self.ended = False
        self.line = 1
        """Line of `data[0]`, from 1."""
        self._counted = (0, 1)
        self.more()

    def more(self) -> None:
        """Drop what is read and add a chunk; sets `ended` where there is none."""
        self.line = self.line_of(self.at)
        rest = self.data[self.at :]
        self.offset += self.at
        chunk = next((chunk for chunk in self._chunks if chunk), None)
        self.ended = chunk is None
        self.data = rest + (chunk or b"")
        self.at = 0
        self._counted = (0, self.line)

    def at_least(self, size: int) -> None:
        """Read on until so many bytes are at hand, or the end."""
        while len(self.data) - self.at < size and not self.ended:
            self.more()

    def line_of(self, place: int) -> int:
        """Line of a place in `data`, from 1; cheap where places rise."""
        counted, line = self._counted if self._counted[0] <= place else (0, self.line)
        line += self.data.count(b"\n", counted, place)
        self._counted = (place, line)
        return line
