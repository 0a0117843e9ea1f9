"""Reads of everybody's record for oversight, and of one entry with its proof. The viewer comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404

from foureyes.workbench.access.rules import Action, may_ever, require_ever
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.audit.exports import NotProvable, proof_lines
from foureyes.workbench.audit.models import ACCESS_REFUSED, Checkpoint, Entry
from foureyes.workbench.audit.queries import Signed, how_far_signed, last_checkpoint
from foureyes.workbench.audit.searching import Found, Place, Sought, all_of, page_of
from foureyes.workbench.audit.trees import Tree, leaf_of

EXPORT_AT_MOST = 10_000
"""Entries in one export from the page, each with its proof (about 2 kB): the command exports all of them."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of the record."""

    sought: Sought
    found: Found
    signed: Signed
    units: list[str]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry and what proves it."""

    entry: Entry
    leaf: str
    """Its hash in the tree."""
    checkpoint: Checkpoint | None
    """The newest, when it covers the entry."""
    path: list[str]
    older: bool
    """Whether there is an entry before."""
    newer: bool
    own: bool
    """The viewer sees it as their own, not for oversight."""


@dataclass(frozen=True, slots=True)
class CheckpointsPage:
    """The newest checkpoints."""

    checkpoints: list[Checkpoint]
    older: int
    signed: Signed


def record_page(viewer: object, sought: Sought, place: Place) -> RecordPage:
    """Entries of everybody that match.

    Raises:
        django.http.Http404: not for this viewer.
    """
    require_ever(viewer, Action.READ_RECORD)
    units = sorted(str(unit) for unit in Unit.objects.all())
    return RecordPage(sought, page_of(sought, place), how_far_signed(), units)


def entry_page(viewer: object, number: int) -> EntryPage:
    """One entry, for oversight or for the officer whose it is.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    entry, own = _entry_for(viewer, number)
    newest = last_checkpoint()
    covering = newest if newest is not None and newest.size >= number else None
    path = Tree().inclusion(number, covering.size) if covering else []
    newer = Entry.objects.filter(id=number + 1).exists()
    steps = [step.hex() for step in path]
    return EntryPage(entry, leaf_of(entry).hex(), covering, steps, number > 1, newer, own)


def proof(viewer: object, number: int) -> str:
    """The proof of one entry, as the offline verifier reads it.

    Raises:
        django.http.Http404: not there, not for this viewer, or nothing was signed yet.
    """
    entry, _ = _entry_for(viewer, number)
    try:
        return "".join(proof_lines([entry]))
    except NotProvable as refused:
        raise Http404 from refused


def export(viewer: object, sought: Sought) -> Iterator[str]:
    """The newest entries that match, each with its proof.

    Raises:
        django.http.Http404: not for this viewer.
        foureyes.workbench.audit.exports.NotProvable: nothing was signed yet.
    """
    require_ever(viewer, Action.READ_RECORD)
    return proof_lines(all_of(sought, EXPORT_AT_MOST))


def checkpoints_page(viewer: object, before: int) -> CheckpointsPage:
    """Checkpoints, the newest first.

    Raises:
        django.http.Http404: not for this viewer.
    """
    require_ever(viewer, Action.READ_RECORD)
    rows = Checkpoint.objects.prefetch_related("departures").order_by("-size")
    if before:
        rows = rows.filter(size__lt=before)
    shown = list(rows[: CHECKPOINTS_A_PAGE + 1])
    more, shown = len(shown) > CHECKPOINTS_A_PAGE, shown[:CHECKPOINTS_A_PAGE]
    return CheckpointsPage(shown, shown[-1].size if more else 0, how_far_signed())


CHECKPOINTS_A_PAGE = 50


def _entry_for(viewer: object, number: int) -> tuple[Entry, bool]:
    """The entry, and whether the viewer sees it only because it is their own."""
    if not isinstance(viewer, Officer):
        raise Http404
    overseen = may_ever(viewer, Action.READ_RECORD)
    entries = Entry.objects.all()
    if not overseen:
        # What was refused to somebody stays hidden from them: it would say that the thing is there.
        entries = entries.filter(officer=viewer.username).exclude(action=ACCESS_REFUSED)
    entry = entries.filter(id=number).first()
    if entry is None:
        raise Http404
    return entry, not overseen
