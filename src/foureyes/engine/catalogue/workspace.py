"""The folder that holds everything Foureyes knows: catalogue, packs, index, lists, originals and more.

It knows its layout, its format version and its lock; it never reads or writes what lies inside.
"""

from __future__ import annotations

import json
import stat
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.catalogue.locking import LockHolder, hold_lock, lock_holder
from foureyes.engine.errors import UsageError, WorkspaceDamaged, WorkspaceError, WorkspaceTooNew

FORMAT = 1
"""Layout of the folder. Raised when an older Foureyes must not touch it."""

_MARK = "workspace.json"
_FOLDERS = (
    "packs",
    "fingerprints",
    "index",
    "scenes",
    "stated",
    "lists",
    "originals",
    "renders",
    "parts",
    "calibrations",
    "errands",
)
_PRIVATE = stat.S_IRWXU


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace folder; made by `create`, `open` or `open_or_create`, never directly."""

    path: Path
    id: str
    created: str
    """ISO 8601, UTC."""

    @classmethod
    def create(cls, path: Path) -> Workspace:
        """Make a workspace in a new or empty folder, which no other account may enter from then on.

        Raises:
            UsageError: the folder holds something, or is no folder.
            WorkspaceError: the folder cannot be made or written.
        """
        try:
            path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            strangers = {entry.name for entry in path.iterdir()} - {*_FOLDERS, "lock", f"{_MARK}.tmp"}
            if strangers:
                raise UsageError(
                    f"{path} is not empty and is not a Foureyes workspace: "
                    "name an empty or new folder, or an existing workspace."
                )
            _make_private(path)
            for name in _FOLDERS:
                (path / name).mkdir(mode=_PRIVATE, exist_ok=True)
            created = datetime.now(UTC).isoformat(timespec="seconds")
            stated = {"foureyes": FORMAT, "id": uuid.uuid4().hex, "created": created}
            write_durably(path / _MARK, json.dumps(stated).encode())
        except FileExistsError as error:
            raise UsageError(f"{path} is a file: name a folder for the workspace.") from error
        except PermissionError as error:
            raise WorkspaceError(f"No right to make a workspace at {path}.") from error
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Workspace:
        """Open the workspace at `path`.

        Raises:
            UsageError: nothing there, or not a workspace.
            WorkspaceTooNew: made by a newer Foureyes.
            WorkspaceDamaged: its description cannot be read.
        """
        try:
            text = (path / _MARK).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(_not_a_workspace(path)) from None
        except PermissionError as error:
            raise WorkspaceError(f"No right to read the workspace {path}.") from error
        return cls._from_mark(path, text)

    @classmethod
    def open_or_create(cls, path: Path) -> Workspace:
        """Open the workspace at `path`, or make it there if the folder is new or empty."""
        return cls.open(path) if (path / _MARK).exists() else cls.create(path)

    @classmethod
    def _from_mark(cls, path: Path, text: bytes) -> Workspace:
        try:
            stated = json.loads(text)
            version, identity, created = int(stated["foureyes"]), str(stated["id"]), str(stated["created"])
        except (ValueError, KeyError, TypeError) as error:
            raise WorkspaceDamaged(f"{path / _MARK} cannot be read: restore it from a copy.") from error
        if version > FORMAT:
            raise WorkspaceTooNew(
                f"The workspace {path} was made by a newer Foureyes (format {version}, this one knows "
                f"up to {FORMAT}): use that version or a newer one."
            )
        for name in _FOLDERS:
            (path / name).mkdir(exist_ok=True)
        return cls(path.absolute(), identity, created)

    def lock(
        self,
        purpose: str,
        *,
        wait: bool = False,
        on_wait: Callable[[LockHolder | None], None] | None = None,
    ) -> AbstractContextManager[None]:
        """Be the one writer for a `with` block; see `locking.hold_lock`. Raises WorkspaceBusy."""
        return hold_lock(self.path / "lock", purpose, wait=wait, on_wait=on_wait)

    def holder(self) -> LockHolder | None:
        """Who is writing now, or None."""
        return lock_holder(self.path / "lock")

    @property
    def database(self) -> Path:
        """The SQLite file, where no other database is set."""
        return self.path / "catalogue.sqlite"

    @property
    def packs(self) -> Path:
        """Folder of the pack files: thumbnails and previews."""
        return self.path / "packs"

    @property
    def fingerprints(self) -> Path:
        """Folder of the fingerprint files."""
        return self.path / "fingerprints"

    @property
    def lists(self) -> Path:
        """Folder of the files of hash lists."""
        return self.path / "lists"

    @property
    def calibrations(self) -> Path:
        """Folder of the data files that say what scores are worth, one for each fitting; `IN_USE` counts."""
        return self.path / "calibrations"

    @property
    def index(self) -> Path:
        """Folder of the index of fingerprints: derived, and made anew from them where need be."""
        return self.path / "index"

    @property
    def scenes(self) -> Path:
        """Folder of what is near what by scene vectors: derived, and made anew where need be."""
        return self.path / "scenes"

    @property
    def stated(self) -> Path:
        """Folder of what media state, for linking batches: derived, and made anew where need be."""
        return self.path / "stated"

    @property
    def originals(self) -> Path:
        """Folder of the originals that were kept."""
        return self.path / "originals"

    @property
    def renders(self) -> Path:
        """Folder of what was rendered for viewing: a cache, made anew from originals where need be."""
        return self.path / "renders"

    @property
    def errands(self) -> Path:
        """Folder of what longer runs of the workbench came to, for a day: media and places, no pixels."""
        return self.path / "errands"

    @property
    def parts(self) -> Path:
        """Folder of the part files that tasks leave for the driver; emptied whenever a writer opens."""
        return self.path / "parts"


def _make_private(path: Path) -> None:
    """Let only its owner enter the folder, and so reach any file below it.

    A file system without rights of its own (exFAT) refuses: who mounted it said there who may read.
    """
    with suppress(PermissionError):
        path.chmod(_PRIVATE)


def _not_a_workspace(path: Path) -> str:
    if not path.exists():
        return f"There is no workspace at {path}: make one with `foureyes init`, or ingest into it."
    return f"{path} is not a Foureyes workspace: it has no {_MARK}."
