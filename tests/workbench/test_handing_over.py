"""No ruling binds that the record does not know, and the record says of none what did not happen: both databases.

Each way runs in a process of its own that is really killed, or whose COMMIT the database really refuses.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from workbench.filled import fill
from workbench.prepared import with_database
from workbench.processes import COMMAND, python

PROGRAM = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2] or None)
from workbench import handed_over
handed_over.main(sys.argv[3])
"""


@dataclass(frozen=True)
class Desk:
    """A workspace with a workbench."""

    workspace: Path
    url: str

    def run(self, way: str) -> Any:
        """What a process of its own did, and how everything stands then."""
        done = python(PROGRAM, self.workspace, self.url, way)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def kill(self, way: str) -> None:
        """The same for one that is killed at it."""
        done = python(PROGRAM, self.workspace, self.url, way)
        assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    url = request.getfixturevalue("workbench_url") if request.param == "postgresql" else ""
    workspace = fill(tmp_path / "workspace").path
    return Desk(workspace if url else with_database(workspace), url)


@pytest.fixture
def small(tmp_path: Path) -> Desk:
    """For what does not depend on the database."""
    return Desk(with_database(fill(tmp_path / "workspace").path), "")


WHOLE = {"unknown": [], "record": "", "catalogue": 0}


def test_a_refused_commit_binds_nothing_and_is_dropped(desk: Desk) -> None:
    told = desk.run("refused ruling")
    assert "foreign key" in told["refused"].lower()
    between, after = told["between"], told["after"]
    assert (between["every"], between["binding"], between["said"]) == (1, [], [])
    assert (told["settled"], told["again"]) == (1, 0)
    assert (after["binding"], after["withdrawn"]) == ([], [1])
    assert after["said"] == ["ruling-dropped the workbench decision:1"]
    assert told["binding"] == [2]
    assert told | WHOLE == told


def test_a_refused_commit_of_a_withdrawal_withdraws_nothing(desk: Desk) -> None:
    told = desk.run("refused withdrawal")
    between, after = told["between"], told["after"]
    assert (between["binding"], between["withdrawn"]) == ([1], [])
    assert (told["settled"], after["binding"], after["withdrawn"]) == (0, [1], [])
    assert [one.split()[0] for one in after["said"]] == ["decided"]
    assert (told["binding"], told["withdrawn"]) == ([], [1])
    assert told | WHOLE == told


@pytest.mark.parametrize("step", ["before the commit", "after the commit"])
def test_a_killed_process_leaves_nothing_half_done(desk: Desk, step: str) -> None:
    desk.kill(f"killed {step}")
    told = desk.run("settle")
    assert (told["settled"], told["again"], told["every"]) == (1, 0, 1)
    recorded = step == "after the commit"
    assert told["binding"] == ([1] if recorded else [])
    assert [one.split()[0] for one in told["said"]] == ["decided" if recorded else "ruling-dropped"]
    assert told | WHOLE == told


def test_a_withdrawal_that_was_recorded_is_done_by_the_next_process(small: Desk) -> None:
    small.kill("killed before the withdrawal")
    told = small.run("settle")
    assert (told["settled"], told["again"], told["binding"], told["withdrawn"]) == (1, 0, [], [1])
    assert [one.split()[0] for one in told["said"]] == ["decided", "withdrew"]
    assert told | WHOLE == told


def test_a_full_catalogue_is_said_and_the_ruling_binds_later(small: Desk) -> None:
    told = small.run("full")
    assert (told["told"], told["held"], told["between"]["binding"]) == ("later", True, [])
    assert (told["settled"], told["binding"]) == (1, [1])
    assert told | WHOLE == told


def test_what_was_decided_at_a_terminal_is_recorded_once(small: Desk) -> None:
    with Catalogue.open(Workspace.open(small.workspace), EngineSettings()) as catalogue:
        series = catalogue.series_list()[0].id
        member = min(catalogue.members_of(series))
    for said in (
        ["does-not-belong", series, member, "--officer", "ida"],
        ["withdraw", "1", "--officer", "otto"],
    ):
        arguments = ["decide", *said, "--reason", "by hand", "--workspace", small.workspace]
        done = python(COMMAND, *arguments)
        assert done.returncode == 0, done.stderr
    told = small.run("settle")
    assert (told["settled"], told["again"]) == (1, 0)
    # The names were only stated: the entries are the workbench's own.
    assert told["said"] == [
        "decided-elsewhere the workbench decision:1",
        "withdrew-elsewhere the workbench decision:1",
    ]
    assert told | WHOLE == told


def test_entries_of_before_are_known_again(small: Desk) -> None:
    told = small.run("before there were rows")
    assert (told["settled"], told["rows"]) == (0, 2)
    assert [one.split()[0] for one in told["said"]] == ["decided", "withdrew"]
