"""What dear signals leave behind: outcomes of comparisons, and fingerprints made after the ingest.

All of it can be made anew from what is held. Never says what an outcome means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.committing import merge_small_files
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.fingerprint_files import insert_files, write_files
from foureyes.engine.catalogue.lookups import chunks, media_ids
from foureyes.engine.catalogue.rows import sha256_bytes
from foureyes.engine.catalogue.store import Store
from foureyes.engine.model import Comparison, Fingerprint

_BATCH = 5_000
_PAGE = 10_000


class Comparisons:
    """Questions and commits of dear signals; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def comparisons(self, kind: str, version: int) -> Iterator[Comparison]:
        """All outcomes of one kind and version, those without a result (score 0) too, in no order."""
        table, a, b = schema.comparison, schema.media.alias("a"), schema.media.alias("b")
        columns = (table.c.a, table.c.b, a.c.sha256, b.c.sha256, table.c.score, table.c.detail)
        last = (-1, -1)
        with self._store.database.reading() as connection:
            number = self._store.words.ids(connection, [kind]).get(kind)
        while number is not None:
            query = (
                sa.select(*columns)
                .select_from(table)
                .join(a, a.c.id == table.c.a)
                .join(b, b.c.id == table.c.b)
                .where(
                    table.c.kind == number,
                    table.c.version == version,
                    sa.tuple_(table.c.a, table.c.b) > sa.tuple_(*map(sa.literal, last)),
                )
                .order_by(table.c.a, table.c.b)
                .limit(_PAGE)
            )
            with self._store.database.reading() as connection:
                page = connection.execute(query).all()
            for _, _, one, two, score, detail in page:
                first, second = sorted((bytes(one).hex(), bytes(two).hex()))
                yield Comparison(first, second, kind, version, score, bytes(detail))
            if len(page) < _PAGE:
                return
            last = (page[-1][0], page[-1][1])

    def compared(
        self, kind: str, version: int, pairs: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], Comparison]:
        """Of these pairs (a < b) those that were compared before, with what came of it."""
        found: dict[tuple[str, str], Comparison] = {}
        with self._store.database.reading() as connection:
            number = self._store.words.ids(connection, [kind]).get(kind)
            if number is None or not pairs:
                return found
            ids = media_ids(connection, {sha256_bytes(one) for pair in pairs for one in pair})
            for chunk in chunks(sorted(pairs)):
                found.update(_found(connection, chunk, ids, (kind, number, version)))
        return found

    def record_comparisons(self, comparisons: Iterable[Comparison]) -> None:
        """Keep outcomes; one of the same pair and kind is replaced. In transactions of at most 5,000.

        Raises:
            ValueError: a media is not held, or a pair is not in order.
            StorageFull: what stood before stands.
        """
        self._store.writer()
        for batch in chunks(comparisons, _BATCH):
            with engine_errors(), self._store.database.writing_alone() as connection:
                self._write(connection, batch)

    def record_fingerprints(self, owned: Sequence[tuple[str, Fingerprint]]) -> None:
        """Keep fingerprints that were made after the ingest, of media (SHA-256) that are held.

        They are written to one file per kind, version and width, and count from the end of this call on.

        Raises:
            ValueError: a media is not held.
            StorageFull: nothing of it is left.
        """
        self._store.writer()
        rows = [(sha256_bytes(sha256), fingerprint) for sha256, fingerprint in owned]
        with self._store.database.reading() as connection:
            known = media_ids(connection, {digest for digest, _ in rows})
            last = connection.execute(sa.select(sa.func.max(schema.fingerprint_file.c.id))).scalar() or 0
        if unknown := {digest for digest, _ in rows} - known.keys():
            raise ValueError(f"{len(unknown)} media of these fingerprints are not held")
        try:
            with engine_errors():
                files = write_files(self._store.workspace.fingerprints, last + 1, rows)
                with self._store.database.writing_alone() as connection:
                    insert_files(connection, files)
        except BaseException:
            self._store.abandon()
            raise
        merge_small_files(self._store)

    def _write(self, connection: Connection, batch: Sequence[Comparison]) -> None:
        table = schema.comparison
        ids = media_ids(connection, {sha256_bytes(one) for row in batch for one in (row.a, row.b)})
        words = self._store.words.ids_for_writing(connection, {row.kind for row in batch})
        rows: dict[tuple[int, int, int], dict[str, object]] = {}
        for one in batch:
            a, b = ids.get(sha256_bytes(one.a)), ids.get(sha256_bytes(one.b))
            if a is None or b is None or one.a >= one.b:
                raise ValueError(f"a comparison of {one.a[:12]} with {one.b[:12]}: not held, or not in order")
            key = (min(a, b), max(a, b), words[one.kind])
            rows[key] = {
                "a": key[0],
                "b": key[1],
                "kind": key[2],
                "version": one.version,
                "score": one.score,
                "detail": one.detail,
            }
        for some in chunks(sorted(rows)):
            here = sa.tuple_(table.c.a, table.c.b, table.c.kind).in_(some)
            connection.execute(table.delete().where(here))
        connection.execute(table.insert(), [rows[key] for key in sorted(rows)])


def _found(
    connection: Connection,
    pairs: Sequence[tuple[str, str]],
    ids: dict[bytes, int],
    what: tuple[str, int, int],
) -> Iterator[tuple[tuple[str, str], Comparison]]:
    """Outcomes of some hundred pairs."""
    table = schema.comparison
    kind, number, version = what
    wanted: dict[tuple[int, int], tuple[str, str]] = {}
    for pair in pairs:
        held = [ids.get(sha256_bytes(one)) for one in pair]
        if held[0] is not None and held[1] is not None:
            wanted[min(held[0], held[1]), max(held[0], held[1])] = pair
    if not wanted:
        return
    query = sa.select(table.c.a, table.c.b, table.c.score, table.c.detail).where(
        sa.tuple_(table.c.a, table.c.b).in_(list(wanted)),
        table.c.kind == number,
        table.c.version == version,
    )
    for a, b, score, detail in connection.execute(query):
        pair = wanted[a, b]
        yield pair, Comparison(*pair, kind, version, score, bytes(detail))
