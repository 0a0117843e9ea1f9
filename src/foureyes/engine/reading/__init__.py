"""What to take in: folders, archives and VICS cases become units, and units become open streams.

Readers never decode media: that happens in the cage, in `decoding/`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from foureyes.engine.errors import NothingToDo, UsageError
from foureyes.engine.model import Occurrence, Unit
from foureyes.engine.reading.archive import ArchiveReader
from foureyes.engine.reading.base import HEAD_BYTES, Opened, Reader, StreamFault
from foureyes.engine.reading.files import shown
from foureyes.engine.reading.folder import FolderReader
from foureyes.engine.reading.holding import held
from foureyes.engine.reading.loss import fault_of
from foureyes.engine.reading.tree import open_regular
from foureyes.engine.reading.vics import VicsReader
from foureyes.engine.settings import EngineSettings, ReadingSettings

READERS: tuple[Reader, ...] = (VicsReader(), ArchiveReader(), FolderReader())
"""The first that recognises a source reads it."""

__all__ = [
    "READERS",
    "Opened",
    "Reader",
    "StreamFault",
    "blamed",
    "fault_of",
    "halves",
    "held",
    "open_unit",
    "plan",
    "reader_of",
]


def plan(path: Path, settings: ReadingSettings, *, allow_uncaged: bool = False) -> Iterator[Unit]:
    """Plan a source: a VICS case, an archive, a folder or a single file, told by content.

    Raises UsageError at once where the path does not exist, cannot be read or is a special file, and
    NothingToDo where it holds nothing at all; SourceLost while iterating where the device goes away.
    """
    root = Path.cwd() / path
    units = reader_of(root).plan(root, settings, allow_uncaged=allow_uncaged)
    try:
        first = next(units, None)
    except OSError as error:
        raise _unreadable(root, error) from error
    if first is None:
        raise NothingToDo(f"{shown(os.fspath(root))} holds no files: nothing to take in.")
    return chain((first,), units)


def reader_of(path: Path) -> Reader:
    """Return the first reader that recognises a source. Raises UsageError where it cannot be read."""
    try:
        status = path.stat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise UsageError(f"{shown(os.fspath(path))} is neither a file nor a folder: give one of these")
        untrusted_head = b"" if stat.S_ISDIR(status.st_mode) else _head(path)
        return next(reader for reader in READERS if reader.recognises(path, untrusted_head))
    except OSError as error:
        raise _unreadable(path, error) from error


def open_unit(unit: Unit, settings: EngineSettings) -> Iterator[Opened]:
    """Open every occurrence of a unit, and what archives among them hold; see `Opened`.

    Raises SourceLost where the device goes away. Close the iterator, or read it to its end, to end
    its caged unpackers.
    """
    reader = next(reader for reader in READERS if reader.name == unit.reader)
    return reader.open_unit(unit, settings)


def halves(unit: Unit) -> tuple[Unit, ...]:
    """Split a unit in two that together hold exactly what it holds; none where it is one path only."""
    half = len(unit.members) // 2
    if not half:
        return ()
    if (
        len(unit.members) == len(unit.occurrences) and unit.reader == VicsReader.name
    ):  # they stand side by side
        parts = (slice(None, half), slice(half, None))
        return tuple(
            replace(unit, members=unit.members[part], occurrences=unit.occurrences[part]) for part in parts
        )
    return (
        replace(unit, members=unit.members[:half]),
        replace(unit, members=unit.members[half:], occurrences=()),
    )


def blamed(unit: Unit) -> Occurrence:
    """Name the path of a unit that holds one only, for a fault that hit the unit as a whole."""
    if unit.reader == VicsReader.name and unit.occurrences:
        return unit.occurrences[0]
    return Occurrence(unit.members[0] if unit.members else Path(unit.root).name, unit.size or None)


def _head(path: Path) -> bytes:
    descriptor, _ = open_regular(os.path.realpath(path))
    try:
        return os.pread(descriptor, HEAD_BYTES, 0)
    finally:
        os.close(descriptor)


def _unreadable(path: Path, error: OSError) -> UsageError:
    name = shown(os.fspath(path))
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return UsageError(f"{name} does not exist: check the path.")
    if isinstance(error, PermissionError):
        return UsageError(
            f"no rights to read {name}: give yourself read access, or run as someone who has it"
        )
    return UsageError(f"{name} cannot be read: {fault_of(error).detail}")
