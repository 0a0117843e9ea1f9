"""Facts of many media at once: those of the files themselves, and those that sources state beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.model import Fact, FactName, FactValue, Origin

Facts = dict[int, list[Fact]]
"""Facts by row number of what they are about."""

_NAMES = frozenset(name.value for name in FactName)
_SHARED = {
    FactName.CAMERA_MAKER,
    FactName.CAMERA_MODEL,
    FactName.FIRMWARE,
    FactName.JPEG_LAYOUT,
    FactName.LENS_MODEL,
    FactName.ORIENTATION,
    FactName.QUANTISATION,
    FactName.SOFTWARE,
    FactName.STATED_SIZE,
}
"""Facts of which millions of media state some thousand values: each is made once, and held once."""
_HELD_AT_MOST = 100_000
_ORIGINS = frozenset(origin.value for origin in Origin)


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
        query = sa.select(table.c.media_id, *_columns(table)).where(condition)
        ordered = _named(query, table, names, texts).order_by(table.c.media_id, table.c.ordinal)
        _collect(connection, ordered, texts, facts)
    return facts


def occurrence_facts(connection: Connection, ids: Sequence[int], texts: Mapping[int, str]) -> Facts:
    """What sources state beside single paths, by row number of the path."""
    table = schema.occurrence_fact
    facts: Facts = {}
    for condition in within(table.c.occurrence_id, ids):
        query = sa.select(table.c.occurrence_id, *_columns(table)).where(condition)
        _collect(connection, query.order_by(table.c.occurrence_id, table.c.ordinal), texts, facts)
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
            sa.select(paths.c.media_id, *_columns(table))
            .join(paths, paths.c.id == table.c.occurrence_id)
            .where(condition)
            .order_by(paths.c.media_id, paths.c.source_id, paths.c.path, table.c.ordinal)
        )
        _collect(connection, _named(query, table, names, texts), texts, facts)
    return facts


def _columns(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    return tuple(table.c[name] for name in ("name", "origin", "value_text", "value_int", "value_real"))


def _collect(connection: Connection, query: sa.Select[Any], texts: Mapping[int, str], facts: Facts) -> None:
    """Add the facts of a query by their owner. Words become names once, not once a fact: 40,000 a page."""
    names = {number: FactName(text) for number, text in texts.items() if text in _NAMES}
    origins = {number: Origin(text) for number, text in texts.items() if text in _ORIGINS}
    shared = {number for number, name in names.items() if name in _SHARED}
    rows = connection.execute(query).all()  # one by one they take twice the time
    for owner, name, origin, text, whole, real in rows:
        value = text if text is not None else whole if whole is not None else real
        make = _shared if name in shared else Fact
        facts.setdefault(owner, []).append(make(names[name], value, origins[origin]))


@lru_cache(_HELD_AT_MOST, typed=True)
def _shared(name: FactName, value: FactValue, origin: Origin) -> Fact:
    return Fact(name, value, origin)


def _named(
    query: sa.Select[Any], table: sa.Table, names: Collection[FactName] | None, texts: Mapping[int, str]
) -> sa.Select[Any]:
    if names is None:
        return query
    wanted = {name.value for name in names}
    return query.where(table.c.name.in_([number for number, text in texts.items() if text in wanted]))
