"""Reads a region of an open file by position, so that the descriptor's own position never matters."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import Any

from foureyes.engine.reading.unpack.wire import CHUNK_BYTES


class Damaged(Exception):
    """The archive is not what it should be, here or from here on."""


class Unsupported(Exception):
    """Packed by a method that we do not read."""


class Slice(io.RawIOBase):
    """Bytes `start` to `end` of a file as a seekable stream."""

    def __init__(self, descriptor: int, start: int = 0, end: int | None = None) -> None:
        self._descriptor = descriptor
        self._start = start
        self._end = os.fstat(descriptor).st_size if end is None else end
        self._at = start

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the present position."""
        wanted = min(len(buffer), max(self._end - self._at, 0))
        got = os.pread(self._descriptor, wanted, self._at)
        buffer[: len(got)] = got
        self._at += len(got)
        return len(got)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; positions count from `start`."""
        base = {io.SEEK_SET: self._start, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        self._at = max(base + offset, self._start)
        return self._at - self._start

    def tell(self) -> int:
        """Bytes from `start`."""
        return self._at - self._start


def buffered(descriptor: int, start: int = 0, end: int | None = None) -> io.BufferedReader:
    """Give a buffered stream over a region of a file."""
    return io.BufferedReader(Slice(descriptor, start, end), CHUNK_BYTES)


def chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Read to the end, a chunk at a time."""
    while chunk := read(CHUNK_BYTES):
        yield chunk


def window(content: Iterator[bytes], start: int, limit: int) -> Iterator[bytes]:
    """Give `limit` bytes from `start` on of what may be longer."""
    for chunk in content:
        kept = chunk[start:][:limit]
        start = max(start - len(chunk), 0)
        limit -= len(kept)
        if kept:
            yield kept
        if limit <= 0:
            return
