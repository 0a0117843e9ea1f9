"""Sorted arrays of digests on disk: written once, sequentially, in bounded memory; searched where they lie.

A file holds n digests of one width in rising order, as three sections: the first eight bytes of each as a
64-bit number, the other bytes of each, and the number of the record that each came from (32 bits). A search
is a binary search over the first section, which is memory-mapped, and a comparison of the rest.
Knows nothing of lists or media.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError, WorkspaceDamaged

Digests = NDArray[np.uint8]
Numbers = NDArray[np.int64]

RUN_ROWS = 1 << 18
"""Rows that are sorted in memory before they are spilled: 10 MB of SHA-256 with their numbers."""
RECORDS_AT_MOST = 1 << 32
_HEAD = 8
_NUMBER = 4
_PARTITIONS = 256


class Found(NamedTuple):
    """Rows of the question, and the records that each met; a row that met several comes several times."""

    row: Numbers
    record: Numbers


@dataclass(slots=True)
class _Run:
    """A sorted run in the spill file: where it begins, and where in it each first byte does."""

    offset: int
    starts: Numbers


@dataclass(slots=True)
class DigestSpill:
    """Takes digests in the order of their records, hands them back sorted; too many go to `path`."""

    path: Path
    width: int
    rows: int = 0
    _waiting: list[tuple[Digests, Numbers]] = field(default_factory=list)
    _held: int = 0
    _runs: list[_Run] = field(default_factory=list)
    _stream: BinaryIO | None = None

    def add(self, digests: Digests, records: Numbers) -> None:
        """Take digests, shape (n, width), and the rising numbers of their records."""
        if len(digests):
            self._waiting.append((digests, records))
            self._held += len(digests)
            self.rows += len(digests)
        if self._held >= RUN_ROWS:
            self._spill()

    def sorted_parts(self) -> Iterator[tuple[Digests, Numbers]]:
        """Everything in rising order, in parts; equal digests in the order of their records."""
        if not self._runs:
            yield self._sorted_waiting()
            return
        self._spill()
        for partition in range(_PARTITIONS):
            slices = [self._slice(run, partition) for run in self._runs]
            joined = np.concatenate(slices)
            if len(joined):
                digests, records = _split(joined, self.width)
                order = _order(digests)
                yield digests[order], records[order]

    def close(self) -> None:
        """Remove the spill file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
            self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _sorted_waiting(self) -> tuple[Digests, Numbers]:
        if not self._waiting:
            return np.empty((0, self.width), np.uint8), np.empty(0, np.int64)
        digests = np.concatenate([part for part, _ in self._waiting])
        records = np.concatenate([part for _, part in self._waiting])
        self._waiting, self._held = [], 0
        order = _order(digests)
        return digests[order], records[order]

    def _spill(self) -> None:
        digests, records = self._sorted_waiting()
        if not len(digests):
            return
        if self._stream is None:
            self._stream = self.path.open("wb+")
        joined = np.empty((len(digests), self.width + _NUMBER), np.uint8)
        joined[:, : self.width] = digests
        joined[:, self.width :] = records.astype("<u4").view(np.uint8).reshape(-1, _NUMBER)
        starts = np.searchsorted(digests[:, 0], np.arange(_PARTITIONS + 1))
        self._runs.append(_Run(self._stream.tell(), starts))
        self._stream.write(joined.data)
        self._stream.flush()

    def _slice(self, run: _Run, partition: int) -> Digests:
        if self._stream is None:
            raise AssertionError("a run lies in the spill file")
        wide = self.width + _NUMBER
        begin, end = (int(run.starts[partition + step]) for step in (0, 1))
        content = os.pread(self._stream.fileno(), (end - begin) * wide, run.offset + begin * wide)
        return np.frombuffer(content, np.uint8).reshape(-1, wide)


def write_digests(path: Path, spill: DigestSpill) -> None:
    """Write all that a spill holds as one file of sorted digests, flushed to the disk."""
    tail = spill.width - _HEAD
    with path.open("wb") as heads, path.open("rb+") as tails, path.open("rb+") as numbers:
        heads.truncate(spill.rows * (spill.width + _NUMBER))
        tails.seek(spill.rows * _HEAD)
        numbers.seek(spill.rows * spill.width)
        for digests, records in spill.sorted_parts():
            heads.write(_heads(digests).astype("<u8").data)
            if tail:
                tails.write(np.ascontiguousarray(digests[:, _HEAD:]).data)
            numbers.write(records.astype("<u4").data)
        for stream in (heads, tails, numbers):
            stream.flush()
        os.fsync(heads.fileno())


class DigestFile:
    """A file of sorted digests, memory-mapped; nothing of it is held but what a search touches."""

    def __init__(self, path: Path, width: int, rows: int) -> None:
        """Open it. Raises WorkspaceDamaged where it is not as long as its rows need."""
        self.width = width
        self.rows = rows
        try:
            content = np.memmap(path, np.uint8, "r") if rows else np.empty(0, np.uint8)
        except (OSError, ValueError) as error:
            raise WorkspaceDamaged(f"The list file {path.name} cannot be read: {error}.") from error
        if len(content) != rows * (width + _NUMBER):
            raise WorkspaceDamaged(f"The list file {path.name} is damaged: run `foureyes verify`.")
        plain = np.asarray(content)
        self._heads = plain[: rows * _HEAD].view("<u8")
        self._tails = plain[rows * _HEAD : rows * width].reshape(rows, width - _HEAD)
        self._records = plain[rows * width :].view("<u4") if rows else np.empty(0, np.uint32)

    def __len__(self) -> int:
        return self.rows

    def find(self, digests: Digests) -> Found:
        """The records that hold any of these digests, uint8 of shape (m, width); sorted by row."""
        heads = _heads(digests)
        order = np.argsort(heads, kind="stable")
        ordered = heads[order]
        first = np.searchsorted(self._heads, ordered, "left")
        count = np.searchsorted(self._heads, ordered, "right") - first
        met = np.flatnonzero(count)
        size = count[met]
        row = np.repeat(order[met], size)
        place = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
        at = np.repeat(first[met], size) + place
        same = (self._tails[at] == digests[row, _HEAD:]).all(axis=1)
        row, record = row[same], self._records[at[same]].astype(np.int64)
        back = np.lexsort((record, row))
        return Found(row[back], record[back])

    def of_records(self, records: Numbers) -> tuple[Digests, Numbers]:
        """The digests that some records hold, and the record of each: no other digest is read."""
        if not len(records):
            return np.empty((0, self.width), np.uint8), np.empty(0, np.int64)
        asked = np.zeros(int(records.max()) + 1, bool)
        asked[records] = True
        at = np.flatnonzero(self._records <= records.max())
        at = at[asked[self._records[at]]]
        return self._digests(at), self._records[at].astype(np.int64)

    def all(self) -> tuple[Digests, Numbers]:
        """Every digest, shape (rows, width), rising, and its record: all in memory."""
        return self._digests(slice(None)), self._records.astype(np.int64)

    def _digests(self, at: Numbers | slice) -> Digests:
        heads = self._heads[at]
        digests = np.empty((len(heads), self.width), np.uint8)
        digests[:, :_HEAD] = heads.astype(">u8").view(np.uint8).reshape(-1, _HEAD)
        digests[:, _HEAD:] = self._tails[at]
        return digests


def check_records(count: int) -> None:
    """Refuse a list with more records than their numbers can name. Raises UsageError."""
    if count > RECORDS_AT_MOST:
        raise UsageError(f"The list has more than {RECORDS_AT_MOST:,} records: cut it into several.")


def _heads(digests: Digests) -> NDArray[np.uint64]:
    """The first eight bytes as numbers that rise as the bytes do."""
    return np.ascontiguousarray(digests[:, :_HEAD]).view(">u8").astype(np.uint64).ravel()


def _order(digests: Digests) -> Numbers:
    """Rising order, stable. One 64-bit sort nearly always decides; ties look at the rest."""
    heads = _heads(digests)
    order = np.argsort(heads, kind="stable")
    ordered = heads[order]
    if digests.shape[1] == _HEAD or not (ordered[1:] == ordered[:-1]).any():
        return order
    # The last word may overlap the one before it: where it decides, the shared bytes are equal.
    ends = [*range(2 * _HEAD, digests.shape[1], _HEAD), digests.shape[1]]
    words = [heads] + [_heads(digests[:, end - _HEAD : end]) for end in ends]
    return np.lexsort(words[::-1])


def _split(joined: Digests, width: int) -> tuple[Digests, Numbers]:
    numbers = np.ascontiguousarray(joined[:, width:]).view("<u4").ravel()
    return joined[:, :width], numbers.astype(np.int64)
