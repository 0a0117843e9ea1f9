"""One picture as tiles of all its levels in one file: JPEGs end to end behind an index of where each lies.

It knows no pixels: whoever writes hands in JPEGs in the order of the index. Form, little-endian: magic
`4ET1`, uint32 width, height, width and height before it was reduced, tile side, flags (1: part of it is
missing); then a uint64 offset and uint32 length for each tile, level by level, row by row; then the JPEGs.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

MAGIC = b"4ET1"
_HEAD = struct.Struct("<4sIIIIII")
_PLACE = struct.Struct("<QI")


@dataclass(frozen=True, slots=True)
class TileHead:
    """What a picture's file begins with."""

    width: int
    height: int
    full_width: int
    full_height: int
    side: int
    partial: bool
    """Part of the picture is missing: its file is damaged."""

    def grids(self) -> list[tuple[int, int]]:
        """Columns and rows of tiles of each level, the whole picture first."""
        width, height = self.width, self.height
        grids = [(-(-width // self.side), -(-height // self.side))]
        while max(width, height) > self.side:
            width, height = -(-width // 2), -(-height // 2)
            grids.append((-(-width // self.side), -(-height // self.side)))
        return grids


class TileWriter:
    """Writes one picture; every tile is handed in once, in the order of the index."""

    def __init__(self, file: BinaryIO, head: TileHead) -> None:
        self._file = file
        self._places: list[tuple[int, int]] = []
        self._count = sum(columns * rows for columns, rows in head.grids())
        sides = (head.width, head.height, head.full_width, head.full_height, head.side)
        file.write(_HEAD.pack(MAGIC, *sides, int(head.partial)))
        file.write(bytes(_PLACE.size * self._count))
        self._at = file.tell()

    def add(self, jpegs: Sequence[bytes]) -> None:
        """The next tiles."""
        for jpeg in jpegs:
            self._file.write(jpeg)
            self._places.append((self._at, len(jpeg)))
            self._at += len(jpeg)

    def end(self) -> None:
        """Write the index. Raises ValueError where tiles are missing."""
        if len(self._places) != self._count:
            raise ValueError(f"{len(self._places)} tiles of {self._count}")
        self._file.seek(_HEAD.size)
        self._file.write(b"".join(_PLACE.pack(*place) for place in self._places))


def head_of(descriptor: int) -> TileHead | None:
    """What a picture's file says of itself; None where it is none."""
    head = os.pread(descriptor, _HEAD.size, 0)
    if len(head) != _HEAD.size:
        return None
    magic, width, height, full_width, full_height, side, flags = _HEAD.unpack(head)
    if magic != MAGIC or not side:
        return None
    return TileHead(width, height, full_width, full_height, side, bool(flags & 1))


def tile_of(descriptor: int, level: int, column: int, row: int) -> bytes | None:
    """One tile's JPEG; None where there is no such tile."""
    head = head_of(descriptor)
    if head is None:
        return None
    grids = head.grids()
    if not 0 <= level < len(grids):
        return None
    columns, rows = grids[level]
    if not (0 <= column < columns and 0 <= row < rows):
        return None
    before = sum(across * down for across, down in grids[:level])
    at = _HEAD.size + _PLACE.size * (before + row * columns + column)
    offset, length = _PLACE.unpack(os.pread(descriptor, _PLACE.size, at))
    return os.pread(descriptor, length, offset) or None
