"""Running counts, so that `foureyes status` need not count a hundred million rows.

Every commit adds its difference in its own transaction; `verify` counts anew and compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.rows import OUTCOME_OF, media_kind
from foureyes.engine.model import MediaKind, Outcome

EVERYWHERE = 0
"""Stands for a source where a count is of media: media belong to no source."""

UNIQUE = "unique"
UNIQUE_BYTES = "unique-bytes"
UNDECODED = "undecoded"
OCCURRENCES = "occurrences"
BYTES = "bytes"
FAULT = "fault:"
"""A fault code follows."""


def media_tally(kind: MediaKind | None, size: int) -> Counter[str]:
    """What one media adds to the counts."""
    return Counter({UNIQUE: 1, UNIQUE_BYTES: size, UNDECODED if kind is None else kind.value: 1})


def occurrence_tally(outcome: Outcome, size: int | None, fault: str | None) -> Counter[str]:
    """What one path adds to the counts of its source; `fault` is a fault code."""
    counts = Counter({OCCURRENCES: 1, BYTES: size or 0, outcome.value: 1})
    if fault is not None:
        counts[FAULT + fault] += 1
    return counts


def read_tallies(connection: Connection) -> dict[int, Counter[str]]:
    """All counts by source."""
    tallies: dict[int, Counter[str]] = {}
    for source_id, name, value in connection.execute(sa.select(schema.tally)):
        tallies.setdefault(source_id, Counter())[name] = value
    return tallies


def count_anew(connection: Connection, texts: Mapping[int, str]) -> dict[int, Counter[str]]:
    """The same counts from the rows themselves."""
    media, paths = schema.media, schema.occurrence
    counted: dict[int, Counter[str]] = {}
    query = sa.select(media.c.kind, sa.func.count(), sa.func.sum(media.c.size)).group_by(media.c.kind)
    for kind, count, size in connection.execute(query):
        here = counted.setdefault(EVERYWHERE, Counter())
        name = media_kind(kind)
        here.update(
            {UNIQUE: count, UNIQUE_BYTES: int(size), UNDECODED if name is None else name.value: count}
        )
    keys = (paths.c.source_id, paths.c.outcome, paths.c.fault_code)
    grouped = sa.select(*keys, sa.func.count(), sa.func.coalesce(sa.func.sum(paths.c.size), 0)).group_by(
        *keys
    )
    for source_id, outcome, fault, count, size in connection.execute(grouped):
        here = counted.setdefault(source_id, Counter())
        here.update({OCCURRENCES: count, BYTES: int(size), OUTCOME_OF[outcome].value: count})
        if fault is not None:
            here[FAULT + texts[fault]] += count
    return counted


def write_tallies(connection: Connection, differences: Mapping[int, Mapping[str, int]]) -> None:
    """Add differences to the counts, in the open transaction."""
    table = schema.tally
    present = {
        (source_id, name)
        for source_id, name in connection.execute(
            sa.select(table.c.source_id, table.c.name).where(table.c.source_id.in_(differences))
        )
    }
    added = [
        {"at_source": source_id, "at_name": name, "difference": difference}
        for source_id, counts in differences.items()
        for name, difference in counts.items()
        if difference
    ]
    new = [row for row in added if (row["at_source"], row["at_name"]) not in present]
    old = [row for row in added if (row["at_source"], row["at_name"]) in present]
    if new:
        rows = [
            {"source_id": row["at_source"], "name": row["at_name"], "value": row["difference"]} for row in new
        ]
        connection.execute(table.insert(), rows)
    if old:
        update = table.update().where(
            table.c.source_id == sa.bindparam("at_source"), table.c.name == sa.bindparam("at_name")
        )
        connection.execute(update.values(value=table.c.value + sa.bindparam("difference")), old)
