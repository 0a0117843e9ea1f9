"""A program that tries to break out of its cage and tells what it could do: the proof behind the report.

It does no harm where it succeeds.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

ATTEMPTS = ("open a network socket", "see the disk", "start a process", "write a file", "signal others")
"""What the canary tries, in the order of its frames' tags."""

REFUSED, DONE = b"0", b"1"


def serve(untrusted_fd: int, question: bytes) -> Iterator[tuple[int, bytes]]:  # noqa: ARG001 - the contract
    """One frame for each attempt: its index as tag, and whether it was done."""
    for tag, attempt in enumerate((_network, _disk, _process, _write, _signal)):
        yield tag, DONE if _done(attempt) else REFUSED


def _done(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _network() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _disk() -> None:
    os.close(os.open("/", os.O_RDONLY))


def _process() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _write() -> None:
    os.close(os.open("/tmp/foureyes-canary", os.O_WRONLY | os.O_CREAT, 0o600))  # noqa: S108 - it must fail
    os.unlink("/tmp/foureyes-canary")  # noqa: PTH108, S108 - as above


def _signal() -> None:
    os.kill(os.getppid(), 0)
