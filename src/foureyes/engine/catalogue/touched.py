"""What a batch touches, to be read: media that no linking has seen, links and series around some media.

Each answer costs what it tells, whatever else is held. Nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.linking import Linking
from foureyes.engine.catalogue.lookups import chunks, media_ids
from foureyes.engine.catalogue.marks import LinkedAs, changed_media, read_mark
from foureyes.engine.model import Link, Series


class Unlinked(NamedTuple):
    """What came since a linking, by SHA-256."""

    new: frozenset[str]
    changed: frozenset[str]
    """Media that were held and are known otherwise now: in themselves, or in where they lie."""


class Totals(NamedTuple):
    """All series there are."""

    series: int
    media: int
    largest: int


class GivenIds(Collection[str]):
    """Every id that a series ever had, asked for one by one."""

    def __init__(self, catalogue: Linking) -> None:
        self._catalogue = catalogue

    def __contains__(self, series_id: object) -> bool:
        return isinstance(series_id, str) and self._catalogue.was_given(series_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._catalogue.series_ids_given())

    def __len__(self) -> int:
        return len(self._catalogue.series_ids_given())


class Touched(Linking):
    """Questions about what is around some media; `Catalogue` is this and more."""

    def linked_as(self) -> LinkedAs | None:
        """How the last linking left the catalogue; None where the next one is to look at everything."""
        with self._store.database.reading() as connection:
            return read_mark(connection)

    def unlinked(self, since: LinkedAs) -> Unlinked:
        """Media that came or changed since a linking."""
        media, path = schema.media, schema.occurrence
        found = sa.select(path.c.media_id).where(path.c.id > since.path, path.c.media_id.is_not(None))
        with self._store.database.reading() as connection:
            ids = set(connection.execute(sa.select(media.c.id).where(media.c.id > since.media)).scalars())
            ids |= set(connection.execute(found.distinct()).scalars()) | changed_media(connection)
            new, changed = set[str](), set[str]()
            for chunk in chunks(sorted(ids)):
                query = sa.select(media.c.id, media.c.sha256).where(media.c.id.in_(chunk))
                for number, digest in connection.execute(query):
                    (new if number > since.media else changed).add(bytes(digest).hex())
        return Unlinked(frozenset(new), frozenset(changed))

    def links_of_many(self, sha256s: Collection[str]) -> list[Link]:
        """All links of some media, each once."""
        found: dict[tuple[str, str, str], Link] = {}
        table = schema.link
        for chunk in chunks(sorted(sha256s)):
            with self._store.database.reading() as connection:
                ids = list(media_ids(connection, map(rows.sha256_bytes, chunk)).values())
                for end in (table.c.a, table.c.b):
                    found |= {(one.a, one.b, one.kind): one for one in self._links(connection, end.in_(ids))}
        return [found[key] for key in sorted(found)]

    def series_with(self, ids: Collection[str]) -> list[Series]:
        """Series with their members and the name that a person gave each, by id; without links."""
        member, media, named = schema.series_member, schema.media, schema.series_name
        members: dict[str, list[str]] = defaultdict(list)
        names: dict[str, str] = {}
        for chunk in chunks(sorted(ids)):
            inside = (
                sa.select(member.c.series_id, media.c.sha256)
                .join(media, media.c.id == member.c.media_id)
                .where(member.c.series_id.in_(chunk))
            )
            given = sa.select(named.c.series_id, named.c.name).where(named.c.series_id.in_(chunk))
            with self._store.database.reading() as connection:
                for series_id, digest in connection.execute(inside):
                    members[series_id].append(bytes(digest).hex())
                names |= {row.series_id: row.name for row in connection.execute(given.order_by(named.c.id))}
        return [
            Series(one, names.get(one, ""), one in names, tuple(sorted(members[one])))
            for one in sorted(members)
        ]

    def series_totals(self) -> Totals:
        """How many series there are, and what they hold."""
        size = schema.series.c.size
        query = sa.select(sa.func.count(), sa.func.sum(size), sa.func.max(size))
        with self._store.database.reading() as connection:
            count, media, largest = connection.execute(query).one()
        return Totals(count, int(media or 0), largest or 0)
