"""Databases of the workbench that are up to date already, and in which Ida is the first officer.

All its migrations take three CPU seconds: they run once in a test process, on SQLite and on PostgreSQL, and whoever
serves a workspace or runs a program on one gets a copy. What is about preparing itself begins without one.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from foureyes.engine.catalogue import Workspace
from foureyes.workbench.serving import OWN_DATABASE
from workbench.processes import python

PREPARE = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2] or None)
serving.make_first_officer(("ida", "correct horse battery"), say=lambda line: None)
from django.db import connections
connections.close_all()
"""


def with_database(workspace: Path) -> Path:
    """Lay a database into a workspace that was never served; gives the workspace."""
    if not (workspace / OWN_DATABASE).exists():
        shutil.copy(_template() / OWN_DATABASE, workspace / OWN_DATABASE)
    return workspace


@cache
def _template() -> Path:
    """An empty workspace whose database is copied; nobody else may open it."""
    parent = Path(tempfile.mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    return prepare(parent / "workspace")


def prepare(folder: Path, database_url: str = "") -> Path:
    """A new workspace with its database, in it or elsewhere; gives the workspace."""
    workspace = Workspace.create(folder).path
    done = python(PREPARE, workspace, database_url)
    assert done.returncode == 0, done.stderr
    return workspace
