"""Saves the tiles of the tree as they become full, and checks the chain of every entry that goes into one."""

from __future__ import annotations

from django.db import transaction

from foureyes.workbench.audit.actions import hold_chain
from foureyes.workbench.audit.chain import START
from foureyes.workbench.audit.models import Entry, Tile
from foureyes.workbench.audit.trees import WIDE, RecordBroken, first_problem, folded, leaf_of, ragged

AT_ONCE = 64
"""Tiles saved in one transaction: nobody who acts waits longer than that for the chain (about 0.2 s)."""


def grow(size: int) -> None:
    """Save the tiles that the first `size` entries fill, a few in each transaction, with the chain checked.

    Raises:
        RecordBroken: an entry is missing, was altered or does not follow the one before it.
    """
    while _grow_some(size):
        pass


def check_end(size: int) -> None:
    """Check the chain of the entries behind the last full tile.

    Raises:
        RecordBroken: as `grow`.
    """
    _checked(size // WIDE * WIDE + 1, size)


@transaction.atomic
def _grow_some(size: int) -> bool:
    """Whether more is left to do."""
    hold_chain()
    done = _tiles_of(0)
    until = min(done + AT_ONCE, size // WIDE)
    for number in range(done, until):
        entries = _checked(number * WIDE + 1, (number + 1) * WIDE)
        _keep(0, number, [leaf_of(entry) for entry in entries])
    level = 0
    while (full := _tiles_of(level) // WIDE) > (done := _tiles_of(level + 1)):
        for number in range(done, full):
            _keep(level + 1, number, ragged(level + 1, number))
        level += 1
    return until < size // WIDE


def _tiles_of(level: int) -> int:
    last = Tile.objects.filter(level=level).order_by("-number").values_list("number", flat=True).first()
    return 0 if last is None else last + 1


def _keep(level: int, number: int, hashes: list[bytes]) -> None:
    Tile.objects.create(level=level, number=number, root=folded(hashes).hex(), hashes=b"".join(hashes))


def _checked(first: int, last: int) -> list[Entry]:
    """The entries from first to last, with their chain checked from the one before."""
    previous = START if first == 1 else _hash_of_entry(first - 1)
    entries = list(Entry.objects.filter(id__gte=first, id__lte=last).order_by("id"))
    problem = first_problem(entries, first, previous)
    if problem:
        raise RecordBroken(problem)
    if len(entries) < last - first + 1:
        raise RecordBroken(f"Entry {first + len(entries)} is missing")
    return entries


def _hash_of_entry(number: int) -> str:
    found = Entry.objects.filter(id=number).values_list("hash", flat=True).first()
    if found is None:
        raise RecordBroken(f"Entry {number} is missing")
    return found
