"""Lists with one record on each line: a compiled split into fields, shared by the members that are tables.

A line end always ends a record, within quotes too: so a quote that is never closed costs one line and not the
rest of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.exchange.hash_lists.base import ROWS_AT_MOST, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import Rows
from foureyes.engine.exchange.hash_lists.fields import hex_into
from foureyes.engine.exchange.hash_lists.untrusted import Window
from foureyes.engine.model import ListBatch, ListFault
from foureyes.engine.running.compiled import compiled

# ruff: noqa: C901, PLR2004 - loops over bytes, compared with ASCII codes

LINE_BYTES_AT_MOST = 1024**2
_NO_COMMENT = 0
_OPEN_QUOTE = -2
"""Stands as the number of fields of a line whose quote does not end."""
_UNQUOTED = "a quote that does not end"
_WORDS = {1: "SHA-256", 2: "SHA-1", 4: "MD5", 8: "PDQ"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in a line."""

    separator: bytes
    digests: Mapping[int, int]
    """Bit of the column of `ListBatch` to number of the field, from 0."""
    others: tuple[int, ...] = ()
    """Further fields that the member looks at."""
    comment: bytes = b""
    """The byte that begins a line which says nothing."""
    quoted: bool = True
    named: bool = False
    """Whether the member fills `identity`."""


@dataclass(slots=True)
class Lines:
    """Lines that were split: row by row in `rows`, and where each field stands in `text`."""

    text: NDArray[np.uint8]
    count: int
    rows: Rows
    field_starts: dict[int, NDArray[np.int64]]
    """By number of the field; equal to the end where it is empty or missing."""
    field_ends: dict[int, NDArray[np.int64]]
    fields: NDArray[np.int64]
    """How many fields of each line were looked at."""
    bad: dict[int, str] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    """Lines that are no records: heads and the like."""

    def field(self, row: int, number: int) -> bytes:
        """The bytes of one field."""
        return self.text[self.field_starts[number][row] : self.field_ends[number][row]].tobytes()

    def line(self, row: int) -> bytes:
        """The bytes of one line, without its end."""
        return self.text[self.rows.starts[row] : self.rows.ends[row]].tobytes()

    def filled(self, number: int) -> NDArray[np.bool_]:
        """Which lines have something in a field."""
        return self.field_ends[number] > self.field_starts[number]

    def first_bytes(self, number: int) -> NDArray[np.uint8]:
        """The first byte of a field in each line, in lower case; 0 where it is empty."""
        starts = np.minimum(self.field_starts[number], max(len(self.text) - 1, 0))
        return np.where(self.filled(number), self.text[starts] | 32, 0).astype(np.uint8)


Look = Callable[[Lines], None]
"""What a member does with lines whose digests are read: fills categories, flags, `bad`, `silent`."""


def read_lines(window: Window, layout: Layout, look: Look) -> Iterator[ListBatch | Trouble]:
    """Read lines from the window's place to the end of the file."""
    rows = Rows(named=layout.named)
    numbers = np.array(sorted({*layout.digests.values(), *layout.others}), np.int64)
    places = np.zeros((2, len(numbers), ROWS_AT_MOST), np.int64)
    fields = np.zeros(ROWS_AT_MOST, np.int64)
    record = 0
    while True:
        text = np.frombuffer(window.data, np.uint8)
        count, at = split(
            text,
            window.at,
            window.ended,
            ord(layout.separator),
            ord(layout.comment) if layout.comment else _NO_COMMENT,
            layout.quoted,
            numbers,
            rows.starts,
            rows.ends,
            places[0],
            places[1],
            fields,
        )
        if count:
            lines = _lines(text, count, rows, numbers, places, fields)
            _fill(lines, layout)
            look(lines)
            yield from _settled(lines, window, record)
            record += count - len(lines.silent)
        window.at = at
        if count < ROWS_AT_MOST:
            if window.ended:
                return
            if len(window.data) - at > LINE_BYTES_AT_MOST:
                record += 1
                yield _passed_over(window, record)
            else:
                window.more()


def _lines(
    text: NDArray[np.uint8],
    count: int,
    rows: Rows,
    numbers: NDArray[np.int64],
    places: NDArray[np.int64],
    fields: NDArray[np.int64],
) -> Lines:
    rows.has[:count], rows.category[:count] = 0, -1
    rows.removed[:count], rows.flags[:count], rows.identity[:count] = False, 0, 0
    for column in rows.columns.values():
        column[:count] = 0
    starts = {int(number): places[0, index, :count] for index, number in enumerate(numbers)}
    ends = {int(number): places[1, index, :count] for index, number in enumerate(numbers)}
    return Lines(text, count, rows, starts, ends, fields[:count])


def _fill(lines: Lines, layout: Layout) -> None:
    """Read the digests; say of each line that has too few fields or a wrong digest what is wrong."""
    rows = lines.rows
    for bit, number in layout.digests.items():
        wrong = np.zeros(lines.count, np.bool_)
        take_hex(
            lines.text,
            lines.field_starts[number],
            lines.field_ends[number],
            rows.columns[bit],
            rows.has,
            bit,
            wrong,
        )
        digits = 2 * rows.columns[bit].shape[1]
        for row in np.flatnonzero(wrong).tolist():
            lines.bad.setdefault(row, f"its {_WORDS[bit]} is not {digits} hexadecimal digits")
    needed = max((*layout.digests.values(), *layout.others)) + 1
    for row in np.flatnonzero(lines.fields < needed).tolist():
        missing = f"fewer than {needed} fields"
        lines.bad[row] = _UNQUOTED if lines.fields[row] == _OPEN_QUOTE else missing


def _settled(lines: Lines, window: Window, record: int) -> Iterator[ListBatch | Trouble]:
    """Give a batch and troubles; silent lines are neither, and are not counted."""
    rows, count = lines.rows, lines.count
    if lines.silent:
        kept = np.array([row for row in range(count) if row not in lines.silent], np.int64)
        order = {int(row): index for index, row in enumerate(kept)}
        rows.keep(kept)
        bad = {order[row]: words for row, words in lines.bad.items() if row in order}
        count = len(kept)
    else:
        bad = lines.bad
    yield from rows.settled(
        count, lines.text, lambda row: (record + row + 1, window.line_of(int(rows.starts[row]))), bad
    )


def _passed_over(window: Window, record: int) -> Trouble:
    """Leave out a line that is longer than any record."""
    line = window.line_of(window.at)
    while (end := window.data.find(b"\n", window.at)) < 0:
        window.at = len(window.data)
        if window.ended:
            break
        window.more()
    window.at = end + 1 if end >= 0 else len(window.data)
    return Trouble(ListFault(record, line, f"a line of more than {LINE_BYTES_AT_MOST:,} bytes"))


@compiled
def take_hex(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    out: NDArray[np.uint8],
    has: NDArray[np.uint8],
    bit: int,
    wrong: NDArray[np.bool_],
) -> None:
    """Read one field of every line as a digest; an empty one is none."""
    for row in range(len(starts)):
        if ends[row] > starts[row]:
            if hex_into(text, starts[row], ends[row], out, row):
                has[row] |= bit
            else:
                wrong[row] = True


@compiled
def _field(
    text: NDArray[np.uint8], place: int, last: int, separator: int, quoted: bool
) -> tuple[int, int, int]:
    """Where a field begins, ends (-1: its quote does not), and the next begins (-1: none does)."""
    first, past = place, -1
    if quoted and place < last and text[place] == 34:
        first = place = place + 1
        while place < last and past < 0:
            if text[place] != 34:
                place += 1
            elif place + 1 < last and text[place + 1] == 34:
                place += 2
            else:
                past = place
        if past < 0:
            return first, -1, -1
    while place < last and text[place] != separator:
        place += 1
    return first, past if past >= 0 else place, place + 1 if place < last else -1


@compiled
def split(
    text: NDArray[np.uint8],
    at: int,
    ended: bool,
    separator: int,
    comment: int,
    quoted: bool,
    numbers: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    field_starts: NDArray[np.int64],
    field_ends: NDArray[np.int64],
    fields: NDArray[np.int64],
) -> tuple[int, int]:
    """Split whole lines into fields; give how many, and where the text goes on.

    Blank lines and comments are passed over. `numbers` rises; its fields are noted, without their quotes, and
    what stands behind the last of them is not looked at: file names are the worst-quoted of all.
    """
    length = len(text)
    count = 0
    while count < len(starts):
        end = at
        while end < length and text[end] != 10:
            end += 1
        if end >= length and not (ended and at < length):
            break
        start, last = at, end
        while last > start and (text[last - 1] == 13 or text[last - 1] == 32 or text[last - 1] == 9):
            last -= 1
        while start < last and (text[start] == 32 or text[start] == 9):
            start += 1
        at = min(end + 1, length)
        if start == last or text[start] == comment:
            continue
        starts[count], ends[count] = start, last
        for index in range(len(numbers)):
            field_starts[index, count] = start
            field_ends[index, count] = start
        number, index, place = 0, 0, start
        while place >= 0 and index < len(numbers):
            first, past, place = _field(text, place, last, separator, quoted)
            if past < 0:
                number = _OPEN_QUOTE
                break
            if numbers[index] == number:
                field_starts[index, count], field_ends[index, count] = first, past
                index += 1
            number += 1
        fields[count] = number
        count += 1
    return count, at


def prepare() -> None:
    """Compile, while files may still be opened."""
    for _ in read_lines(Window(iter([b"00,1\n"])), Layout(b",", {4: 0}), lambda _: None):
        pass


def head_line(window: Window, separator: bytes) -> list[bytes]:
    """Read the first line as names of columns, in lower case, and move behind it. Raises Unreadable."""
    while (end := window.data.find(b"\n", window.at)) < 0:
        if window.ended or len(window.data) > LINE_BYTES_AT_MOST:
            end = len(window.data)
            break
        window.more()
    if end - window.at > LINE_BYTES_AT_MOST:
        raise Unreadable("its first line is longer than any head")
    line = window.data[window.at : end]
    window.at = min(end + 1, len(window.data))
    return [name.strip().strip(b'"').strip().lower() for name in line.split(separator)]
