"""Keeps one nested archive, still packed, where it can be read by position.

That is memory, or a file without a name when it is large. What it holds is never unpacked here.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from io import RawIOBase

from foureyes.engine.errors import StorageFull

_CHUNK_BYTES = 256 * 1024
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK


@contextlib.contextmanager
def spooled(content: RawIOBase, memory_bytes: int) -> Iterator[int]:
    """Copy a stream and give a descriptor that can only be read; closed at the end.

    Raises what the stream raises, and StorageFull where the temporary folder is too small.
    """
    descriptor = os.memfd_create("foureyes-nested", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        rest = _copy(content, descriptor, memory_bytes)
        if rest:
            in_memory, descriptor = descriptor, _to_disk(descriptor, rest, content)
            os.close(in_memory)
        else:
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _SEALS)
        yield descriptor
    finally:
        os.close(descriptor)


def _copy(content: RawIOBase, descriptor: int, at_most: int) -> bytes:
    """Copy until the end, or until a chunk would not fit any more: that chunk is returned."""
    size = 0
    while chunk := content.read(_CHUNK_BYTES):
        if size + len(chunk) > at_most:
            return bytes(chunk)
        size += len(chunk)
        _write(descriptor, chunk)
    return b""


def _to_disk(in_memory: int, rest: bytes, content: RawIOBase) -> int:
    with tempfile.TemporaryFile(prefix="foureyes-") as file:
        try:
            offset = 0
            while chunk := os.pread(in_memory, _CHUNK_BYTES, offset):
                offset += len(chunk)
                _write(file.fileno(), chunk)
            _write(file.fileno(), rest)
            while chunk := content.read(_CHUNK_BYTES) or b"":
                _write(file.fileno(), chunk)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise StorageFull(
                    f"no room in {tempfile.gettempdir()} for an archive inside an archive:"
                    " free space there, or set TMPDIR, and run the same command again"
                ) from error
            raise
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)


def _write(descriptor: int, chunk: bytes) -> None:
    unwritten = memoryview(chunk)
    while unwritten:
        unwritten = unwritten[os.write(descriptor, unwritten) :]
