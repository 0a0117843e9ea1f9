"""A folder for passing files that is gone in the end: where its owner was killed, with the next one.

It looks only at folders of this user with its own prefix, and touches none whose owner still lives.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Self

_HELD = "held"


class ScratchFolder:
    """`path` is a folder of a name that nobody guesses, open to this user only, until `close`."""

    def __init__(self, prefix: str) -> None:
        """Make one in the system's temporary folder, and remove what killed owners left there."""
        for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
            _remove_if_left(left)
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        self._lock = _locked(self.path / _HELD, os.O_CREAT)

    def close(self) -> None:
        """Remove it with all that is in it. Idempotent."""
        if self._lock is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _remove_if_left(folder: Path) -> None:
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return
        lock = _locked(folder / _HELD, 0)
    except OSError:
        return
    if lock is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(path: Path, flags: int) -> int | None:
    """A descriptor that holds the lock while it is open; None where another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
