"""The connection to SQLite or PostgreSQL: short transactions, and errors in the engine's own words.

SQLite: write-ahead log, so that readers never wait for the writer; writers begin with BEGIN IMMEDIATE,
so that two of them queue instead of failing half-way. synchronous=FULL: a person's decision must
survive a power cut once it is acknowledged; it costs one flush per transaction (0.1 to 5 ms), nothing
beside a batch of 200 decoded pictures.
PostgreSQL: everything lives in the schema `catalogue` of the database that is named.
It knows nothing of what the tables mean.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from foureyes.engine.catalogue.schema import POSTGRESQL_SCHEMA
from foureyes.engine.errors import (
    StorageFull,
    UsageError,
    WorkspaceBusy,
    WorkspaceDamaged,
    WorkspaceError,
)

_BUSY_SECONDS = 60
"""How long a short write waits for another: a batch of 5,000 rows holds the database for 0.15 s."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNUSABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENODEV, errno.ENXIO})
_DISK_FULL_STATE = "53100"
_LOCK_STATE = "55P03"
_WRITER = 0x464F5552
"""Key of the advisory lock, which PostgreSQL keeps per database."""


class Database:
    """One engine over one database. Safe to use from many threads."""

    def __init__(self, url: str | Path) -> None:
        """Connect lazily to a SQLite file (a path) or to the database that a URL names."""
        self._engine = _sqlite(url) if isinstance(url, Path) else _by_url(url)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite; else it is PostgreSQL."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for a few reads; never held open while a caller of ours consumes an iterator."""
        with engine_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection whose reads all see one moment, however much is committed meanwhile."""
        with engine_errors(), self._engine.connect() as plain:
            yield plain if self.is_sqlite else plain.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is committed when the block ends, nothing if it raises."""
        with engine_errors(), self._engine.connect() as plain:
            connection = plain.execution_options(foureyes_writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing_alone(self) -> Iterator[Connection]:
        """The same, for the holder of the workspace's lock: waits for what one before left running.

        On PostgreSQL the server may still be committing for a writer that was killed a moment ago. What
        is on disk must not be judged before that is settled.
        """
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_WRITER})"))
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn errors of disk and database into the engine's own.

    Raises:
        StorageFull, WorkspaceBusy, WorkspaceDamaged, WorkspaceError.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _storage_full() from error
        if error.errno in _UNUSABLE:
            where = f" ({error.filename})" if error.filename else ""
            raise WorkspaceError(
                f"The workspace cannot be read or written: {error.strerror}{where}."
            ) from error
        raise
    except sa.exc.DBAPIError as error:
        raise _translated(error) from error


def _translated(error: sa.exc.DBAPIError) -> Exception:
    said = str(error.orig).strip().partition("\n")[0]
    if getattr(error.orig, "sqlstate", None) == _DISK_FULL_STATE or "disk is full" in said:
        return _storage_full()
    if getattr(error.orig, "sqlstate", None) == _LOCK_STATE or "database is locked" in said:
        return WorkspaceBusy("The catalogue is being written to by another process: try again in a moment.")
    if "malformed" in said or "not a database" in said:
        return WorkspaceDamaged(f"The catalogue's database is damaged ({said}): restore it from a copy.")
    if "readonly database" in said:
        return WorkspaceError(
            "The workspace cannot be written to, which reading it needs too: the database keeps beside it "
            "who reads. Use a copy, or another account."
        )
    if isinstance(error, sa.exc.OperationalError):
        return WorkspaceError(f"The catalogue's database cannot be used: {said}.")
    return error


def _storage_full() -> StorageFull:
    return StorageFull(
        "The disk is full. What was committed stands: free some space and run the same command again."
    )


def _sqlite(path: Path) -> Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: SQLAlchemy's recipe takes it over.
    untyped: Any = connection
    untyped.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA journal_size_limit=67108864")
    cursor.execute("PRAGMA cache_size=-65536")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("foureyes_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _by_url(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise UsageError("The database URL cannot be read: it looks like postgresql://user@host/name.") from (
            error
        )
    if parsed.get_backend_name() != "postgresql":
        raise UsageError("The catalogue's database is PostgreSQL, or SQLite where no URL is set.")
    engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET search_path TO {POSTGRESQL_SCHEMA}")
    cursor.execute(f"SET lock_timeout TO '{_BUSY_SECONDS}s'")
    # A machine that vanished in the middle of a transaction must not hold it for hours.
    cursor.execute("SET idle_in_transaction_session_timeout TO '300s'")
    cursor.close()
    connection.commit()
