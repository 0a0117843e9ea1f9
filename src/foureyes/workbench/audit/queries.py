"""Reads of the record, and the check that it was not altered."""

from __future__ import annotations

from dataclasses import dataclass

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.chain import START, Record, hash_of
from foureyes.workbench.audit.models import Entry


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the whole record found."""

    entries: int
    head: str
    """Hash of the last entry: kept elsewhere, it shows later whether the end was cut off."""
    problem: str = ""
    """Empty when the record is whole; else the first break, in words."""
    at: str = ""
    """When the last whole entry was written: ISO 8601 in UTC; empty where there is none."""


def verify(expected_head: str = "") -> Verified:
    """Walk the chain from its start. With `expected_head`, that hash must be an entry of the chain."""
    previous, count, at, seen_head = START, 0, "", not expected_head
    for entry in Entry.objects.order_by("id").iterator(chunk_size=5000):
        count += 1
        record = Record(
            entry.id, entry.at, entry.officer, entry.unit, entry.action, entry.thing, entry.detail
        )
        if entry.id != count:
            return Verified(count - 1, previous, f"Entry {count} is missing", at)
        if entry.previous != previous:
            return Verified(count - 1, previous, f"Entry {count} does not follow the one before it", at)
        if hash_of(record, previous) != entry.hash:
            return Verified(count - 1, previous, f"Entry {count} was altered", at)
        previous, at = entry.hash, entry.at
        seen_head = seen_head or previous == expected_head
    if not seen_head:
        return Verified(count, previous, "The record was cut off: the expected entry is not in it", at)
    return Verified(count, previous, at=at)


def own_entries(officer: Officer, at_most: int = 200) -> list[Entry]:
    """The officer's own newest entries: everyone may see what was recorded of them."""
    return list(Entry.objects.filter(officer=officer.username).order_by("-id")[:at_most])
