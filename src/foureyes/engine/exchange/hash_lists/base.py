"""The contract of hash list formats: hostile bytes to columns of digests, inside the cage.

A member never stops at a record that makes no sense: it says so and goes on behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from foureyes.engine.exchange.hash_lists.untrusted import UntrustedList
from foureyes.engine.model import ListBatch, ListFault

ROWS_AT_MOST = 32_768
"""Records in one batch."""
HEAD_BYTES = 64 * 1024
"""How much of a file's start tells its form."""


class Unreadable(Exception):
    """The file as a whole cannot be read as this format, in words that quote nothing of it."""


class NotMatchable(ValueError):
    """A record is sound, and holds nothing that may be matched, for the reason in the words."""


class Passed(str):
    """Words on a record that is sound and left out."""

    __slots__ = ()


class Trouble(NamedTuple):
    """A record that is not in any batch."""

    fault: ListFault
    broken: bool = True
    """False where the record is sound and holds nothing that could be matched: an exporter's placeholder."""


class HashListFormat(Protocol):
    """One format. A member module holds one instance as `FORMAT`; it keeps nothing between files."""

    @property
    def name(self) -> str:
        """Short and lower-case, the module's name."""
        ...

    @property
    def extensions(self) -> tuple[str, ...]:
        """How such files are usually called, for people: forms are told by content, never by name."""
        ...

    @property
    def form(self) -> str:
        """What it reads, in words for a message."""
        ...

    def recognises(self, untrusted_head: bytes) -> bool:
        """Tell by up to 64 KB from the start of the file, as UTF-8 without byte order mark."""
        ...

    def prepare(self) -> None:
        """Import and compile what reading needs; inside the cage nothing new can be loaded."""
        ...

    def read(self, untrusted: UntrustedList) -> Iterator[ListBatch | Trouble]:
        """Give every record in order, in a batch of at most `ROWS_AT_MOST` or as trouble.

        An empty batch says that work goes on where much is passed over.

        Raises:
            Unreadable: the file is not of this format, or of a kind of it that is not read.
        """
        ...
