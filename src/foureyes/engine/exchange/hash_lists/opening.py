"""Opens the file of a list, and says clearly why it cannot be one. Never looks further than its start."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foureyes.engine.errors import HashListError
from foureyes.engine.exchange.hash_lists.base import HEAD_BYTES
from foureyes.engine.exchange.hash_lists.untrusted import as_utf8

_PACKED = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "packed by gzip",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
}


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Give a descriptor of a regular file, for reading only. Raises HashListError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise HashListError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HashListError(f"{path} is no file: a hash list is one file")
        yield descriptor
    finally:
        os.close(descriptor)


def untrusted_head(path: Path, untrusted_fd: int) -> bytes:
    """Read the start of a list, as UTF-8. Raises HashListError where it is empty or packed."""
    try:
        head = os.pread(untrusted_fd, HEAD_BYTES, 0)
    except OSError as error:
        raise HashListError(f"{path} cannot be read: {error.strerror}.") from None
    if not as_utf8(head).strip():
        raise HashListError(f"{path} is empty")
    for magic, words in _PACKED.items():
        if head.startswith(magic):
            raise HashListError(f"{path} is {words}: unpack it, and name the list inside")
    return as_utf8(head)
