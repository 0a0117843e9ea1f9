"""A session that ends in one process is known to be over in another at once, and for sure."""

from __future__ import annotations

import select
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

import workbench.cast  # noqa: F401 - sets Django up
from foureyes.workbench.library.ended import CHANNEL, Ended, PostgresqlWatch, SqliteWatch, named

TABLES = [
    "CREATE TABLE library_endedsession (session varchar(64) PRIMARY KEY, until {type} NOT NULL)",
    "CREATE TABLE library_cutlinks (session varchar(64) PRIMARY KEY, until double precision NOT NULL)",
]


def soon(seconds: int = 100) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_another_process_knows_at_once_on_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "workbench.sqlite"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    for table in TABLES:
        writer.execute(table.format(type="datetime"))
    ended = Ended(lambda: SqliteWatch(str(path)))
    assert not ended.has("a session")
    writer.execute("BEGIN IMMEDIATE")
    until = soon().strftime("%Y-%m-%d %H:%M:%S.%f")
    writer.execute("INSERT INTO library_endedsession VALUES (?, ?)", (named("a session"), until))
    assert not ended.has("a session"), "not committed yet"
    writer.execute("COMMIT")
    assert ended.has("a session")
    assert not ended.has("another")
    cut = soon().timestamp()
    writer.execute("INSERT INTO library_cutlinks VALUES (?, ?)", (named("of one who lost a right"), cut))
    assert ended.has("of one who lost a right", cut - 1)
    assert not ended.has("of one who lost a right", cut + 1), "given anew"
    ended.close()
    writer.close()


@pytest.mark.postgresql
def test_another_process_knows_at_once_on_postgresql(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as writer:
        for table in TABLES:
            writer.execute(table.format(type="timestamptz"))
        watch = PostgresqlWatch({"conninfo": postgresql_url})
        ended = Ended(lambda: watch)
        assert not ended.has("a session")
        with writer.transaction():
            writer.execute("INSERT INTO library_endedsession VALUES (%s, %s)", (named("a session"), soon()))
            writer.execute(f"NOTIFY {CHANNEL}")
        # The server tells after the commit: wait until something lies at the socket.
        assert select.select([watch], [], [], 30)[0]
        assert ended.has("a session")
        assert not ended.has("another")
        cut = soon().timestamp()
        with writer.transaction():
            writer.execute("INSERT INTO library_cutlinks VALUES (%s, %s)", (named("who lost a right"), cut))
            writer.execute(f"NOTIFY {CHANNEL}")
        assert select.select([watch], [], [], 30)[0]
        assert ended.has("who lost a right", cut - 1)
        assert not ended.has("who lost a right", cut + 1)
        assert ended.has("a session", cut + 1000)
        ended.close()


def test_no_link_opens_where_the_database_cannot_be_asked(tmp_path: Path) -> None:
    ended = Ended(lambda: SqliteWatch(str(tmp_path / "there is none.sqlite")))
    assert ended.has("any session")
