"""One regular file on disk as an open stream. It never follows a path: it is given a descriptor."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from foureyes.engine.model import Fault, FaultCode, Occurrence, Times
from foureyes.engine.reading.base import HEAD_BYTES, Opened, StreamFault
from foureyes.engine.reading.descent import Descent
from foureyes.engine.reading.loss import Watch
from foureyes.engine.reading.signatures import archive_kind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class FileStream(io.FileIO):
    """A file on disk whose read errors come as StreamFault, or as SourceLost."""

    def __init__(self, descriptor: int, watch: Watch) -> None:
        super().__init__(descriptor, "rb")
        self._watch = watch

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as FileIO does."""
        try:
            return super().read(-1 if size is None else size)
        except OSError as error:
            raise StreamFault(self._watch.fault(error)) from error

    def readall(self) -> bytes:
        """Read as FileIO does."""
        try:
            return super().readall()
        except OSError as error:
            raise StreamFault(self._watch.fault(error)) from error

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read as FileIO does."""
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise StreamFault(self._watch.fault(error)) from error


def opened_file(descriptor: int, occurrence: Occurrence, watch: Watch, descent: Descent) -> Iterator[Opened]:
    """Yield the file itself, or the members where it is an archive. Takes over and closes the descriptor."""
    with FileStream(descriptor, watch) as stream:
        if occurrence.size == 0:
            yield Opened(replace(occurrence, fault=Fault(FaultCode.EMPTY, "the file has no bytes")))
            return
        try:
            untrusted_head = os.pread(descriptor, HEAD_BYTES, 0)
        except OSError as error:
            yield Opened(replace(occurrence, fault=watch.fault(error)))
            return
        watch.read_well()
        kind = archive_kind(untrusted_head)
        if kind is None:
            yield Opened(occurrence, stream)
            return
        for opened in descent.archive(descriptor, kind, occurrence):
            if opened.occurrence.fault is not None:
                watch.check_root()  # the unpacker cannot tell a damaged archive from a drive pulled out
            yield opened


def times_of(status: os.stat_result) -> Times:
    """Times of a file; that of its making only where the system has one."""
    created = getattr(status, "st_birthtime", None)
    return Times(
        created_ns=None if created is None else int(created * 1_000_000_000),
        modified_ns=status.st_mtime_ns,
        accessed_ns=status.st_atime_ns,
    )


def shown(path: str) -> str:
    """A path as it can be printed: bytes that are not UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
