"""Content that could not be decoded at first and now could: its row, its paths and the counts follow.

Called within the transaction of a commit. Content of which pixels were had once is never touched again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.fact_rows import within
from foureyes.engine.catalogue.seals import OCCURRENCE_SEALED, seal
from foureyes.engine.catalogue.tallies import media_tally, occurrence_tally
from foureyes.engine.model import Fault, Media, MediaKind, Outcome

_CHANGED = ("outcome", "fault_code", "fault_detail")

Tallies = dict[int, Counter[str]]

PIXELS = 2
"""Depth of a content whose pixels were had; 1 where only facts were (the decoder died on the pixels, say),
0 where only its digests are known."""


@dataclass(frozen=True, slots=True)
class Late:
    """One content of which the catalogue had no pixels, and what it turned out to hold."""

    id: int
    media: Media
    kind: MediaKind | None
    """What it was taken for before."""
    fault: Fault | None
    """Why it could not be decoded before."""

    def tally(self) -> Counter[str]:
        """What this changes in the counts of media."""
        changed = media_tally(self.media.kind, self.media.digests.size)
        changed.subtract(media_tally(self.kind, self.media.digests.size))
        return changed


def depth_made(media: Media) -> int:
    """How much a task got out of a content."""
    return PIXELS if media.thumbnail else int(media.kind is not None)


def depth_of(row: RowMapping) -> int:
    """How much is held of a content: of a row with `kind` and `thumbnail_pack`."""
    return int(row["kind"] is not None) if row["thumbnail_pack"] is None else PIXELS


def replace_rows(connection: Connection, media: Sequence[Mapping[str, Any]]) -> None:
    """Write the new columns of media by their `id`; their old facts go, the caller adds the new ones."""
    if not media:
        return
    table, fact = schema.media, schema.fact
    changed = [{"row_id" if name == "id" else name: value for name, value in row.items()} for row in media]
    connection.execute(table.update().where(table.c.id == sa.bindparam("row_id")), changed)
    old = fact.delete().where(fact.c.media_id == sa.bindparam("row_id"))
    connection.execute(old, [{"row_id": row["row_id"]} for row in changed])


def free_paths(
    connection: Connection,
    late: Sequence[Late],
    words: Mapping[str, int],
    texts: Mapping[int, str],
    *,
    but: Collection[int],
) -> Tallies:
    """Take the fault of their content from all paths that hold it, `but` those of the batch itself.

    A path keeps a fault of its own. Returns the difference to the counts of each source.
    """
    by_id = {one.id: one for one in late}
    changed: list[dict[str, Any]] = []
    tallies: Tallies = {}
    for row, facts in _paths(connection, list(by_id)):
        if row["id"] in but:
            continue
        one = by_id[row["media_id"]]
        before = after = rows.fault_of(row, texts)
        columns = {name: row[name] for name in _CHANGED} | {"outcome": rows.OUTCOMES[Outcome.MEDIA]}
        if before == one.fault:
            after = one.media.fault
            columns |= rows.fault_columns(after, words)
        sealed = seal(OCCURRENCE_SEALED, {**row, **columns}, facts)
        changed.append({"row_id": row["id"], **columns, "seal": sealed})
        here = tallies.setdefault(row["source_id"], Counter())
        here.update(occurrence_tally(Outcome.MEDIA, row["size"], _code(after)))
        here.subtract(occurrence_tally(rows.OUTCOME_OF[row["outcome"]], row["size"], _code(before)))
    if changed:
        table = schema.occurrence
        connection.execute(table.update().where(table.c.id == sa.bindparam("row_id")), changed)
    return tallies


def _paths(connection: Connection, media_ids: Sequence[int]) -> Iterator[tuple[RowMapping, list[RowMapping]]]:
    """Rows of the occurrences of some media, each with the rows of its facts."""
    table, fact = schema.occurrence, schema.occurrence_fact
    found: list[RowMapping] = []
    for condition in within(table.c.media_id, media_ids):
        found += connection.execute(sa.select(table).where(condition)).mappings()
    facts: dict[int, list[RowMapping]] = {}
    for condition in within(fact.c.occurrence_id, [row["id"] for row in found]):
        for row in connection.execute(sa.select(fact).where(condition).order_by(fact.c.ordinal)).mappings():
            facts.setdefault(row["occurrence_id"], []).append(row)
    for row in found:
        yield row, facts.get(row["id"], [])


def _code(fault: Fault | None) -> str | None:
    return None if fault is None else fault.code.value
