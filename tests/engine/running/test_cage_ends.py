"""How a cage ends when its parent, its guard or its nursery does; and what it is where it cannot be built."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from foureyes.engine.errors import CageError
from foureyes.engine.model import FaultCode
from foureyes.engine.running.cage import Cage, CageFault, cage_available
from foureyes.engine.settings import CageLimits

PROGRAM = "engine.running.programs.attacker"

needs_cage = pytest.mark.skipif(
    not cage_available().sealed, reason=f"no cage on this machine: {cage_available().reason}"
)

PARENT = """
import os
from foureyes.engine.running.cage import Cage
from foureyes.engine.settings import CageLimits

file = os.open(os.__file__, os.O_RDONLY)
cage = Cage("engine.running.programs.attacker", CageLimits())
next(cage.ask(file, b"greet you"))
answer = cage.ask(file, b"QUESTION")
worker = cage._nursery.worker
print(worker.process_id, flush=True)
for _ in answer:
    pass
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "untrusted").write_bytes(b"hostile bytes")
    fd = os.open(tmp_path / "untrusted", os.O_RDONLY)
    yield fd
    os.close(fd)


def family_of(worker: int) -> list[int]:
    """Process ids of a worker, its guard and its nursery."""
    guard = parent_of(worker)
    return [worker, guard, parent_of(guard)]


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def all_end(processes: list[int]) -> bool:
    """Whether all these processes end within 20 seconds."""
    return all(select.select([process], [], [], 20)[0] for process in processes)


@needs_cage
@pytest.mark.parametrize("question", ["hang", "spin"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_a_parent_that_is_killed(question: str, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT.replace("QUESTION", question)],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        family = [os.pidfd_open(process) for process in family_of(int(parent.stdout.readline()))]
        parent.send_signal(number)
        assert all_end(family)
    for process in family:
        os.close(process)


FORGOTTEN = """
import os, subprocess
from foureyes.engine.running.cage import Cage
from foureyes.engine.settings import CageLimits

def kill(process, really=subprocess.Popen.kill):
    print("had to be killed")
    really(process)

subprocess.Popen.kill = kill
cage = Cage("engine.running.programs.attacker", CageLimits())
print([words.decode() for _, words in cage.ask(os.open(os.__file__, os.O_RDONLY), b"greet you")][0])
"""


@needs_cage
def test_a_cage_that_nobody_closed_holds_up_no_end() -> None:
    """Its worker hears the end of its socket, and its nursery need not be waited for in vain."""
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", FORGOTTEN],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "hello you\n"
    assert "socket" not in done.stderr


@needs_cage
@pytest.mark.parametrize("victim", [0, 1, 2])
def test_a_killed_worker_guard_or_nursery_costs_one_file(file: int, victim: int) -> None:
    with Cage(PROGRAM, CageLimits(wall_seconds=10)) as cage:
        assert cage._nursery is not None
        assert cage._nursery.worker is not None
        family = family_of(cage._nursery.worker.process_id)
        watched = [os.pidfd_open(process) for process in family]
        answer = cage.ask(file, b"hang")
        os.kill(family[victim], signal.SIGKILL)
        if victim == 2:  # without its nursery the worker goes on; it ends with its question
            os.kill(family[0], signal.SIGKILL)
        with pytest.raises(CageFault) as caught:
            next(answer)
        assert caught.value.fault.code == FaultCode.OUT_OF_MEMORY
        assert all_end(watched if victim == 2 else watched[:2])
        assert next(cage.ask(file, b"greet you")) == (7, b"hello you")
    for process in watched:
        os.close(process)


@needs_cage
def test_a_worker_that_dies_idle_costs_no_file(file: int) -> None:
    with Cage(PROGRAM, CageLimits()) as cage:
        assert cage._nursery is not None
        assert cage._nursery.worker is not None
        worker = os.pidfd_open(cage._nursery.worker.process_id)
        os.kill(cage._nursery.worker.process_id, signal.SIGKILL)
        assert all_end([worker])
        os.close(worker)
        assert next(cage.ask(file, b"greet you")) == (7, b"hello you")


@needs_cage
def test_a_nursery_that_dies_costs_no_file(file: int) -> None:
    with Cage(PROGRAM, CageLimits(files_per_worker=1)) as cage:
        assert [payload for _, payload in cage.ask(file, b"count")] == [b"1"]
        assert cage._nursery is not None
        assert cage._nursery.worker is not None
        process = family_of(cage._nursery.worker.process_id)[2]
        nursery = os.pidfd_open(process)
        os.kill(process, signal.SIGKILL)
        assert all_end([nursery])
        os.close(nursery)
        assert [payload for _, payload in cage.ask(file, b"count")] == [b"1"]


@needs_cage
def test_an_interrupt_from_the_terminal_reaches_no_worker(file: int) -> None:
    with Cage(PROGRAM, CageLimits()) as cage:
        assert [payload for _, payload in cage.ask(file, b"count")] == [b"1"]
        assert cage._nursery is not None
        assert cage._nursery.worker is not None
        for process in family_of(cage._nursery.worker.process_id):
            os.kill(process, signal.SIGINT)
        assert [payload for _, payload in cage.ask(file, b"count")] == [b"2"]


NO_NAMESPACES = """
import os
from foureyes.engine.errors import CageError
from foureyes.engine.running import kernel
from foureyes.engine.running.cage import Cage, CageFault, cage_available
from foureyes.engine.settings import CageLimits

kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
refuse = [
    kernel.SockFilter(0x20, 0, 0, 0),
    kernel.SockFilter(0x15, 0, 1, 272),
    kernel.SockFilter(0x06, 0, 0, 0x00050001),
    kernel.SockFilter(0x06, 0, 0, 0x7FFF0000),
]
kernel.install_filter(refuse)
report = cage_available()
print("sealed" if report.sealed else "not-sealed", "unshare" in report.reason, "seccomp" if report.seccomp else "no-seccomp")
file = os.open(os.__file__, os.O_RDONLY)
try:
    Cage("engine.running.programs.attacker", CageLimits()).ask(file, b"greet you")
except CageError as error:
    print("CageError", "namespaces" in str(error))
with Cage("engine.running.programs.attacker", CageLimits(), allow_uncaged=True) as cage:
    print(next(cage.ask(file, b"greet you"))[1].decode())
    for question in (b"tcp", b"memory", b"segfault"):
        try:
            print(list(cage.ask(file, question)))
        except CageFault as error:
            print(error.fault.code)
"""


@needs_cage
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the number of unshare is that of x86_64")
def test_without_namespaces_it_refuses_unless_told_to_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_NAMESPACES],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "not-sealed True seccomp",
        "CageError True",
        "hello you",
        "decoder-forbidden",
        "out-of-memory",
        "decoder-crashed",
    ]


def test_the_error_is_one_line(file: int) -> None:
    with pytest.raises(CageError) as caught:
        Cage("engine.running.programs.no_such", CageLimits()).ask(file, b"")
    assert "\n" not in str(caught.value)
