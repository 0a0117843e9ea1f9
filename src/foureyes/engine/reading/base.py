"""The contract of a reader: it plans a source into units, and opens the occurrences of one unit.

A reader never decodes media, never writes to a source, and never lets a name from the source
decide what is opened outside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from foureyes.engine.model import Fault, Occurrence, Unit
from foureyes.engine.settings import EngineSettings, ReadingSettings

HEAD_BYTES = 4096
"""What is looked at to tell what a file is."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One occurrence with its bytes.

    `stream` is None where `occurrence.fault` says why there are none. It is valid until the next item
    is asked for. A file on disk gives a stream with `fileno()`; a member of an archive gives one that
    can only be read forwards. `stream.read` raises `StreamFault` where the bytes end too early.
    """

    occurrence: Occurrence
    stream: BinaryIO | None = None


class StreamFault(OSError):
    """The bytes of an opened stream cannot be had to the end; what was read so far is not the whole."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail or fault.code.value)
        self.fault = fault


class Reader(Protocol):
    """One kind of source."""

    name: str
    """Stands in every unit that the reader plans; never changes."""
    version: int
    """Raised when the same source would give other units or paths."""

    def recognises(self, path: Path, untrusted_head: bytes) -> bool:
        """Tell whether this reader takes the source, by its first `HEAD_BYTES` (none for a folder)."""

    def plan(self, path: Path, settings: ReadingSettings, *, allow_uncaged: bool = False) -> Iterator[Unit]:
        """Yield the units of the source, the same ones in the same order every time.

        `allow_uncaged` is `EngineSettings.allow_uncaged`, for sources whose own table must be parsed.
        Raises UsageError where the source as a whole cannot be read, SourceLost where it goes away.
        """

    def open_unit(self, unit: Unit, settings: EngineSettings) -> Iterator[Opened]:
        """Yield every occurrence of the unit. Raises SourceLost where the device goes away."""
