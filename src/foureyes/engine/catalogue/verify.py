"""Proof that the catalogue is whole: everything that was committed is read again and compared.

It repairs nothing and takes no lock: what it names, a copy must restore. Each check is one function that
yields problems; a check that the damage itself breaks off is a problem too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema, tallies
from foureyes.engine.catalogue.answers import Problem
from foureyes.engine.catalogue.chained import broken_rows
from foureyes.engine.catalogue.fingerprint_files import (
    FileRow,
    file_digest,
    read_table,
    recorded_files,
)
from foureyes.engine.catalogue.list_files import content_of
from foureyes.engine.catalogue.lists import list_files
from foureyes.engine.catalogue.lookups import media_ids
from foureyes.engine.catalogue.originals import Originals
from foureyes.engine.catalogue.packs import Place, pack_name
from foureyes.engine.catalogue.seals import broken_media, broken_occurrences
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import EngineError, WorkspaceDamaged
from foureyes.engine.model import FactName, FaultCode, Origin, counted

Progress = Callable[[str, int, int], None]
Check = Callable[[Store, Progress], Iterator[Problem]]
_PAGE = 5000


def verify(store: Store, progress: Progress | None = None) -> Iterator[Problem]:
    """Yield every problem found; nothing at all means that the catalogue is whole."""
    tell = progress or (lambda _what, _done, _total: None)
    checks: tuple[tuple[str, Check], ...] = (
        ("database", _database),
        ("references", _references),
        ("rows", _rows),
        ("packs", _packs),
        ("thumbnails and previews", _records),
        ("fingerprints", _fingerprints),
        ("hash lists", _lists),
        ("originals", _originals),
        ("counts", _counts),
        ("series", _series),
        ("decisions, names, lists and regions", _chains),
    )
    for name, check in checks:
        try:
            yield from check(store, tell)
        except (EngineError, OSError, sa.exc.SQLAlchemyError, KeyError, ValueError) as error:
            yield Problem(name, f"the check could not be ended: {error}")


def _database(store: Store, tell: Progress) -> Iterator[Problem]:
    """The database's own checks; on PostgreSQL, which has none to ask for here, every row is read."""
    tell("database", 0, 1)
    with store.database.reading() as connection:
        if store.database.is_sqlite:
            for said in connection.exec_driver_sql("PRAGMA integrity_check").scalars():
                if said != "ok":
                    yield Problem(store.workspace.database.name, str(said))
        else:
            for table in schema.metadata.sorted_tables:
                for _ in connection.execution_options(yield_per=_PAGE).execute(sa.select(table)):
                    pass
        words = connection.execute(sa.select(schema.word.c.text)).scalars().all()
    tell("database", 1, 1)
    if len(words) != len(set(words)):
        yield Problem("word", "a word has two numbers")


def _references(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every row that points to another finds it; nothing is there twice."""
    tell("references", 0, 1)
    with store.database.reading() as connection:
        for table in schema.metadata.sorted_tables:
            for column in table.columns:
                for key in column.foreign_keys:
                    yield from _dangling(connection, table, column, key.column)
        yield from _words_in_use(connection)
        yield from _twice(connection)
    tell("references", 1, 1)


def _dangling(
    connection: Connection, table: sa.Table, column: sa.Column[object], target: sa.Column[object]
) -> Iterator[Problem]:
    other = target.table.alias()
    lost = sa.select(sa.func.count()).select_from(table.outerjoin(other, other.c[target.name] == column))
    query = lost.where(column.is_not(None), other.c[target.name].is_(None))
    if count := connection.execute(query).scalar():
        yield Problem(table.name, f"{count} row(s) whose {column.name} names no row of {target.table.name}")


def _words_in_use(connection: Connection) -> Iterator[Problem]:
    """Names and origins of facts, and fault codes, are words that this version knows."""
    known: tuple[tuple[sa.Column[int], type[FactName | Origin | FaultCode]], ...] = (
        (schema.fact.c.name, FactName),
        (schema.fact.c.origin, Origin),
        (schema.occurrence_fact.c.name, FactName),
        (schema.occurrence_fact.c.origin, Origin),
        (schema.media.c.fault_code, FaultCode),
        (schema.occurrence.c.fault_code, FaultCode),
    )
    for column, kind in known:
        query = sa.select(schema.word.c.text).where(schema.word.c.id.in_(sa.select(column)))
        for text in connection.execute(query).scalars():
            if text not in {member.value for member in kind}:
                yield Problem(column.table.name, f"{text!r} is no {column.name} that this version knows")


def _twice(connection: Connection) -> Iterator[Problem]:
    for table, whole in (
        (schema.media, (schema.media.c.sha256,)),
        (
            schema.occurrence,
            (schema.occurrence.c.source_id, schema.occurrence.c.path, schema.occurrence.c.path_raw),
        ),
    ):
        key = table.c.sha_key if table is schema.media else table.c.path_key
        keys = sa.select(key).group_by(key).having(sa.func.count() > 1)
        query = sa.select(*whole).where(key.in_(keys)).group_by(*whole).having(sa.func.count() > 1)
        for row in connection.execute(query):
            shown = bytes(row[0]).hex() if table is schema.media else repr(row[1])
            yield Problem(table.name, f"{shown} is there twice")


def _rows(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every row of media and occurrences bears its seal, and so do its facts."""
    for table, broken in ((schema.media, broken_media), (schema.occurrence, broken_occurrences)):
        with store.database.reading() as connection:
            total = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0)
        last = done = 0
        while True:
            with store.database.snapshot() as connection:
                page = list(broken(connection, last))
            if not page:
                break
            for _, shown in page:
                if shown is not None:
                    yield Problem(table.name, f"{shown} is not as it was committed")
            last, done = page[-1][0], done + len(page)
            tell(table.name, min(done, total), total)


def _packs(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every pack is there, as long as was committed, and no record lies beyond its end."""
    with store.database.snapshot() as connection:
        packs = connection.execute(sa.select(schema.pack)).mappings().all()
        ends = {row["id"]: _ends(connection, row["id"], row["family"]) for row in packs}
    for done, row in enumerate(packs):
        tell("packs", done, len(packs))
        name = pack_name(row["family"], row["number"])
        path = store.workspace.packs / name
        if not path.exists():
            yield Problem(name, "the pack is missing")
            continue
        if (size := path.stat().st_size) < row["length"]:
            yield Problem(name, f"the pack holds {size} bytes of {row['length']} that were committed")
        if ends[row["id"]] > row["length"]:
            yield Problem(name, "records lie beyond the length that was committed")


def _ends(connection: Connection, pack_id: int, family: str) -> int:
    """Where the last record of a pack ends."""
    what = family.removesuffix("s")
    pack, offset, length = (schema.media.c[f"{what}_{part}"] for part in ("pack", "offset", "length"))
    query = sa.select(sa.func.max(offset + length)).where(pack == pack_id)
    return int(connection.execute(query).scalar() or 0)


def _records(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every thumbnail and preview has the checksum that was committed."""
    for what in ("thumbnail", "preview"):
        yield from _records_of(store, what, tell)


def _records_of(store: Store, what: str, tell: Progress) -> Iterator[Problem]:
    table = schema.media
    parts = [table.c[f"{what}_{part}"] for part in ("pack", "offset", "length", "crc")]
    query = sa.select(table.c.id, table.c.sha256, *parts).order_by(table.c.id).limit(_PAGE)
    with store.database.reading() as connection:
        total = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0)
    last = done = 0
    while True:
        with store.database.reading() as connection:
            found = connection.execute(query.where(table.c.id > last)).all()
        if not found:
            return
        for number, digest, pack_id, offset, length, crc in found:
            last = number
            if pack_id is not None and not _intact(store, Place(pack_id, offset, length, crc)):
                name = store.pack_file(pack_id)
                yield Problem(name, f"the {what} of {bytes(digest).hex()} is damaged (byte {offset})")
        done += len(found)
        tell(f"{what}s", done, total)


def _intact(store: Store, place: Place) -> bool:
    try:
        store.pack_reader.read(store.pack_file(place.pack_id), place)
    except WorkspaceDamaged:
        return False
    return True


def _fingerprints(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every fingerprint file has the digest that was committed, and its rows belong to known media."""
    with store.database.reading() as connection:
        files = recorded_files(connection)
    for done, file in enumerate(files):
        tell("fingerprints", done, len(files))
        path = store.workspace.fingerprints / file.name
        try:
            if file_digest(path) != (file.sha256, file.size):
                yield Problem(file.name, "the file is not as it was committed")
                continue
            yield from _rows_of(store, file)
        except FileNotFoundError:
            if _still_recorded(store, file):
                yield Problem(file.name, "the file is missing")


def _lists(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every list has the files that it was sealed with, and each has the digest that was committed."""
    with store.database.reading() as connection:
        lists = connection.execute(sa.select(schema.hash_list.c.id, schema.hash_list.c.content)).all()
        files = {number: list_files(connection, number) for number, _ in lists}
    for done, (number, content) in enumerate(lists):
        tell("hash lists", done, len(lists))
        if content_of(files[number]) != bytes(content):
            yield Problem(f"list {number}", "its files are not those that it was added with")
        for file in files[number]:
            path = store.workspace.lists / file.name
            if not path.exists():
                yield Problem(file.name, "the file is missing")
            elif file_digest(path) != (file.sha256, file.size):
                yield Problem(file.name, "the file is not as it was committed")


def _originals(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every original that was kept is there, with the bytes of its name."""
    originals = Originals(store.workspace.originals, store.workspace.parts)
    total = originals.count()
    yield from originals.problems(lambda done: tell("originals", done, total))


def _rows_of(store: Store, file: FileRow) -> Iterator[Problem]:
    table = read_table(store.workspace.fingerprints, [file], file.kind, file.version)
    owners = {row.tobytes() for row in table.sha256}
    with store.database.reading() as connection:
        strangers = owners - media_ids(connection, owners).keys()
    if strangers:
        yield Problem(file.name, f"{len(strangers)} fingerprint(s) belong to no known media")


def _still_recorded(store: Store, file: FileRow) -> bool:
    """A running ingest may have merged the file since it was listed."""
    with store.database.reading() as connection:
        return file in recorded_files(connection)


def _counts(store: Store, tell: Progress) -> Iterator[Problem]:
    """The running counts are what counting anew gives."""
    tell("counts", 0, 1)
    with store.database.snapshot() as connection:
        stated = tallies.read_tallies(connection)
        counted = tallies.count_anew(connection, store.words.texts(connection))
    for source_id in sorted(stated.keys() | counted.keys()):
        kept, real = stated.get(source_id, Counter()), counted.get(source_id, Counter())
        for name in sorted(kept.keys() | real.keys()):
            if kept[name] != real[name]:
                where = "all media" if source_id == tallies.EVERYWHERE else f"source {source_id}"
                yield Problem("tally", f"{name} of {where}: {kept[name]} recorded, {real[name]} there")
    tell("counts", 1, 1)


def _series(store: Store, tell: Progress) -> Iterator[Problem]:
    """Every series has as many members as it says."""
    tell("series", 0, 1)
    member, series = schema.series_member, schema.series
    held = (
        sa.select(member.c.series_id, sa.func.count().label("held")).group_by(member.c.series_id).subquery()
    )
    held_or_none = sa.func.coalesce(held.c.held, 0)
    query = (
        sa.select(series.c.id, series.c.size, held_or_none)
        .outerjoin(held, held.c.series_id == series.c.id)
        .where(held_or_none != series.c.size)
    )
    with store.database.reading() as connection:
        for series_id, size, count in connection.execute(query):
            yield Problem("series", f"{series_id} says {counted(size, 'member')} and has {count:,}")
    tell("series", 1, 1)


def _chains(store: Store, tell: Progress) -> Iterator[Problem]:
    """What people ruled is as they ruled it, in the order in which they did."""
    tell("decisions, names, lists and regions", 0, 1)
    with store.database.reading() as connection:
        for table in schema.CHAINED:
            for number in broken_rows(connection, table):
                yield Problem(table.name, f"row {number} was changed, or the one before it is missing")
    tell("decisions, names, lists and regions", 1, 1)
