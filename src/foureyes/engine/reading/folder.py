"""Reads a folder tree or a single file: every path below it is an occurrence, readable or not.

It never follows a symbolic link, never opens a pipe, socket or device, and never looks at a name to
tell what a file is. Archives found among the files are descended into.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from foureyes.engine.errors import UsageError
from foureyes.engine.model import Fault, FaultCode, Occurrence, Unit
from foureyes.engine.reading.base import Opened
from foureyes.engine.reading.descent import Descent
from foureyes.engine.reading.files import opened_file, shown, times_of
from foureyes.engine.reading.loss import Watch, fault_of
from foureyes.engine.reading.tree import NotRegular, Tree, open_regular
from foureyes.engine.settings import EngineSettings, ReadingSettings

_WORKSPACE_FILE = "workspace.json"
_WORKSPACE_FILE_BYTES = 64 * 1024
_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISCHR, "a character device"),
)


class FolderReader:
    """Takes every folder and every file that no other reader takes."""

    name = "folder"
    version = 1

    def recognises(self, path: Path, untrusted_head: bytes) -> bool:  # noqa: ARG002  the contract's shape
        """Everything is at least a folder or a file."""
        return True

    def plan(
        self,
        path: Path,
        settings: ReadingSettings,
        *,
        allow_uncaged: bool = False,  # noqa: ARG002  as above
    ) -> Iterator[Unit]:
        """Walk the tree in the order of the names' bytes; holds the names of one path's folders only."""
        root = os.fspath(path)
        if not path.is_dir():
            yield Unit(self.name, root, size=path.stat().st_size)
            return
        yield from grouped(self.name, root, walk(root), settings)

    def open_unit(self, unit: Unit, settings: EngineSettings) -> Iterator[Opened]:
        """Yield what planning found unreadable, then every file and what its archives hold."""
        for occurrence in unit.occurrences:
            yield Opened(occurrence)
        watch = Watch(unit.root)
        with Descent(settings) as descent:
            if unit.members:
                yield from open_members(unit.root, unit.members, watch, descent)
            elif not unit.occurrences:
                yield from open_single(unit.root, watch, descent)


@dataclass(frozen=True, slots=True)
class Found:
    """One path below a root: its size, or why it cannot be read."""

    path: str
    size: int = 0
    fault: Fault | None = None


def walk(root: str) -> Iterator[Found]:
    """Yield every path below a folder but folders themselves, sorted by the bytes of the names.

    Raises UsageError where the root cannot be read or is a workspace, SourceLost where it goes away.
    """
    watch = Watch(root)
    try:
        tree = Tree(root)
    except OSError as error:
        raise UsageError(f"{shown(root)}: {fault_of(error).detail}") from error
    with tree:
        stack = [_entries(tree, "", watch)]
        if _is_workspace(tree, ""):
            raise UsageError(
                f"{shown(root)} is a Foureyes workspace, not a source: give the folder of the files"
            )
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
            elif isinstance(found, Found):
                yield found
            elif _is_workspace(tree, found):
                yield Found(found, fault=Fault(FaultCode.SPECIAL_FILE, "a Foureyes workspace: left out"))
            else:
                stack.append(_entries(tree, found, watch))


def grouped(reader: str, root: str, found: Iterator[Found], settings: ReadingSettings) -> Iterator[Unit]:
    """Fill units up to `unit_files` paths and `unit_bytes`; a larger file gets a unit of its own."""
    members: list[str] = []
    occurrences: list[Occurrence] = []
    size = 0
    for one in found:
        if one.fault is None and one.size > settings.unit_bytes:
            yield Unit(reader, root, (one.path,), size=one.size)
            continue
        if size + one.size > settings.unit_bytes or len(members) + len(occurrences) >= settings.unit_files:
            yield Unit(reader, root, tuple(members), tuple(occurrences), size)
            members, occurrences, size = [], [], 0
        if one.fault is None:
            members.append(one.path)
            size += one.size
        else:
            occurrences.append(Occurrence(one.path, fault=one.fault))
    if members or occurrences:
        yield Unit(reader, root, tuple(members), tuple(occurrences), size)


def _entries(tree: Tree, folder: str, watch: Watch) -> Iterator[Found | str]:
    """Yield the entries of one folder in order: a Found for a file, its path for a folder below."""
    try:
        listed = _listed(tree.folder(folder))
    except OSError as error:
        fault = watch.fault(error)
        if not folder:
            raise UsageError(f"{shown(watch.root)}: {fault.detail}") from error
        yield Found(folder, fault=Fault(fault.code, f"folder: {fault.detail}"))
        return
    watch.read_well()
    for entry in listed:
        name = os.fsdecode(entry[:-2])
        path = f"{folder}/{name}" if folder else name
        yield path if entry.endswith(b"d") else _look(tree, path, watch)


def _listed(descriptor: int) -> list[bytes]:
    """List a folder as `name NUL kind`, sorted: 60 bytes an entry, 60 MB for a million."""
    with os.scandir(descriptor) as entries:
        listed = [
            os.fsencode(entry.name) + (b"\0d" if entry.is_dir(follow_symlinks=False) else b"\0f")
            for entry in entries
        ]
    listed.sort()
    return listed


def _look(tree: Tree, path: str, watch: Watch) -> Found:
    try:
        status = tree.status(path)
    except OSError as error:
        return Found(path, fault=watch.fault(error))
    if stat.S_ISREG(status.st_mode):
        return Found(path, status.st_size)
    return Found(path, fault=special(status.st_mode))


def special(mode: int) -> Fault:
    """Say what a path is that is no regular file."""
    if stat.S_ISLNK(mode):
        return Fault(FaultCode.SYMBOLIC_LINK, "a symbolic link: not followed")
    for is_kind, words in _SPECIAL:
        if is_kind(mode):
            return Fault(FaultCode.SPECIAL_FILE, f"{words}: not opened")
    return Fault(FaultCode.SPECIAL_FILE, "not a regular file: not opened")


def _is_workspace(tree: Tree, folder: str) -> bool:
    """Tell our own workspaces by their file, so that no workspace takes itself in."""
    try:
        descriptor, status = tree.open_file(f"{folder}/{_WORKSPACE_FILE}" if folder else _WORKSPACE_FILE)
    except (OSError, NotRegular):
        return False
    with os.fdopen(descriptor, "rb") as file:
        if status.st_size > _WORKSPACE_FILE_BYTES:
            return False
        with contextlib.suppress(ValueError, RecursionError, OSError):
            content = json.loads(file.read(_WORKSPACE_FILE_BYTES))
            return isinstance(content, dict) and "foureyes" in content
    return False


def open_single(root: str, watch: Watch, descent: Descent) -> Iterator[Opened]:
    """Open a source that is one file; a link that the officer gave is followed, once."""
    path = Path(root).name
    try:
        descriptor, status = open_regular(os.path.realpath(root))
    except NotRegular as error:
        yield Opened(Occurrence(path, fault=special(error.mode)))
    except OSError as error:
        yield Opened(Occurrence(path, fault=watch.fault(error)))
    else:
        occurrence = Occurrence(path, status.st_size, times_of(status))
        yield from opened_file(descriptor, occurrence, watch, descent)


def open_members(root: str, members: tuple[str, ...], watch: Watch, descent: Descent) -> Iterator[Opened]:
    """Open files below a root by their paths, each as itself or as what it holds."""
    try:
        tree = Tree(root)
    except OSError as error:
        fault = watch.fault(error)
        yield from (Opened(Occurrence(path, fault=fault)) for path in members)
        return
    with tree:
        for path in members:
            try:
                descriptor, status = tree.open_file(path)
            except NotRegular as error:
                yield Opened(Occurrence(path, fault=special(error.mode)))
            except OSError as error:
                yield Opened(Occurrence(path, fault=watch.fault(error)))
            else:
                occurrence = Occurrence(path, status.st_size, times_of(status))
                yield from opened_file(descriptor, occurrence, watch, descent)
