"""How far taking in has come: what stands already, how much of it, and what could not be read.

Asked for every batch of an ingest and by `foureyes status`; takes no lock and writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema, tallies
from foureyes.engine.catalogue.answers import Counts, FaultRecord, SourceRecord
from foureyes.engine.catalogue.decoded_late import PIXELS, depth_of
from foureyes.engine.catalogue.lookups import chunks, media_rows, occurrence_rows
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Fault, FaultCode, MediaKind, Outcome

_DEPTH = (schema.media.c.kind, schema.media.c.thumbnail_pack, schema.media.c.fault_code)


class Standing:
    """Questions about the state of taking in; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, sha256s: Sequence[str], *, retry: Collection[FaultCode] = ()) -> set[str]:
        """Those of the digests (lower-case hex) whose media the catalogue holds.

        Content of which no pixels could be had, for one of the faults in `retry`, does not count as known.
        """
        with self._store.database.reading() as connection:
            found = media_rows(connection, map(rows.sha256_bytes, sha256s), *_DEPTH)
            codes = self._codes(connection, retry)
        return {digest.hex() for digest, row in found.items() if not _undecoded(row, codes)}

    def taken(
        self,
        source_id: int,
        stats: Sequence[tuple[str, int | None, int | None]],
        *,
        retry: Collection[FaultCode] = (),
    ) -> set[str]:
        """Paths of the source that are committed with just this size and time of change: to be skipped.

        Args:
            source_id: as `source` gave it.
            stats: (path, size in bytes, time of change in ns) of each.
            retry: paths that ended with one of these faults are not counted as taken, nor those of
                whose content no pixels could be had for one of them.
        """
        with self._store.database.reading() as connection:
            found = occurrence_rows(connection, source_id, [path for path, _, _ in stats])
            faulted = [row for row in found.values() if row["fault_code"] is not None]
            codes = self._codes(connection, retry if faulted else ())
            undecoded = _undecoded_media(connection, faulted, codes)
        return {
            path
            for path, size, modified_ns in stats
            if (row := found.get(path)) is not None
            and row["size"] == rows.int64(size)
            and row["modified_ns"] == rows.int64(modified_ns)
            and row["fault_code"] not in codes
            and row["media_id"] not in undecoded
        }

    def content_at(self, source_id: int, path: str) -> str | None:
        """SHA-256 of the media at a path of a source, as last committed; None where there is none."""
        with self._store.database.reading() as connection:
            row = occurrence_rows(connection, source_id, [path]).get(path)
            if row is None or row["media_id"] is None:
                return None
            digest = connection.execute(
                sa.select(schema.media.c.sha256).where(schema.media.c.id == row["media_id"])
            ).scalar()
        return None if digest is None else bytes(digest).hex()

    def _codes(self, connection: Connection, faults: Collection[FaultCode]) -> Collection[int]:
        """Numbers of those fault codes that the catalogue holds at all."""
        if not faults:
            return ()
        return self._store.words.ids(connection, {code.value for code in faults}).values()

    def units_done(self, source_id: int) -> set[str]:
        """Keys of the source's units that are wholly committed."""
        table = schema.unit_done
        with self._store.database.reading() as connection:
            query = sa.select(table.c.unit_key).where(table.c.source_id == source_id)
            return set(connection.execute(query).scalars())

    def counts(self) -> Counts:
        """How much there is; a few rows are read however much that is."""
        with self._store.database.reading() as connection:
            by_source = tallies.read_tallies(connection)
            sources = _count(connection.execute(sa.select(sa.func.count()).select_from(schema.source)))
            series = _count(connection.execute(sa.select(sa.func.count()).select_from(schema.series)))
            members = _count(connection.execute(sa.select(sa.func.sum(schema.series.c.size))))
        media = by_source.pop(tallies.EVERYWHERE, Counter())
        paths: Counter[str] = Counter()
        for counts in by_source.values():
            paths.update(counts)
        return Counts(
            sources=sources,
            occurrences=paths[tallies.OCCURRENCES],
            unique=media[tallies.UNIQUE],
            pictures=media[MediaKind.PICTURE.value],
            videos=media[MediaKind.VIDEO.value],
            undecoded=media[tallies.UNDECODED],
            other=paths[Outcome.OTHER.value],
            occurrence_bytes=paths[tallies.BYTES],
            unique_bytes=media[tallies.UNIQUE_BYTES],
            faults=_faults(paths),
            series=series,
            in_series=members,
        )

    def sources(self) -> list[SourceRecord]:
        """All sources in the order in which they were first taken in."""
        with self._store.database.reading() as connection:
            by_source = tallies.read_tallies(connection)
            found = connection.execute(sa.select(schema.source).order_by(schema.source.c.id)).mappings().all()
        return [_source(row, by_source.get(row["id"], Counter())) for row in found]

    def faults(
        self,
        limit: int = 100,
        offset: int = 0,
        code: FaultCode | str | None = None,
        source_id: int | None = None,
    ) -> list[FaultRecord]:
        """Paths that could not be read, or only in part, in the order in which they were taken in.

        Raises:
            UsageError: there is no such fault code.
        """
        table = schema.occurrence
        query = (
            sa.select(table, schema.source.c.name, schema.media.c.sha256)
            .join(schema.source)
            .outerjoin(schema.media, schema.media.c.id == table.c.media_id)
            .where(table.c.fault_code.is_not(None))
            .order_by(table.c.id)
        )
        if source_id is not None:
            query = query.where(table.c.source_id == source_id)
        with self._store.database.reading() as connection:
            texts = self._store.words.texts(connection)
            if code is not None:
                words = self._store.words.ids(connection, [_code(code).value])
                query = query.where(table.c.fault_code.in_(words.values()))
            found = connection.execute(query.limit(limit).offset(offset)).mappings().all()
        return [_fault_record(row, rows.fault_of(row, texts)) for row in found]


def _undecoded(row: RowMapping, codes: Collection[int]) -> bool:
    return row["fault_code"] in codes and depth_of(row) < PIXELS


def _undecoded_media(connection: Connection, paths: Sequence[RowMapping], codes: Collection[int]) -> set[int]:
    """Media of these paths of which no pixels could be had for one of the faults.

    Asked apart, since a path may show another fault than its content has.
    """
    table = schema.media
    asked = {row["media_id"] for row in paths if row["media_id"] is not None} if codes else set()
    found: set[int] = set()
    for chunk in chunks(asked):
        query = sa.select(table.c.id, *_DEPTH).where(table.c.id.in_(chunk))
        found |= {row["id"] for row in connection.execute(query).mappings() if _undecoded(row, codes)}
    return found


def _count(result: sa.Result[Any]) -> int:
    return int(result.scalar() or 0)


def _code(code: FaultCode | str) -> FaultCode:
    try:
        return FaultCode(code)
    except ValueError:
        raise UsageError(
            f"There is no fault code {code!r}; the codes are {', '.join(sorted(FaultCode))}."
        ) from None


def _faults(counts: Counter[str]) -> dict[str, int]:
    return {
        name.removeprefix(tallies.FAULT): count
        for name, count in sorted(counts.items())
        if name.startswith(tallies.FAULT) and count
    }


def _source(row: RowMapping, counts: Counter[str]) -> SourceRecord:
    return SourceRecord(
        id=row["id"],
        name=row["name"],
        path=bytes(row["path"]).decode("utf-8", "surrogateescape"),
        reader=row["reader"],
        added_at=row["added_at"],
        occurrences=counts[tallies.OCCURRENCES],
        media=counts[Outcome.MEDIA.value],
        other=counts[Outcome.OTHER.value],
        faults=sum(_faults(counts).values()),
        bytes=counts[tallies.BYTES],
    )


def _fault_record(row: RowMapping, fault: Fault | None) -> FaultRecord:
    if fault is None:
        raise AssertionError("the query asks for rows with a fault")
    return FaultRecord(
        source_id=row["source_id"],
        source=row["name"],
        path=rows.path_of(row),
        size=row["size"],
        fault=fault,
        sha256=None if row["sha256"] is None else bytes(row["sha256"]).hex(),
        partial=row["outcome"] == rows.OUTCOMES[Outcome.MEDIA],
    )
