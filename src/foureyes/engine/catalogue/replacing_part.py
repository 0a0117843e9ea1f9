"""Writing what a batch changed: the links of some media and the series around them, and no other row.

One transaction, as for a whole linking. What is read and written grows with what the batch touches.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.changes import note
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.catalogue.marks import GoneBy, LinkedAs, read_mark, write_mark
from foureyes.engine.catalogue.regrouped import SAME_PICTURE, matched, regrouped
from foureyes.engine.catalogue.replacing import (
    LinkKey,
    LinkRows,
    LinkValue,
    SeriesRows,
    add_aliases,
    difference,
    key_of,
    members_of,
    note_given,
    numbers_of,
    value_of,
    write_links,
    write_series,
)
from foureyes.engine.catalogue.store import Store
from foureyes.engine.model import Link, Series


@dataclass(frozen=True, slots=True)
class Part:
    """What became of a part of all that is held."""

    media: Collection[str]
    """SHA-256 of media of which `links` are all the links there are."""
    links: Sequence[Link]
    grouped: Collection[str]
    """Media that were grouped anew: they are in `series`, or in none."""
    series: Sequence[Series]
    """With their members and the links between those."""
    before: Collection[str]
    """Ids of the series that were there before: all their members are grouped anew."""
    aliases: Mapping[str, str]


class Rewritten(NamedTuple):
    """What was written."""

    links: Mapping[str, int]
    """Links of each kind that there are now."""
    rows: int
    """Rows of links, series and members that were added, changed or removed."""


def replace_part(store: Store, part: Part, by: GoneBy) -> Rewritten:
    """Make this part what it became; see `Catalogue.replace_part`.

    Raises ValueError where no linking left a mark to build on.
    """
    named = {*part.media, *part.grouped} | {end for each in part.links for end in (each.a, each.b)}
    live = {each.id for each in part.series}
    try:
        with store.database.writing_alone() as connection:  # settles what a killed writer left, too
            kinds = store.words.ids_for_writing(connection, {each.kind for each in part.links})
        with store.database.reading() as connection:
            mark = _standing(connection)
            ids = numbers_of(connection, named)
            members = members_of(part.series, ids)
            wanted = {key_of(each, ids, kinds): value_of(each) for each in part.links}
            links, gone = _links_that_differ(connection, [ids[one] for one in part.media], wanted)
            series = _series_that_differ(connection, part, [ids[one] for one in part.grouped])
            texts = store.words.texts(connection)
        counts = Counter(mark.links)
        counts.update(texts[kind] for _, _, kind in links.new)
        counts.subtract(texts[kind] for _, _, kind in gone)
        with store.database.writing_alone() as connection:
            write_links(connection, links)
            note_given(connection, live)
            write_series(connection, series, members)
            earlier = _aliases(connection, {*part.aliases, *live}, part.aliases)
            add_aliases(connection, earlier, part.aliases, live)
            new = {key: links.wanted[key] for key in links.new}
            note(connection, matched(connection, new, kinds.get(SAME_PICTURE)))
            note(connection, regrouped(series.before, members, part.aliases))
            write_mark(connection, by, mark.whole, counts)
    except BaseException:
        store.words.forget()
        raise
    moved = sum(map(len, difference(series.before, members)))
    return Rewritten(
        counts, _written(links) + len(series.new) + len(series.gone) + len(series.changed) + moved
    )


def _standing(connection: Connection) -> LinkedAs:
    mark = read_mark(connection)
    if mark is None:
        raise ValueError("there is no linking that a batch could build on")
    return mark


def _links_that_differ(
    connection: Connection, media: Sequence[int], wanted: Mapping[LinkKey, LinkValue]
) -> tuple[LinkRows, list[LinkKey]]:
    """The rows to be written, and the keys of those to be removed."""
    table = schema.link
    present: dict[LinkKey, LinkValue] = {}
    numbers: dict[LinkKey, int] = {}
    for chunk in chunks(sorted(media)):
        for end in (table.c.a, table.c.b):
            for row in connection.execute(sa.select(table).where(end.in_(chunk))):
                key = (row.a, row.b, row.kind)
                present[key], numbers[key] = (row.strength, row.evidence, row.version), row.id
    gone, new, changed = difference(present, wanted)
    last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    changed_rows = {key: numbers[key] for key in changed}
    return LinkRows(wanted, new, [numbers[key] for key in gone], changed_rows, last), gone


def _series_that_differ(connection: Connection, part: Part, grouped: Sequence[int]) -> SeriesRows:
    table, member = schema.series, schema.series_member
    wanted = {
        each.id: (
            rows.storable_text(each.name),
            len(set(each.members)),
            json.dumps(Counter(link.kind for link in each.links), sort_keys=True),
        )
        for each in part.series
    }
    present: dict[str, tuple[str, int, str]] = {}
    for chunk in chunks(sorted({*part.before, *wanted})):
        query = sa.select(table).where(table.c.id.in_(chunk))
        present |= {row.id: (row.name, row.size, row.reasons) for row in connection.execute(query)}
    before: dict[int, str] = {}
    for some in chunks(sorted(grouped)):
        here = sa.select(member).where(member.c.media_id.in_(some))
        before |= {row.media_id: row.series_id for row in connection.execute(here)}
    gone, new, changed = difference(present, wanted)
    return SeriesRows(wanted, new, gone, changed, before)


def _aliases(connection: Connection, old: Collection[str], passed_on: Collection[str]) -> dict[str, str]:
    """Those of earlier ids, and those that lead to ids which passed on now."""
    table, found = schema.series_alias, dict[str, str]()
    for column, keys in ((table.c.old_id, old), (table.c.series_id, passed_on)):
        for chunk in chunks(sorted(keys)):
            query = sa.select(table).where(column.in_(chunk))
            found |= {row.old_id: row.series_id for row in connection.execute(query)}
    return found


def _written(links: LinkRows) -> int:
    sized: Iterable[Collection[object]] = (links.new, links.gone, links.changed)
    return sum(map(len, sized))
