"""Opens what lies below one folder, step by step from folder to folder, so that nothing leads outside.

Every step refuses symbolic links, so a link that is put in place while we read is never followed; a
path may be longer than the system's limit. Only regular files are ever opened.
"""

from __future__ import annotations

import errno
import os
import stat
from types import TracebackType
from typing import Self

_NO_ATIME = getattr(os, "O_NOATIME", 0)
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_OPEN_FOLDERS = 64
"""Folders kept open along the present path; deeper trees reopen the ones above them."""


class NotRegular(OSError):
    """What lies at a path is not a regular file; `mode` is what it is."""

    def __init__(self, mode: int) -> None:
        super().__init__(errno.EINVAL, os.strerror(errno.EINVAL))
        self.mode = mode


class Tree:
    """One folder whose contents are opened by path relative to it. Not for several threads."""

    def __init__(self, root: str) -> None:
        """Open the root itself, whose own path may lead over links. Raises OSError."""
        self._root = os.open(root, (_FOLDER & ~os.O_NOFOLLOW))
        self._names: list[str] = []
        self._folders: list[int | None] = []

    def folder(self, path: str) -> int:
        """Return an open descriptor of a folder ("" is the root); it stays ours and is not to be closed."""
        names = path.split("/") if path else []
        same = 0
        while same < min(len(names), len(self._names)) and names[same] == self._names[same]:
            same += 1
        self._leave(same)
        if self._folders and self._folders[-1] is None:
            self._leave(0)
        for name in names[len(self._names) :]:
            self._enter(name)
        return self._here()

    def status(self, path: str) -> os.stat_result:
        """Look at a path without opening or following it. Raises OSError."""
        above, _, name = path.rpartition("/")
        return os.stat(name, dir_fd=self.folder(above), follow_symlinks=False)

    def open_file(self, path: str) -> tuple[int, os.stat_result]:
        """Open a regular file for reading; the caller closes the descriptor. Raises OSError, NotRegular."""
        above, _, name = path.rpartition("/")
        return open_regular(name, dir_fd=self.folder(above))

    def close(self) -> None:
        """Close every folder."""
        self._leave(0)
        os.close(self._root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _here(self) -> int:
        if not self._folders:
            return self._root
        here = self._folders[-1]
        if here is None:
            raise AssertionError("the innermost folder is always open")
        return here

    def _enter(self, name: str) -> None:
        folder = _open_quietly(name, _FOLDER, self._here())
        self._names.append(name)
        self._folders.append(folder)
        if len(self._folders) > _OPEN_FOLDERS:
            _close(self._folders[-_OPEN_FOLDERS - 1])
            self._folders[-_OPEN_FOLDERS - 1] = None

    def _leave(self, depth: int) -> None:
        while len(self._folders) > depth:
            _close(self._folders.pop())
            self._names.pop()


def open_regular(name: str, dir_fd: int | None = None) -> tuple[int, os.stat_result]:
    """Open one regular file, never a link, pipe, socket or device. Raises OSError, NotRegular.

    The look before opening keeps us from touching a device, whose mere opening may do something; the
    look after it is the one that counts.
    """
    before = os.stat(name, dir_fd=dir_fd, follow_symlinks=False)
    if not stat.S_ISREG(before.st_mode):
        raise NotRegular(before.st_mode)
    descriptor = _open_quietly(name, _FILE, dir_fd)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotRegular(status.st_mode)
    return descriptor, status


def _open_quietly(name: str, flags: int, dir_fd: int | None) -> int:
    """Open without changing the time of last access where we may (the owner and root may)."""
    if _NO_ATIME:
        try:
            return os.open(name, flags | _NO_ATIME, dir_fd=dir_fd)
        except PermissionError:
            pass
    return os.open(name, flags, dir_fd=dir_fd)


def _close(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
