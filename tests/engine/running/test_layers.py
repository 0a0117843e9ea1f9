"""Each layer of the cage alone, without the others before it: a hole in one must not be a hole in all."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from foureyes.engine.running import kernel, seccomp
from foureyes.engine.running.cage import cage_available

PROGRAM = Path(__file__).parent / "programs" / "one_layer.py"

pytestmark = pytest.mark.skipif(
    not cage_available().sealed, reason=f"no cage on this machine: {cage_available().reason}"
)


def attempts(layer: str, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secret").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [
                sys.executable,
                PROGRAM,
                layer,
                tmp_path / "secret",
                tmp_path,
                str(server.getsockname()[1]),
                str(os.getpid()),
            ],
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    (tmp_path / "foureyes-attack").unlink(missing_ok=True)
    return dict(line.split() for line in done.stdout.splitlines())


def test_namespaces_alone_have_no_network_and_no_other_process(tmp_path: Path) -> None:
    results = attempts("namespaces", tmp_path)
    assert results["connect"] in {"ENETUNREACH", "EADDRNOTAVAIL"}
    assert results["signal"] == "ESRCH"
    assert results["read"] == "done"  # else this test would prove nothing of the next


def test_the_empty_disk_alone_has_nothing_to_read_and_cannot_be_written(tmp_path: Path) -> None:
    results = attempts("disk", tmp_path)
    assert results["read"] in {"ENOENT", "EACCES"}
    assert results["write"] in {"ENOENT", "EACCES"}
    assert results["write-root"] in {"EROFS", "EACCES"}


def test_without_rights_nothing_is_mounted(tmp_path: Path) -> None:
    results = attempts("rights", tmp_path)
    assert results["mount"] == "EPERM"
    assert results["fork"] == "done"


@pytest.mark.skipif(kernel.landlock_version() == 0, reason="this kernel has no Landlock")
def test_landlock_alone_opens_no_file(tmp_path: Path) -> None:
    results = attempts("landlock", tmp_path)
    assert results["read"] == "EACCES"
    assert results["write"] == "EACCES"
    assert results["fork"] == "done"
    if kernel.landlock_version() >= 4:
        assert results["connect"] == "EACCES"
    if kernel.landlock_version() >= 6:
        assert results["signal"] == "EPERM"


def test_the_filter_alone_refuses_all(tmp_path: Path) -> None:
    results = attempts("calls", tmp_path)
    assert set(results.values()) == {"EPERM"}, results


def test_another_user_has_the_same_cage(tmp_path: Path) -> None:
    """The suite usually runs as root in a container; officers' machines do not."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else; this user's own cage is what the other tests try")
    python = python_for_nobody()
    if python is None:
        pytest.skip("no Python of this version that the user nobody may run")
    script = tmp_path / "other_user.py"
    script.write_text(OTHER_USER)
    done = subprocess.run(
        [python, "-c", OTHER_USER],
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd="/",
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [
        "sealed",
        "decoder-forbidden",
        "decoder-forbidden",
        "decoder-crashed",
        "hello",
    ], done.stdout + done.stderr


OTHER_USER = """
import os
from foureyes.engine.running.cage import Cage, CageFault, cage_available
from foureyes.engine.settings import CageLimits

assert os.getuid() == 65534
print("sealed" if cage_available().sealed else cage_available().words)
file = os.open(os.__file__, os.O_RDONLY)
with Cage("engine.running.programs.attacker", CageLimits()) as cage:
    for question in (b"tcp", b"fork", b"segfault"):
        try:
            print("done", list(cage.ask(file, question)))
        except CageFault as error:
            print(error.fault.code)
    print(next(cage.ask(file, b"greet you"))[1].decode().split()[0])
"""


def python_for_nobody() -> str | None:
    """This Python, or the system's of the same version (it may load the same libraries)."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            subprocess.run(
                [python, "-c", "import numpy, foureyes"],
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                cwd=tempfile.gettempdir(),
                user=65534,
                group=65534,
                extra_groups=[],
                capture_output=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return None


def unistd(*names: str) -> dict[str, int]:
    """System call numbers of the first header that is there."""
    for name in names:
        if Path(name).exists():
            text = Path(name).read_text()
            break
    else:
        pytest.skip("no header of the kernel here to compare with")
    numbers = {}
    for line in text.splitlines():
        words = line.replace("__NR3264_", "__NR_").split()
        if len(words) >= 3 and words[0] == "#define" and words[1].startswith("__NR_") and words[2].isdigit():
            numbers[words[1].removeprefix("__NR_")] = int(words[2])
    return numbers


@pytest.mark.parametrize(
    ("column", "headers"),
    [
        (0, ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h")),
        (1, ("/usr/include/asm-generic/unistd.h",)),
    ],
)
def test_numbers_of_system_calls_are_the_kernels(column: int, headers: tuple[str, ...]) -> None:
    known = unistd(*headers)
    known.setdefault("newfstatat", known.get("fstatat", -1))
    for name, numbers in {**seccomp._ALLOWED, **seccomp._JUDGED}.items():
        number = numbers[column]
        if number is not None:
            assert known[name] == number, name


ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


def verdict(instructions: list[kernel.SockFilter], audit: int, number: int, *arguments: int) -> int:
    """What the kernel's BPF machine would answer: only the four instructions that we use."""
    data = number.to_bytes(4, "little") + audit.to_bytes(4, "little") + bytes(8)
    data += b"".join(argument.to_bytes(8, "little") for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6])
    accumulator = position = 0
    while True:
        step = instructions[position]
        position += 1
        match step.code:
            case 0x20:
                accumulator = int.from_bytes(data[step.k : step.k + 4], "little")
            case 0x15:
                position += step.jt if accumulator == step.k else step.jf
            case 0x45:
                position += step.jt if accumulator & step.k else step.jf
            case 0x06:
                return int(step.k)
            case _:
                raise AssertionError(step.code)


@pytest.mark.parametrize(
    ("machine", "audit", "calls"),
    [
        (
            "x86_64",
            0xC000003E,
            {"read": 0, "mmap": 9, "clone": 56, "clone3": 435, "fork": 57, "execve": 59, "openat": 257, "socket": 41,
             "connect": 42, "prlimit": 302, "tgkill": 234, "kill": 62, "fcntl": 72},
        ),
        (
            "aarch64",
            0xC00000B7,
            {"read": 63, "mmap": 222, "clone": 220, "clone3": 435, "fork": 1079, "execve": 221, "openat": 56,
             "socket": 198, "connect": 203, "prlimit": 261, "tgkill": 131, "kill": 129, "fcntl": 25},
        ),
    ],
)  # fmt: skip
def test_the_filter_of_each_architecture(
    monkeypatch: pytest.MonkeyPatch, machine: str, audit: int, calls: dict[str, int]
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert seccomp.known_architecture()
    built = seccomp.build_filter()

    def ask(name: str, *arguments: int) -> int:
        return verdict(built, audit, calls[name], *arguments)

    assert verdict(built, audit ^ 1, calls["read"]) == KILL
    assert ask("read") == ALLOW
    for refused in ("fork", "execve", "openat", "socket", "connect", "kill"):
        assert ask(refused) == EPERM
    assert ask("clone3") == ENOSYS
    assert ask("clone", 0x3D0F00) == ALLOW  # what pthread_create of glibc asks for
    assert ask("clone", 17) == EPERM
    assert ask("clone", 0x10000 | 0x10000000) == EPERM
    assert ask("mmap", 0, 4096, 3) == ALLOW
    assert ask("mmap", 0, 4096, 5) == EPERM
    assert ask("prlimit", 0, 7, 0) == ALLOW
    assert ask("prlimit", 0, 7, 1 << 40) == EPERM
    assert ask("prlimit", 5, 7, 0) == EPERM
    assert ask("tgkill", os.getpid(), 7, 6) == ALLOW
    assert ask("tgkill", os.getpid() + 1, 7, 6) == EPERM
    assert ask("fcntl", 3, 8) == EPERM
    assert len(built) < 4096  # BPF_MAXINSNS
