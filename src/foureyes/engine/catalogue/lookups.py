"""Which of these digests and paths are in the catalogue: the two questions that every batch asks.

Both go by the 64-bit key and check the full value on every hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema

CHUNK = 500
"""Keys in one query; more gain nothing on either database."""

T = TypeVar("T")


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk


def media_rows(
    connection: Connection, digests: Iterable[bytes], *columns: sa.Column[object]
) -> dict[bytes, RowMapping]:
    """Rows of `media` by SHA-256 (32 bytes), for those known; `sha256` is always among the columns."""
    table = schema.media
    selected = (table.c.sha256, *columns) if columns else tuple(table.c)
    found: dict[bytes, RowMapping] = {}
    for chunk in chunks(dict.fromkeys(digests)):
        wanted = set(chunk)
        keys = [rows.digest_key(digest) for digest in chunk]
        query = sa.select(*selected).where(table.c.sha_key.in_(keys))
        for row in connection.execute(query).mappings():
            if bytes(row["sha256"]) in wanted:
                found[bytes(row["sha256"])] = row
    return found


def media_ids(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """Row numbers by SHA-256 (32 bytes), for those that are known."""
    found = media_rows(connection, digests, schema.media.c.id)
    return {digest: row["id"] for digest, row in found.items()}


def occurrence_rows(connection: Connection, source_id: int, paths: Sequence[str]) -> dict[str, RowMapping]:
    """Rows of `occurrence` by path, for those paths of the source that are known."""
    table = schema.occurrence
    found: dict[str, RowMapping] = {}
    for chunk in chunks(paths):
        wanted = {rows.path_bytes(path): path for path in chunk}
        keys = [rows.path_key(source_id, path) for path in chunk]
        query = sa.select(table).where(table.c.path_key.in_(keys), table.c.source_id == source_id)
        for row in connection.execute(query).mappings():
            path = wanted.get(rows.path_bytes(rows.path_of(row)))
            if path is not None:
                found[path] = row
    return found
