"""Writes checkpoints out to a place that leaves this machine, with the hashes of the entries each one adds.

What lies there shows later what was altered here, even by someone who rebuilt everything. It never reads from
there but to see that a file stands already, and never overwrites one.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction

from foureyes.workbench.audit.actions import hold_chain, now
from foureyes.workbench.audit.models import Checkpoint, Departure, Entry
from foureyes.workbench.audit.trees import RecordBroken, leaf_of

DIGITS = 12
"""Of the size in names of files, so that they sort."""


def send_out() -> list[Checkpoint]:
    """Write every checkpoint that has not left to the place of the settings; gives those that did now.

    Raises:
        OSError: the place cannot be written to. What was written stays; the rest is tried again.
        RecordBroken: another checkpoint of this size lies there.
    """
    place = settings.FOUREYES_RECORD_OUT
    if place is None:
        return []
    done = Departure.objects.filter(place=str(place)).values("checkpoint")
    waiting = list(Checkpoint.objects.exclude(pk__in=done).order_by("size"))
    for checkpoint in waiting:
        _send(checkpoint, Path(place))
    return waiting


def _send(checkpoint: Checkpoint, place: Path) -> None:
    before = Checkpoint.objects.filter(size__lt=checkpoint.size).order_by("-size").first()
    first = 1 if before is None else before.size + 1
    added = Entry.objects.filter(id__gte=first, id__lte=checkpoint.size).order_by("id")
    leaves = "".join(f"{leaf_of(entry).hex()}\n" for entry in added.iterator(chunk_size=5000))
    # The checkpoint is written last: where it lies, its hashes do.
    _write(place / f"entries-{first:0{DIGITS}}-{checkpoint.size:0{DIGITS}}.sha256", leaves)
    _write(place / f"checkpoint-{checkpoint.size:0{DIGITS}}.txt", checkpoint.note)
    with transaction.atomic():
        hold_chain()
        if not Departure.objects.filter(checkpoint=checkpoint, place=str(place)).exists():
            Departure.objects.create(checkpoint=checkpoint, at=now(), place=str(place)[:400])


def _write(path: Path, text: str) -> None:
    """The whole file or none, on the disk when this returns."""
    content = text.encode("utf-8")
    if path.exists():
        if path.read_bytes() != content:
            raise RecordBroken(f"{path.name} lies there already and says something else")
        return
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
