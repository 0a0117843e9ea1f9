"""Who writes to a workspace: one process at a time, and the next one learns who and since when.

The lock is the kernel's (`flock`), so it ends with the process that holds it, however that ends; the
text in the file only names the holder. It never guards readers, nor people's decisions.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from foureyes.engine.errors import WorkspaceBusy, WorkspaceError

_held: set[int] = set()


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds the lock: process, machine, what for, and since when (ISO 8601, UTC)."""

    pid: int
    host: str
    purpose: str
    since: str

    def __str__(self) -> str:
        return f"{self.purpose} (process {self.pid} on {self.host}, since {self.since})"


@contextmanager
def hold_lock(
    path: Path,
    purpose: str,
    *,
    wait: bool = False,
    on_wait: Callable[[LockHolder | None], None] | None = None,
) -> Iterator[None]:
    """Hold the lock file at `path` for the length of a `with` block.

    Raises:
        WorkspaceBusy: another process holds it and `wait` is false. With `wait`, `on_wait` is told the
            holder once and the call blocks until the lock is free.
        WorkspaceError: no right to write there, or the folder is gone.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise WorkspaceError(
            f"The workspace {path.parent} cannot be written to: {error.strerror}."
        ) from error
    try:
        _acquire(descriptor, path, wait=wait, on_wait=on_wait)
        _held.add(descriptor)
        _write_holder(descriptor, purpose)
        try:
            yield
        finally:
            _held.discard(descriptor)
            os.ftruncate(descriptor, 0)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


def lock_holder(path: Path) -> LockHolder | None:
    """Who holds the lock now, or None. Looks without taking it for longer than a moment."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(path) or LockHolder(0, "?", "another process", "?")
    else:
        return None
    finally:
        os.close(descriptor)


def _acquire(
    descriptor: int, path: Path, *, wait: bool, on_wait: Callable[[LockHolder | None], None] | None
) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _read_holder(path)
        if not wait:
            raise WorkspaceBusy(
                f"The workspace is being written to by {holder or 'another process'}. "
                "Wait until it has ended; `foureyes ingest --wait` does so by itself."
            ) from None
        if on_wait is not None:
            on_wait(holder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _write_holder(descriptor: int, purpose: str) -> None:
    holder = LockHolder(
        pid=os.getpid(),
        host=socket.gethostname(),
        purpose=purpose,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)


def _read_holder(path: Path) -> LockHolder | None:
    try:
        stated = json.loads(path.read_bytes())
        return LockHolder(
            int(stated["pid"]), str(stated["host"]), str(stated["purpose"]), str(stated["since"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget_in_child() -> None:
    """A forked worker shares the open file, and with it the lock: it would outlive a killed parent."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
