"""Members of an archive as open streams: pulls frames out of the caged unpacker, never more than asked for.

Nothing of an archive is unpacked to disk or held in memory whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from typing import TYPE_CHECKING

from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.reading.base import StreamFault
from foureyes.engine.reading.bounds import Bomb, Bounds
from foureyes.engine.reading.signatures import ArchiveKind
from foureyes.engine.reading.unpack.wire import (
    Entry,
    Operation,
    Question,
    Tag,
    Trouble,
    trouble_of,
    unpack_entry,
)
from foureyes.engine.running.cage import Cage, CageFault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_FIRST_BYTES = 64 * 1024
"""Asked for at first: most that is no media is left after its head, and what is small is whole."""
_LISTED_AT_MOST = 1000
"""Members listed in one answer; the unpacker gives 500."""
_NONSENSE = Trouble.NONE.fault


class MemberStream(RawIOBase):
    """The bytes of one member, forwards only. Reading raises StreamFault where they end too early."""

    def __init__(self, content: Iterator[bytes], bounds: Bounds, bytes_at_most: int) -> None:
        super().__init__()
        self._content = content
        self._bounds = bounds
        self._left = bytes_at_most
        self._pending = memoryview(b"")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer as far as the next chunk goes."""
        while not self._pending:
            chunk = self._next()
            if chunk is None:
                return 0
            self._pending = memoryview(chunk)
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._pending))
        target[:size] = self._pending[:size]
        self._pending = self._pending[size:]
        return size

    def peek_head(self, size: int) -> bytes:
        """Look at the first bytes before anything was read, `size` of them where there are as many."""
        while len(self._pending) < size and (chunk := self._next()) is not None:
            self._pending = memoryview(bytes(self._pending) + chunk)
        return bytes(self._pending[:size])

    def drain(self) -> None:
        """Pass over what nobody read, counting it. Raises Bomb."""
        try:
            while not self._bounds.broken and self._next() is not None:
                pass
        except Bomb:
            raise
        except StreamFault:
            return  # whoever skipped the member has no use for what is wrong with its rest

    def _next(self) -> bytes | None:
        chunk = next(self._content, None)
        if chunk is not None:
            self._bounds.count_bytes(len(chunk))
            self._left -= len(chunk)
            if self._left < 0:
                raise StreamFault(Fault(FaultCode.TOO_LARGE, "the member is larger than the settings allow"))
        return chunk


@dataclass(frozen=True, slots=True)
class Member:
    """One member as listed; `content` is None where its entry says what is wrong with it."""

    entry: Entry
    content: Iterator[bytes] | None


class Listing:
    """All members of one archive in order. One at a time: a member's content is void at the next one."""

    def __init__(self, cage: Cage, untrusted_fd: int, kind: ArchiveKind) -> None:
        self._cage = cage
        self._fd = untrusted_fd
        self._kind = kind
        self.fault: Fault | None = None
        """What is wrong with the archive as a whole, once all members were given."""

    def __iter__(self) -> Iterator[Member]:
        """Yield members; those whose bytes stand in the stream are drained before the next is listed."""
        cursor: bytes | None = b""
        while cursor is not None:
            question = Question(Operation.WALK, self._kind, cursor)
            cursor = None
            apart: list[Entry] = []
            for tag, payload in self._ask(question):
                if tag == Tag.CURSOR and apart:
                    cursor = payload
                elif tag != Tag.ENTRY:
                    self.fault = self.fault or _trouble(tag, payload)
                elif (entry := self._entry(payload)) is not None:
                    if entry.locator and len(apart) < _LISTED_AT_MOST:
                        apart.append(entry)
                    else:
                        yield from self._in_stream(entry)
            yield from map(self._apart, apart)

    def _ask(self, question: Question) -> Iterator[tuple[int, bytes]]:
        """Ask the unpacker; its own end becomes the fault of the archive."""
        try:
            self._frames = self._cage.ask(self._fd, question.packed())
            while (frame := next(self._frames, None)) is not None:
                yield frame
        except CageFault as error:
            self.fault = in_an_archive(error.fault)

    def _entry(self, untrusted_payload: bytes) -> Entry | None:
        try:
            return unpack_entry(untrusted_payload)
        except ValueError:
            self.fault = _NONSENSE
            return None

    def _in_stream(self, entry: Entry) -> Iterator[Member]:
        if entry.trouble is not Trouble.NONE:
            yield Member(entry, None)
            return
        content = self._following()
        yield Member(entry, content)
        with contextlib.suppress(StreamFault):
            for _ in content:
                pass

    def _following(self) -> Iterator[bytes]:
        """Give the chunks that come next in the answer, up to the member's end."""
        try:
            while (frame := next(self._frames, None)) is not None:
                tag, payload = frame
                if tag == Tag.END:
                    return
                if tag != Tag.CHUNK:
                    raise StreamFault(_trouble(tag, payload))
                yield payload
        except CageFault as error:
            self.fault = in_an_archive(error.fault)
        raise StreamFault(self.fault or _NONSENSE)

    def _apart(self, entry: Entry) -> Member:
        if entry.trouble is not Trouble.NONE:
            return Member(entry, None)
        return Member(entry, self._asked_for(entry.locator))

    def _asked_for(self, locator: bytes) -> Iterator[bytes]:
        """Ask for the beginning first, and for the rest only when somebody reads on."""
        first = list(self._opened(Question(Operation.OPEN, self._kind, locator, 0, _FIRST_BYTES)))
        yield from first
        if sum(map(len, first)) >= _FIRST_BYTES:
            yield from self._opened(Question(Operation.OPEN, self._kind, locator, _FIRST_BYTES))

    def _opened(self, question: Question) -> Iterator[bytes]:
        try:
            for tag, payload in self._cage.ask(self._fd, question.packed()):
                if tag == Tag.CHUNK:
                    yield payload
                elif tag != Tag.END:
                    raise StreamFault(_trouble(tag, payload))
        except CageFault as error:
            raise StreamFault(in_an_archive(error.fault)) from error


def in_an_archive(fault: Fault) -> Fault:
    """Name what the cage calls damage of a file as that of an archive."""
    if fault.code is FaultCode.DAMAGED:
        return Fault(FaultCode.ARCHIVE_DAMAGED, fault.detail)
    return fault


def _trouble(tag: int, untrusted_payload: bytes) -> Fault:
    if tag != Tag.TROUBLE:
        return _NONSENSE
    try:
        return trouble_of(untrusted_payload).fault
    except ValueError:
        return _NONSENSE
