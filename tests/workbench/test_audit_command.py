"""`foureyes audit verify` as its user types it, over a record that was kept and one that was broken."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from foureyes.engine.catalogue import Workspace
from workbench.prepared import with_database
from workbench.processes import COMMAND, python

MADE = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from django.db import transaction
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
for number in range(3):
    with transaction.atomic():
        append(Officer.objects.get(), Did.SERIES_OPENED, f"series:S-{number}")
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A workspace with four records."""
    workspace = with_database(Workspace.create(tmp_path / "workspace").path)
    made = python(MADE, workspace)
    assert made.returncode == 0, made.stderr
    return workspace


def test_the_record_is_walked_and_its_break_named(recorded: Path) -> None:
    whole = python(COMMAND, "audit", "verify", "-w", recorded)
    assert whole.returncode == 0, whole.stderr
    with sqlite3.connect(recorded / "workbench.sqlite") as database:
        at, head = database.execute("SELECT at, hash FROM audit_entry WHERE id = 4").fetchone()
    assert whole.stdout.splitlines() == ["The audit record is whole: 4 records.", f"Head {head} of {at}"]

    with sqlite3.connect(recorded / "workbench.sqlite") as database:
        database.execute("DROP TRIGGER audit_entry_no_delete")
        database.execute("DELETE FROM audit_entry WHERE id = 4")
    cut = python(COMMAND, "audit", "verify", "-w", recorded, "--expecting", head)
    assert (cut.returncode, cut.stdout) == (7, "")
    assert "cut off" in cut.stderr

    with sqlite3.connect(recorded / "workbench.sqlite") as database:
        database.execute("DROP TRIGGER audit_entry_no_update")
        database.execute("UPDATE audit_entry SET thing = 'series:S-9' WHERE id = 2")
    broken = python(COMMAND, "audit", "verify", "-w", recorded)
    assert (broken.returncode, broken.stdout) == (7, "")
    assert broken.stderr == "foureyes: The audit record is broken: Entry 2 was altered.\n"

    with sqlite3.connect(recorded / "workbench.sqlite") as database:
        database.execute("DELETE FROM audit_entry")
    emptied = python(COMMAND, "audit", "verify", "-w", recorded)
    assert emptied.returncode == 7
    assert "Entry 1 is missing" in emptied.stderr


def test_a_workspace_without_a_record_is_no_whole_record(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    missing = python(COMMAND, "audit", "verify", "-w", workspace.path)
    assert missing.returncode == 2
    assert "has no audit record" in missing.stderr
    assert not (workspace.path / "workbench.sqlite").exists()
