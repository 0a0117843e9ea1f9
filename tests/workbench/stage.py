"""Fixtures of the workbench: a database, a filled workspace, and a cast: Ida holds it, Otto's unit does not, Nobody is signed out.

A plugin: test modules name it in `pytest_plugins`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils import translation

from foureyes.engine import pipeline
from foureyes.engine.catalogue import SeriesSummary
from foureyes.engine.model import DecisionKind
from foureyes.workbench.accounts.actions import make_first_officer, make_officer
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.library import holdings
from workbench.cast import PASSWORD, REASON, signed_in
from workbench.filled import fill


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    setup_test_environment()
    connection.creation.create_test_db(verbosity=0)
    yield
    connection.creation.destroy_test_db(":memory:", verbosity=0)
    teardown_test_environment()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace that tests only read; one decision of Ida's is recorded in it."""
    path = fill(tmp_path_factory.mktemp("filled") / "workspace").path
    with override_settings(FOUREYES_WORKSPACE=path):
        rule()
    yield path
    holdings.close()


def rule() -> None:
    """Let a decision of Ida's stand: whoever walks every address takes it back on the way."""
    held = holdings.catalogue()
    if held.decisions():
        return
    known = held.series(held.series_list()[0].id)
    assert known is not None
    pipeline.decide(held, DecisionKind.BELONGS, [known.id], known.members[:1], officer="ida", reason=REASON)


@pytest.fixture
def db(database: None) -> Iterator[None]:  # noqa: ARG001 - asked for what it does
    """The workbench's database, as it was before the test when it ends; the language too, which a request sets."""
    with transaction.atomic(), commits_of_the_test():
        yield
        transaction.set_rollback(True)
    translation.deactivate()


@contextmanager
def commits_of_the_test() -> Iterator[None]:
    """Let what waits for a commit happen when the test's own outermost transaction ends, as it does when served.

    The test's transaction lies inside the fixture's, so that Django sees a savepoint only.
    """
    commit_savepoint = connection.savepoint_commit

    def commit(sid: str) -> None:
        commit_savepoint(sid)
        if not connection.savepoint_ids:
            waiting, connection.run_on_commit = connection.run_on_commit, []
            for _sids, call, _robust in waiting:
                call()

    connection.savepoint_commit = commit  # type: ignore[method-assign]  # told of each commit, and given back
    try:
        yield
    finally:
        connection.savepoint_commit = commit_savepoint  # type: ignore[method-assign]  # told of each commit, and given back


@pytest.fixture
def workspace(filled: Path, db: None) -> Iterator[Path]:  # noqa: ARG001 - asked for what it does
    """The filled workspace as the one that the settings name. Do not change it: see `own_workspace`."""
    with override_settings(FOUREYES_WORKSPACE=filled):
        rule()
        yield filled


@pytest.fixture
def own_workspace(tmp_path: Path, db: None) -> Iterator[Path]:  # noqa: ARG001 - asked for what it does
    """A small workspace that the test may change."""
    path = fill(tmp_path / "workspace").path
    with override_settings(FOUREYES_WORKSPACE=path):
        yield path
    holdings.close()


@pytest.fixture
def ida(db: None) -> Officer:  # noqa: ARG001 - asked for what it does
    """An officer of the unit that holds the workspace."""
    return make_first_officer("ida", PASSWORD, "Holding unit", "NL")


@pytest.fixture
def otto(db: None) -> Officer:  # noqa: ARG001 - asked for what it does
    """An officer of another unit."""
    unit = Unit.objects.create(agency="Other unit", country="AT")
    return make_officer("otto", PASSWORD, unit)


@pytest.fixture
def as_ida(ida: Officer) -> Client:
    return signed_in(ida)


@pytest.fixture
def as_otto(otto: Officer) -> Client:
    return signed_in(otto)


@pytest.fixture
def as_nobody(db: None) -> Client:  # noqa: ARG001 - asked for what it does
    return Client()


@pytest.fixture
def series(workspace: Path) -> list[SeriesSummary]:  # noqa: ARG001 - asked for what it does
    """The series of the filled workspace, the largest first."""
    return holdings.catalogue().series_list()
