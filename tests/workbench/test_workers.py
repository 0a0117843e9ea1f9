"""Several processes on one port: people meet across them, one that dies is replaced, and all end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.settings import EngineSettings
from foureyes.workbench import serving
from workbench.filled import Plan, fill
from workbench.servers import PASSWORD, PATIENCE, Stream, Visitor

SERVE = """
import sys
from pathlib import Path
from foureyes.workbench.serving import serve
serve(Path(sys.argv[1]), port=0, workers=2, first_officer=("ida", sys.argv[2]),
      say=lambda line: None, on_ready=lambda url: print(url, flush=True))
"""
COUNT = 2


class Running:
    """A server with two workers."""

    def __init__(self, workspace: Path, variables: dict[str, str]) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(workspace), PASSWORD],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def port(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline().strip().rstrip("/").rpartition(":")[2])

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in children.read_text().split()]

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("workers") / "workspace", (Plan("lake", 3, 1),)).path


@pytest.fixture
def running(workspace: Path, postgresql_server: Any) -> Iterator[Running]:
    name = postgresql_server.create_database()
    started = Running(workspace, {"FOUREYES_WORKBENCH_DATABASE": postgresql_server.url(name)})
    yield started
    started.close()
    postgresql_server.drop_database(name)


def wait_for(what: Any) -> Any:
    """What it gives, as soon as that is something."""
    until = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.05)
    return found


def is_gone(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"  # ended; in some containers nobody asks orphans how


def answers(port: int) -> bool:
    try:
        return Visitor(port).ask("/sign-in/")[0] == 200
    except OSError:
        return False


def test_people_meet_and_a_worker_that_dies_is_replaced(workspace: Path, running: Running) -> None:
    port = running.port()
    before = running.workers()
    assert len(before) == COUNT
    with Catalogue.open(Workspace.open(workspace), EngineSettings()) as catalogue:
        series = catalogue.series_list()[0].id
    ida = Visitor(port)
    ida.sign_in("ida")
    # Each connection goes to either of them: a rename through one is heard over channels of both.
    channels = [Stream(ida, series) for _ in range(6)]
    try:
        for channel in channels:
            channel.next("ready")
        assert ida.post(f"/series/{series}/name/", {"name": "Heard everywhere"}) == 302
        for channel in channels:
            assert channel.next("change")[1]["officer"] == "ida"
    finally:
        for channel in channels:
            channel.close()
    os.kill(before[0], signal.SIGKILL)
    wait_for(lambda: len(now := running.workers()) == COUNT and before[0] not in now)
    wait_for(lambda: all(answers(port) for _ in range(4)))
    assert ida.ask(f"/series/{series}/")[0] == 200
    workers = running.workers()
    running.process.terminate()
    assert running.process.wait(PATIENCE) == 0
    assert all(is_gone(one) for one in workers)


def test_workers_end_when_their_starter_is_killed(running: Running) -> None:
    running.port()
    workers = running.workers()
    assert len(workers) == COUNT
    assert not any(is_gone(one) for one in workers)
    running.process.kill()
    running.process.wait()
    wait_for(lambda: all(is_gone(one) for one in workers))


def test_on_sqlite_several_are_refused(workspace: Path) -> None:
    with pytest.raises(UsageError, match="Several workers need PostgreSQL"):
        serving.serve(workspace, port=0, workers=2)


def test_a_port_of_another_server_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "FREE_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="choose another"):
        serving._wait_free("127.0.0.1", taken.getsockname()[1])
