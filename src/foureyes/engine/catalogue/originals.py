"""Originals that were kept (`ingest --keep`): whole files named by their SHA-256, and a list of them.

A file is there whole or not at all: it is written aside, flushed, checked against its name, and renamed. What
is kept is never changed and never removed here; no format is known.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from foureyes.engine.catalogue.answers import Problem
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.durable import sync_folder

LIST = "kept.txt"
"""One line for each original that was kept; lines are only ever added. A line may stand twice."""
_LINE_BYTES = 65
_CHUNK_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LISTED = stat.S_IRUSR
"""A file that stands in the list may only be read; one that may be written was about to be listed."""


class Originals:
    """The kept originals of one workspace. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, aside: Path) -> None:
        """`aside` is a folder on the same file system for what is not whole yet; a writer empties it."""
        self._folder = folder
        self._aside = aside

    def place(self, sha256: str) -> Path:
        """Where an original lies, or would lie."""
        return self._folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether this original is kept and listed."""
        return self._mode(sha256) == _LISTED

    def keep(self, untrusted_fd: int, sha256: str) -> bool:
        """Copy an open file under its SHA-256; whether it is whole and on the disk now.

        False where the bytes are not those of the name: the file changed since it was digested. Keeping what
        is kept already costs one look.

        Raises:
            StorageFull: there is no room; what was kept stands.
            OSError: the file cannot be read.
        """
        mode = self._mode(sha256)
        if mode == _LISTED:
            return True
        if mode is None and not self._put(untrusted_fd, sha256):
            return False
        with engine_errors():
            self._list(sha256)
        return True

    def open(self, sha256: str) -> int | None:
        """A descriptor that can only be read, for the caller to close; None where it is not kept."""
        try:
            return os.open(self.place(sha256), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None

    def count(self) -> int:
        """How many were kept, give or take those whose line was written twice after a kill."""
        try:
            return (self._folder / LIST).stat().st_size // _LINE_BYTES
        except FileNotFoundError:
            return 0

    def listed(self) -> Iterator[str]:
        """Every SHA-256 of the list, in order; a line that a power cut left unfinished is passed over."""
        try:
            with (self._folder / LIST).open(encoding="ascii", errors="replace") as lines:
                for line in lines:
                    if _SHA256.fullmatch(name := line.strip()):
                        yield name
        except FileNotFoundError:
            return

    def problems(self, tell: Callable[[int], None] = lambda _: None) -> Iterator[Problem]:
        """Read every kept original again, and name those that are missing or other than they were.

        `tell` hears how many were read.
        """
        for done, sha256 in enumerate(dict.fromkeys(self.listed()), start=1):
            descriptor = self.open(sha256)
            if descriptor is None:
                yield Problem(f"originals/{sha256[:2]}/{sha256}", "the kept original is missing")
            else:
                with os.fdopen(descriptor, "rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                        yield Problem(
                            f"originals/{sha256[:2]}/{sha256}", "the kept original is not as it was kept"
                        )
            tell(done)

    def _mode(self, sha256: str) -> int | None:
        try:
            return stat.S_IMODE(self.place(sha256).stat().st_mode)
        except FileNotFoundError:
            return None

    def _put(self, untrusted_fd: int, sha256: str) -> bool:
        aside = self._aside / f"{sha256}.{os.getpid()}.original"
        target = self.place(sha256)
        try:
            with engine_errors():
                descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                made = _copied(untrusted_fd, descriptor)
                with engine_errors():
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if made != sha256:
                return False
            with engine_errors():
                if not target.parent.exists():
                    target.parent.mkdir(mode=0o700, exist_ok=True)
                    sync_folder(self._folder)
                aside.replace(target)
                sync_folder(target.parent)
            return True
        finally:
            aside.unlink(missing_ok=True)

    def _list(self, sha256: str) -> None:
        """Add the line, then take the right to write: killed in between, the line is added once more."""
        path = self._folder / LIST
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if os.write(descriptor, f"{sha256}\n".encode()) != _LINE_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.place(sha256).chmod(_LISTED)


def _copied(untrusted_fd: int, target: int) -> str:
    """Copy all bytes of one descriptor behind another; the SHA-256 of what was written."""
    digest = hashlib.sha256()
    at = 0
    while untrusted_chunk := os.pread(untrusted_fd, _CHUNK_BYTES, at):
        digest.update(untrusted_chunk)
        at += len(untrusted_chunk)
        unwritten = memoryview(untrusted_chunk)
        with engine_errors():
            while unwritten:
                unwritten = unwritten[os.write(target, unwritten) :]
    return digest.hexdigest()
