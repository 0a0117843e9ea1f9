"""The hostile bytes of one file, as decoders and metadata readers see them inside the cage.

Never copies a file: pictures are mapped whole, of a long film only the head is. Knows no format.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from types import TracebackType

from foureyes.engine.decoding.content import ContentType

MAPPED_BYTES_AT_MOST = 512 * 1024**2
"""Mappings count against the worker's address space (2 GiB); a 50 GB film must not be mapped whole."""


@dataclass(frozen=True, slots=True, eq=False)
class UntrustedInput:
    """One file of hostile origin. Everything reached from here is untrusted."""

    data: memoryview
    """Read-only bytes from the start of the file: all of them up to MAPPED_BYTES_AT_MOST, else the head."""
    fd: int
    """Open for reading; its position is unspecified: use os.pread, or seek first."""
    size: int
    """Bytes of the whole file."""
    content: ContentType
    """What sniffing found: formats of the same family may be told apart by it."""

    @property
    def whole(self) -> bool:
        """Whether `data` is the whole file."""
        return len(self.data) == self.size


class Mapping:
    """The mapping of one file, for the length of one decode; made by `opened`."""

    def __init__(self, untrusted_fd: int, size: int, content: ContentType) -> None:
        length = min(size, MAPPED_BYTES_AT_MOST)
        self._mapped = mmap.mmap(untrusted_fd, length, access=mmap.ACCESS_READ)
        self._input = UntrustedInput(memoryview(self._mapped), untrusted_fd, size, content)

    def __enter__(self) -> UntrustedInput:
        return self._input

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._input.data.release()
            self._mapped.close()
        except BufferError:
            # A library still holds a view of its own (a traceback, an image not yet collected): the
            # mapping then ends with the last of them, at the latest with the worker.
            return


def opened(untrusted_fd: int, content: ContentType) -> Mapping:
    """Map the file behind a descriptor for the length of a `with` block.

    Raises:
        ValueError: the file is empty.
        OSError: it cannot be mapped.
    """
    size = os.fstat(untrusted_fd).st_size
    if size == 0:
        raise ValueError("empty file")
    return Mapping(untrusted_fd, size, content)
