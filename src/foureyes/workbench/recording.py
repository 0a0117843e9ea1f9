"""What the command does with a workspace's record: sign it, export it, prove entries, give the verifier out.

It prepares the workspace as `serving` does; errors of the record become errors of the command.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TextIO

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from foureyes.engine.errors import UsageError, WorkspaceDamaged, WorkspaceError
from foureyes.workbench import serving


@dataclass(frozen=True, slots=True)
class Made:
    """What came of asking for a checkpoint."""

    size: int
    """Entries that the newest checkpoint covers."""
    root: str
    at: str
    new: bool
    """False where nothing was recorded since the one before."""
    place: str
    """Where checkpoints leave to; empty where no place is named."""
    left: int
    """Checkpoints that left now."""


def checkpoint(workspace: Path, *, workbench_database_url: str | None = None) -> Made:
    """Sign the record as it stands and send out what has not left yet.

    Raises:
        UsageError: no workspace, or nothing was recorded yet.
        WorkspaceDamaged: the record is broken; nothing was signed.
        WorkspaceError: the place of checkpoints cannot be written to; the checkpoint stands.
    """
    with _record_of(workspace, workbench_database_url):
        from django.conf import settings  # noqa: PLC0415 - Django is prepared first

        from foureyes.workbench.audit import checkpoints, departures, queries  # noqa: PLC0415 - as above

        new = checkpoints.make_checkpoint()
        newest = queries.last_checkpoint()
        if newest is None:
            raise checkpoints.NoRecordYet("Nothing was recorded so far.")
        left = departures.send_out()
        place = settings.FOUREYES_RECORD_OUT or ""
        return Made(newest.size, newest.root, newest.at, new is not None, str(place), len(left))


def public_key(workspace: Path, *, workbench_database_url: str | None = None) -> str:
    """The public key that signs the record, in one line.

    Raises:
        UsageError: no workspace, or nothing was recorded yet.
    """
    with _record_of(workspace, workbench_database_url):
        from foureyes.workbench.audit.checkpoints import signer  # noqa: PLC0415 - Django is prepared first

        return signer().public


def export(
    workspace: Path, file: TextIO, since: str = "", *, workbench_database_url: str | None = None
) -> tuple[int, int]:
    """Write the record as JSON Lines; gives the first and the last entry in it. The export is recorded first.

    Args:
        workspace: Folder of the workspace.
        file: Where to write to.
        since: A number or day; the export begins behind the last checkpoint of then.
        workbench_database_url: as for `serving.serve`.

    Raises:
        UsageError: no workspace, or nothing was recorded yet.
        WorkspaceDamaged: the record is too broken to export.
    """
    with _record_of(workspace, workbench_database_url):
        from django.db import transaction  # noqa: PLC0415 - Django is prepared first

        from foureyes.workbench.audit import actions, checkpoints, exports  # noqa: PLC0415 - as above

        after = exports.begins_after(since)
        checkpoints.origin()
        with transaction.atomic():
            detail: actions.Detail = {"where": "terminal", "account": _account(), "after": after}
            did = actions.Did.RECORD_EXPORTED
            entry = actions.append_named(checkpoints.ITSELF, "", did, [("record", detail)])[0]
        checkpoints.make_checkpoint()
        file.writelines(exports.record_lines(after))
        return after + 1, entry.id


def prove(
    workspace: Path,
    file: TextIO,
    entries: tuple[int, ...] = (),
    old_checkpoint: int = 0,
    *,
    workbench_database_url: str | None = None,
) -> None:
    """Write proofs that entries are in the signed record, or that an old checkpoint is its beginning.

    Raises:
        UsageError: no such entry or checkpoint, or nothing signs it yet.
    """
    with _record_of(workspace, workbench_database_url):
        from foureyes.workbench.audit import exports  # noqa: PLC0415 - Django is prepared first
        from foureyes.workbench.audit.models import Entry  # noqa: PLC0415 - as above

        found = {entry.id: entry for entry in Entry.objects.filter(id__in=entries)}
        if missing := [number for number in entries if number not in found]:
            raise exports.NotProvable(f"There is no entry {missing[0]}.")
        lines = (
            exports.consistency_lines(old_checkpoint)
            if old_checkpoint
            else exports.proof_lines(found[number] for number in entries)
        )
        file.writelines(lines)


def verifier() -> str:
    """The text of the offline verifier: one file that needs nothing of ours."""
    return (resources.files("foureyes.workbench.audit") / "offline_verify.py").read_text("utf-8")


@contextmanager
def _record_of(workspace: Path, workbench_database_url: str | None) -> Iterator[None]:
    """Prepare the workspace, and turn what the record says on purpose into errors of the command."""
    serving.prepare(workspace, workbench_database_url=workbench_database_url)
    from foureyes.workbench.audit import checkpoints, exports, trees  # noqa: PLC0415 - Django is prepared first

    try:
        yield
    except (checkpoints.NoRecordYet, exports.NotProvable) as error:
        raise UsageError(str(error)) from error
    except trees.RecordBroken as broken:
        raise WorkspaceDamaged(f"The audit record is broken: {broken}.") from broken
    except (ImproperlyConfigured, DatabaseError, OSError) as error:
        raise WorkspaceError(f"The record cannot be signed or written out: {error}") from error


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in the machine's list: a container, say
        return ""
