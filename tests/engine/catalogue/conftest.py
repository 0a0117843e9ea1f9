"""A catalogue to test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings

MEMORY = Path("/dev/shm")  # noqa: S108 - one private folder is made in it
ROOM = 512 * 1024**2


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest) -> EngineSettings:
    if request.param == "sqlite":
        return EngineSettings()
    return EngineSettings(database_url=request.getfixturevalue("postgresql_url"))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is room: hundreds of flushes to a busy disk take most of the time."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        with tempfile.TemporaryDirectory(dir=MEMORY, prefix="fe-") as name:
            yield Path(name)
    else:
        yield tmp_path


@pytest.fixture
def workspace(folder: Path) -> Workspace:
    return Workspace.create(folder / "workspace")


@pytest.fixture
def catalogue(workspace: Workspace, settings: EngineSettings) -> Iterator[Catalogue]:
    with Catalogue.open(workspace, settings, write=True) as opened:
        yield opened
