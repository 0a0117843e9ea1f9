"""Taking in: a batch of results becomes rows, pack records and a fingerprint file, or nothing at all.

Order of a commit: thumbnails and previews are appended to the packs and flushed; fingerprints go to a
new file, flushed and renamed; then one transaction of the database writes the rows, the lengths of the
packs and the name of the file. That transaction is the commit point: what lies on disk without being
recorded does not exist, and the next writer clears it away.
Only the holder of the workspace's lock commits; row numbers are given out here for that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.answers import Committed
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.decoded_late import Late, depth_made, depth_of, free_paths, replace_rows
from foureyes.engine.catalogue.fingerprint_files import (
    FileRow,
    delete_files,
    insert_files,
    merge_candidates,
    merge_files,
    recorded_files,
    write_files,
)
from foureyes.engine.catalogue.lookups import chunks, media_rows, occurrence_rows
from foureyes.engine.catalogue.marks import note_changed
from foureyes.engine.catalogue.packs import PREVIEWS, THUMBNAILS, Place
from foureyes.engine.catalogue.seals import MEDIA_SEALED, OCCURRENCE_SEALED, seal
from foureyes.engine.catalogue.store import Store
from foureyes.engine.catalogue.tallies import EVERYWHERE, media_tally, occurrence_tally, write_tallies
from foureyes.engine.errors import StorageFull
from foureyes.engine.model import Fault, Media, MediaKind, Outcome, TakenIn

BATCH = 5000
"""Rows of one transaction at most: others wait 0.15 s for it (measured with 34 people writing)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What a batch must know of a media that an occurrence of it holds."""

    id: int
    kind: MediaKind | None
    depth: int
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Change:
    """One path that is new (`before` is None) or differs from what stands."""

    id: int
    item: TakenIn
    outcome: Outcome
    media: _Known | None
    fault: Fault | None
    before: RowMapping | None


@dataclass(slots=True)
class _Plan:
    source_id: int
    media: list[tuple[int, Media]] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    changes: list[_Change] = field(default_factory=list)
    unchanged: int = 0
    next_file_id: int = 1

    def written(self) -> list[tuple[int, Media]]:
        """All media whose row is written, new ones first."""
        return [*self.media, *((one.id, one.media) for one in self.late)]


@dataclass(frozen=True, slots=True)
class _Written:
    thumbnails: Mapping[int, Place]
    previews: Mapping[int, Place]
    files: Sequence[FileRow]


def commit(store: Store, source_id: int, items: Sequence[TakenIn]) -> Committed:
    """Commit results of one source, at most 5,000 in one transaction; see `Catalogue.commit`."""
    store.writer()
    latest = list({item.occurrence.path: item for item in items}.values())
    done = Committed(0, 0, 0)
    for batch in chunks(latest, BATCH):
        step = _commit_batch(store, source_id, batch)
        done = Committed(
            done.occurrences + step.occurrences, done.unchanged + step.unchanged, done.media + step.media
        )
    return done


def _commit_batch(store: Store, source_id: int, items: Sequence[TakenIn]) -> Committed:
    packs = store.writer()
    with store.database.reading() as connection:
        plan = _plan(store, connection, source_id, items)
    try:
        with engine_errors():
            written = _write(store, plan)
            with store.database.writing_alone() as connection:
                _record(store, connection, plan, written)
    except BaseException:
        store.abandon()
        raise
    packs.committed()
    if written.files:
        merge_small_files(store)
    return Committed(len(plan.changes), plan.unchanged, len(plan.written()))


def mark_unit(connection: Connection, source_id: int, unit_key: str) -> None:
    """Record in the open transaction that a unit of a source is wholly committed."""
    table = schema.unit_done
    here = sa.and_(table.c.source_id == source_id, table.c.unit_key == unit_key)
    if connection.execute(sa.select(table.c.unit_key).where(here)).first() is None:
        connection.execute(table.insert(), {"source_id": source_id, "unit_key": unit_key})


def merge_small_files(store: Store) -> None:
    """Merge fingerprint files where a level has many; as atomic as a commit.

    A full disk only puts it off: what is to be merged is committed already.
    """
    with store.database.reading() as connection:
        groups = merge_candidates(recorded_files(connection))
        next_id = _next_id(connection, schema.fingerprint_file)
    for number, group in enumerate(groups, start=next_id):
        try:
            _merge(store, group, number)
        except StorageFull:
            store.abandon()
            return


def _merge(store: Store, group: Sequence[FileRow], number: int) -> None:
    with engine_errors():
        merged = merge_files(store.workspace.fingerprints, group, number)
        with store.database.writing_alone() as connection:
            delete_files(connection, group)
            insert_files(connection, [merged])
        for file in group:
            (store.workspace.fingerprints / file.name).unlink(missing_ok=True)


def _plan(store: Store, connection: Connection, source_id: int, items: Sequence[TakenIn]) -> _Plan:
    plan = _Plan(source_id, next_file_id=_next_id(connection, schema.fingerprint_file))
    texts = store.words.texts(connection)
    known = _known_media(connection, items, texts)
    _number_new_media(connection, plan, items, known)
    present = occurrence_rows(connection, source_id, [item.occurrence.path for item in items])
    next_id = _next_id(connection, schema.occurrence)
    for item in items:
        change = _change(next_id, item, known, present.get(item.occurrence.path))
        if change.before is not None and _stands(change, change.before, texts):
            plan.unchanged += 1
            continue
        plan.changes.append(change)
        next_id += change.before is None
    return plan


def _known_media(
    connection: Connection, items: Sequence[TakenIn], texts: Mapping[int, str]
) -> dict[bytes, _Known]:
    digests = [digest for item in items if (digest := _digest(item)) is not None]
    table = schema.media
    columns = (table.c.id, table.c.kind, table.c.thumbnail_pack, table.c.fault_code, table.c.fault_detail)
    return {
        digest: _Known(row["id"], rows.media_kind(row["kind"]), depth_of(row), rows.fault_of(row, texts))
        for digest, row in media_rows(connection, digests, *columns).items()
    }


def _number_new_media(
    connection: Connection, plan: _Plan, items: Sequence[TakenIn], known: dict[bytes, _Known]
) -> None:
    """Number what is new. Of two results on one content the deeper one stands, whichever came first."""
    first = next_id = _next_id(connection, schema.media)
    new: dict[int, Media] = {}
    for item in items:
        digest = _digest(item)
        if item.media is None or digest is None:
            continue
        before, depth = known.get(digest), depth_made(item.media)
        if before is not None and before.depth >= depth:
            continue
        number = next_id if before is None else before.id
        known[digest] = _Known(number, item.media.kind, depth, item.media.fault)
        if before is not None and number < first:
            plan.late.append(Late(number, item.media, before.kind, before.fault))
        else:
            new[number] = item.media
        next_id += before is None
    plan.media.extend(new.items())


def _digest(item: TakenIn) -> bytes | None:
    stated = item.media.digests.sha256 if item.media is not None else item.sha256
    return None if stated is None else rows.sha256_bytes(stated)


def _change(next_id: int, item: TakenIn, known: Mapping[bytes, _Known], before: RowMapping | None) -> _Change:
    """What is to be recorded of one path.

    A content that could not be decoded is a fault on every path that holds it, whether this task met
    it or the catalogue knew it already: the result does not depend on the order of work. What is wrong
    with the path itself (its record states another digest) stands before what is wrong with its content,
    which the media's own row keeps.
    """
    digest = _digest(item)
    media = None if digest is None else known.get(digest)
    if digest is not None and media is None:
        raise ValueError(f"{item.occurrence.path!r} names media that neither it nor the catalogue holds")
    outcome, fault = item.outcome, item.fault or item.occurrence.fault
    if media is not None and outcome is not Outcome.OTHER:
        outcome = Outcome.FAULT if media.kind is None else Outcome.MEDIA
        fault = fault or media.fault
    identity = next_id if before is None else before["id"]
    return _Change(identity, item, outcome, media, fault, before)


def _stands(change: _Change, before: RowMapping, texts: Mapping[int, str]) -> bool:
    occurrence = change.item.occurrence
    return (
        before["size"] == rows.int64(occurrence.size)
        and before["modified_ns"] == rows.int64(occurrence.times.modified_ns)
        and before["outcome"] == rows.OUTCOMES[change.outcome]
        and before["media_id"] == (None if change.media is None else change.media.id)
        and rows.fault_of(before, texts) == change.fault
    )


def _write(store: Store, plan: _Plan) -> _Written:
    """Write what lies outside the database. Nothing of it counts yet."""
    packs = store.writer()
    media = plan.written()
    thumbnails = [(number, record.thumbnail) for number, record in media if record.thumbnail]
    previews = [(number, record.preview) for number, record in media if record.preview]
    owned = [
        (rows.sha256_bytes(record.digests.sha256), fingerprint)
        for _, record in media
        for fingerprint in record.fingerprints
    ]
    places = packs.append(THUMBNAILS, [content for _, content in thumbnails])
    small = packs.append(PREVIEWS, [content for _, content in previews])
    return _Written(
        {number: place for (number, _), place in zip(thumbnails, places, strict=True)},
        {number: place for (number, _), place in zip(previews, small, strict=True)},
        write_files(store.workspace.fingerprints, plan.next_file_id, owned),
    )


def _record(store: Store, connection: Connection, plan: _Plan, written: _Written) -> None:
    words = store.words.ids_for_writing(connection, _words(plan))
    store.writer().record(connection)
    insert_files(connection, written.files)
    media: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    for number, record in plan.written():
        columns = rows.media_columns(record, words)
        stated = rows.fact_rows("media_id", number, record.facts, words)
        facts += stated
        media.append(
            {
                "id": number,
                **columns,
                **_place_columns("thumbnail", written.thumbnails.get(number)),
                **_place_columns("preview", written.previews.get(number)),
                "seal": seal(MEDIA_SEALED, columns, stated),
            }
        )
    _insert(connection, schema.media, media[: len(plan.media)])
    replace_rows(connection, media[len(plan.media) :])
    _insert(connection, schema.fact, facts)
    _record_changes(connection, plan, words)
    texts = store.words.texts(connection)
    note_changed(connection, _changed_in_place(plan))
    freed = free_paths(connection, plan.late, words, texts, but={change.id for change in plan.changes})
    _record_tallies(connection, plan, texts, freed)


def _record_changes(connection: Connection, plan: _Plan, words: Mapping[str, int]) -> None:
    table = schema.occurrence
    new: list[dict[str, Any]] = []
    rewritten: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    for change in plan.changes:
        stated = rows.fact_rows("occurrence_id", change.id, change.item.occurrence.facts, words)
        row = _occurrence_row(plan.source_id, change, words)
        row["seal"] = seal(OCCURRENCE_SEALED, row, stated)
        facts += stated
        (new if change.before is None else rewritten).append(row)
    _insert(connection, table, new)
    if rewritten:
        changed = [change for change in plan.changes if change.before is not None]
        _keep_past(connection, changed)
        update = table.update().where(table.c.id == sa.bindparam("row_id"))
        connection.execute(update, [{"row_id": row.pop("id"), **row} for row in rewritten])
        old_facts = schema.occurrence_fact.delete().where(
            schema.occurrence_fact.c.occurrence_id == sa.bindparam("row_id")
        )
        connection.execute(old_facts, [{"row_id": change.id} for change in changed])
    _insert(connection, schema.occurrence_fact, facts)


def _changed_in_place(plan: _Plan) -> set[int]:
    """Media that are known otherwise now than before: decoded late, or held by a path that was rewritten."""
    changed = {one.id for one in plan.late}
    for change in plan.changes:
        if change.before is not None:
            changed |= {change.before["media_id"], None if change.media is None else change.media.id} - {None}
    return changed


def _occurrence_row(source_id: int, change: _Change, words: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": change.id,
        **rows.occurrence_columns(source_id, change.item.occurrence),
        "outcome": rows.OUTCOMES[change.outcome],
        "media_id": None if change.media is None else change.media.id,
        **rows.fault_columns(change.fault, words),
    }


def _keep_past(connection: Connection, changed: Sequence[_Change]) -> None:
    """Where a path held other media before, that is kept: it was seized there."""
    next_id = _next_id(connection, schema.past_occurrence)
    kept = ("source_id", "path", "path_raw", "size", "modified_ns", "media_id")
    past = [
        {name: change.before[name] for name in kept}
        for change in changed
        if change.before is not None
        and change.before["media_id"] is not None
        and (change.media is None or change.before["media_id"] != change.media.id)
    ]
    rows_with_ids = [{"id": number, **row} for number, row in enumerate(past, start=next_id)]
    _insert(connection, schema.past_occurrence, rows_with_ids)


def _record_tallies(
    connection: Connection, plan: _Plan, texts: Mapping[int, str], freed: Mapping[int, Counter[str]]
) -> None:
    everywhere: Counter[str] = Counter()
    for _, media in plan.media:
        everywhere.update(media_tally(media.kind, media.digests.size))
    for one in plan.late:
        everywhere.update(one.tally())
    here = Counter(freed.get(plan.source_id, {}))
    for change in plan.changes:
        fault = None if change.fault is None else change.fault.code.value
        here.update(occurrence_tally(change.outcome, rows.int64(change.item.occurrence.size), fault))
        if change.before is not None:
            before = change.before
            code = None if before["fault_code"] is None else texts[before["fault_code"]]
            here.subtract(occurrence_tally(rows.OUTCOME_OF[before["outcome"]], before["size"], code))
    write_tallies(connection, {**freed, EVERYWHERE: everywhere, plan.source_id: here})


def _words(plan: _Plan) -> set[str]:
    words: set[str] = set()
    for _, media in plan.written():
        words |= rows.words_of(media.facts)
        words.add(media.format)
        if media.fault is not None:
            words.add(media.fault.code.value)
    for change in plan.changes:
        words |= rows.words_of(change.item.occurrence.facts)
        if change.fault is not None:
            words.add(change.fault.code.value)
    return words


def _place_columns(name: str, place: Place | None) -> dict[str, int | None]:
    return {
        f"{name}_pack": None if place is None else place.pack_id,
        f"{name}_offset": None if place is None else place.offset,
        f"{name}_length": None if place is None else place.length,
        f"{name}_crc": None if place is None else place.crc,
    }


def _insert(connection: Connection, table: sa.Table, new: Sequence[Mapping[str, Any]]) -> None:
    if new:
        connection.execute(table.insert(), list(new))


def _next_id(connection: Connection, table: sa.Table) -> int:
    return (connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0) + 1
