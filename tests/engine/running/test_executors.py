"""What every executor promises, tried on each member of the family."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from foureyes.engine.errors import StorageFull, UsageError
from foureyes.engine.model import FaultCode
from foureyes.engine.running import EXECUTORS, Executor, Task, make_executor

CHORES = "engine.running.programs.chores"
WORKERS = 2
KNOWS_THE_SIGNAL = {"LocalExecutor"}
"""Ray says that a process died, and not by what."""


@pytest.fixture(scope="module", params=[member.name for member in EXECUTORS])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "ray":
        request.getfixturevalue("ray_running")
    with make_executor(request.param, WORKERS) as executor:
        yield executor


def doubles(count: int) -> list[Task]:
    return [Task(f"t{number}", f"{CHORES}:double", (number,)) for number in range(count)]


def test_every_task_has_one_result(executor: Executor) -> None:
    results = list(executor.run(doubles(50)))
    assert {result.id: result.value for result in results} == {f"t{n}": 2 * n for n in range(50)}
    assert len(results) == 50
    assert all(result.error is None for result in results)


def test_nothing_to_do(executor: Executor) -> None:
    assert list(executor.run([])) == []


def test_it_pulls_lazily(executor: Executor) -> None:
    pulled = 0

    def source() -> Iterator[Task]:
        nonlocal pulled
        for task in doubles(40):
            pulled += 1
            yield task

    yielded = 0
    for _ in executor.run(source()):
        yielded += 1
        assert pulled - yielded < 2 * WORKERS
    assert yielded == 40


def test_an_exception_is_a_fault(executor: Executor) -> None:
    tasks = [Task("bad", f"{CHORES}:stumble", ("spilt\x1b\n" + "m" * 500,)), *doubles(3)]
    results = {result.id: result for result in executor.run(tasks)}
    fault = results.pop("bad").error
    assert fault is not None
    assert fault.code == FaultCode.TASK_DIED
    assert fault.detail.startswith("ValueError: spilt? mmm")
    assert len(fault.detail) == 200
    assert [result.error for result in results.values()] == [None] * 3


@pytest.mark.parametrize(
    ("function", "code", "word"),
    [
        (f"{CHORES}:starve", FaultCode.OUT_OF_MEMORY, "MemoryError"),
        (f"{CHORES}:unsendable", FaultCode.TASK_DIED, "pickle"),
        (f"{CHORES}:absent", FaultCode.TASK_DIED, "absent"),
        ("no.such.module:f", FaultCode.TASK_DIED, "ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_done_is_a_fault(
    executor: Executor, function: str, code: FaultCode, word: str
) -> None:
    (result,) = executor.run([Task("t", function)])
    assert result.error is not None
    assert result.error.code == code
    assert word in result.error.detail


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_task_whose_process_dies_is_named(executor: Executor, number: signal.Signals) -> None:
    tasks = [*doubles(4), Task("deadly", f"{CHORES}:die", (int(number),)), *doubles(8)[4:]]
    results = {result.id: result for result in executor.run(tasks)}
    fault = results.pop("deadly").error
    assert fault is not None
    assert fault.code == FaultCode.TASK_DIED
    assert "its process died 2 times" in fault.detail
    assert (number.name in fault.detail) == (type(executor).__name__ in KNOWS_THE_SIGNAL)
    assert {key: result.value for key, result in results.items()} == {f"t{n}": 2 * n for n in range(8)}


def test_a_task_whose_process_dies_is_begun_once_more(executor: Executor, tmp_path: Path) -> None:
    (result,) = executor.run([Task("t", f"{CHORES}:die_once", (str(tmp_path / "trace"),))])
    assert (result.error, result.value) == (None, "second time")


def test_an_engine_error_stops_the_run(executor: Executor) -> None:
    with pytest.raises(StorageFull, match="the disk is full"):
        list(executor.run([Task("t", f"{CHORES}:fill_disk"), *doubles(3)]))
    assert len(list(executor.run(doubles(3)))) == 3


def test_stop_finishes_what_is_running(executor_name: str, tmp_path: Path) -> None:
    with make_executor(executor_name, 1) as own:
        gate = tmp_path / "gate"
        os.mkfifo(gate)
        tasks = [Task("running", f"{CHORES}:wait_for", (str(gate),)), *doubles(5)]

        def stop_then_open() -> None:
            with gate.open("wb"):  # opens when the task does
                own.stop()

        helper = threading.Thread(target=stop_then_open)
        helper.start()
        assert [result.value for result in own.run(tasks)] == ["waited"]
        helper.join()
        assert list(own.run(doubles(2))) == []


def test_a_dropped_run_kills_what_is_running(executor: Executor, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    run = executor.run(
        [Task("t0", f"{CHORES}:double", (1,)), Task("held", f"{CHORES}:wait_for", (str(gate),))]
    )
    assert next(run).id == "t0"
    held = gate.open("wb")
    process = os.pidfd_open(int(Path(f"{gate}.pid").read_text()))
    run.close()  # type: ignore[attr-defined]  # a generator, as this executor gives
    held.close()
    assert wait_for_end(process)
    assert len(list(executor.run(doubles(3)))) == 3


def test_closing_ends_a_run_that_another_thread_is_in(executor_name: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    own = make_executor(executor_name, 1)
    results: list[object] = []
    tasks = [Task("held", f"{CHORES}:wait_for", (str(gate),))]
    runner = threading.Thread(target=lambda: results.extend(own.run(tasks)))
    runner.start()
    with gate.open("wb"):
        own.close()
        runner.join(20)
    assert not runner.is_alive()
    assert results == []


def test_an_address_is_for_executors_that_join_clusters() -> None:
    with pytest.raises(UsageError, match="joins no cluster"):
        make_executor("local", 1, "127.0.0.1:6379")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "127.0.0.1:many", "127.0.0.1:99999"])
def test_a_cluster_that_is_not_there(address: str) -> None:
    script = (
        "import sys\nfrom foureyes.engine.running import make_executor\n"
        "from foureyes.engine.errors import UsageError\n"
        "try: make_executor('ray', 1, sys.argv[1])\n"
        "except UsageError as error: print(error)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", script, address],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert f"the Ray cluster at {address} cannot be joined" in done.stdout


def test_ray_listens_on_loopback_only(ray_running: None) -> None:
    """A node of Ray runs whatever it is sent: nothing beyond this machine may reach it."""
    del ray_running
    ours = {str(os.getpid()), *descendants(os.getpid())}
    listening = [place for process in ours for place in listening_places(process)]
    assert len(listening) >= 3
    assert [place for place in listening if place not in LOOPBACK] == []
    assert "RAY_AUTH_TOKEN" not in os.environ


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
"""127.0.0.1, the same as IPv6 has it, and ::1, as the kernel writes them."""


def descendants(process: int) -> set[str]:
    """All processes below one."""
    below: dict[str, list[str]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after = status.read_text().rpartition(")")[2].split()
            below.setdefault(after[1], []).append(status.parent.name)
    found: set[str] = set()
    waiting = [str(process)]
    while waiting:
        children = below.get(waiting.pop(), [])
        found.update(children)
        waiting.extend(children)
    return found


def listening_places(process: str) -> list[str]:
    """Addresses on which a process listens."""
    try:
        held = {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
    except OSError:
        return []
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return [row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]


def test_unknown_executor() -> None:
    with pytest.raises(UsageError, match="known are: local, ray"):
        make_executor("cloud", 1)


DRIVER = """
import sys
from foureyes.engine.running import Task, make_executor

if __name__ == "__main__":
    with make_executor(sys.argv[2], 1) as executor:
        list(executor.run([Task("held", "engine.running.programs.chores:wait_for", (sys.argv[1],))]))
"""


@pytest.mark.parametrize("member", [member.name for member in EXECUTORS])
def test_workers_die_with_a_killed_driver(member: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    (tmp_path / "driver.py").write_text(DRIVER)
    paths = os.pathsep.join(path for path in sys.path if path)
    with (
        subprocess.Popen(
            [sys.executable, tmp_path / "driver.py", gate, member], env={**os.environ, "PYTHONPATH": paths}
        ) as driver,
        gate.open("wb"),
    ):
        process = os.pidfd_open(int(Path(f"{gate}.pid").read_text()))
        driver.kill()
        assert wait_for_end(process)


def wait_for_end(process: int) -> bool:
    """Whether the process behind a pidfd ends within 20 seconds."""
    try:
        return bool(select.select([process], [], [], 20)[0])
    finally:
        os.close(process)
