"""A run: fingerprints of some rows of the catalogue in one immutable file, with tables to look them up.

Equal fingerprints stand once, with all rows that have them as members: thousands of copies cost what one
does. It never changes; runs are merged by writing a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.index.cutting import chunk_widths, permuted, plan, scan_nanoseconds
from foureyes.engine.matching.index.sections import Section, Sections, Written, write_sections

KIND = "run"
FEW_ROWS = 32_768
"""Fewer rows are scanned: eight orientations take 0.7 ms, and no tables need be written."""

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]


class Members(NamedTuple):
    """Rows of the catalogue: arrays of one length."""

    number: NDArray[np.uint32]
    """Which row of the catalogue's fingerprints it is."""
    owner: NDArray[np.uint8]
    """(n, 32): SHA-256 of its media."""
    at_seconds: NDArray[np.float32]

    def taken(self, which: NDArray[np.integer] | slice) -> Members:
        """Some of them, in this order."""
        return Members(self.number[which], self.owner[which], self.at_seconds[which])


class Distinct(NamedTuple):
    """Distinct fingerprints, permuted, and the rows that have each."""

    words: Words
    """(d, 4)."""
    start: NDArray[np.uint32]
    """(d + 1,): where the members of each begin; they rise inside each."""
    members: Members


def distinct(words: Words, members: Members) -> Distinct:
    """Bring rows with equal fingerprints together; `members` must rise by number.

    Sorted by a 64-bit mix of each row; two different rows of one mix merely stay apart from their equals.
    """
    if not len(words):
        return Distinct(words, np.zeros(1, np.uint32), members)
    mix = words @ _MIX
    order = np.argsort(mix, kind="stable")
    mix = mix[order]
    first = np.r_[True, mix[1:] != mix[:-1]]
    doubtful = np.flatnonzero(~first)
    first[doubtful] = (words[order[doubtful]] != words[order[doubtful - 1]]).any(axis=1)
    begin = np.flatnonzero(first)
    start = np.r_[begin, len(words)].astype(np.uint32)
    return Distinct(words[order[begin]], start, members.taken(order))


_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)


def write_run(path: Path, held: Distinct) -> Written:
    """Write a run; see `write_sections`."""
    words = held.words
    sections = [
        Section.of("words", words),
        Section.of("start", held.start),
        Section.of("number", held.members.number),
        Section.of("owner", held.members.owner),
        Section.of("at_seconds", held.members.at_seconds),
    ]
    if len(words) >= FEW_ROWS:
        low = 0
        for number, width in enumerate(chunk_widths(len(words))):
            sections += _table_sections(words, number, low, width)
            low += width
    return write_sections(path, KIND, sections)


def _table_sections(words: Words, number: int, low: int, width: int) -> list[Section]:
    """One table: rows by key, then where each key begins; made when it is written, so that one is held."""
    made: list[NDArray[np.uint32]] = []

    def order() -> NDArray[np.uint32]:
        from foureyes.engine.matching.index import kernels  # noqa: PLC0415 - Numba takes 0.5 s

        made[:] = kernels.table_of(words, low, width)
        return made[0]

    return [
        Section(f"order-{number}", "<u4", (len(words),), order),
        Section(f"start-{number}", "<u4", ((1 << width) + 1,), lambda: made[1]),
    ]


class Found(NamedTuple):
    """Distinct fingerprints within the radius: number of the question, row of the run, distance."""

    question: Numbers
    row: Numbers
    distance: Numbers


class Run:
    """An open run."""

    def __init__(self, path: Path, written: Written) -> None:
        """Map it; see `Sections`."""
        self.written = written
        self._file = Sections(path, KIND, written)
        self.words: Words = self._file["words"]
        self.start: NDArray[np.uint32] = self._file["start"]
        self.members = Members(self._file["number"], self._file["owner"], self._file["at_seconds"])
        self._widths: tuple[int, ...] = ()
        if len(self.words) >= FEW_ROWS:
            self._widths = chunk_widths(len(self.words))
            names = range(len(self._widths))
            self._order_at = np.array([self._file.place(f"order-{name}") // 4 for name in names])
            self._start_at = np.array([self._file.place(f"start-{name}") // 4 for name in names])

    def __len__(self) -> int:
        return len(self.members.number)

    @property
    def held(self) -> Distinct:
        """What it holds."""
        return Distinct(self.words, self.start, self.members)

    def warm(self) -> None:
        """Bring what every search touches into memory."""
        tables = [f"{part}-{number}" for number in range(len(self._widths)) for part in ("order", "start")]
        self._file.warm("words", *tables)

    def near(self, questions: Words, radius: int) -> Found:
        """All rows within `radius` of each permuted question, exactly."""
        from foureyes.engine.matching.index import kernels  # noqa: PLC0415 - as above

        how = plan(self._widths, len(self.words), radius) if self._widths else None
        if how is None or how.nanoseconds > scan_nanoseconds(len(self.words)):
            return _found(kernels.scan(self.words, questions, radius))
        return _found(
            kernels.look_up(
                self.words,
                self._file.flat,
                self._order_at,
                self._start_at,
                how.low,
                how.width,
                how.flips,
                how.masks,
                how.mask_begin,
                questions,
                radius,
            )
        )

    def nanoseconds(self, radius: int) -> float:
        """What one question costs, about."""
        scan = scan_nanoseconds(len(self.words))
        return min(scan, plan(self._widths, len(self.words), radius).nanoseconds) if self._widths else scan

    def members_of(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Of each row its members: (which of `rows`, place in `members`)."""
        begin = self.start[rows].astype(np.int64)
        count = self.start[rows + 1].astype(np.int64) - begin
        which = np.repeat(np.arange(len(rows)), count)
        inside = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        return which, begin[which] + inside

    def first_numbers(self, rows: Numbers) -> Numbers:
        """The first row of the catalogue that has each fingerprint."""
        return self.members.number[self.start[rows]].astype(np.int64)


def _found(found: tuple[Numbers, NDArray[np.uint32], NDArray[np.uint8]]) -> Found:
    question, row, distance = found
    return Found(question, row.astype(np.int64), distance.astype(np.int64))


def merged(runs: Sequence[Run]) -> Distinct:
    """The rows of several runs, given in the order of their numbers, as one."""
    words = np.concatenate([np.repeat(run.words, np.diff(run.start), axis=0) for run in runs])
    members = Members(
        np.concatenate([run.members.number for run in runs]),
        np.concatenate([run.members.owner for run in runs]),
        np.concatenate([run.members.at_seconds for run in runs]),
    )
    return distinct(words, members)


def run_of(values: NDArray[np.uint8], members: Members) -> Distinct:
    """Rows of upright fingerprints (n, 32) as what a run holds."""
    return distinct(permuted(values), members)
