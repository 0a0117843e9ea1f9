"""What the parts of the catalogue share: the database, the words, the packs, the folders.

Opening makes or upgrades the tables; a writer also clears away what a killed one left behind.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.database import Database, engine_errors
from foureyes.engine.catalogue.fingerprint_files import recorded_files, remove_strays
from foureyes.engine.catalogue.packs import PackReader, PackWriter, Place, pack_name
from foureyes.engine.catalogue.words import Words
from foureyes.engine.catalogue.workspace import Workspace
from foureyes.engine.errors import EngineError, WorkspaceDamaged, WorkspaceError, WorkspaceTooNew

_WORKSPACE = "workspace"


class Store:
    """The open catalogue underneath its questions and commits."""

    def __init__(self, workspace: Workspace, database_url: str | None) -> None:
        self.workspace = workspace
        self.database = Database(database_url or workspace.database)
        self.words = Words()
        self.pack_reader = PackReader(workspace.packs)
        self.pack_writer: PackWriter | None = None
        self.thumbnail_places: OrderedDict[str, tuple[str, Place]] = OrderedDict()
        """By SHA-256, with the pack's file: kept and bounded by `images.py`."""
        self._stale = False
        self._pack_files: dict[int, str] = {}

    def current(self) -> bool:
        """Whether the tables are those of this version.

        Raises:
            WorkspaceTooNew: they were made by a newer Foureyes.
            WorkspaceDamaged: the database belongs to another workspace.
        """
        if self.database.is_sqlite and not self.workspace.database.exists():
            return False
        with self.database.reading() as connection:
            version = _version(connection)
            if version is None or version < schema.HEAD:
                return False
            if version > schema.HEAD:
                raise WorkspaceTooNew(
                    f"The catalogue was made by a newer Foureyes (tables {version}, this one knows up to "
                    f"{schema.HEAD}): use that version or a newer one."
                )
            self._check_owner(connection)
        return True

    def upgrade(self) -> None:
        """Make the tables, or bring older ones to this version. Only ever under the workspace's lock."""
        from foureyes.engine.catalogue.migrations import upgrade  # noqa: PLC0415 - Alembic takes 0.3 s to load

        with self.database.writing_alone() as connection:
            if not self.database.is_sqlite:
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {schema.POSTGRESQL_SCHEMA}"))
            upgrade(connection)
            self._check_owner(connection, claim=True)

    def recover(self, *, parts: bool) -> None:
        """Clear away what was written but never committed, `parts` too when no task can be running.

        Only ever under the workspace's lock.

        Raises:
            WorkspaceDamaged: something committed is missing.
        """
        writer = PackWriter(self.workspace.packs)
        with engine_errors(), self.database.writing_alone() as connection:
            writer.recover(connection)
            remove_strays(self.workspace.fingerprints, recorded_files(connection))
            _remove_stray_lists(self.workspace.lists, connection)
        if parts:
            _empty(self.workspace.parts)
        self.words.forget()
        self.pack_writer = writer
        self._stale = False

    def abandon(self) -> None:
        """After a commit that failed: clear its traces away, now, else before the next."""
        self.words.forget()
        self._stale = True
        with suppress(EngineError, OSError):
            self.recover(parts=False)

    def writer(self) -> PackWriter:
        """The packs' writer.

        Raises:
            WorkspaceError: the catalogue was opened for reading.
        """
        if self.pack_writer is None:
            raise WorkspaceError("The catalogue was opened for reading only.")
        if self._stale:
            self.recover(parts=False)
        return self.pack_writer

    def pack_file(self, pack_id: int) -> str:
        """Name of the pack file with this row number."""
        name = self._pack_files.get(pack_id)
        if name is None:
            with self.database.reading() as connection:
                packs = connection.execute(sa.select(schema.pack)).mappings().all()
            self._pack_files = {row["id"]: pack_name(row["family"], row["number"]) for row in packs}
            name = self._pack_files[pack_id]
        return name

    def close(self) -> None:
        """Close files and connections."""
        self.pack_reader.close()
        self.database.close()

    def _check_owner(self, connection: Connection, *, claim: bool = False) -> None:
        table = schema.meta
        owner = connection.execute(sa.select(table.c.value).where(table.c.key == _WORKSPACE)).scalar()
        if owner is None and claim:
            connection.execute(table.insert(), {"key": _WORKSPACE, "value": self.workspace.id})
        elif owner != self.workspace.id:
            raise WorkspaceDamaged(
                "The database belongs to another workspace: each workspace needs a database of its own."
            )


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _remove_stray_lists(folder: Path, connection: Connection) -> None:
    """Remove files of lists that no transaction recorded."""
    recorded = set(connection.execute(sa.select(schema.hash_list_file.c.name)).scalars())
    present = {path.name for path in folder.iterdir()}
    if missing := sorted(recorded - present):
        raise WorkspaceDamaged(
            f"{len(missing)} file(s) of hash lists are missing ({missing[0]}): restore them from a copy."
        )
    for name in present - recorded:
        (folder / name).unlink()


def _empty(folder: Path) -> None:
    for stray in folder.iterdir():
        stray.unlink()
