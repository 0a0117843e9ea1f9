"""Rows that people made: added, never changed, each sealed with the digest of all that came before it.

A row altered or taken out of the middle breaks the chain, which `verify` notices. That the newest rows
were cut off cannot be seen in the chain itself: its last link must be known elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_PAGE = 5000


def append(connection: Connection, table: sa.Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Add one row in the open transaction; its number, time and seal are made here."""
    return append_all(connection, table, [values])[0]


def append_all(
    connection: Connection, table: sa.Table, several: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Add rows in the open transaction, in their order, all with its moment.

    Writers queue: on SQLite the transaction itself is exclusive, on PostgreSQL the table is locked
    against other writers for the few milliseconds.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))
    query = sa.select(table.c.id, table.c.chain).order_by(table.c.id.desc()).limit(1)
    last = connection.execute(query).first()
    number, before = (0, start(table)) if last is None else (last[0], bytes(last[1]))
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    rows: list[dict[str, Any]] = []
    for values in several:
        number += 1
        row = {"id": number, **values, "at": at}
        row["chain"] = before = seal(before, row)
        rows.append(row)
    if rows:
        connection.execute(table.insert(), rows)
    return rows


def start(table: sa.Table) -> bytes:
    """What the chain of a table begins with."""
    return hashlib.sha256(table.name.encode()).digest()


def seal(before: bytes, row: Mapping[str, Any]) -> bytes:
    """The seal of a row after the row sealed with `before`."""
    plain = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in row.items()
        if name != "chain"
    }
    content = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(before + content.encode()).digest()


def broken_rows(connection: Connection, table: sa.Table) -> list[int]:
    """Numbers of rows that are not as they were written, or whose predecessor is missing."""
    before, broken, expected = start(table), [], 1
    every = connection.execute(sa.select(table).order_by(table.c.id), execution_options={"yield_per": _PAGE})
    for row in every.mappings():
        plain = {name: bytes(value) if _is_bytes(value) else value for name, value in row.items()}
        if row["id"] != expected or seal(before, plain) != plain["chain"]:
            broken.append(row["id"])
        before, expected = plain["chain"], row["id"] + 1
    return broken


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes | memoryview)


def moment(at: str) -> datetime:
    """The time of a row."""
    return datetime.fromisoformat(at)
