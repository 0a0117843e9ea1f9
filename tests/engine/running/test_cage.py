"""Each rule of the cage, and a program that tries to break it."""

from __future__ import annotations

import fcntl
import os
import platform
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.running.programs.attacker import CALLS_X86_64
from foureyes.engine.errors import CageError
from foureyes.engine.model import FaultCode
from foureyes.engine.running.cage import Answer, Cage, CageFault, cage_available
from foureyes.engine.settings import CageLimits

PROGRAM = "engine.running.programs.attacker"
LIMITS = CageLimits(
    address_space_bytes=1024**3,
    cpu_seconds=0.6,
    wall_seconds=20,
    output_bytes=4 * 1024**2,
    frame_bytes=2 * 1024**2,
)
SECRET = "four-eyes-are-better-than-two"

pytestmark = pytest.mark.skipif(
    not cage_available().sealed, reason=f"no cage on this machine: {cage_available().reason}"
)


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    with Cage(PROGRAM, LIMITS) as cage:
        yield cage


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    path = tmp_path / "untrusted"
    path.write_bytes(b"hostile bytes")
    fd = os.open(path, os.O_RDONLY)
    yield fd
    os.close(fd)


def ask(cage: Cage, file: int, question: str) -> list[Answer]:
    return list(cage.ask(file, question.encode()))


def fault_of(cage: Cage, file: int, question: str) -> tuple[FaultCode, str]:
    """The one fault of a question; and the next question must succeed."""
    with pytest.raises(CageFault) as caught:
        ask(cage, file, question)
    assert ask(cage, file, "greet again") == [(7, b"hello again"), (8, b"hostile bytes")]
    fault = caught.value.fault
    assert fault.detail.isprintable()
    assert len(fault.detail) <= 200
    return fault.code, fault.detail


def test_this_machine_is_reported() -> None:
    report = cage_available()
    assert report.sealed
    assert report.namespaces
    assert report.empty_disk
    assert report.seccomp
    assert report.no_rights
    assert report.rlimits
    assert report.broken_out == ()
    assert any("seccomp: yes" in line for line in report.words)


def test_an_honest_program_answers(cage: Cage, file: int) -> None:
    assert ask(cage, file, "greet world") == [(7, b"hello world"), (8, b"hostile bytes")]


def test_sealed_memory_can_be_mapped(cage: Cage) -> None:
    fd = os.memfd_create("untrusted", os.MFD_ALLOW_SEALING)
    try:
        os.write(fd, b"in memory" * 1000)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        assert ask(cage, fd, "mapped") == [(0, b"in memory" * 1000)]
    finally:
        os.close(fd)


def test_codecs_may_use_threads(cage: Cage, file: int) -> None:
    assert ask(cage, file, "threads 40") == [(0, b"40")]


def test_large_frames_come_whole(cage: Cage, file: int) -> None:
    ((tag, payload),) = ask(cage, file, "big 2000000")
    assert (tag, len(payload)) == (0, 2_000_000)
    assert isinstance(payload, bytes)


def test_a_writable_file_is_never_handed_in(cage: Cage, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w+b") as file, pytest.raises(ValueError, match="read-only"):
        cage.ask(file.fileno(), b"greet")


def test_a_folder_or_socket_is_never_handed_in(cage: Cage, tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for fd in (folder, ours.fileno()):
            with pytest.raises(ValueError, match="regular file"):
                cage.ask(fd, b"greet")
    os.close(folder)


@pytest.mark.parametrize("way", ["tcp", "tcp6", "udp", "unix", "netlink", "pair", "reconnect"])
def test_no_socket(cage: Cage, file: int, way: str) -> None:
    assert fault_of(cage, file, way)[0] == FaultCode.FORBIDDEN


def test_no_connection_to_this_machine(cage: Cage, file: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        assert fault_of(cage, file, f"connect {server.getsockname()[1]}")[0] == FaultCode.FORBIDDEN
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    "path",
    [
        f"{tempfile.gettempdir()}/foureyes-attack",
        "foureyes-attack",
        "/foureyes-attack",
        "HOME",
        "/run/foureyes-attack",
    ],
)
def test_nothing_is_written(cage: Cage, file: int, path: str) -> None:
    path = str(Path.home() / "foureyes-attack") if path == "HOME" else path
    for way in ("write", "folder", "link"):
        assert fault_of(cage, file, f"{way} {path}")[0] == FaultCode.FORBIDDEN
    assert not Path("/", path).exists()
    assert not Path(path).exists()


@pytest.mark.parametrize("way", ["write_file", "change_mode", "read_below", "execute_file"])
def test_the_file_in_question_can_only_be_read(cage: Cage, file: int, way: str) -> None:
    before = os.fstat(file)
    assert fault_of(cage, file, way)[0] == FaultCode.FORBIDDEN
    assert (os.fstat(file).st_mode, os.fstat(file).st_size) == (before.st_mode, before.st_size)


def test_nothing_else_is_read(cage: Cage, file: int, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    paths = (
        tmp_path / "secret",
        "/etc/passwd",
        "/proc/self/status",
        sys.executable,
        "/dev/urandom",
        __file__,
    )
    for path in paths:
        assert fault_of(cage, file, f"read {path}")[0] == FaultCode.FORBIDDEN
    for path in ("/", "/usr", "/proc", "."):
        assert fault_of(cage, file, f"listing {path}")[0] == FaultCode.FORBIDDEN


def test_no_secret_of_the_environment(file: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUREYES_SECRET", SECRET)
    with Cage(PROGRAM, LIMITS) as cage:
        assert ask(cage, file, "environment") == [(0, b"{}")]
        for process in ("self", "1", str(os.getpid()), str(os.getppid())):
            assert fault_of(cage, file, f"read /proc/{process}/environ")[0] == FaultCode.FORBIDDEN


def test_no_descriptor_is_inherited(file: int, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    inheritable = os.open(tmp_path / "secret", os.O_RDONLY)
    os.set_inheritable(inheritable, True)
    try:
        with Cage(PROGRAM, LIMITS) as cage:
            assert ask(cage, file, "descriptors") == [(0, b"0,1,2,3")]
    finally:
        os.close(inheritable)


@pytest.mark.parametrize("way", ["fork", "spawn", "run", "execute"])
def test_no_process_is_started(cage: Cage, file: int, way: str) -> None:
    assert fault_of(cage, file, way)[0] == FaultCode.FORBIDDEN


def test_no_other_process_is_touched(cage: Cage, file: int) -> None:
    for process in (os.getpid(), os.getppid(), 1, -1):
        assert fault_of(cage, file, f"kill {process}")[0] == FaultCode.FORBIDDEN
        assert fault_of(cage, file, f"aim {process}")[0] == FaultCode.FORBIDDEN
    assert fault_of(cage, file, "kill_group")[0] == FaultCode.FORBIDDEN


def test_the_worker_is_nobody_in_a_world_of_its_own(cage: Cage, file: int) -> None:
    ((_, payload),) = ask(cage, file, "identity")
    process, parent, *users = payload.split()
    assert (process, parent) == (b"1", b"0")
    assert set(users) == {b"65534"}


@pytest.mark.parametrize("way", ["raise_limit", "outlive", "code_page", "code_page_later"])
def test_no_rule_is_loosened(cage: Cage, file: int, way: str) -> None:
    assert fault_of(cage, file, way)[0] == FaultCode.FORBIDDEN


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls of x86_64")
@pytest.mark.parametrize("call", CALLS_X86_64)
def test_refused_system_calls(cage: Cage, file: int, call: str) -> None:
    assert fault_of(cage, file, f"call:{call}")[0] == FaultCode.FORBIDDEN


def test_a_late_import_says_what_is_missing(cage: Cage, file: int) -> None:
    code, detail = fault_of(cage, file, "import_late")
    assert code == FaultCode.FORBIDDEN
    assert "wave" in detail


@pytest.mark.parametrize("way", ["memory", "memory_slowly"])
def test_memory_is_limited(file: int, way: str) -> None:
    with Cage(PROGRAM, CageLimits(address_space_bytes=600 * 1024**2)) as cage:
        assert fault_of(cage, file, way)[0] == FaultCode.OUT_OF_MEMORY


@pytest.mark.parametrize("way", ["spin", "spin_deaf"])
def test_cpu_time_is_limited(cage: Cage, file: int, way: str) -> None:
    code, detail = fault_of(cage, file, way)
    assert code == FaultCode.TIMED_OUT
    assert "CPU" in detail


def test_cpu_time_is_counted_for_each_file(file: int) -> None:
    with Cage(PROGRAM, CageLimits(cpu_seconds=0.05)) as cage:
        for _ in range(60):
            ask(cage, file, "big 4000000")
        assert ask(cage, file, "count") == [(0, b"61")]


def test_silence_is_limited(file: int) -> None:
    with Cage(PROGRAM, CageLimits(wall_seconds=0.3)) as cage, pytest.raises(CageFault) as caught:
        ask(cage, file, "hang")
    assert caught.value.fault.code == FaultCode.TIMED_OUT


def test_an_answer_cannot_trickle_for_ever(file: int) -> None:
    with Cage(PROGRAM, CageLimits(wall_seconds=0.2)) as cage, pytest.raises(CageFault) as caught:
        ask(cage, file, "trickle 0.05")
    assert caught.value.fault.code == FaultCode.TIMED_OUT


def test_a_limit_below_what_the_program_needs_says_so(file: int) -> None:
    with pytest.raises(CageError, match=r"address_space_bytes is 50 MB, but .* has \d+ MB loaded"):
        Cage(PROGRAM, CageLimits(address_space_bytes=50 * 1024**2)).ask(file, b"greet")


def test_output_is_limited(cage: Cage, file: int) -> None:
    assert fault_of(cage, file, "flood")[0] == FaultCode.TOO_MUCH_OUTPUT
    assert fault_of(cage, file, "big 2200000")[0] == FaultCode.TOO_MUCH_OUTPUT
    assert fault_of(cage, file, "huge_length")[0] == FaultCode.TOO_MUCH_OUTPUT


@pytest.mark.parametrize(
    ("way", "word"),
    [
        ("segfault", "SIGSEGV"),
        ("abort", "SIGABRT"),
        ("leave", "status 3"),
        ("half_frame", "status 0"),
        ("leave_politely", "status"),
    ],
)
def test_a_crash_costs_one_file(cage: Cage, file: int, way: str, word: str) -> None:
    code, detail = fault_of(cage, file, way)
    assert code == FaultCode.CRASHED
    assert word in detail


def test_many_crashes_load_the_program_anew(file: int) -> None:
    with Cage(PROGRAM, LIMITS) as cage:
        first = cage._nursery
        for _ in range(20):
            assert fault_of(cage, file, "segfault")[0] == FaultCode.CRASHED
        assert cage._nursery is not first


def test_a_refusal_comes_out_with_harmless_words(cage: Cage, file: int) -> None:
    code, detail = fault_of(cage, file, "refuse")
    assert code == FaultCode.TOO_MANY_PIXELS
    assert detail.startswith("30,000 x 30,000?[31m ?yyy")
    assert detail.isascii()


def test_an_exception_comes_out_with_harmless_words(cage: Cage, file: int) -> None:
    code, detail = fault_of(cage, file, "stumble")
    assert code == FaultCode.DAMAGED
    assert detail.startswith("ValueError: bad? marker ?]0;x? ?zzz")


def test_hostile_frames(cage: Cage, file: int) -> None:
    assert fault_of(cage, file, "unknown_tag")[0] == FaultCode.CRASHED
    assert fault_of(cage, file, "garbage")[0] in {FaultCode.CRASHED, FaultCode.TOO_MUCH_OUTPUT}
    assert fault_of(cage, file, "strange_fault")[0] == FaultCode.DAMAGED
    assert fault_of(cage, file, "empty_fault")[0] == FaultCode.DAMAGED


def test_what_is_said_after_the_end_reaches_no_other_file(cage: Cage, file: int) -> None:
    assert ask(cage, file, "early_end_then_more") == []
    assert ask(cage, file, "greet you") == [(7, b"hello you"), (8, b"hostile bytes")]


def test_a_dropped_answer_reaches_no_other_file(cage: Cage, file: int) -> None:
    next(cage.ask(file, b"flood"))
    cage.ask(file, b"flood")
    assert ask(cage, file, "greet you") == [(7, b"hello you"), (8, b"hostile bytes")]


def test_descriptors_that_a_worker_sends_are_not_taken(cage: Cage, file: int) -> None:
    ask(cage, file, "greet you")
    before = open_descriptors()
    assert ask(cage, file, "hand_over")[:20] == [(5, b"x")] * 20
    assert open_descriptors() == before


def test_a_worker_is_replaced_after_so_many_files(file: int) -> None:
    with Cage(PROGRAM, CageLimits(files_per_worker=3)) as cage:
        assert [ask(cage, file, "count")[0][1] for _ in range(7)] == [
            b"1",
            b"2",
            b"3",
            b"1",
            b"2",
            b"3",
            b"1",
        ]


def test_two_hundred_questions_leave_nothing_behind(file: int) -> None:
    before, children = open_descriptors(), children_of(os.getpid())
    with Cage(PROGRAM, CageLimits(files_per_worker=50)) as cage:
        for number in range(200):
            if number % 10:
                ask(cage, file, "greet you")
            else:
                assert fault_of(cage, file, "segfault")[0] == FaultCode.CRASHED
        assert len(children_of(os.getpid())) == len(children) + 1
    assert open_descriptors() == before
    assert children_of(os.getpid()) == children


def test_a_closed_cage_can_be_asked_again(file: int) -> None:
    cage = Cage(PROGRAM, LIMITS)
    ask(cage, file, "greet you")
    cage.close()
    cage.close()
    assert ask(cage, file, "greet you")[0] == (7, b"hello you")
    cage.close()


def test_a_program_that_cannot_be_loaded_is_named(file: int) -> None:
    with pytest.raises(CageError, match=r"no\.such\.program.*ModuleNotFoundError"):
        Cage("no.such.program", LIMITS).ask(file, b"")


def test_a_program_that_leaves_threads_is_refused(file: int) -> None:
    with pytest.raises(CageError, match="leaves 1 thread running"):
        Cage("engine.running.programs.threaded", LIMITS).ask(file, b"")


def open_descriptors() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def children_of(process: int) -> set[str]:
    return set(Path(f"/proc/{process}/task/{process}/children").read_text().split())
