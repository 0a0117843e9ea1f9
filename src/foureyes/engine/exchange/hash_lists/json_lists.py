"""Reads a list of JSON objects of any length: finds the list, and gives its records some thousand at a time.

A compiled scan takes the fields that lists share; what is odd about a record is left to the member's own
exact reading. A record that makes no sense costs itself: reading goes on at the next that is like the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from foureyes.engine.exchange.hash_lists import json_scan
from foureyes.engine.exchange.hash_lists.base import ROWS_AT_MOST, NotMatchable, Passed, Trouble, Unreadable
from foureyes.engine.exchange.hash_lists.columns import MD5, ODD, PDQ, SHA1, SHA256, Row, Rows
from foureyes.engine.exchange.hash_lists.untrusted import Window
from foureyes.engine.model import ListBatch, ListFault

_RECORD_BYTES_AT_MOST = 32 * 1024**2
_CANDIDATE = re.compile(rb"[,\[}\]\n][ \t\r]*(\{)")
_FOLLOWED = re.compile(rb"[ \t\r\n]*(?:[,\]]|\Z)")
_SPACE = re.compile(rb"[ \t\r\n]*")
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_FIRST_ELEMENT = re.compile(rb"\[[ \t\r\n]*\{")
_KEY = re.compile(rb'[ \t\r\n]*"((?:[^"\\]|\\.)*)"[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_CANDIDATE_BYTES = 1024**2
"""A record by which reading finds its way back has at most so many: else each brace could cost the text."""
_FIRST_KEY = re.compile(rb'\{\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_TELLING = json_scan.SEEN_MEDIA_ID | json_scan.SEEN_CATEGORY
_HASHES = json_scan.SEEN_MD5 | json_scan.SEEN_SHA1 | json_scan.SEEN_SHA256
_OF_CASES = frozenset({b"CaseID", b"CaseNumber"})
_OF_MEDIA = frozenset({b"MD5", b"SHA1", b"SHA256", b"MediaID", b"Category"})


def prepare() -> None:
    """Compile the scan, while files may still be opened."""
    _Scan().run(b'[{"MD5": 1.5}, {"a": true}]', 1, first=True)
    json_scan.past_value(np.frombuffer(b"[1]", np.uint8), 0, 3)


class _Over(Exception):
    """Nothing more can be read; the words say why, and the line says from where on."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words)
        self.line = line


class _Scan:
    """The compiled scan, with the rows that it fills."""

    def __init__(self, *, named: bool = False) -> None:
        self.rows = Rows(named=named)

    def run(
        self, text: bytes, at: int, end: int | None = None, *, first: bool, at_most: int = ROWS_AT_MOST
    ) -> tuple[int, int, int]:
        """Records, where the text goes on, why it stopped."""
        rows = self.rows
        return json_scan.scan(
            np.frombuffer(text, np.uint8),
            at,
            len(text) if end is None else end,
            first,
            at_most,
            rows.starts,
            rows.ends,
            rows.columns[SHA256],
            rows.columns[SHA1],
            rows.columns[MD5],
            rows.columns[PDQ],
            rows.has,
            rows.category,
            rows.flags,
        )


class JsonList:
    """One pass over one file."""

    def __init__(
        self,
        window: Window,
        list_key: bytes,
        row_of: Callable[[bytes], Row],
        *,
        exact: bool = False,
        named: bool = False,
    ) -> None:
        """Look for the list under `list_key` of the root, or at the root itself.

        `row_of` reads one record that the scan leaves as odd, or every one where `exact`; it raises
        ValueError with words that quote nothing of it. `named`: it fills `identity`.
        """
        self._window = window
        self._list_key = list_key
        self._row_of = row_of
        self._exact = exact
        self._scan = _Scan(named=named)
        self._records = 0
        """How many stand before the window, broken ones among them."""
        self._lists = 0
        self._first_key: bytes | None = None
        self._flags = 0
        """Keys of the last sound record: by them the next one is known behind a broken one."""

    def run(self) -> Iterator[ListBatch | Trouble]:
        """Give every record. Raises Unreadable where there is no list."""
        try:
            yield from self._root()
        except _Over as over:
            if not self._lists:
                raise Unreadable(f"no list could be found in it: {over}") from None
            yield Trouble(ListFault(self._records + 1, over.line, str(over)))
        if not self._lists:
            raise Unreadable("no list could be found in it")

    def _root(self) -> Iterator[ListBatch | Trouble]:
        opening = self._peek()
        if opening == b"[":
            yield from self._elements()
        elif opening == b"{":
            for key in self._keys():
                if key == self._list_key and self._peek() == b"[":
                    yield from self._elements()
                else:
                    self._pass_over()
        else:
            raise _Over("it is no JSON", 1)

    def _elements(self) -> Iterator[ListBatch | Trouble]:
        """Go through `value[]`: its first element tells whether media or cases stand there."""
        if not self._first_is_case():
            self._window.at += 1
            yield from self._media()
            return
        self._window.at += 1
        while (byte := self._peek()) != b"]":
            if byte == b",":
                self._window.at += 1
            elif byte == b"{":
                yield from self._case()
            else:
                self._more_of(whole=True)
        self._window.at += 1

    def _case(self) -> Iterator[ListBatch | Trouble]:
        for key in self._keys():
            if key == b"Media" and self._peek() == b"[":
                self._window.at += 1
                yield from self._media()
            else:
                self._pass_over()

    def _first_is_case(self) -> bool:
        """Look ahead through the keys of the first element; nothing is consumed."""
        window = self._window
        while True:
            found = _shape(window.data, window.at)
            if found is not None:
                return found
            if window.ended or len(window.data) - window.at > _RECORD_BYTES_AT_MOST:
                return False
            window.more()

    def _media(self) -> Iterator[ListBatch | Trouble]:
        """Records up to the end of their array, whose opening is consumed."""
        self._lists += 1
        first = True
        while True:
            window = self._window
            count, at, why = self._scan.run(window.data, window.at, first=first)
            if count:
                yield from self._batch(count)
                first = False
            window.at = at
            if why == json_scan.CLOSED:
                return
            too_long = len(window.data) - at > _RECORD_BYTES_AT_MOST
            if why == json_scan.MORE and not window.ended and not too_long:
                window.more()
            elif why != json_scan.FULL:
                yield from self._behind_broken(cut=why == json_scan.MORE and window.ended)
                first = True

    def _batch(self, count: int) -> Iterator[ListBatch | Trouble]:
        window, rows = self._window, self._scan.rows
        bad = self._odd(count)
        number = self._records
        self._records += count
        sound = next((row for row in range(count - 1, -1, -1) if row not in bad), None)
        if sound is not None:
            key = _FIRST_KEY.match(window.data, int(rows.starts[sound]))
            self._first_key = key[1] if key else None
            self._flags = int(rows.flags[sound])
        text = np.frombuffer(window.data, np.uint8)
        yield from rows.settled(
            count,
            text,
            lambda row: (number + row + 1, window.line_of(int(rows.starts[row]))),
            bad,
        )

    def _odd(self, count: int) -> dict[int, str]:
        """Read again what the scan was not made for; give the rows that make no sense, with the reason."""
        rows, text = self._scan.rows, self._window.data
        odd = np.arange(count) if self._exact else np.flatnonzero(rows.flags[:count] & ODD > 0)
        first, last = int(rows.starts[0]), int(rows.ends[count - 1])
        bad: dict[int, str] = {}
        if not _is_utf8(text[first:last]):
            wide = [row for row in range(count) if not _is_utf8(text[rows.starts[row] : rows.ends[row]])]
            odd = np.union1d(odd, np.array(wide, np.int64))
        for row in odd.tolist():
            try:
                rows.fill(row, self._row_of(text[rows.starts[row] : rows.ends[row]]))
            except NotMatchable as error:
                bad[row] = Passed(error)
            except ValueError as error:
                bad[row] = str(error)
        return bad

    def _behind_broken(self, *, cut: bool) -> Iterator[ListBatch | Trouble]:
        """Tell of the record that stands at the window's place, and move to the next sound one."""
        window = self._window
        start = _past(_BETWEEN, window.data, window.at)
        line = window.line_of(start)
        if start >= len(window.data):
            raise _Over("the file ends before its list does", line)
        window.at = start + 1
        while (found := self._next_sound()) is None:
            if window.ended:
                words = "the file ends within this record" if cut else "no JSON, nor is anything behind it"
                raise _Over(words, line)
            window.at = max(window.at, len(window.data) - _CANDIDATE_BYTES)
            window.more()
        window.at = found
        self._records += 1
        behind = window.line_of(found)
        yield Trouble(ListFault(self._records, line, f"no JSON; reading goes on at line {behind}"))

    def _next_sound(self) -> int | None:
        """Where the next record stands that is whole and has the keys of its neighbours.

        Objects within a broken record look sound too: they begin with another key, or lack the category.
        """
        window = self._window
        for match in _CANDIDATE.finditer(window.data, window.at):
            place = match.start(1)
            end = min(place + _CANDIDATE_BYTES, len(window.data))
            count, past, why = self._scan.run(window.data, place, end, first=True, at_most=1)
            if count and self._looks_alike(place) and _FOLLOWED.match(window.data, past):
                return place
            if not count and why == json_scan.MORE and end == len(window.data) and not window.ended:
                window.at = place - 1
                return None
        return None

    def _looks_alike(self, place: int) -> bool:
        flags = int(self._scan.rows.flags[0])
        if self._first_key is None:
            return bool(flags & _TELLING and flags & _HASHES)
        key = _FIRST_KEY.match(self._window.data, place)
        return key is not None and key[1] == self._first_key and not self._flags & _TELLING & ~flags

    def _keys(self) -> Iterator[bytes]:
        """Give each key of the object at the window's place, which then stands at the key's value."""
        window = self._window
        window.at += 1
        while (byte := self._peek()) != b"}":
            if byte == b",":
                window.at += 1
                continue
            while (key := _KEY.match(window.data, window.at)) is None:
                self._more_of(whole=byte != b'"')
            window.at = key.end()
            yield key[1]
        window.at += 1

    def _pass_over(self) -> None:
        window = self._window
        while True:
            past = json_scan.past_value(np.frombuffer(window.data, np.uint8), window.at, len(window.data))
            if past >= 0:
                window.at = past
                return
            self._more_of(whole=past == json_scan.BROKEN)

    def _peek(self) -> bytes:
        """The next byte that is no space. Raises _Over at the end of the file."""
        window = self._window
        while True:
            window.at = _past(_SPACE, window.data, window.at)
            if window.at < len(window.data):
                return window.data[window.at : window.at + 1]
            self._more_of(whole=False)

    def _more_of(self, *, whole: bool) -> None:
        """Read on, unless what stands at the window's place is whole already, and so makes no sense."""
        window = self._window
        line = window.line_of(window.at)
        if whole or len(window.data) - window.at > _RECORD_BYTES_AT_MOST:
            raise _Over("no JSON outside the records: nothing behind it could be read", line)
        if window.ended:
            raise _Over("the file ends before its list does", line)
        window.more()


def _past(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    """Past all that fits a pattern which fits nothing as well."""
    found = pattern.match(text, at)
    return found.end() if found else at


def _shape(text: bytes, at: int) -> bool | None:
    """Whether the array at `at` is of cases, by its first element; None: the text is too short."""
    opening = _FIRST_ELEMENT.match(text, at)
    if opening is None:
        return None if _past(_SPACE, text, at + 1) == len(text) else False
    at, seen = opening.end(), set()
    while key := _KEY.match(text, at):
        at = key.end()
        if key[1] in _OF_MEDIA:
            return False
        if key[1] == b"Media" and text[at : at + 1] == b"[":
            return True
        seen.add(key[1])
        at = json_scan.past_value(np.frombuffer(text, np.uint8), at, len(text))
        if at < 0:
            return None if at == json_scan.NEED else False
        at = _past(_BETWEEN, text, at)
    if text[at : at + 1] == b"}":
        return bool(seen & _OF_CASES)
    return None


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
