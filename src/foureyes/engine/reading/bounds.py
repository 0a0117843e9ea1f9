"""Counts what an archive gives against what it holds, and stops where it is a bomb.

It counts bytes that really came out, never sizes that an archive states.
"""

from __future__ import annotations

from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.reading.base import StreamFault
from foureyes.engine.settings import ReadingSettings

_FREE_BYTES = 64 * 1024**2
"""Below this no ratio is a bomb: blank pictures and logs pack very well."""


class Bomb(StreamFault):
    """An archive gives more than it may; `bounds` are those of that archive."""

    def __init__(self, fault: Fault, bounds: Bounds) -> None:
        super().__init__(fault)
        self.bounds = bounds


class Bounds:
    """What one archive may give, counting all that its nested archives give against it as well."""

    def __init__(self, packed_bytes: int, settings: ReadingSettings, above: Bounds | None = None) -> None:
        self._bytes_at_most = max(int(packed_bytes * settings.archive_ratio_at_most), _FREE_BYTES)
        self._members_at_most = settings.archive_members_at_most
        self._above = above
        self._bytes = 0
        self._members = 0
        self._broken = False

    @property
    def broken(self) -> bool:
        """Whether this archive, or one that it lies in, was found to be a bomb."""
        return self._broken or (self._above is not None and self._above.broken)

    def count_bytes(self, size: int) -> None:
        """Count bytes that came out. Raises Bomb."""
        if self._above is not None:
            self._above.count_bytes(size)
        self._bytes += size
        if self._bytes > self._bytes_at_most:
            self._break("it grows without end when unpacked: the rest was abandoned")

    def count_member(self) -> None:
        """Count a member. Raises Bomb."""
        if self._above is not None:
            self._above.count_member()
        self._members += 1
        if self._members > self._members_at_most:
            self._break(f"more than {self._members_at_most:,} members: the rest was abandoned")

    def _break(self, why: str) -> None:
        self._broken = True
        raise Bomb(Fault(FaultCode.ARCHIVE_BOMB, why), self)
