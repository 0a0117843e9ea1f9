"""Writing what a linking run found: all links and series at once, touching only the rows that changed.

One transaction, so that readers see either the old series or the new. What people ruled is not touched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.changes import note
from foureyes.engine.catalogue.lookups import chunks, media_ids
from foureyes.engine.catalogue.marks import GoneBy, forget_mark, write_mark
from foureyes.engine.catalogue.regrouped import SAME_PICTURE, matched, regrouped
from foureyes.engine.catalogue.store import Store
from foureyes.engine.model import Link, Series

K = TypeVar("K")
V = TypeVar("V")

LinkKey = tuple[int, int, int]
LinkValue = tuple[float, str, int]


def replace_linking(
    store: Store,
    series: Sequence[Series],
    links: Sequence[Link],
    aliases: Mapping[str, str],
    by: GoneBy | None,
) -> None:
    """Make these the links and series; see `Catalogue.replace_linking`.

    What differs is found before the transaction that writes it: nobody else writes links or series while the
    workspace's lock is held, and people's rulings must not wait for a comparison of all links.
    """
    named = {sha256 for each in series for sha256 in each.members}
    named |= {end for each in links for end in (each.a, each.b)}
    try:
        with store.database.writing_alone() as connection:  # settles what a killed writer left, too
            kinds = store.words.ids_for_writing(connection, {each.kind for each in links})
        with store.database.reading() as connection:
            ids = numbers_of(connection, named)
            members = members_of(series, ids)
            new_links = _links_that_differ(
                connection, {key_of(each, ids, kinds): value_of(each) for each in links}
            )
            new_series = _series_that_differ(connection, _series_rows(series, links, members, ids))
        with store.database.writing_alone() as connection:
            write_links(connection, new_links)
            note_given(connection, {each.id for each in series})
            write_series(connection, new_series, members)
            add_aliases(connection, _all_aliases(connection), aliases, {each.id for each in series})
            new = {key: new_links.wanted[key] for key in new_links.new}
            note(connection, matched(connection, new, kinds.get(SAME_PICTURE)))
            note(connection, regrouped(new_series.before, members, aliases))
            if by is None:
                forget_mark(connection)
            else:
                write_mark(connection, by, None, Counter(each.kind for each in links))
    except BaseException:
        store.words.forget()
        raise


@dataclass(frozen=True, slots=True)
class LinkRows:
    """Links that differ from those that are held."""

    wanted: Mapping[LinkKey, LinkValue]
    new: Sequence[LinkKey]
    gone: Sequence[int]
    """Numbers of rows."""
    changed: Mapping[LinkKey, int]
    """With the number of the row."""
    last: int


@dataclass(frozen=True, slots=True)
class SeriesRows:
    """Series that differ from those that are held, and the series that each media was in before."""

    wanted: Mapping[str, tuple[str, int, str]]
    new: Sequence[str]
    gone: Sequence[str]
    changed: Sequence[str]
    before: Mapping[int, str]


def numbers_of(connection: Connection, sha256s: set[str]) -> dict[str, int]:
    """Row numbers of media. Raises ValueError where one is not held."""
    found = media_ids(connection, map(rows.sha256_bytes, sha256s))
    ids = {digest.hex(): number for digest, number in found.items()}
    if unknown := sha256s - ids.keys():
        raise ValueError(f"links or series name unknown media: {min(unknown)}")
    return ids


def members_of(series: Sequence[Series], ids: Mapping[str, int]) -> dict[int, str]:
    """The series of each media by its row number. Raises ValueError where one is in two."""
    members: dict[int, str] = {}
    for each in series:
        for sha256 in each.members:
            if members.setdefault(ids[sha256], each.id) != each.id:
                raise ValueError(f"{sha256} is in two series: {members[ids[sha256]]} and {each.id}")
    return members


def key_of(link: Link, ids: Mapping[str, int], kinds: Mapping[str, int]) -> LinkKey:
    """What tells a link from all others. Raises ValueError where its ends are not in order."""
    if link.a >= link.b:
        raise ValueError(f"the ends of a link are not in order: {link.a} and {link.b}")
    return ids[link.a], ids[link.b], kinds[link.kind]


def value_of(link: Link) -> LinkValue:
    """The rest of its row."""
    return link.strength, rows.storable_text(link.evidence), link.version


def _series_rows(
    series: Sequence[Series], links: Sequence[Link], members: Mapping[int, str], ids: Mapping[str, int]
) -> dict[str, tuple[str, int, str]]:
    reasons: dict[str, Counter[str]] = {each.id: Counter() for each in series}
    for link in links:
        inside = members.get(ids[link.a])
        if inside is not None and inside == members.get(ids[link.b]):
            reasons[inside][link.kind] += 1
    return {
        each.id: (
            rows.storable_text(each.name),
            len(set(each.members)),
            json.dumps(reasons[each.id], sort_keys=True),
        )
        for each in series
    }


def _links_that_differ(connection: Connection, wanted: Mapping[LinkKey, LinkValue]) -> LinkRows:
    present: dict[LinkKey, LinkValue] = {}
    numbers: dict[LinkKey, int] = {}
    for number, *ends, strength, evidence, version in connection.execute(sa.select(schema.link)):
        key = (ends[0], ends[1], ends[2])
        present[key] = (strength, evidence, version)
        numbers[key] = number
    gone, new, changed = difference(present, wanted)
    return LinkRows(
        wanted,
        new,
        [numbers[key] for key in gone],
        {key: numbers[key] for key in changed},
        max(numbers.values(), default=0),
    )


def write_links(connection: Connection, links: LinkRows) -> None:
    """Write the rows that differ."""
    table = schema.link
    _delete(connection, table.c.id, links.gone)
    values = ("strength", "evidence", "version")
    new_rows: list[dict[str, Any]] = [
        {
            "id": links.last + step,
            "a": key[0],
            "b": key[1],
            "kind": key[2],
            **dict(zip(values, links.wanted[key], strict=True)),
        }
        for step, key in enumerate(links.new, start=1)
    ]
    _insert(connection, table, new_rows)
    rewritten = [
        {"row_id": number, **dict(zip(values, links.wanted[key], strict=True))}
        for key, number in links.changed.items()
    ]
    _update(connection, table, table.c.id, rewritten)


def _series_that_differ(connection: Connection, wanted: Mapping[str, tuple[str, int, str]]) -> SeriesRows:
    table, member = schema.series, schema.series_member
    present = {row.id: (row.name, row.size, row.reasons) for row in connection.execute(sa.select(table))}
    gone, new, changed = difference(present, wanted)
    before = {row.media_id: row.series_id for row in connection.execute(sa.select(member))}
    return SeriesRows(wanted, new, gone, changed, before)


def write_series(connection: Connection, series: SeriesRows, members: Mapping[int, str]) -> None:
    """Write the rows that differ, and who is in which series now."""
    table, member = schema.series, schema.series_member
    values = ("name", "size", "reasons")
    new_rows = [{"id": key, **dict(zip(values, series.wanted[key], strict=True))} for key in series.new]
    _insert(connection, table, new_rows)
    rewritten = [
        {"row_id": key, **dict(zip(values, series.wanted[key], strict=True))} for key in series.changed
    ]
    _update(connection, table, table.c.id, rewritten)
    left, joined, moved = difference(series.before, members)
    _delete(connection, member.c.media_id, [*left, *moved])
    _insert(
        connection, member, [{"series_id": members[each], "media_id": each} for each in [*joined, *moved]]
    )
    _delete(connection, table.c.id, series.gone)


def note_given(connection: Connection, ids: set[str]) -> None:
    """Remember ids for good: a series may fall apart, and its id stays its own."""
    table = schema.series_id_given
    before: set[str] = set()
    for chunk in chunks(sorted(ids)):
        before |= set(connection.execute(sa.select(table.c.id).where(table.c.id.in_(chunk))).scalars())
    _insert(connection, table, [{"id": each} for each in sorted(ids - before)])


def _all_aliases(connection: Connection) -> dict[str, str]:
    return {row.old_id: row.series_id for row in connection.execute(sa.select(schema.series_alias))}


def add_aliases(
    connection: Connection, before: Mapping[str, str], aliases: Mapping[str, str], live: set[str]
) -> None:
    """Earlier aliases follow their series into the next one; an id that lives again is no alias.

    `before`: those there are, all or at least of the ids in `aliases` and `live`.
    """
    table = schema.series_alias
    after = {old: aliases.get(now, now) for old, now in before.items()} | dict(aliases)
    after = {old: now for old, now in after.items() if old not in live}
    gone, new, changed = difference(before, after)
    _delete(connection, table.c.old_id, [*gone, *changed])
    _insert(connection, table, [{"old_id": old, "series_id": after[old]} for old in [*new, *changed]])


def difference(present: Mapping[K, V], wanted: Mapping[K, V]) -> tuple[list[K], list[K], list[K]]:
    """Keys that are gone, new, and changed."""
    gone = [key for key in present if key not in wanted]
    new = [key for key in wanted if key not in present]
    changed = [key for key, value in wanted.items() if key in present and present[key] != value]
    return gone, new, changed


def _delete(connection: Connection, column: sa.Column[Any], keys: Iterable[object]) -> None:
    for chunk in chunks(keys):
        connection.execute(sa.delete(column.table).where(column.in_(chunk)))


def _insert(connection: Connection, table: sa.Table, new: Sequence[Mapping[str, Any]]) -> None:
    if new:
        connection.execute(table.insert(), list(new))


def _update(
    connection: Connection, table: sa.Table, column: sa.Column[Any], rewritten: Sequence[Mapping[str, Any]]
) -> None:
    if rewritten:
        connection.execute(table.update().where(column == sa.bindparam("row_id")), list(rewritten))
