"""The Merkle tree of the record, kept in tiles of 256 hashes: a root or proof reads a few rows of any record.

Leaf n - 1 is what is written of entry n. A tile is saved once all of it is final; the ragged end is read from
the entries themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from foureyes.workbench.audit import merkle
from foureyes.workbench.audit.chain import Record, hash_of, written
from foureyes.workbench.audit.models import Entry, Tile

WIDE = 256
"""Hashes in a tile: 8 levels of the tree."""
LEVELS = 8
HASH = 32


class RecordBroken(Exception):
    """The record is not what it was; the message names the first entry that is not whole."""


def record_of(entry: Entry) -> Record:
    """The fields that an entry's hash covers."""
    return Record(entry.id, entry.at, entry.officer, entry.unit, entry.action, entry.thing, entry.detail)


def leaf_of(entry: Entry) -> bytes:
    """The entry's hash in the tree."""
    return merkle.leaf_hash(written(record_of(entry), entry.previous))


class Tree:
    """The tree of the record as it is now. Short-lived: it keeps what it read."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def root(self, size: int) -> bytes:
        """Root over the first `size` entries."""
        return merkle.root(size, self._node)

    def inclusion(self, entry: int, size: int) -> list[bytes]:
        """Proof that this entry (from 1) is among the first `size`."""
        return merkle.inclusion(entry - 1, size, self._node)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Proof that the first `old` entries are the beginning of the first `new`."""
        return merkle.consistency(old, new, self._node)

    def peaks(self, size: int) -> list[bytes]:
        """Roots of the full subtrees that make up the first `size` entries, the largest first."""
        found, done = [], 0
        for height in range(size.bit_length() - 1, -1, -1):
            if size >> height & 1:
                found.append(self._node(height, done >> height))
                done += 1 << height
        return found

    def _node(self, height: int, number: int) -> bytes:
        level, above = divmod(height, LEVELS)
        first = number << above
        hashes = self._hashes(level, first // WIDE)[first % WIDE :][: 1 << above]
        if len(hashes) < 1 << above:
            raise RecordBroken(f"The record is shorter than {(number + 1) << height} entries")
        return folded(hashes)

    def _hashes(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile, fewer than 256 at the ragged end."""
        if (level, number) not in self._read:
            tile = Tile.objects.filter(level=level, number=number).first()
            self._read[level, number] = ragged(level, number) if tile is None else _cut(bytes(tile.hashes))
        return self._read[level, number]


def first_problem(entries: Iterable[Entry], first: int, previous: str) -> str:
    """What is wrong with the first entry that does not follow, in words; empty where all do."""
    for number, entry in enumerate(entries, first):
        if entry.id != number:
            return f"Entry {number} is missing"
        if entry.previous != previous:
            return f"Entry {number} does not follow the one before it"
        if hash_of(record_of(entry), previous) != entry.hash:
            return f"Entry {number} was altered"
        previous = entry.hash
    return ""


def ragged(level: int, number: int) -> list[bytes]:
    """The hashes of a tile that is not saved, from what lies below it."""
    if level == 0:
        entries = Entry.objects.filter(id__gt=number * WIDE, id__lte=(number + 1) * WIDE).order_by("id")
        return [leaf_of(entry) for entry in entries]
    below = Tile.objects.filter(
        level=level - 1, number__gte=number * WIDE, number__lt=(number + 1) * WIDE
    ).order_by("number")
    return [bytes.fromhex(root) for root in below.values_list("root", flat=True)]


def folded(hashes: list[bytes]) -> bytes:
    """Root over 1, 2, 4, ... 256 hashes."""
    while len(hashes) > 1:
        hashes = [merkle.node_hash(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[place : place + HASH] for place in range(0, len(hashes), HASH)]
