"""A catalogue to test, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings

Reopen = Callable[..., Catalogue]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest) -> EngineSettings:
    if request.param == "sqlite":
        return EngineSettings()
    return EngineSettings(database_url=request.getfixturevalue("postgresql_url"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def catalogue(workspace: Workspace, settings: EngineSettings) -> Iterator[Catalogue]:
    with Catalogue.open(workspace, settings, write=True) as opened:
        yield opened
