"""Tasks for the contract tests of executors."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from foureyes.engine.errors import StorageFull


def double(number: int) -> int:
    return 2 * number


def stumble(word: str) -> None:
    raise ValueError(word)


def fill_disk() -> None:
    raise StorageFull("the disk is full")


def starve() -> None:
    raise MemoryError


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def die_once(trace: str) -> str:
    path = Path(trace)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "second time"


def unsendable() -> object:
    return threading.Lock()


def wait_for(fifo: str) -> str:
    """Say on the way in who runs this, then wait until the other side closes."""
    Path(fifo + ".pid").write_text(str(os.getpid()))
    with Path(fifo).open("rb") as held:
        held.read()
    return "waited"
