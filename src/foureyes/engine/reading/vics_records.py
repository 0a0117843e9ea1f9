"""The caged parser of VICS files: JSON in, records out one by one, in constant memory.

A program of the cage: it sees the JSON only, never the media, and never holds more than one record.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import Any

import ijson

from foureyes.engine.model import FactName, Times
from foureyes.engine.reading import vics_facts
from foureyes.engine.reading.vics_wire import Named, Record, Shape, Tag, pack_record

_CHUNK_BYTES = 64 * 1024
_FIRST_BYTES = 64
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CASE_PREFIX = "value.item.Media.item"
_NUMBER_PREFIX = "value.item.CaseNumber"
_NAMED_AT_MOST = 200
"""Entries of one record in one frame; more make several frames."""
_OF_HASH_SETS = frozenset({"value.item.MD5", "value.item.SHA1", "value.item.MediaID", "value.item.Category"})
_ALIVE_BYTES = 64 * 1024**2
_PLACE = struct.Struct("<QQQ")
_INDEX = struct.Struct("<Q")


def prepare() -> None:
    """Use the parser once, so that all it loads is loaded."""
    list(_pushed(iter([b'{"value": [{"Media": [{"MD5": 1.5}]}]}'])))


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:
    """Tell the shape for the question `shape`; for any other, give every record of a case."""
    start = len(_BYTE_ORDER_MARK) if os.pread(untrusted_fd, 3, 0) == _BYTE_ORDER_MARK else 0
    if question == b"shape":
        yield Tag.SHAPE, bytes([_shape(_chunks(untrusted_fd, start))])
    else:
        yield from _pushed(_chunks(untrusted_fd, start), start)


def _chunks(descriptor: int, at: int) -> Iterator[bytes]:
    small_until = at + _CHUNK_BYTES  # the first bytes in small steps tell whether case numbers come first
    while chunk := os.pread(descriptor, _FIRST_BYTES if at < small_until else _CHUNK_BYTES, at):
        at += len(chunk)
        yield chunk


def _shape(chunks: Iterator[bytes]) -> Shape:
    """Tell by the first record: media stand in cases, or directly in the list."""
    events: Any = ijson.sendable_list()
    parser = ijson.parse_coro(events)
    try:
        for chunk in chunks:
            parser.send(chunk)
            for prefix, event, _ in events:
                if prefix == "value.item.Media" and event == "start_array":
                    return Shape.CASE
                if prefix in _OF_HASH_SETS:
                    return Shape.HASH_SET
                if prefix == "value" and event == "end_array":
                    return Shape.NEITHER
            del events[:]
    except ijson.JSONError:
        pass
    return Shape.NEITHER


def _pushed(chunks: Iterator[bytes], at: int = 0) -> Iterator[tuple[int, bytes]]:
    """Push chunks through two parsers: one picks the records, one the numbers of the cases."""
    media: Any = ijson.sendable_list()
    numbers: Any = ijson.sendable_list()
    parsers = [ijson.items_coro(media, _CASE_PREFIX), ijson.items_coro(numbers, _NUMBER_PREFIX)]
    count, said_at, case = 0, at, _CaseNumber()
    broken = False
    for chunk in _and_end(chunks):
        try:
            for parser in parsers:  # the one for records first: it gives those before a break
                parser.send(chunk) if chunk else parser.close()
        except ijson.JSONError:
            broken = True
        case.seen(numbers, records_before=count, records_now=len(media))
        for untrusted_media in media:
            count += 1
            said_at = at
            yield from _frames(count, untrusted_media, case.number)
        del media[:], numbers[:]
        if broken:
            yield Tag.BROKEN, _PLACE.pack(count, at, at + len(chunk))
            return
        at += len(chunk)
        if at - said_at > _ALIVE_BYTES:
            said_at = at
            yield Tag.ALIVE, b""


def _and_end(chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield from chunks
    yield b""


class _CaseNumber:
    """The number of the case that records belong to, as far as the order of the file tells it.

    Records and numbers come from two parsers, a chunk at a time. Where a second case begins within a
    chunk, or where numbers stand behind the media, no number is better than a wrong one.
    """

    def __init__(self) -> None:
        self.number: str | None = None
        self._latest: str | None = None
        self._usable = True

    def seen(self, numbers: list[Any], *, records_before: int, records_now: int) -> None:
        """Take note of the numbers that one chunk gave, and how many records."""
        if numbers and self._latest is None and records_before + records_now:
            self._usable = False
        changed = self._latest is not None and bool(numbers)
        if numbers:
            self._latest = str(numbers[-1]) if isinstance(numbers[-1], str | int) else None
        ambiguous = (changed or len(numbers) > 1) and records_now
        self.number = self._latest if self._usable and not ambiguous else None


def _frames(number: int, untrusted_media: Any, case_number: str | None) -> Iterator[tuple[int, bytes]]:
    try:
        for record in _records(number, untrusted_media, case_number):
            yield Tag.RECORD, pack_record(record)
    except (TypeError, ValueError, AttributeError, KeyError, OverflowError, struct.error, RecursionError):
        yield Tag.BAD_RECORD, _INDEX.pack(number)


def _records(number: int, media: Any, case_number: str | None) -> Iterator[Record]:
    if not isinstance(media, dict):
        raise TypeError("a record is an object")
    relative = media.get("RelativeFilePath") or ""
    entries = media.get("MediaFiles") or []
    if not isinstance(relative, str) or not isinstance(entries, list):
        raise TypeError("a path is text, and entries are a list")
    if not relative and not entries:
        raise ValueError("a record without any path")
    claims = list(vics_facts.claims(media))
    if case_number:
        claims.append((FactName.CASE_NUMBER, vics_facts.clean(case_number)))
    named = [_named(entry, relative) for entry in entries] or [Named(relative, Times())]
    size = _size(media.get("MediaSize"))
    for first in range(0, len(named), _NAMED_AT_MOST):
        part = tuple(named[first : first + _NAMED_AT_MOST])
        yield Record(number, relative, size, tuple(claims), part)


def _named(entry: Any, relative: str) -> Named:
    times = Times(*(vics_facts.moment_ns(entry.get(key)) for key in ("Created", "Written", "Accessed")))
    folder, name = str(entry.get("FilePath") or ""), str(entry.get("FileName") or "")
    path = folder or name or relative
    last = folder.replace("\\", "/").rpartition("/")[2]
    if folder and name and last.lower() != name.lower():
        path = f"{folder}/{name}"
    source = entry.get("SourceID")
    return Named(f"{source}/{path}" if source else path, times, tuple(vics_facts.entry_claims(entry)))


def _size(stated: object) -> int | None:
    """MediaSize is a number, or the same as text."""
    try:
        return int(str(stated))
    except ValueError:
        return None
