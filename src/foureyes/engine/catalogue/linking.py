"""Links and series as the last run proposed them, to be read.

Why media belong together is decided elsewhere; what people ruled stands in `rulings.py`, and a name that
a person gave is shown before the machine's. Nothing is written here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.answers import SeriesSummary
from foureyes.engine.catalogue.lookups import chunks, media_ids
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Link, Series

SeriesOrder = Literal["size", "name", "id"]
_PAGE = 5000


class Linking:
    """Questions about links and series; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def series_list(
        self, order: SeriesOrder = "size", limit: int = 100, offset: int = 0
    ) -> list[SeriesSummary]:
        """Series, the largest first, or by name or id. Raises UsageError for another order."""
        shown = _summaries().subquery()
        orders = {
            "size": (shown.c.size.desc(), shown.c.id),
            "name": (sa.func.lower(shown.c.shown_name), shown.c.id),
            "id": (shown.c.id,),
        }
        if order not in orders:
            raise UsageError(f"Series are listed by {', '.join(orders)}, not by {order!r}.")
        query = sa.select(shown).order_by(*orders[order]).limit(limit).offset(offset)
        with self._store.database.reading() as connection:
            return [_summary(row) for row in connection.execute(query).mappings()]

    def series_ids_given(self) -> set[str]:
        """Every id that a series has or ever had."""
        with self._store.database.reading() as connection:
            return set(connection.execute(sa.select(schema.series_id_given.c.id)).scalars())

    def was_given(self, series_id: str) -> bool:
        """Whether a series has this id or ever had it."""
        table = schema.series_id_given
        with self._store.database.reading() as connection:
            return (
                connection.execute(sa.select(table.c.id).where(table.c.id == series_id)).first() is not None
            )

    def series(self, series_id: str) -> Series | None:
        """One series with its members and all links between them; None if there is none of that id."""
        with self._store.database.reading() as connection:
            query = _summaries().where(schema.series.c.id == series_id)
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            links = self._links(connection, _inside(series_id))
            members = _members(connection, series_id)
        shown = _summary(row)
        return Series(shown.id, shown.name, shown.named_by_person, members, tuple(links))

    def series_summary(self, series_id: str) -> SeriesSummary | None:
        """One series without its members and links: whether it exists, its name and size."""
        with self._store.database.reading() as connection:
            query = _summaries().where(schema.series.c.id == series_id)
            row = connection.execute(query).mappings().first()
        return None if row is None else _summary(row)

    def series_of(self, sha256: str) -> SeriesSummary | None:
        """The series that a media is in, or None."""
        member, media = schema.series_member, schema.media
        digest = rows.sha256_bytes(sha256)
        query = (
            _summaries()
            .join(member, member.c.series_id == schema.series.c.id)
            .join(media, media.c.id == member.c.media_id)
            .where(media.c.sha_key == rows.digest_key(digest), media.c.sha256 == digest)
        )
        with self._store.database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _summary(row)

    def current_id(self, series_id: str) -> str:
        """The id that a series has now: its own, or that of the series which it became part of."""
        with self._store.database.reading() as connection:
            query = sa.select(schema.series_alias.c.series_id).where(
                schema.series_alias.c.old_id == series_id
            )
            found = connection.execute(query).scalar()
        return series_id if found is None else str(found)

    def current_ids(self, series_ids: Collection[str]) -> dict[str, str]:
        """As `current_id`, of many: every id asked for with the id that it has now."""
        now = {one: one for one in series_ids}
        table = schema.series_alias
        for chunk in chunks(list(now)):
            query = sa.select(table.c.old_id, table.c.series_id).where(table.c.old_id.in_(chunk))
            with self._store.database.reading() as connection:
                now |= {str(old): str(new) for old, new in connection.execute(query)}
        return now

    def former_ids(self, series_id: str) -> list[str]:
        """Ids of the series that became part of this one."""
        table = schema.series_alias
        query = sa.select(table.c.old_id).where(table.c.series_id == series_id).order_by(table.c.old_id)
        with self._store.database.reading() as connection:
            return [str(one) for one in connection.execute(query).scalars()]

    def members_of(self, series_id: str) -> tuple[str, ...]:
        """SHA-256 of the media of a series, in order; none where there is no such series."""
        with self._store.database.reading() as connection:
            return _members(connection, series_id)

    def series_ids_of(self, sha256s: Collection[str]) -> dict[str, str]:
        """The id of the series that each of these media is in; those in none are left out."""
        member, media = schema.series_member, schema.media
        wanted = set(sha256s)
        found: dict[str, str] = {}
        for chunk in chunks([rows.digest_key(rows.sha256_bytes(one)) for one in wanted]):
            query = (
                sa.select(media.c.sha256, member.c.series_id)
                .join(member, member.c.media_id == media.c.id)
                .where(media.c.sha_key.in_(chunk))
            )
            with self._store.database.reading() as connection:
                found |= {bytes(digest).hex(): str(one) for digest, one in connection.execute(query)}
        return {sha256: one for sha256, one in found.items() if sha256 in wanted}

    def all_series(self) -> list[Series]:
        """Every series with its members and the name that a person gave it, by id; without links."""
        members: dict[str, list[str]] = defaultdict(list)
        for series_id, sha256 in self.memberships():
            members[series_id].append(sha256)
        table = schema.series_name
        with self._store.database.reading() as connection:
            query = sa.select(table.c.series_id, table.c.name).order_by(table.c.id)
            names = {row.series_id: row.name for row in connection.execute(query)}
        return [
            Series(one, names.get(one, ""), one in names, tuple(sorted(inside)))
            for one, inside in sorted(members.items())
        ]

    def memberships(self) -> Iterator[tuple[str, str]]:
        """(id of the series, SHA-256) of every media that is in a series, in the order in which they came."""
        member, media = schema.series_member, schema.media
        query = sa.select(media.c.id, member.c.series_id, media.c.sha256).join(
            member, member.c.media_id == media.c.id
        )
        last = 0
        while True:
            with self._store.database.reading() as connection:
                page = query.where(media.c.id > last).order_by(media.c.id).limit(_PAGE)
                found = connection.execute(page).all()
            if not found:
                return
            for _, series_id, digest in found:
                yield series_id, bytes(digest).hex()
            last = found[-1][0]

    def links_of(self, sha256: str) -> list[Link]:
        """All links of one media, the strongest first."""
        digest = rows.sha256_bytes(sha256)
        with self._store.database.reading() as connection:
            number = media_ids(connection, [digest]).get(digest)
            if number is None:
                return []
            links = self._links(connection, sa.or_(schema.link.c.a == number, schema.link.c.b == number))
        return sorted(links, key=lambda link: (-link.strength, link.a, link.b, link.kind))

    def links(self) -> Iterator[Link]:
        """Every link there is, inside series or between them."""
        table = schema.link
        last = 0
        while True:
            with self._store.database.reading() as connection:
                page = sa.select(table.c.id).where(table.c.id > last).order_by(table.c.id).limit(_PAGE)
                ids = connection.execute(page).scalars().all()
                if not ids:
                    return
                found = self._links(connection, table.c.id.between(ids[0], ids[-1]))
            yield from found
            last = ids[-1]

    def _links(self, connection: Connection, condition: sa.ColumnElement[bool]) -> list[Link]:
        texts = self._store.words.texts(connection)
        table, a, b = schema.link, schema.media.alias("a"), schema.media.alias("b")
        columns = (a.c.sha256, b.c.sha256, table.c.kind, table.c.strength, table.c.evidence, table.c.version)
        query = (
            sa.select(*columns)
            .select_from(table)
            .join(a, a.c.id == table.c.a)
            .join(b, b.c.id == table.c.b)
            .where(condition)
            .order_by(a.c.sha256, b.c.sha256, table.c.kind)
        )
        return [
            Link(bytes(one).hex(), bytes(two).hex(), texts[kind], strength, evidence, version)
            for one, two, kind, strength, evidence, version in connection.execute(query)
        ]


def _summaries() -> sa.Select[Any]:
    """Series with the name that is shown: the newest that a person gave, else the machine's."""
    named = schema.series_name
    newest = sa.select(sa.func.max(named.c.id)).where(named.c.series_id == schema.series.c.id)
    given = sa.select(named.c.name).where(named.c.id == newest.correlate(schema.series).scalar_subquery())
    person = given.correlate(schema.series).scalar_subquery()
    return sa.select(
        schema.series,
        sa.func.coalesce(person, schema.series.c.name).label("shown_name"),
        person.is_not(None).label("by_person"),
    )


def _summary(row: RowMapping) -> SeriesSummary:
    return SeriesSummary(
        row["id"], row["shown_name"], bool(row["by_person"]), row["size"], json.loads(row["reasons"])
    )


def _members(connection: Connection, series_id: str) -> tuple[str, ...]:
    member, media = schema.series_member, schema.media
    query = (
        sa.select(media.c.sha256)
        .join(member, member.c.media_id == media.c.id)
        .where(member.c.series_id == series_id)
        .order_by(media.c.sha256)
    )
    return tuple(bytes(digest).hex() for digest in connection.execute(query).scalars())


def _inside(series_id: str) -> sa.ColumnElement[bool]:
    member, other = schema.series_member, schema.series_member.alias("other")
    inside = sa.select(member.c.media_id).where(member.c.series_id == series_id)
    # Two IN lists over the index (a, b) are probed pair by pair: 3.2 s for 5,000 members, this 0.02 s.
    as_well = sa.exists().where(other.c.media_id == schema.link.c.b, other.c.series_id == series_id)
    return sa.and_(schema.link.c.a.in_(inside), as_well)
