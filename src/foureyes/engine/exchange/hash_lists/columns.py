"""Rows of a list as they are filled, and how they become a batch of the model. Pure; runs in the cage.

Digests of an empty file never reach a batch: exporters write them where they have none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.exchange.hash_lists.base import ROWS_AT_MOST, Passed, Trouble
from foureyes.engine.exchange.hash_lists.fields import gathered
from foureyes.engine.model import NO_CATEGORY, ListBatch, ListFault

SHA256, SHA1, MD5, PDQ = 1, 2, 4, 8
"""Bits of `has`, and names of the columns in calls."""

ODD = 1
"""Flag of a row that the fast scan leaves to a slower and exact reader."""
OTHER = 2
"""Flag of a row with a fingerprint that is stored and cannot be matched: PhotoDNA."""

_OF_NOTHING = {
    SHA256: bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    SHA1: bytes.fromhex("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    MD5: bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e"),
}
_PLACEHOLDER = Passed("only digests of an empty file: an exporter's placeholder, left out")
_NOTHING = "no digest that could be matched"


@dataclass(slots=True)
class Row:
    """What one record says, where it was read by itself."""

    digests: dict[int, bytes] = field(default_factory=dict)
    category: int = NO_CATEGORY
    other: bool = False
    """Whether it has a fingerprint that is stored and cannot be matched."""
    removed: bool = False
    identity: int = 0


class Rows:
    """Room for the columns of one batch."""

    def __init__(self, *, named: bool = False) -> None:
        """Start empty. `named`: the format gives its records names, of which `identity` is filled."""
        self.columns: dict[int, NDArray[np.uint8]] = {
            bit: np.zeros((ROWS_AT_MOST, size), np.uint8)
            for bit, size in ((SHA256, 32), (SHA1, 20), (MD5, 16), (PDQ, 32))
        }
        self.has = np.zeros(ROWS_AT_MOST, np.uint8)
        self.category = np.full(ROWS_AT_MOST, NO_CATEGORY, np.int32)
        self.removed = np.zeros(ROWS_AT_MOST, np.bool_)
        self.identity = np.zeros(ROWS_AT_MOST, np.uint64)
        self.named = named
        self.flags = np.zeros(ROWS_AT_MOST, np.int32)
        self.starts = np.zeros(ROWS_AT_MOST, np.int64)
        self.ends = np.zeros(ROWS_AT_MOST, np.int64)

    def clear(self, row: int) -> None:
        """Make one row empty again."""
        for column in self.columns.values():
            column[row] = 0
        self.has[row], self.category[row], self.flags[row] = 0, NO_CATEGORY, 0
        self.removed[row], self.identity[row] = False, 0

    def put(self, row: int, bit: int, digest: bytes) -> None:
        """Set one digest of a row."""
        self.columns[bit][row] = np.frombuffer(digest, np.uint8)
        self.has[row] |= bit

    def fill(self, row: int, read: Row) -> None:
        """Set all of a row."""
        flags = int(self.flags[row])
        self.clear(row)
        self.category[row], self.removed[row], self.identity[row] = read.category, read.removed, read.identity
        self.flags[row] = flags & ~(ODD | OTHER) | (OTHER if read.other else 0)
        for bit, digest in read.digests.items():
            self.put(row, bit, digest)

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Move these rows to the front, in their order."""
        each: tuple[NDArray[Any], ...] = (
            *self.columns.values(),
            self.has,
            self.category,
            self.removed,
            self.identity,
            self.flags,
            self.starts,
            self.ends,
        )
        for column in each:
            column[: len(rows)] = column[rows]

    def settled(
        self,
        count: int,
        untrusted_text: NDArray[np.uint8],
        place: Callable[[int], tuple[int, int]],
        bad: Mapping[int, str],
    ) -> Iterator[ListBatch | Trouble]:
        """Give the first `count` rows as a batch, and as trouble those of `bad` and those without a digest.

        `starts` and `ends` say where each record stands in the text; `place` gives record and line of a row.
        """
        had = self.has[:count].copy()
        for bit, nothing in _OF_NOTHING.items():
            column = self.columns[bit][:count]
            empty = np.flatnonzero((column[:, 0] == nothing[0]) & (self.has[:count] & bit > 0))
            empty = empty[(column[empty] == np.frombuffer(nothing, np.uint8)).all(axis=1)]
            column[empty] = 0
            self.has[empty] &= ~np.uint8(bit)
        keep = (self.has[:count] > 0) | (self.flags[:count] & OTHER > 0) | self.removed[:count]
        keep[list(bad)] = False
        for row in np.flatnonzero(~keep):
            words = bad.get(int(row), _PLACEHOLDER if had[row] else _NOTHING)
            yield Trouble(ListFault(*place(int(row)), words), broken=not isinstance(words, Passed))
        yield self._batch(np.flatnonzero(keep), untrusted_text)

    def _batch(self, rows: NDArray[np.int64], untrusted_text: NDArray[np.uint8]) -> ListBatch:
        starts, ends = self.starts[rows], self.ends[rows]
        raw = gathered(untrusted_text, starts, ends)
        return ListBatch(
            sha256=self.columns[SHA256][rows],
            sha1=self.columns[SHA1][rows],
            md5=self.columns[MD5][rows],
            pdq=self.columns[PDQ][rows],
            has=self.has[rows],
            category=self.category[rows],
            removed=self.removed[rows],
            raw=raw,
            raw_end=np.cumsum(ends - starts),
            identity=self.identity[rows] if self.named else None,
        )
