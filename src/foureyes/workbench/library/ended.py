"""Tells every process of the workbench at once which media links died with a session or a right.

The media route asks before each answer, and asks cheaply: SQLite's `data_version` tells whether another
connection committed anything since, and PostgreSQL notifies (about 3 and 5 microseconds); only then is the
table read. Where the database cannot be asked, no link opens.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.utils import timezone

CHANNEL = "foureyes_ended"
QUERY = """
SELECT session, 1e300 FROM library_endedsession WHERE until > {now}
UNION ALL SELECT session, until FROM library_cutlinks WHERE until > {seconds}
"""
"""Sessions, and until when a link of theirs may be good and is refused all the same."""

log = logging.getLogger(__name__)


def named(session: str) -> str:
    """What is kept of the key of a session that ended: its SHA-256."""
    return hashlib.sha256(session.encode("utf-8", "surrogateescape")).hexdigest()


class Watch(Protocol):
    """Looks at the tables over a connection of its own."""

    def changed(self) -> bool:
        """Whether they may have changed since they were last read."""

    def read(self) -> dict[str, float]:
        """Sessions, and until when a link of theirs might be good and is refused all the same."""

    def close(self) -> None:
        """Give the connection back."""


class SqliteWatch:
    """One file, however many processes."""

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._version = -1

    def changed(self) -> bool:
        """True after any commit of another connection, whatever it was about."""
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        before, self._version = self._version, version
        return version != before

    def read(self) -> dict[str, float]:
        """One look into the tables."""
        now = timezone.now()
        asked = (now.strftime("%Y-%m-%d %H:%M:%S.%f"), now.timestamp())
        return _latest(self._connection.execute(QUERY.format(now="?", seconds="?"), asked))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class PostgresqlWatch:
    """Listens on a connection of its own."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._connection = psycopg.connect(**options, autocommit=True)
        self._connection.execute(f"LISTEN {CHANNEL}")
        self._fresh = True

    def changed(self) -> bool:
        """True when a notification has come."""
        told, self._fresh = self._fresh, False
        self._connection.pgconn.consume_input()
        while self._connection.pgconn.notifies() is not None:
            told = True
        return told

    def fileno(self) -> int:
        """Of the socket at which notifications arrive."""
        return self._connection.fileno()

    def read(self) -> dict[str, float]:
        """One look into the tables."""
        query = QUERY.format(now="now()", seconds="extract(epoch FROM now())")
        return _latest(self._connection.execute(query))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Ended:
    """The links that died, as the database says now."""

    def __init__(self, open_watch: Callable[[], Watch | None]) -> None:
        self._open = open_watch
        self._watch: Watch | None = None
        self._opened = False
        self._known: dict[str, float] = {}
        self._lock = threading.Lock()

    def has(self, session: str, until: float = 0.0) -> bool:
        """Whether the session's links that are good until this time died, or the database cannot be asked."""
        try:
            with self._lock:
                if not self._opened:
                    self._watch, self._opened = self._open(), True
                if self._watch is not None and self._watch.changed():
                    self._known = self._watch.read()
        except (sqlite3.Error, psycopg.Error) as error:
            log.warning("media links rest: the database cannot be asked which links died: %s", error)
            self.close()
            return True
        return bool(self._known) and until <= self._known.get(named(session), -1.0)

    def close(self) -> None:
        """Close the connection; the next question opens it again."""
        with self._lock:
            if self._watch is not None:
                self._watch.close()
            self._watch, self._opened = None, False


def _latest(rows: Iterable[tuple[Any, ...]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for session, until in rows:
        found[session] = max(float(until), found.get(session, 0.0))
    return found


def watch_of_settings() -> Watch | None:
    """A watch on the workbench's database; None for one that lives in this process' memory (tests)."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = str(database["NAME"])
        return None if ":memory:" in name or "mode=memory" in name else SqliteWatch(name)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {name: database[key] for key, name in names.items() if database.get(key)}
    return PostgresqlWatch(options | database.get("OPTIONS", {}))


@lru_cache(maxsize=1)
def ended() -> Ended:
    """The one of this process."""
    return Ended(watch_of_settings)
