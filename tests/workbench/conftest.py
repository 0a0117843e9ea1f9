"""Databases of the workbench on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postgresql import PrivatePostgresql
from workbench.prepared import prepare


@pytest.fixture(scope="session")
def prepared_on_postgresql(
    postgresql_server: PrivatePostgresql, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Name of the database that is copied; nobody else may connect to it."""
    name = postgresql_server.create_database()
    prepare(tmp_path_factory.mktemp("prepared") / "workspace", postgresql_server.url(name))
    return name


@pytest.fixture
def workbench_url(postgresql_server: PrivatePostgresql, prepared_on_postgresql: str) -> Iterator[str]:
    """URL of a database that is up to date, with Ida as the first officer; dropped after the test."""
    name = postgresql_server.create_database(template=prepared_on_postgresql)
    yield postgresql_server.url(name)
    postgresql_server.drop_database(name)
