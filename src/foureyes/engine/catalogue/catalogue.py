"""The catalogue: what is known of every media, for millions of them. The one door to it.

Open it for reading beside a running ingest, or for writing as the one writer of its workspace. What it
can be asked stands in `standing.py`, `asking.py`, `linking.py`, `rulings.py`, `lists.py`, `hits.py`,
`hidden.py` and `changes.py`; how it commits, in `committing.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from foureyes.engine.catalogue import committing, schema
from foureyes.engine.catalogue.answers import Committed, Problem
from foureyes.engine.catalogue.asking import Asking
from foureyes.engine.catalogue.canonical import canonical
from foureyes.engine.catalogue.changes import Changes
from foureyes.engine.catalogue.comparisons import Comparisons
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.hidden import HiddenRegions
from foureyes.engine.catalogue.hits import Hits
from foureyes.engine.catalogue.linking import Linking
from foureyes.engine.catalogue.lists import HashLists
from foureyes.engine.catalogue.locking import LockHolder
from foureyes.engine.catalogue.originals import Originals
from foureyes.engine.catalogue.replacing import replace_linking
from foureyes.engine.catalogue.rows import path_bytes, storable_text
from foureyes.engine.catalogue.rulings import Rulings
from foureyes.engine.catalogue.standing import Standing
from foureyes.engine.catalogue.store import Store
from foureyes.engine.catalogue.verify import verify
from foureyes.engine.catalogue.whereabouts import Whereabouts
from foureyes.engine.catalogue.workspace import Workspace
from foureyes.engine.errors import WorkspaceBusy
from foureyes.engine.model import Link, Series, TakenIn
from foureyes.engine.settings import EngineSettings

_PREPARE_SECONDS = 60
_POLL_SECONDS = 0.1


class Catalogue(
    Standing, Asking, Linking, Whereabouts, Rulings, HashLists, Hits, Changes, Comparisons, HiddenRegions
):
    """An open catalogue; a context manager. Reading is safe from many threads, committing from one."""

    def __init__(self, store: Store, held: ExitStack) -> None:
        """Use `open`."""
        super().__init__(store)
        self._held = held

    @classmethod
    def open(
        cls,
        workspace: Workspace,
        settings: EngineSettings,
        *,
        write: bool = False,
        purpose: str = "ingest",
        wait: bool = False,
        on_wait: Callable[[LockHolder | None], None] | None = None,
    ) -> Self:
        """Open the catalogue of a workspace, making or upgrading its tables where need be.

        Args:
            workspace: where packs, fingerprints and (without `settings.database_url`) the database lie.
            settings: of the engine; only `database_url` matters here.
            write: take the workspace's lock, and clear away what a killed writer left behind. All part
                files are removed then.
            purpose: what another process is told while this one holds the lock.
            wait: wait for the lock instead of raising.
            on_wait: told once who is being waited for.

        Raises:
            WorkspaceBusy, WorkspaceTooNew, WorkspaceDamaged, StorageFull, WorkspaceError.
        """
        with engine_errors(), ExitStack() as opening:
            store = Store(workspace, settings.database_url)
            opening.callback(store.close)
            if write:
                opening.enter_context(workspace.lock(purpose, wait=wait, on_wait=on_wait))
                if not store.current():
                    store.upgrade()
                store.recover(parts=True)
            else:
                _prepare(store)
            return cls(store, opening.pop_all())

    def close(self) -> None:
        """Close the database and give the lock back."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def workspace(self) -> Workspace:
        """The workspace that this is the catalogue of."""
        return self._store.workspace

    @property
    def originals(self) -> Originals:
        """The originals that were kept."""
        return Originals(self.workspace.originals, self.workspace.parts)

    @property
    def writable(self) -> bool:
        """Whether this holds the workspace's lock."""
        return self._store.pack_writer is not None

    def source(self, name: str, path: str, reader: str) -> int:
        """Number of the source with this name and path, which is added if it is new."""
        self._store.writer()
        table = schema.source
        row = {"name": storable_text(name), "path": path_bytes(path), "reader": reader}
        with self._store.database.writing() as connection:
            query = sa.select(table.c.id).where(table.c.name == row["name"], table.c.path == row["path"])
            found = connection.execute(query).scalar()
            if found is not None:
                return int(found)
            number = (connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0) + 1
            added_at = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(table.insert(), {"id": number, "added_at": added_at, **row})
            return int(number)

    def commit(self, source_id: int, items: Sequence[TakenIn]) -> Committed:
        """Record what became of paths of one source: all of it, or after any failure nothing.

        A path is recorded once: committed again it changes nothing; with other content, size, time or
        outcome it is replaced. Media are recorded once however many paths hold them. More than 5,000
        items are committed in several transactions.

        Args:
            source_id: as `source` gave it.
            items: results in any order.

        Raises:
            StorageFull: nothing of the failed transaction is left; free space and commit again.
            ValueError: an item names media that neither the batch nor the catalogue holds.
        """
        return committing.commit(self._store, source_id, items)

    def replace_linking(
        self, series: Sequence[Series], links: Sequence[Link], aliases: Mapping[str, str] | None = None
    ) -> None:
        """Make these all the links and series there are, in one transaction that readers see whole.

        Only rows that differ are touched. Names and decisions of people stay. All links are kept, those
        between series too; a series shows the links between its members.
        `aliases` are ids that are no more, and the ids that took their members; they are found for ever.

        Raises:
            ValueError: unknown media, a media in two series, or a link whose ends are not in order.
            StorageFull: what stood before stands.
        """
        self._store.writer()
        replace_linking(self._store, series, links, aliases or {})

    def canonical(self) -> Iterator[str]:
        """Lines that depend only on what is held; two equal catalogues give equal lines."""
        return canonical(self)

    def verify(self, progress: Callable[[str, int, int], None] | None = None) -> Iterator[Problem]:
        """Read everything that was committed, and name each thing that is not as it was written.

        May run while others read and write. `progress` is told (what is read, done, of how many).
        """
        return verify(self._store, progress)

    def mark_unit(self, source_id: int, unit_key: str) -> None:
        """Record that a unit of a source is wholly committed."""
        self._store.writer()
        with self._store.database.writing() as connection:
            committing.mark_unit(connection, source_id, unit_key)


def _prepare(store: Store) -> None:
    """Make or upgrade the tables for a reader, or let the writer do so that has just begun."""
    deadline = time.monotonic() + _PREPARE_SECONDS
    while not store.current():
        try:
            with store.workspace.lock("prepare the catalogue"):
                if not store.current():
                    store.upgrade()
        except WorkspaceBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
