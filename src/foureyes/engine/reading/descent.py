"""Goes down into archives and the archives inside them, and gives every member as an occurrence.

Archives are opened in caged unpackers only. Found by content, wherever they lie.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self

from foureyes.engine.model import Fault, FaultCode, Occurrence, Times
from foureyes.engine.reading.base import Opened, StreamFault
from foureyes.engine.reading.bounds import Bomb, Bounds
from foureyes.engine.reading.members import Listing, Member, MemberStream
from foureyes.engine.reading.names import Namer
from foureyes.engine.reading.signatures import UNREAD, ArchiveKind, archive_kind
from foureyes.engine.reading.spool import spooled
from foureyes.engine.running.cage import Cage
from foureyes.engine.settings import CageLimits, EngineSettings

_PROGRAM = "foureyes.engine.reading.unpack"
_HEAD_BYTES = 512
_WORKER_QUESTIONS = 5000
"""Each member of a zip is one question; a worker's replacement costs a fork."""
_CPU_SECONDS = 24 * 3600.0
"""An archive may be the whole source: only its silence is limited, and what it gives."""
_ANY_OUTPUT = 2**62
"""`Bounds` limits output by what the archive holds; no fixed figure fits both 1 MB and 1 TB."""
_LARGE_BYTES = 4 * 1024**3
_SLOWEST_BYTES_A_SECOND = 500_000
"""xz unpacks some MB of packed bytes a second; a cage allows ten times its wall time for an answer."""


class Descent:
    """Opens archives for one unit; keeps a caged unpacker for each level of nesting."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._cages: list[Cage] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for cage in self._cages:
            cage.close()
        self._cages.clear()

    def archive(
        self,
        untrusted_fd: int,
        kind: ArchiveKind,
        archive: Occurrence,
        level: int = 0,
        above: Bounds | None = None,
    ) -> Iterator[Opened]:
        """Yield what an archive holds, then what is wrong with it as a whole, at its own path.

        Raises Bomb where an archive around this one is a bomb by what this one gave, CageError.
        """
        fault = self._not_opened(kind, level)
        given = 0
        if fault is None:
            size = os.fstat(untrusted_fd).st_size
            bounds = Bounds(size, self._settings.reading, above)
            listing = Listing(self._cage(level, size), untrusted_fd, kind)
            try:
                for opened in self._members(listing, archive, level, bounds):
                    given += 1
                    yield opened
                    if bounds.broken:  # and whoever read the stream was told so
                        return
                fault = listing.fault
            except Bomb as bomb:
                if bomb.bounds is not bounds:
                    raise
                fault = bomb.fault
            if not given and fault is None:
                fault = Fault(FaultCode.EMPTY, "the archive holds no files")
        if fault is not None:
            yield Opened(replace(archive, fault=fault))

    def _not_opened(self, kind: ArchiveKind, level: int) -> Fault | None:
        if kind in UNREAD:
            words = f"a {kind.value}: not opened here; unpack or mount it, and take that in"
            return Fault(FaultCode.UNSUPPORTED, words)
        nesting = self._settings.reading.nesting_at_most
        if level > nesting:
            return Fault(FaultCode.NESTED_TOO_DEEP, f"archives within archives, more than {nesting} deep")
        return None

    def _members(self, listing: Listing, archive: Occurrence, level: int, bounds: Bounds) -> Iterator[Opened]:
        namer = Namer()
        for member in listing:
            bounds.count_member()
            untrusted_name = member.entry.untrusted_name or _name_without_ending(archive.path)
            occurrence = Occurrence(
                f"{archive.path}!/{namer.path(untrusted_name)}",
                member.entry.size,
                Times(modified_ns=member.entry.modified_ns),
            )
            if member.content is None:
                yield Opened(replace(occurrence, fault=member.entry.trouble.fault))
            elif member.entry.size == 0:
                yield Opened(replace(occurrence, fault=Fault(FaultCode.EMPTY, "the file has no bytes")))
            else:
                yield from self._content(member, occurrence, level, bounds)

    def _content(
        self, member: Member, occurrence: Occurrence, level: int, bounds: Bounds
    ) -> Iterator[Opened]:
        if member.content is None:
            return
        stream = MemberStream(member.content, bounds, self._settings.reading.member_bytes_at_most)
        try:
            head = member.entry.head or stream.peek_head(_HEAD_BYTES)
            kind = archive_kind(head)
            if not head:
                yield Opened(replace(occurrence, fault=Fault(FaultCode.EMPTY, "the file has no bytes")))
            elif kind is None:
                with io.BufferedReader(stream, 64 * 1024) as readable:
                    yield Opened(occurrence, readable)
                    if not member.entry.locator:  # the next one stands behind it
                        stream.drain()
            elif self._not_opened(kind, level + 1):
                yield Opened(replace(occurrence, fault=self._not_opened(kind, level + 1)))
            else:
                with spooled(stream, self._settings.memory_bytes) as untrusted_fd:
                    yield from self.archive(untrusted_fd, kind, occurrence, level + 1, bounds)
        except Bomb:
            raise
        except StreamFault as error:
            yield Opened(replace(occurrence, fault=error.fault))

    def _cage(self, level: int, size: int) -> Cage:
        """Give the level's unpacker; a very large archive gets one with time enough for it."""
        if len(self._cages) > level and size > _LARGE_BYTES:
            self._cages.pop(level).close()
        while len(self._cages) <= level:
            limits = unpacking_limits(self._settings.cage, size)
            self._cages.append(Cage(_PROGRAM, limits, allow_uncaged=self._settings.allow_uncaged))
        return self._cages[level]


def unpacking_limits(limits: CageLimits, size: int) -> CageLimits:
    """Turn the limits of one decoder into those of an unpacker, which speaks for hours."""
    return replace(
        limits,
        cpu_seconds=_CPU_SECONDS,
        output_bytes=_ANY_OUTPUT,
        wall_seconds=max(limits.wall_seconds, size / _SLOWEST_BYTES_A_SECOND / 10),
        files_per_worker=max(limits.files_per_worker, _WORKER_QUESTIONS),
    )


def _name_without_ending(path: str) -> bytes:
    """Name the one file of a gzip that states none, after the archive: `a.mp4.gz` holds `a.mp4`."""
    name = PurePosixPath(path).name
    return os.fsencode(PurePosixPath(name).stem if PurePosixPath(name).suffix else f"{name} (unpacked)")
