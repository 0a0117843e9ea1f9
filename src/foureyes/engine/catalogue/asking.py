"""What is known of media, without any lock and while others write.

Every answer is read in short transactions; iterators go forward by row number in pages and hold no
connection while their consumer works. Nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.answers import IndexRow, OccurrenceRecord
from foureyes.engine.catalogue.fact_rows import all_facts, occurrence_facts, own_facts, within
from foureyes.engine.catalogue.fingerprint_files import FingerprintTable, read_table, recorded_files
from foureyes.engine.catalogue.images import Images
from foureyes.engine.catalogue.lookups import chunks, media_ids, media_rows
from foureyes.engine.errors import UsageError, WorkspaceDamaged
from foureyes.engine.model import Digest, Fact, FactName, Media, Occurrence, Outcome, Times

PAGE = 5000
"""Rows that an iterator reads at once."""
_HEX = frozenset("0123456789abcdef")
_SHORTEST = 4
_SURELY_DIGEST = 8
_KEY_DIGITS = 16
_TRIES = 5


class Asking(Images):
    """Questions about media; `Catalogue` is this and more."""

    def media(self, sha256: str) -> Media | None:
        """One media with facts, thumbnail and preview; None if it is not known."""
        digest = rows.sha256_bytes(sha256)
        with self._store.database.reading() as connection:
            row = media_rows(connection, [digest]).get(digest)
            if row is None:
                return None
            texts = self._store.words.texts(connection)
            facts = all_facts(connection, [row["id"]], None, texts)
        images = [self.image_at(row, name) for name in ("thumbnail", "preview")]
        return rows.media_of(row, texts, tuple(facts.get(row["id"], ())), *images)

    def media_many(self, sha256s: Sequence[str]) -> dict[str, Media]:
        """Media with their facts, without thumbnails and previews; unknown ones are left out."""
        found: dict[str, Media] = {}
        for chunk in chunks(sha256s):
            with self._store.database.reading() as connection:
                rows_found = media_rows(connection, map(rows.sha256_bytes, chunk))
                found |= self._with_facts(connection, list(rows_found.values()))
        return {sha256: found[sha256] for sha256 in sha256s if sha256 in found}

    def thumbnail_marks(self, sha256: NDArray[np.uint8]) -> NDArray[np.int64]:
        """What tells the thumbnails of some media apart without reading them.

        Gives shape (n, 4) for SHA-256s of shape (n, 32): width and height of the media, bytes and CRC-32 of
        its thumbnail. Zeros for media that are not known or have none.
        """
        table = schema.media
        columns = (table.c.width, table.c.height, table.c.thumbnail_length, table.c.thumbnail_crc)
        marks = np.zeros((len(sha256), len(columns)), np.int64)
        for numbers in chunks(range(len(sha256))):
            digests = [sha256[number].tobytes() for number in numbers]
            with self._store.database.reading() as connection:
                found = media_rows(connection, digests, *columns)
            for number, digest in zip(numbers, digests, strict=True):
                row = found.get(digest)
                if row is not None and row["thumbnail_length"] is not None:
                    marks[number] = [row[column.name] for column in columns]
        return marks

    def film_seconds(self) -> dict[str, float]:
        """How long each film is, by SHA-256; those that do not say are left out."""
        table = schema.media
        query = sa.select(table.c.id, table.c.sha256, table.c.duration).where(table.c.duration > 0)
        return {
            bytes(row["sha256"]).hex(): row["duration"]
            for page in self._pages(query, table.c.id)
            for row in page
        }

    def iterate_media(self) -> Iterator[Media]:
        """All media in the order in which they came, with facts, without thumbnails and previews."""
        for page in self._pages(sa.select(schema.media), schema.media.c.id):
            with self._store.database.reading() as connection:
                found = self._with_facts(connection, page)
            yield from found.values()

    def media_index(self) -> Iterator[IndexRow]:
        """One row of every media with the path that stands for it, in the order in which they came."""
        for page in self._pages(sa.select(schema.media), schema.media.c.id):
            with self._store.database.reading() as connection:
                texts = self._store.words.texts(connection)
                earliest = _earliest(connection, [row["id"] for row in page])
            for row in page:
                if (occurrence := earliest.get(row["id"])) is not None:
                    yield _index_row(row, occurrence, texts)

    def occurrences(self, sha256: str, *, past: bool = False) -> list[OccurrenceRecord]:
        """The paths that hold a media, by source and path; with `past` those too that held it once."""
        digest = rows.sha256_bytes(sha256)
        table = schema.occurrence
        with self._store.database.reading() as connection:
            number = media_ids(connection, [digest]).get(digest)
            if number is None:
                return []
            texts = self._store.words.texts(connection)
            query = sa.select(table, schema.source.c.name).join(schema.source)
            found = connection.execute(query.where(table.c.media_id == number)).mappings().all()
            facts = occurrence_facts(connection, [row["id"] for row in found], texts)
            old = _past_rows(connection, number) if past else []
        records = [
            _record(row, rows.occurrence_of(row, texts, tuple(facts.get(row["id"], ()))), digest)
            for row in found
        ]
        records.sort(key=lambda record: (record.source_id, record.occurrence.path))
        return records + [_past_record(row, sha256) for row in old]

    def paths_of(self, sha256s: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """(name of the source, path) of every path that holds one of some media, by source and path."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        table, source = schema.occurrence, schema.source
        columns = (table.c.media_id, source.c.id, source.c.name, table.c.path, table.c.path_raw)
        for chunk in chunks(sha256s):
            with self._store.database.reading() as connection:
                ids = media_ids(connection, map(rows.sha256_bytes, chunk))
                by_id = {number: digest.hex() for digest, number in ids.items()}
                query = sa.select(*columns).join(source).where(table.c.media_id.in_(by_id))
                held = connection.execute(query).mappings().all()
            for row in sorted(held, key=lambda row: (row["id"], row["path"])):
                found[by_id[row["media_id"]]].append((row["name"], rows.path_of(row)))
        return dict(found)

    def file_times(self, sha256s: Sequence[str]) -> dict[str, list[tuple[int, Times]]]:
        """(source, times of the file) of every path that holds one of the media, as they came."""
        table = schema.occurrence
        columns = (table.c.media_id, table.c.source_id, table.c.created_ns, table.c.modified_ns)
        found: dict[str, list[tuple[int, Times]]] = defaultdict(list)
        for chunk in chunks(sha256s):
            with self._store.database.reading() as connection:
                ids = media_ids(connection, map(rows.sha256_bytes, chunk))
                by_id = {number: digest.hex() for digest, number in ids.items()}
                query = sa.select(*columns).where(table.c.media_id.in_(by_id)).order_by(table.c.id)
                for media_id, source_id, created, modified in connection.execute(query):
                    found[by_id[media_id]].append((source_id, Times(created, modified)))
        return dict(found)

    def iterate_occurrences(self) -> Iterator[OccurrenceRecord]:
        """All paths in the order in which they came, and then the past ones."""
        table, media = schema.occurrence, schema.media
        query = (
            sa.select(table, schema.source.c.name, media.c.sha256)
            .join(schema.source)
            .outerjoin(media, media.c.id == table.c.media_id)
        )
        for page in self._pages(query, table.c.id):
            with self._store.database.reading() as connection:
                texts = self._store.words.texts(connection)
                facts = occurrence_facts(connection, [row["id"] for row in page], texts)
            for row in page:
                stated = tuple(facts.get(row["id"], ()))
                yield _record(row, rows.occurrence_of(row, texts, stated), row["sha256"])
        past = schema.past_occurrence
        query = (
            sa.select(past, schema.source.c.name, media.c.sha256)
            .join(schema.source, schema.source.c.id == past.c.source_id)
            .join(media, media.c.id == past.c.media_id)
        )
        for page in self._pages(query, past.c.id):
            yield from (_past_record(row, bytes(row["sha256"]).hex()) for row in page)

    def facts(self, sha256: str) -> tuple[Fact, ...]:
        """All facts of one media: its own, then those that sources state beside its paths."""
        return self.facts_of([sha256]).get(sha256, ())

    def facts_of(
        self, sha256s: Sequence[str], names: Collection[FactName] | None = None
    ) -> dict[str, tuple[Fact, ...]]:
        """Facts of some media, of all names or of some; media without any are left out."""
        found: dict[str, tuple[Fact, ...]] = {}
        for chunk in chunks(sha256s):
            with self._store.database.reading() as connection:
                ids = media_ids(connection, map(rows.sha256_bytes, chunk))
                texts = self._store.words.texts(connection)
                facts = all_facts(connection, list(ids.values()), names, texts)
            by_id = {number: digest.hex() for digest, number in ids.items()}
            found |= {by_id[number]: tuple(stated) for number, stated in facts.items()}
        return found

    def facts_table(self, names: Collection[FactName]) -> Iterator[tuple[str, Fact]]:
        """Every fact of these names, with its media; those that sources state are included."""
        columns = sa.select(schema.media.c.id, schema.media.c.sha256)
        for page in self._pages(columns, schema.media.c.id):
            with self._store.database.reading() as connection:
                texts = self._store.words.texts(connection)
                facts = all_facts(connection, [row["id"] for row in page], names, texts)
            for row in page:
                sha256 = bytes(row["sha256"]).hex()
                for fact in facts.get(row["id"], ()):
                    yield sha256, fact

    def fingerprint_kinds(self) -> list[tuple[str, int, int]]:
        """(kind, version, rows) of all fingerprints that are held."""
        with self._store.database.reading() as connection:
            files = recorded_files(connection)
        kinds: dict[tuple[str, int], int] = {}
        for file in files:
            kinds[file.kind, file.version] = kinds.get((file.kind, file.version), 0) + file.rows
        return [(kind, version, count) for (kind, version), count in sorted(kinds.items())]

    def fingerprints(
        self,
        kind: str,
        version: int | None = None,
        *,
        width: int | None = None,
        owners: Sequence[str] | None = None,
        from_row: int = 0,
        to_row: int | None = None,
    ) -> FingerprintTable:
        """All fingerprints of a kind as arrays; see `FingerprintTable`.

        A row keeps its number for ever: new ones come behind it, whatever files are merged.

        Args:
            kind: such as `pdq`. A kind that nothing has gives an empty table.
            version: the newest that is held, if None.
            width: keep only so many first bytes of each value (32: the upright one of `pdq`, an
                eighth of the memory).
            owners: only rows of these media (SHA-256). Of all others no value is read: 32 bytes a row
                are looked at, and no more is held than one row group (65,536 rows).
            from_row: only rows from this number on.
            to_row: only rows before this number.
        """
        wanted = None if owners is None else [rows.sha256_bytes(sha256) for sha256 in owners]
        for _ in range(_TRIES):
            with self._store.database.reading() as connection:
                files = recorded_files(connection, kind)
            newest = max((file.version for file in files), default=0) if version is None else version
            chosen = [file for file in files if file.version == newest]
            try:
                folder = self._store.workspace.fingerprints
                return read_table(folder, chosen, kind, newest, width, wanted, (from_row, to_row))
            except FileNotFoundError:
                continue
        raise WorkspaceDamaged(f"Fingerprint files of {kind} are missing: run `foureyes verify`.")

    def find(self, prefix: str, limit: int = 20) -> list[str]:
        """SHA-256 of media by the first digits of their SHA-256 (4 or more) or by the end of a path.

        The end of a path is found at once where it begins after a `/`, whatever the case of the file
        name; any other end needs a pass over all paths, which eight hex digits and more never start.
        """
        wanted = prefix.strip()
        if not wanted:
            raise UsageError("Name a media by the first digits of its SHA-256, or by the end of its path.")
        with self._store.database.reading() as connection:
            digits = len(wanted) if _HEX.issuperset(wanted.lower()) else 0
            found = _by_digest(connection, wanted.lower(), limit) if digits >= _SHORTEST else []
            found = found or _by_name(connection, wanted, limit)
            if found or digits >= _SURELY_DIGEST:
                return found
            return _by_ending(connection, wanted, limit)

    def starting_with(self, prefixes: Collection[str]) -> dict[str, list[str]]:
        """SHA-256 of the media that start with each of these first 16 digits or more, in one question.

        Those that no media starts with are left out.
        """
        by_key: dict[int, list[str]] = {}
        for one in prefixes:
            by_key.setdefault(rows.digest_key(bytes.fromhex(one[:_KEY_DIGITS])), []).append(one)
        found: dict[str, list[str]] = {}
        table = schema.media
        with self._store.database.reading() as connection:
            for chunk in chunks(by_key):
                query = sa.select(table.c.sha_key, table.c.sha256).where(table.c.sha_key.in_(chunk))
                for key, digest in connection.execute(query):
                    sha256 = bytes(digest).hex()
                    for prefix in filter(sha256.startswith, by_key[key]):
                        found.setdefault(prefix, []).append(sha256)
        return found

    def by_digest(self, digest: Digest, value: str) -> list[str]:
        """SHA-256 of the media with this digest, lower-case hex. Raises UsageError for another length.

        There is no index on SHA-1 and MD5 (lists are joined with the whole): they take a pass over all media.
        """
        column = {
            Digest.SHA256: schema.media.c.sha256,
            Digest.SHA1: schema.media.c.sha1,
            Digest.MD5: schema.media.c.md5,
        }[digest]
        try:
            wanted = bytes.fromhex(value)
        except ValueError as error:
            raise UsageError(f"{value!r} is no hash: it has signs that are no hexadecimal digits.") from error
        query = sa.select(schema.media.c.sha256).where(column == wanted)
        if digest is Digest.SHA256:
            query = query.where(schema.media.c.sha_key == rows.digest_key(wanted))
        with self._store.database.reading() as connection:
            return sorted(bytes(found).hex() for found in connection.execute(query).scalars())

    def _with_facts(self, connection: Connection, page: Sequence[RowMapping]) -> dict[str, Media]:
        texts = self._store.words.texts(connection)
        facts = own_facts(connection, [row["id"] for row in page], None, texts)
        records = (rows.media_of(row, texts, tuple(facts.get(row["id"], ())), b"", b"") for row in page)
        return {record.digests.sha256: record for record in records}

    def _pages(self, query: sa.Select[Any], number: sa.Column[int]) -> Iterator[Sequence[RowMapping]]:
        last = 0
        while True:
            with self._store.database.reading() as connection:
                page = query.where(number > last).order_by(number).limit(PAGE)
                found = connection.execute(page).mappings().all()
            if not found:
                return
            yield found
            last = found[-1]["id"]


def _earliest(connection: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    table = schema.occurrence
    columns = (table.c.media_id, table.c.source_id, table.c.path, table.c.path_raw, table.c.modified_ns)
    found: dict[int, RowMapping] = {}
    for condition in within(table.c.media_id, ids):
        for row in connection.execute(sa.select(*columns).where(condition)).mappings():
            best = found.get(row["media_id"])
            if best is None or _order(row) < _order(best):
                found[row["media_id"]] = row
    return found


def _order(row: RowMapping) -> tuple[bool, int, int, str]:
    stated = row["modified_ns"]
    return stated is None, stated or 0, row["source_id"], row["path"]


def _index_row(row: RowMapping, occurrence: RowMapping, texts: Mapping[int, str]) -> IndexRow:
    return IndexRow(
        sha256=bytes(row["sha256"]).hex(),
        kind=rows.media_kind(row["kind"]),
        format=texts[row["format"]],
        width=row["width"],
        height=row["height"],
        size=row["size"],
        source_id=occurrence["source_id"],
        path=rows.path_of(occurrence),
        modified_ns=occurrence["modified_ns"],
    )


def _past_rows(connection: Connection, media_id: int) -> Sequence[RowMapping]:
    table = schema.past_occurrence
    query = sa.select(table, schema.source.c.name).join(schema.source)
    return connection.execute(query.where(table.c.media_id == media_id).order_by(table.c.id)).mappings().all()


def _record(row: RowMapping, occurrence: Occurrence, digest: bytes | None) -> OccurrenceRecord:
    return OccurrenceRecord(
        row["source_id"],
        row["name"],
        occurrence,
        rows.OUTCOME_OF[row["outcome"]],
        None if digest is None else bytes(digest).hex(),
    )


def _past_record(row: RowMapping, sha256: str) -> OccurrenceRecord:
    times = Times(modified_ns=row["modified_ns"])
    occurrence = Occurrence(rows.path_of(row), row["size"], times)
    return OccurrenceRecord(row["source_id"], row["name"], occurrence, Outcome.MEDIA, sha256, past=True)


def _by_digest(connection: Connection, prefix: str, limit: int) -> list[str]:
    lowest = bytes.fromhex(prefix[:_KEY_DIGITS].ljust(_KEY_DIGITS, "0"))
    highest = bytes.fromhex(prefix[:_KEY_DIGITS].ljust(_KEY_DIGITS, "f"))
    table = schema.media
    query = sa.select(table.c.sha256).where(
        table.c.sha_key.between(rows.digest_key(lowest), rows.digest_key(highest))
    )
    found = sorted(bytes(digest).hex() for digest in connection.execute(query.limit(limit)).scalars())
    return [sha256 for sha256 in found if sha256.startswith(prefix)]


def _by_name(connection: Connection, ending: str, limit: int) -> list[str]:
    table = schema.occurrence
    text = rows.storable_text(ending)
    query = _media_of_paths().where(
        table.c.name_key == rows.name_key(ending),
        sa.or_(sa.func.lower(table.c.path) == text.lower(), _ends_with(table.c.path, "/" + text.lstrip("/"))),
    )
    return _digests(connection, query, limit)


def _by_ending(connection: Connection, ending: str, limit: int) -> list[str]:
    query = _media_of_paths().where(_ends_with(schema.occurrence.c.path, rows.storable_text(ending)))
    return _digests(connection, query, limit)


def _media_of_paths() -> sa.Select[Any]:
    return sa.select(schema.media.c.sha256).join(
        schema.occurrence, schema.occurrence.c.media_id == schema.media.c.id
    )


def _ends_with(column: sa.Column[str], ending: str) -> sa.ColumnElement[bool]:
    return column.iendswith(ending, autoescape=True)


def _digests(connection: Connection, query: sa.Select[Any], limit: int) -> list[str]:
    distinct = query.distinct().order_by(schema.media.c.sha256).limit(limit)
    return [bytes(digest).hex() for digest in connection.execute(distinct).scalars()]
