"""Facts of many media at once: those of the files themselves, and those that sources state beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.model import Fact, FactName

Facts = dict[int, list[Fact]]
"""Facts by row number of what they are about."""


def all_facts(
    connection: Connection,
    media_ids: Sequence[int],
    names: Collection[FactName] | None,
    texts: Mapping[int, str],
) -> Facts:
    """Facts of media: their own first, then what sources state, each claim once."""
    facts = own_facts(connection, media_ids, names, texts)
    for media_id, stated in _source_facts(connection, media_ids, names, texts).items():
        present = facts.setdefault(media_id, [])
        present.extend(fact for fact in dict.fromkeys(stated) if fact not in present)
    return facts


def own_facts(
    connection: Connection,
    media_ids: Sequence[int],
    names: Collection[FactName] | None,
    texts: Mapping[int, str],
) -> Facts:
    """What media say about themselves."""
    table = schema.fact
    facts: Facts = {}
    for condition in within(table.c.media_id, media_ids):
        query = sa.select(table).where(condition).order_by(table.c.media_id, table.c.ordinal)
        for row in connection.execute(_named(query, table, names, texts)).mappings():
            facts.setdefault(row["media_id"], []).append(rows.fact_of(row, texts))
    return facts


def occurrence_facts(connection: Connection, ids: Sequence[int], texts: Mapping[int, str]) -> Facts:
    """What sources state beside single paths, by row number of the path."""
    table = schema.occurrence_fact
    facts: Facts = {}
    for condition in within(table.c.occurrence_id, ids):
        query = sa.select(table).where(condition).order_by(table.c.occurrence_id, table.c.ordinal)
        for row in connection.execute(query).mappings():
            facts.setdefault(row["occurrence_id"], []).append(rows.fact_of(row, texts))
    return facts


def within(column: sa.Column[int], ids: Sequence[int]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that together select the row numbers: one range where they are consecutive."""
    if ids and max(ids) - min(ids) == len(set(ids)) - 1:
        yield column.between(min(ids), max(ids))
        return
    for chunk in chunks(ids):
        yield column.in_(chunk)


def _source_facts(
    connection: Connection,
    media_ids: Sequence[int],
    names: Collection[FactName] | None,
    texts: Mapping[int, str],
) -> Facts:
    table, paths = schema.occurrence_fact, schema.occurrence
    facts: Facts = {}
    for condition in within(paths.c.media_id, media_ids):
        query = (
            sa.select(table, paths.c.media_id)
            .join(paths, paths.c.id == table.c.occurrence_id)
            .where(condition)
            .order_by(paths.c.media_id, paths.c.source_id, paths.c.path, table.c.ordinal)
        )
        for row in connection.execute(_named(query, table, names, texts)).mappings():
            facts.setdefault(row["media_id"], []).append(rows.fact_of(row, texts))
    return facts


def _named(
    query: sa.Select[Any], table: sa.Table, names: Collection[FactName] | None, texts: Mapping[int, str]
) -> sa.Select[Any]:
    if names is None:
        return query
    wanted = {name.value for name in names}
    return query.where(table.c.name.in_([number for number, text in texts.items() if text in wanted]))
