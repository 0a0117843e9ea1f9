"""Where series come from and what their files state: sources, paths, facts. Nothing is written here."""

from __future__ import annotations

import sqlalchemy as sa

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.store import Store


class Whereabouts:
    """Questions about sources, paths and facts of series; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def sources_in_series(self) -> dict[str, int]:
        """How many sources hold members of each series, by its id. Reads every path of every member."""
        member, occurrence = schema.series_member, schema.occurrence
        query = (
            sa.select(member.c.series_id, sa.func.count(sa.distinct(occurrence.c.source_id)))
            .join(occurrence, occurrence.c.media_id == member.c.media_id)
            .group_by(member.c.series_id)
        )
        with self._store.database.reading() as connection:
            return {series_id: int(count) for series_id, count in connection.execute(query)}

    def series_with_path(self, part: str) -> set[str]:
        """Ids of series with a member of which some path holds this text, whatever its case (ASCII).

        Reads every path of every member, so it grows with them; not measured at millions.
        """
        member, occurrence = schema.series_member, schema.occurrence
        query = (
            sa.select(member.c.series_id)
            .distinct()
            .join(occurrence, occurrence.c.media_id == member.c.media_id)
            .where(occurrence.c.path.icontains(part, autoescape=True))
        )
        with self._store.database.reading() as connection:
            return set(connection.execute(query).scalars())

    def series_with_fact(self, part: str) -> set[str]:
        """Ids of series with a member of which a stated fact holds this text, whatever its case (ASCII).

        A camera's serial number, the name of a program, a maker. Reads every fact of every member.
        """
        member, fact = schema.series_member, schema.fact
        query = (
            sa.select(member.c.series_id)
            .distinct()
            .join(fact, fact.c.media_id == member.c.media_id)
            .where(fact.c.value_text.icontains(part, autoescape=True))
        )
        with self._store.database.reading() as connection:
            return set(connection.execute(query).scalars())
