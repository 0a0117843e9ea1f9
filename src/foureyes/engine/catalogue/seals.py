"""A 64-bit seal in every row of media and occurrences, over the row and its facts.

By it `verify` can tell that nothing in them was lost or changed. It guards against damage, not against
someone who can compute it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.rows import digest_key

Row = Mapping[str, Any] | RowMapping

MEDIA_SEALED = (
    *("sha_key", "sha256", "sha1", "md5", "size", "kind", "format", "width", "height", "duration"),
    *("fault_code", "fault_detail"),
)
OCCURRENCE_SEALED = (
    *(
        "source_id",
        "path_key",
        "name_key",
        "path",
        "path_raw",
        "size",
        "created_ns",
        "modified_ns",
        "accessed_ns",
    ),
    *("outcome", "media_id", "fault_code", "fault_detail"),
)
_FACT = ("ordinal", "name", "origin", "value_text", "value_int", "value_real")
_PAGE = 5000


def seal(names: Sequence[str], row: Row, facts: Sequence[Row]) -> int:
    """The seal over the named columns of a row and over the rows of its facts."""
    content = [row[name] for name in names] + [fact[name] for fact in facts for name in _FACT]
    return digest_key(hashlib.sha256(repr(content).encode()).digest())


def broken_media(connection: Connection, after: int) -> Iterator[tuple[int, str | None]]:
    """One page of media after a row number: each number, with the SHA-256 where the seal is broken."""
    for row, facts in _page(connection, schema.media, schema.fact.c.media_id, after):
        intact = seal(MEDIA_SEALED, row, facts) == row["seal"]
        yield row["id"], None if intact else bytes(row["sha256"]).hex()


def broken_occurrences(connection: Connection, after: int) -> Iterator[tuple[int, str | None]]:
    """One page of occurrences after a row number: each number, with the path where the seal is broken."""
    for row, facts in _page(connection, schema.occurrence, schema.occurrence_fact.c.occurrence_id, after):
        intact = seal(OCCURRENCE_SEALED, row, facts) == row["seal"]
        yield row["id"], None if intact else repr(row["path"])


def _page(
    connection: Connection, table: sa.Table, owner: sa.Column[int], after: int
) -> Iterator[tuple[RowMapping, list[RowMapping]]]:
    query = sa.select(table).where(table.c.id > after).order_by(table.c.id).limit(_PAGE)
    found = connection.execute(query).mappings().all()
    if not found:
        return
    stated = sa.select(owner.table).where(owner.between(found[0]["id"], found[-1]["id"]))
    facts: dict[int, list[RowMapping]] = {}
    for row in connection.execute(stated.order_by(owner, owner.table.c.ordinal)).mappings():
        facts.setdefault(row[owner.name], []).append(row)
    for row in found:
        yield row, facts.get(row["id"], [])
