"""Pieces for the tests of manifests: each writes one file, some only after harm."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path

from foureyes.engine.errors import StorageFull
from foureyes.engine.running.store import Place, open_store


def write(place: Place, digest: str, output: str, settings: tuple[str, ...], kind: str, number: int) -> int:
    """Leave a mark of the attempt in the folder `settings[0]`, then do as `kind` says."""
    marks = Path(settings[0])
    first = not list(marks.glob(f"{number}-*"))
    (marks / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
    if kind == "always dies" or (kind == "dies once" and first):
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "stumbles":
        raise ValueError("stumbled")
    if kind == "finds the disk full":
        raise StorageFull("the disk is full")
    if kind == "forgets":
        return number
    open_store(place).write(output, f"{digest}:{number}".encode())
    if kind == "dies after":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "waits":
        tell_and_hang(marks / "waits")
    return number


def tell_and_hang(fifo: Path) -> None:
    """Say that this is as far as it goes, and be there until the driver is dead; a minute where nobody kills."""
    fifo.write_bytes(b".")
    signal.alarm(60)
    signal.pause()


def heard(fifo: Path) -> bool:
    """Whether a piece says within two minutes that it has come to `fifo`, which was made before."""
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        select.select([descriptor], [], [], 120)
        return os.read(descriptor, 1) == b"."
    finally:
        os.close(descriptor)
