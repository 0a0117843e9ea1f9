"""A bounded walker of TIFF-structured blocks: EXIF, TIFF files, camera raws, maker notes.

Follows only the pointers that its caller names, so loops cannot arise; reads nothing outside the block;
copies only the values that are asked for. Knows no tag.
"""

from __future__ import annotations

import struct
from collections.abc import Container
from dataclasses import dataclass, field
from typing import NamedTuple

from foureyes.engine.decoding.metadata.damaged import Damaged
from foureyes.engine.decoding.metadata.text import BYTES_AT_MOST, decoded

ENTRIES_AT_MOST = 1000
"""Entries read of one directory; the fullest of real cameras that we saw has 227."""
NUMBERS_AT_MOST = 64
"""Numbers read of one value."""

_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_FRACTIONS = {5: "II", 10: "ii"}
_MAGICS = {42, 43, 0x55, 0x4F52, 0x5352}
"""TIFF, BigTIFF, Panasonic RW2, Olympus ORF (two spellings)."""


class Entry(NamedTuple):
    """One value of a directory: its type and amount as stated, and where its bytes stand in the block."""

    kind: int
    amount: int
    at: int


@dataclass(slots=True)
class Tiff:
    """One block of hostile bytes in one byte order. `lost` counts values that lie outside of it."""

    data: memoryview
    order: str
    """'<' for Intel, '>' for Motorola: as `struct` spells it."""
    big: bool = False
    lost: int = 0

    @classmethod
    def opened(cls, data: memoryview) -> tuple[Tiff, int]:
        """Read the header: the block and the place of its first directory.

        Raises:
            Damaged: there is no TIFF header.
        """
        order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
        if order is None or len(data) < 8:  # noqa: PLR2004 - a header has eight bytes
            raise Damaged("no TIFF header")
        (magic,) = struct.unpack_from(order + "H", data, 2)
        if magic not in _MAGICS:
            raise Damaged("no TIFF header")
        block = cls(data, order, big=magic == 43)  # noqa: PLR2004 - BigTIFF's number
        where = (8, "Q") if block.big else (4, "I")
        return block, block.number(*where)

    def number(self, at: int, code: str) -> int:
        """One integer at a place of the block.

        Raises:
            Damaged: the place is outside of the block.
        """
        try:
            return int(struct.unpack_from(self.order + code, self.data, at)[0])
        except (struct.error, OverflowError) as error:  # BigTIFF states 64-bit places
            raise Damaged("a pointer leads outside of the block") from error

    def directory(self, at: int, wanted: Container[int]) -> Directory:
        """Read the directory at a place of the block, keeping the wanted tags only.

        Raises:
            Damaged: the place is outside of the block, or a count is beyond reason.
        """
        head, entry, inline = ("Q", "HHQQ", 8) if self.big else ("H", "HHII", 4)
        if at <= 0:
            raise Damaged("a pointer leads outside of the block")
        count = self.number(at, head)
        if count > ENTRIES_AT_MOST:
            raise Damaged("a directory states more entries than any camera writes")
        layout = struct.Struct(self.order + entry)
        first = at + struct.calcsize(self.order + head)
        last = min(first + count * layout.size, len(self.data))
        last -= (last - first) % layout.size
        found: dict[int, Entry] = {}
        for index, (tag, kind, number, value) in enumerate(layout.iter_unpack(self.data[first:last])):
            if tag not in wanted or tag in found:
                continue
            fits = number * _SIZES.get(kind, 1) <= inline
            place = first + index * layout.size + layout.size - inline if fits else value
            found[tag] = Entry(kind, number, place)
        if last < first + count * layout.size:
            self.lost += 1
        return Directory(self, found, end=last)


@dataclass(slots=True)
class Directory:
    """The wanted values of one directory. Every question answers None where there is no such value."""

    block: Tiff
    entries: dict[int, Entry] = field(default_factory=dict)
    end: int = 0
    """Where the pointer to the next directory stands."""

    def following(self) -> int:
        """The place of the next directory, 0 where there is none."""
        try:
            return self.block.number(self.end, "Q" if self.block.big else "I")
        except Damaged:
            return 0

    def raw(self, tag: int, most: int = BYTES_AT_MOST) -> bytes | None:
        """The bytes of a value, at most so many."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        return self._bytes(entry, min(entry.amount * _SIZES.get(entry.kind, 1), most))

    def view(self, tag: int) -> memoryview | None:
        """All bytes of a value, not copied."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        stop = entry.at + entry.amount * _SIZES.get(entry.kind, 1)
        if stop > len(self.block.data):
            self.block.lost += 1
            return None
        return self.block.data[entry.at : stop]

    def text(self, tag: int) -> str:
        """A value as clean text, empty where there is none."""
        value = self.raw(tag)
        return decoded(value) if value else ""

    def integers(self, tag: int) -> tuple[int, ...] | None:
        """A value as integers, at most NUMBERS_AT_MOST of them."""
        entry = self.entries.get(tag)
        code = _INTEGERS.get(entry.kind) if entry else None
        if entry is None or code is None:
            return None
        count = min(entry.amount, NUMBERS_AT_MOST)
        value = self._bytes(entry, count * _SIZES[entry.kind])
        return None if not value else struct.unpack(f"{self.block.order}{count}{code}", value)

    def integer(self, tag: int) -> int | None:
        """The first integer of a value."""
        numbers = self.integers(tag)
        return numbers[0] if numbers else None

    def fractions(self, tag: int) -> tuple[tuple[int, int], ...] | None:
        """A value as (numerator, denominator); integers come with 1 below. Denominators may be 0."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        code = _FRACTIONS.get(entry.kind)
        if code is None:
            return tuple((number, 1) for number in self.integers(tag) or ()) or None
        count = min(entry.amount, NUMBERS_AT_MOST)
        value = self._bytes(entry, count * 8)
        return None if not value else tuple(struct.iter_unpack(self.block.order + code, value))

    def fraction(self, tag: int) -> float | None:
        """The first fraction of a value as a float; None also where it divides by 0."""
        pairs = self.fractions(tag)
        return pairs[0][0] / pairs[0][1] if pairs and pairs[0][1] else None

    def _bytes(self, entry: Entry, size: int) -> bytes | None:
        if entry.at + size > len(self.block.data):
            self.block.lost += 1
            return None
        return bytes(self.block.data[entry.at : entry.at + size])
