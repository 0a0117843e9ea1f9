"""Append-only files that hold thumbnails and previews end to end, thousands to a file.

A record is bare bytes: where it lies, how long it is and its CRC-32 stand in the media row. What lies
beyond the length that the database records was never committed, and is cut off by the next writer.
Nothing committed is ever rewritten here.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.durable import sync_folder
from foureyes.engine.errors import WorkspaceDamaged

PACK_BYTES = 512 * 1024**2
"""A pack is closed at this size: one object of an object store, quick to copy and to rewrite."""

THUMBNAILS = "thumbnails"
PREVIEWS = "previews"
_OPEN_AT_MOST = 64
_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one record lies."""

    pack_id: int
    offset: int
    length: int
    crc: int


@dataclass(slots=True)
class _Tail:
    pack_id: int
    family: str
    number: int
    length: int
    recorded: bool


def pack_name(family: str, number: int) -> str:
    """Name of a pack file, such as `thumbnails-000001.pack`."""
    return f"{family}-{number:06d}.pack"


def _damaged(name: str, place: Place) -> WorkspaceDamaged:
    return WorkspaceDamaged(f"The pack {name} is damaged at byte {place.offset}: run `foureyes verify`.")


class PackReader:
    """Reads records by place. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, name: str, place: Place) -> bytes:
        """The bytes of one record.

        Raises:
            WorkspaceDamaged: they are missing, or not those that were committed.
        """
        with self._lock:
            try:
                content = os.pread(self._descriptor(name), place.length, place.offset)
            except FileNotFoundError as error:
                raise WorkspaceDamaged(f"The pack {name} is missing: run `foureyes verify`.") from error
        if len(content) != place.length or zlib.crc32(content) != place.crc:
            raise _damaged(name, place)
        return content

    def read_now(self, name: str, place: Place) -> bytes | None:
        """The bytes of one record where the kernel holds them in memory; None where reading would wait.

        None, too, where the pack was not read from before, or the system cannot say (RWF_NOWAIT is Linux').

        Raises:
            WorkspaceDamaged: they are not those that were committed.
        """
        content = bytearray(place.length)
        with self._lock:
            descriptor = self._open.get(name)
            if descriptor is None or _NOWAIT is None:
                return None
            try:
                if os.preadv(descriptor, [content], place.offset, _NOWAIT) != place.length:
                    return None
            except OSError:
                return None
        if zlib.crc32(content) != place.crc:
            raise _damaged(name, place)
        return bytes(content)

    def close(self) -> None:
        """Close all pack files."""
        with self._lock:
            for descriptor in self._open.values():
                os.close(descriptor)
            self._open.clear()

    def _descriptor(self, name: str) -> int:
        descriptor = self._open.get(name)
        if descriptor is None:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)
            self._open[name] = descriptor
            if len(self._open) > _OPEN_AT_MOST:
                os.close(self._open.popitem(last=False)[1])
        else:
            self._open.move_to_end(name)
        return descriptor


class PackWriter:
    """Appends records for the one writer; `record` belongs into the transaction that refers to them."""

    def __init__(self, folder: Path, pack_bytes: int = PACK_BYTES) -> None:
        self._folder = folder
        self._pack_bytes = pack_bytes
        self._tails: dict[str, _Tail] = {}
        self._touched: dict[int, _Tail] = {}
        self._last_id = 0

    def recover(self, connection: Connection) -> None:
        """Cut off and remove what no transaction recorded; take up where the records end.

        Raises:
            WorkspaceDamaged: a pack is missing or shorter than recorded.
        """
        self._tails, self._touched, self._last_id = {}, {}, 0
        recorded: set[str] = set()
        for row in connection.execute(sa.select(schema.pack).order_by(schema.pack.c.id)).mappings():
            tail = _Tail(row["id"], row["family"], row["number"], row["length"], recorded=True)
            name = pack_name(tail.family, tail.number)
            recorded.add(name)
            self._cut(name, tail.length)
            self._tails[tail.family] = tail
            self._last_id = tail.pack_id
        for stray in self._folder.iterdir():
            if stray.name not in recorded:
                stray.unlink()

    def append(self, family: str, records: Sequence[bytes]) -> list[Place]:
        """Append records and flush them to the disk. They count only once `record` is committed."""
        places = []
        waiting: list[bytes] = []
        tail = self._tail(family)
        start = tail.length
        for content in records:
            if tail.length and tail.length + len(content) > self._pack_bytes:
                self._write(tail, start, waiting)
                tail, start, waiting = self._next_tail(family), 0, []
            places.append(Place(tail.pack_id, tail.length, len(content), zlib.crc32(content)))
            waiting.append(content)
            tail.length += len(content)
        self._write(tail, start, waiting)
        return places

    def record(self, connection: Connection) -> None:
        """Write the new lengths into the open transaction; `committed` follows when it stands."""
        for tail in self._touched.values():
            if tail.recorded:
                lengthened = schema.pack.update().where(schema.pack.c.id == tail.pack_id)
                connection.execute(lengthened.values(length=tail.length))
            else:
                row = {
                    "id": tail.pack_id,
                    "family": tail.family,
                    "number": tail.number,
                    "length": tail.length,
                }
                connection.execute(schema.pack.insert(), row)

    def committed(self) -> None:
        """The transaction stands: what was appended is part of the packs."""
        for tail in self._touched.values():
            tail.recorded = True
        self._touched.clear()

    def _tail(self, family: str) -> _Tail:
        return self._tails.get(family) or self._next_tail(family)

    def _next_tail(self, family: str) -> _Tail:
        before = self._tails.get(family)
        self._last_id += 1
        tail = _Tail(self._last_id, family, before.number + 1 if before else 1, 0, recorded=False)
        self._tails[family] = tail
        return tail

    def _write(self, tail: _Tail, start: int, records: Sequence[bytes]) -> None:
        if not records:
            return
        self._touched[tail.pack_id] = tail
        path = self._folder / pack_name(tail.family, tail.number)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            remaining = memoryview(b"".join(records))
            while remaining:
                written = os.pwrite(descriptor, remaining, start)
                start += written
                remaining = remaining[written:]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not tail.recorded:
            sync_folder(self._folder)

    def _cut(self, name: str, length: int) -> None:
        path = self._folder / name
        size = path.stat().st_size if path.exists() else 0
        if size < length:
            raise WorkspaceDamaged(
                f"The pack {name} holds {size} bytes of {length} that were committed: "
                "restore it from a copy; `foureyes verify` lists what is lost."
            )
        if size > length:
            os.truncate(path, length)
