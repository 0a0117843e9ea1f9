"""What the caged VICS parser says to its parent: fixed structures, checked on arrival."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from enum import IntEnum

from foureyes.engine.model import Fact, FactName, FactValue, Origin, Times

_NAMES = tuple(FactName)
_COUNT = struct.Struct("<I")
_RECORD = struct.Struct("<QQ")
_TIMES = struct.Struct("<qqq")
_FACT = struct.Struct("<BB")
_INT = struct.Struct("<q")
_FLOAT = struct.Struct("<d")
_TEXT, _WHOLE, _REAL = 0, 1, 2
_NO_TIME = -(2**63)
_NO_SIZE = 2**64 - 1
_TEXT_AT_MOST = 1000


class Tag(IntEnum):
    """Kinds of frames."""

    SHAPE = 1
    """One byte: the shape of the file."""
    RECORD = 2
    BAD_RECORD = 3
    """Number of a record that makes no sense; the next ones follow."""
    BROKEN = 4
    """Records before, first and last byte between which the file stops being JSON."""
    ALIVE = 5
    """Nothing: a long stretch without records was read."""


class Shape(IntEnum):
    """What a VICS file holds."""

    CASE = 1
    HASH_SET = 2
    NEITHER = 3


@dataclass(frozen=True, slots=True)
class Named:
    """One MediaFiles entry: where the file was, and what is said of this copy."""

    untrusted_path: str
    times: Times
    claims: tuple[tuple[FactName, FactValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One Media record, or some of its entries where they are many."""

    number: int
    """From 1, in file order, over all cases of the file."""
    untrusted_relative_path: str
    size: int | None
    claims: tuple[tuple[FactName, FactValue], ...]
    named: tuple[Named, ...]


def pack_record(record: Record) -> bytes:
    """Lay out a record for the wire."""
    size = record.size if record.size is not None and 0 <= record.size < _NO_SIZE else _NO_SIZE
    parts = [_RECORD.pack(record.number, size), _text(record.untrusted_relative_path), _claims(record.claims)]
    parts.append(_COUNT.pack(len(record.named)))
    for named in record.named:
        parts += [_text(named.untrusted_path), _times(named.times), _claims(named.claims)]
    return b"".join(parts)


def unpack_record(untrusted_payload: bytes) -> Record:
    """Read a record. Raises ValueError where the child's frame is not one."""
    cursor = _Cursor(untrusted_payload)
    try:
        number, size = cursor.numbers(_RECORD)
        path, claims = cursor.text(), cursor.claims()
        (count,) = cursor.numbers(_COUNT)
        named = tuple(Named(cursor.text(), cursor.times(), cursor.claims()) for _ in range(count))
    except (struct.error, IndexError) as error:
        raise ValueError("a record is not laid out as agreed") from error
    if not cursor.at_end:
        raise ValueError("a record is longer than agreed")
    return Record(number, path, None if size == _NO_SIZE else size, claims, named)


def facts(claims: tuple[tuple[FactName, FactValue], ...]) -> tuple[Fact, ...]:
    """Say that the source said so."""
    return tuple(Fact(name, value, Origin.SOURCE) for name, value in claims)


class _Cursor:
    def __init__(self, untrusted_payload: bytes) -> None:
        self._payload = untrusted_payload
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._payload)

    def numbers(self, layout: struct.Struct) -> tuple[int, ...]:
        found = layout.unpack_from(self._payload, self._at)
        self._at += layout.size
        return found

    def text(self) -> str:
        (length,) = self.numbers(_COUNT)
        if length > len(self._payload) - self._at:
            raise ValueError("a text is longer than its record")
        self._at += length
        return os.fsdecode(self._payload[self._at - length : self._at])

    def times(self) -> Times:
        return Times(*(None if time == _NO_TIME else time for time in self.numbers(_TIMES)))

    def claims(self) -> tuple[tuple[FactName, FactValue], ...]:
        (count,) = self.numbers(_COUNT)
        return tuple(self._claim() for _ in range(count))

    def _claim(self) -> tuple[FactName, FactValue]:
        name, kind = self.numbers(_FACT)
        if kind == _TEXT:
            return _NAMES[name], self.text()[:_TEXT_AT_MOST]
        if kind == _WHOLE:
            return _NAMES[name], self.numbers(_INT)[0]
        return _NAMES[name], float(self.numbers(_FLOAT)[0])


def _text(text: str) -> bytes:
    # "surrogatepass" would give bytes that no one can decode: half a pair says nothing.
    encoded = text.encode("utf-8", "replace")
    return _COUNT.pack(len(encoded)) + encoded


def _times(times: Times) -> bytes:
    stated = (times.created_ns, times.modified_ns, times.accessed_ns)
    return _TIMES.pack(*(t if t is not None and -(2**62) < t < 2**62 else _NO_TIME for t in stated))


def _claims(claims: tuple[tuple[FactName, FactValue], ...]) -> bytes:
    parts = [_COUNT.pack(len(claims))]
    for name, value in claims:
        index = _NAMES.index(name)
        if isinstance(value, str):
            parts += [_FACT.pack(index, _TEXT), _text(value)]
        elif isinstance(value, int):
            parts += [_FACT.pack(index, _WHOLE), _INT.pack(value)]
        else:
            parts += [_FACT.pack(index, _REAL), _FLOAT.pack(value)]
    return b"".join(parts)
