"""Writes the record, or proofs from it, as JSON Lines that `offline_verify` checks. Decides no rights."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from foureyes.workbench.audit.actions import now
from foureyes.workbench.audit.checkpoints import NoRecordYet, origin
from foureyes.workbench.audit.growth import grow
from foureyes.workbench.audit.models import Checkpoint, Entry
from foureyes.workbench.audit.queries import last_checkpoint
from foureyes.workbench.audit.trees import Tree, record_of

RECORD, PROOFS = "foureyes-record-1", "foureyes-proofs-1"
NUMBER = re.compile(r"[0-9]{1,18}")
AT_ONCE = 2_000
"""Entries read at once."""


class NotProvable(Exception):
    """No checkpoint covers what was asked for; the message says what to do."""


def begins_after(untrusted_since: str) -> int:
    """The entry after which an export begins: the last one that a checkpoint of that time or number signed.

    Args:
        untrusted_since: Number of an entry, or a day or moment (ISO 8601, UTC); empty for the whole record.
    """
    since = untrusted_since.strip()
    if not since:
        return 0
    checkpoints = Checkpoint.objects.order_by("-size").values_list("size", flat=True)
    if NUMBER.fullmatch(since):
        return checkpoints.filter(size__lte=int(since)).first() or 0
    return checkpoints.filter(at__lte=since).first() or 0


def record_lines(after: int = 0) -> Iterator[str]:
    """The record from the entry behind `after`, with every checkpoint that covers it.

    Args:
        after: 0, or the size of a checkpoint.

    Raises:
        NoRecordYet: nothing was recorded.
        foureyes.workbench.audit.trees.RecordBroken: entries before are missing.
    """
    size = Entry.objects.order_by("-id").values_list("id", flat=True).first()
    if size is None:
        raise NoRecordYet("Nothing was recorded so far.")
    grow(after)
    peaks = [peak.hex() for peak in Tree().peaks(after)]
    stated = {"origin": origin(), "since": after, "entries": size, "peaks": peaks, "made": now()}
    yield _line(RECORD, stated)
    covering = Checkpoint.objects.filter(size__gte=max(after, 1), size__lte=size).order_by("size")
    for checkpoint in covering.iterator(chunk_size=AT_ONCE):
        yield _line("checkpoint", {"note": checkpoint.note})
    entries = Entry.objects.filter(id__gt=after, id__lte=size).order_by("id")
    for entry in entries.iterator(chunk_size=AT_ONCE):
        yield _line("entry", entry_fields(entry))
    yield _line("end", {"entries": size})


def proof_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Entries, each with the proof that the newest checkpoint signs it; without one where none does yet.

    Raises:
        NotProvable: there is no checkpoint.
    """
    newest = last_checkpoint()
    if newest is None:
        raise NotProvable("Nothing was signed yet: make a checkpoint first (`foureyes audit checkpoint`).")
    yield _line(PROOFS, {"origin": origin(), "made": now()})
    yield _line("checkpoint", {"note": newest.note})
    tree = Tree()
    for entry in entries:
        stated: dict[str, object] = {"entry": entry_fields(entry)}
        if entry.id > newest.size:
            yield _line("entry-not-signed-yet", stated)
            continue
        path = [step.hex() for step in tree.inclusion(entry.id, newest.size)]
        yield _line("proof", {**stated, "size": newest.size, "path": path})


def consistency_lines(old_size: int) -> Iterator[str]:
    """The proof that the record of an older checkpoint stands unchanged in that of the newest.

    Raises:
        NotProvable: there is no checkpoint of this size.
    """
    old, new = Checkpoint.objects.filter(size=old_size).first(), last_checkpoint()
    if old is None or new is None:
        raise NotProvable(f"There is no checkpoint of {old_size} entries.")
    yield _line(PROOFS, {"origin": origin(), "made": now()})
    for one in dict.fromkeys([old, new]):
        yield _line("checkpoint", {"note": one.note})
    path = [step.hex() for step in Tree().consistency(old.size, new.size)]
    yield _line("consistency", {"old": old.size, "new": new.size, "path": path})


def entry_fields(entry: Entry) -> dict[str, object]:
    """All of an entry."""
    return {**asdict(record_of(entry)), "previous": entry.previous, "hash": entry.hash}


def _line(kind: str, stated: Mapping[str, object]) -> str:
    return json.dumps({"kind": kind, **stated}, ensure_ascii=True, separators=(",", ":")) + "\n"
