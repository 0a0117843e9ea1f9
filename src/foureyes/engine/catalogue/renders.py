"""The cache of what was rendered for viewing: bounded, and made anew wherever something is missing.

An entry is one file, whole or not there. What was not looked at for the longest time goes first. Nothing in
here is the only copy of anything: the folder may be deleted at any time.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from foureyes.engine.catalogue.database import engine_errors

NAME = re.compile(r"[0-9a-f]{64}-[a-z]+-[0-9]+(-[0-9]+)?")
"""SHA-256 of the media, kind, version of the kind, and a number where there are several."""
ASIDE_SECONDS = 3_600
"""After so long a file that is not whole was left behind by a process that died."""
TOUCHED_SECONDS = 60


class Renders:
    """The cache of one workspace. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, bytes_at_most: int) -> None:
        self._folder = folder
        self._bytes_at_most = bytes_at_most

    def open(self, name: str) -> int | None:
        """A descriptor of an entry, for the caller to close; None where it must be rendered (again)."""
        path = self._place(name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        if time.time() - os.fstat(descriptor).st_mtime > TOUCHED_SECONDS:
            with suppress(OSError):
                os.utime(path)
        return descriptor

    def has(self, name: str) -> bool:
        """Whether an entry is there now."""
        return self._place(name).exists()

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """A new entry as an open file; it is put in place when the block ends without an error.

        Raises:
            StorageFull: there is no room for it; nothing is left behind.
        """
        target = self._place(name)
        aside = target.with_name(f"{name}.{os.getpid()}.{time.monotonic_ns()}.aside")
        try:
            with engine_errors():
                descriptor = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with engine_errors(), os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        self.shrink(spare=name)

    def shrink(self, spare: str = "") -> None:
        """Remove what was not looked at for longest until the rest fits; never the entry just written."""
        entries, total = [], 0
        with os.scandir(self._folder) as found:
            for entry in found:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".aside"):
                        if time.time() - status.st_mtime > ASIDE_SECONDS:
                            (self._folder / entry.name).unlink(missing_ok=True)
                        continue
                    entries.append((status.st_mtime, status.st_size, entry.name))
                    total += status.st_size
        for _, size, name in sorted(entries):
            if total <= self._bytes_at_most:
                return
            if name != spare:
                (self._folder / name).unlink(missing_ok=True)
                total -= size

    def _place(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("not the name of an entry")
        return self._folder / name
