"""Makes signed checkpoints of the record. Signs nothing that contradicts the last checkpoint."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from foureyes.workbench.audit.actions import Did, append_named, hold_chain, now
from foureyes.workbench.audit.growth import check_end, grow
from foureyes.workbench.audit.models import Checkpoint, Entry
from foureyes.workbench.audit.notes import Signer, Stated
from foureyes.workbench.audit.queries import last_checkpoint
from foureyes.workbench.audit.trees import RecordBroken, Tree

ITSELF = "the workbench"
"""Stands as the officer of entries that nobody's action caused."""
ORIGIN = "foureyes/record/"
ORIGIN_DIGITS = 16


class NoRecordYet(Exception):
    """Nothing was recorded so far."""


def origin() -> str:
    """The name of this record: from the hash of its first entry, so that no two records share one.

    Raises:
        NoRecordYet: it has no entry.
    """
    first = Entry.objects.filter(id=1).values_list("hash", flat=True).first()
    if first is None:
        raise NoRecordYet("Nothing was recorded so far.")
    return ORIGIN + first[:ORIGIN_DIGITS]


def signer() -> Signer:
    """Who signs for this record, with the key of the settings.

    Raises:
        NoRecordYet: it has no entry.
    """
    return Signer(settings.FOUREYES_RECORD_KEY, origin())


def make_checkpoint(*, not_within: timedelta = timedelta(0)) -> Checkpoint | None:
    """Sign the record as it stands; None where nothing was recorded since the last checkpoint.

    Args:
        not_within: Nothing is done either when the last checkpoint is younger than this.

    Raises:
        RecordBroken: what was recorded since the last checkpoint is not whole, or the tree no longer begins
            as it was signed then.
    """
    if _nothing_to_do(not_within):
        return None
    grow(_length())
    return _sign(not_within)


@transaction.atomic
def _sign(not_within: timedelta) -> Checkpoint | None:
    hold_chain()
    if _nothing_to_do(not_within):  # another process was quicker
        return None
    last, signing = last_checkpoint(), signer()
    if last is not None and last.key != signing.public:
        change = {"before": last.key, "now": signing.public}
        append_named(ITSELF, "", Did.RECORD_KEY_CHANGED, [("record", change)])
    size = _length()
    check_end(size)
    tree = Tree()
    if last is not None and tree.root(last.size).hex() != last.root:
        raise RecordBroken(f"The record up to entry {last.size} is not what was signed at {last.at}")
    head = Entry.objects.values_list("hash", flat=True).get(id=size)
    stated = Stated(origin(), size, tree.root(size), now(), head)
    return Checkpoint.objects.create(
        size=size, root=stated.root.hex(), at=stated.at, key=signing.public, note=signing.sign(stated)
    )


def _length() -> int:
    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _nothing_to_do(not_within: timedelta) -> bool:
    size, last = _length(), last_checkpoint()
    if not size:
        return True
    if last is None:
        return False
    if last.size > size:
        raise RecordBroken(f"Entry {size + 1} is missing: {last.size} entries were signed at {last.at}")
    age = datetime.now(UTC) - datetime.fromisoformat(last.at)
    # A clock that was set back since must not keep the record unsigned until it comes round again.
    return last.size == size or timedelta(0) <= age < not_within
