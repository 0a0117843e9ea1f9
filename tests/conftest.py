"""What all tests share. A test that is left out for want of a program is counted at the end of the run."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from foureyes.engine import fingerprints
from foureyes.engine.running import EXECUTORS, make_executor
from postgresql import PrivatePostgresql, find_programs
from s3 import s3_server

LEFT_OUT = "left out: "


LONGEST = "test_killed"
"""Files of these names kill and run again a hundred times."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels of fingerprints once before several processes test side by side (`-n 2`)."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        fingerprints.prepare()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: begun last, they would have one process wait for the other."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """Have Python's search for cycles leave alone what was loaded and collected: it stays to the end.

    To look through it again and again took a fifth of the CPU time of tests of the workbench.
    """
    gc.collect()
    gc.freeze()


# No test asserts a time: a slow machine is not a fault. The same examples on every run.
settings.register_profile(
    "foureyes", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("foureyes")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PrivatePostgresql]:
    """A PostgreSQL server of our own, started for the first test that asks."""
    programs = find_programs()
    if programs is None:
        pytest.skip(f"{LEFT_OUT}PostgreSQL tests, because its programs (initdb, pg_ctl) are not installed")
    server = PrivatePostgresql(programs)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgresql_url(postgresql_server: PrivatePostgresql) -> Iterator[str]:
    """URL of an empty database, dropped after the test."""
    name = postgresql_server.create_database()
    yield postgresql_server.url(name)
    postgresql_server.drop_database(name)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Address of an S3-compatible server on loopback, started for the first test that asks."""
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def ray_running() -> Iterator[None]:
    """Ray of two workers on loopback for all tests that ask: it takes six seconds to start."""
    with make_executor("ray", 2):
        yield


@pytest.fixture(params=[member.name for member in EXECUTORS])
def executor_name(request: pytest.FixtureRequest) -> str:
    """Each executor in turn; Ray's is made in no time, for it finds Ray running."""
    name = str(request.param)
    if name == "ray":
        request.getfixturevalue("ray_running")
    return name


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        _, _, said = str(report.longrepr).partition(LEFT_OUT)
        if said:
            reasons[said.rstrip("')")] += 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{LEFT_OUT}{count} {reason}", yellow=True)
