"""One content behind a seekable descriptor, seen once by whoever digests it. Never decodes anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20


@contextmanager
def held(
    stream: BinaryIO,
    untrusted_head: bytes,
    see: Callable[[bytes], None],
    *,
    memory_bytes: int,
    spool: Path,
) -> Iterator[int]:
    """Show every byte of `stream` to `see` once and yield a descriptor from which they can be read again.

    A file on disk is read where it lies. A member of an archive is copied to memory while it is small and to
    an unlinked file in `spool` once it is larger, since decoders must seek; it is gone after the block.

    Args:
        stream: open at just behind `untrusted_head`, which was read from it.
        untrusted_head: the first bytes; given to `see` first.
        see: called with each chunk in order.
        memory_bytes: from this size on a member goes to disk.
        spool: folder for that unlinked file.

    Raises:
        OSError: reading or spooling failed.
    """
    see(untrusted_head)
    fd = _descriptor(stream)
    if fd is not None:
        while untrusted_chunk := stream.read(CHUNK_BYTES):
            see(untrusted_chunk)
        yield fd
        return
    with os.fdopen(os.memfd_create("member", os.MFD_CLOEXEC), "w+b", buffering=0) as memory:
        size = _copy(stream, untrusted_head, see, memory, memory_bytes)
        if size <= memory_bytes:
            with _read_only(memory) as fd:
                yield fd
            return
        with tempfile.TemporaryFile(dir=spool, buffering=0) as disk:
            memory.seek(0)
            shutil.copyfileobj(memory, disk, CHUNK_BYTES)
            memory.truncate(0)
            _copy(stream, b"", see, disk, None)
            with _read_only(disk) as fd:
                yield fd


@contextmanager
def _read_only(file: BinaryIO) -> Iterator[int]:
    """A descriptor of the same bytes that a caged worker may have: it cannot write through it."""
    fd = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


def _copy(
    stream: BinaryIO,
    untrusted_first: bytes,
    see: Callable[[bytes], None],
    target: BinaryIO,
    limit: int | None,
) -> int:
    """Copy until the end, or until just over `limit` bytes; the bytes copied."""
    size = len(untrusted_first)
    target.write(untrusted_first)
    while (limit is None or size <= limit) and (untrusted_chunk := stream.read(CHUNK_BYTES)):
        see(untrusted_chunk)
        target.write(untrusted_chunk)
        size += len(untrusted_chunk)
    return size


def _descriptor(stream: BinaryIO) -> int | None:
    """The descriptor of a regular file on disk, None for anything that must be copied first."""
    try:
        return stream.fileno()
    except (OSError, AttributeError):
        return None
