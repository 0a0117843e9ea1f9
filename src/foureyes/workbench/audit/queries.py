"""Reads of the record, and the check that it was not altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.timesince import timesince

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.chain import START
from foureyes.workbench.audit.models import ACCESS_REFUSED, Checkpoint, Departure, Entry
from foureyes.workbench.audit.notes import is_signed
from foureyes.workbench.audit.offline_verify import Tree as Growing
from foureyes.workbench.audit.searching import Found, Place, Sought, page_of
from foureyes.workbench.audit.trees import first_problem, leaf_of


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
    checkpoints: int = 0
    """How many signed roots fit."""


@dataclass(frozen=True, slots=True)
class Signed:
    """How far the record is signed, and how far what was signed left this machine."""

    checkpoint: Checkpoint | None
    left: Checkpoint | None
    """The last that left."""
    left_at: str
    left_ago: timedelta | None
    unsigned: int
    """Entries that nothing signs yet."""

    @property
    def left_since(self) -> str:
        """The same in words: `3 hours, 5 minutes`."""
        return timesince(datetime.fromisoformat(self.left_at)) if self.left_at else ""


def verify(expected_head: str = "") -> Verified:
    """Walk the record from its start: chain, signed roots, signatures by the key that each names.

    Whether these are the right keys is for who keeps them elsewhere: see `offline_verify`. With
    `expected_head`, that hash must be an entry of the chain.
    """
    previous, count, at, seen_head, fit = START, 0, "", not expected_head, 0
    tree, signed = Growing(), _checkpoints()

    def found(problem: str = "") -> Verified:
        return Verified(count, previous, problem, at, fit)

    for entry in Entry.objects.order_by("id").iterator(chunk_size=5000):
        if problem := first_problem([entry], count + 1, previous):
            return found(problem)
        tree.add(leaf_of(entry))
        checkpoint = signed.pop(entry.id, None)
        if checkpoint is not None and checkpoint.root != tree.root().hex():
            return found(f"The record up to entry {entry.id} is not what was signed at {checkpoint.at}")
        if checkpoint is not None and not is_signed(checkpoint.note, checkpoint.key):
            return found(f"The checkpoint of {entry.id} entries was altered")
        count, previous, at = entry.id, entry.hash, entry.at
        fit += checkpoint is not None
        seen_head = seen_head or previous == expected_head
    if signed:
        return found(f"The record was cut off: entries {count + 1} to {max(signed)} were signed")
    if not seen_head:
        return found("The record was cut off: the expected entry is not in it")
    return found()


def last_checkpoint() -> Checkpoint | None:
    """The newest one."""
    return Checkpoint.objects.order_by("-size").first()


def last_departure() -> Departure | None:
    """The newest checkpoint that left, by its size."""
    return Departure.objects.select_related("checkpoint").order_by("-checkpoint__size").first()


def how_far_signed() -> Signed:
    """How far the record is signed, and how old the last checkpoint is that left. Three queries."""
    newest, departure = last_checkpoint(), last_departure()
    length = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    unsigned = length - (newest.size if newest else 0)
    if departure is None:
        return Signed(newest, None, "", None, unsigned)
    ago = datetime.now(UTC) - datetime.fromisoformat(departure.at)
    return Signed(newest, departure.checkpoint, departure.at, ago, unsigned)


def own_entries(officer: Officer, sought: Sought, place: Place) -> Found:
    """The officer's own entries: everyone may see what was recorded of them.

    But for refusals: an entry of one would say that what they asked for is there.
    """
    own = Entry.objects.filter(officer=officer.username).exclude(action=ACCESS_REFUSED)
    return page_of(sought, place, own)


def _checkpoints() -> dict[int, Checkpoint]:
    """By size; none in a record of before there were any."""
    if Checkpoint._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - Django's own way
        return {}
    return {one.size: one for one in Checkpoint.objects.all()}
