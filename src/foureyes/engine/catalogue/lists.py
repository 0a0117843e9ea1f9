"""Hash lists as they are held: added whole or not at all, never changed, withdrawn by a row of their own.

Order of adding: the files of `list_files.py` are written, flushed and renamed; then one transaction records
the list, its files and the change. That is the commit point: files without rows are strays, and go.
What lists hit stands in `hits.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.chained import append, moment
from foureyes.engine.catalogue.changes import NewChange, note
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.list_files import (
    HeldList,
    ListFile,
    WrittenList,
    content_of,
    write_list,
)
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import NothingToDo, UsageError
from foureyes.engine.model import ChangeKind, HashList, ListBatch, ListFault, ListKind, NewList

HANDLING_CODES = ("H0", "H1", "H2", "H3")
_NAME_LENGTH = 200


class HashLists:
    """Adding, reading and withdrawing lists; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_list(
        self,
        meta: NewList,
        batches: Iterable[ListBatch],
        faults: Sequence[ListFault] = (),
        progress: Callable[[int], None] = lambda _: None,
        *,
        head: bytes = b"",
    ) -> HashList:
        """Store a list durably; media are checked against it by the next linking.

        Args:
            meta: what is stated of it.
            batches: its records. Memory is bounded, however many come.
            faults: records that could not be taken; read when the last batch has come, so that the reader
                of the list may fill it meanwhile.
            progress: told the number of records after each batch.
            head: what stood in the file before the first record, to be given back with the records.

        Raises:
            UsageError: something is not stated, or a list of this name, kind and version is held already.
            NothingToDo: there is no record in it.
            StorageFull: nothing of the list is left.
        """
        self._store.writer()
        values = _checked(meta)
        with self._store.database.reading() as connection:
            _refuse_twin(connection, meta)
            last = connection.execute(sa.select(sa.func.max(schema.hash_list.c.id))).scalar() or 0
        try:
            with engine_errors():
                written = write_list(self._store.workspace.lists, last + 1, batches, faults, progress, head)
                _refuse_empty(written)
                values |= {"records": written.records, "removed": written.removed}
                values |= {"faults": written.faults, "content": content_of(written.files)}
                with self._store.database.writing_alone() as connection:
                    number = append(connection, schema.hash_list, values)["id"]
                    _insert_files(connection, number, written.files)
                    records = f"{written.records:,} record{'s' * (written.records != 1)}"
                    said = f"{meta.name}: {records}, {meta.kind.value}"
                    note(connection, [NewChange(ChangeKind.LIST_ADDED, said, list_id=number)])
        except BaseException:
            self._store.abandon()
            raise
        return self.hash_list(number)

    def withdraw_list(self, list_id: int, officer: str, reason: str) -> HashList:
        """Withdraw a list; what it hit counts no more from now on. It stays on record, with who and why.

        Series follow with the next linking, which removes the hits too. Needs no lock, so that a list can be
        withdrawn while an ingest runs.

        Raises:
            UsageError: there is no such list, it is withdrawn already, or nobody or no reason is named.
        """
        values = {
            "list_id": list_id,
            "officer": rows.stated(officer, "Say who withdraws the list."),
            "reason": rows.stated(reason, "Say why the list is withdrawn."),
        }
        with self._store.database.writing() as connection:
            before = _hash_list(connection, list_id)
            if before.withdrawn_at is not None:
                raise UsageError(f"List {list_id} is withdrawn already.")
            append(connection, schema.list_withdrawal, values)
            said = f"{before.name}: {values['reason']}"
            note(connection, [NewChange(ChangeKind.LIST_WITHDRAWN, said, list_id=list_id)])
            return _hash_list(connection, list_id)

    def lists(self, *, active_only: bool = True) -> list[HashList]:
        """All lists in the order in which they were added; those withdrawn only if asked for."""
        query = _lists().order_by(schema.hash_list.c.id)
        if active_only:
            query = query.where(schema.list_withdrawal.c.id.is_(None))
        with self._store.database.reading() as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    def hash_list(self, list_id: int) -> HashList:
        """One list, withdrawn or not. Raises UsageError where there is none."""
        with self._store.database.reading() as connection:
            return _hash_list(connection, list_id)

    def held_list(self, list_id: int) -> HeldList:
        """The files of a list, for searching and for its raw records. Raises UsageError for no list."""
        with self._store.database.reading() as connection:
            _hash_list(connection, list_id)
            files = list_files(connection, list_id)
        return HeldList(self._store.workspace.lists, list_id, files)

    def raw_record(self, list_id: int, record: int) -> bytes:
        """A record as it stood in the list's file, unknown fields too. Raises UsageError for no record."""
        try:
            return self.held_list(list_id).raw(record)
        except IndexError:
            raise UsageError(f"List {list_id} has no record {record}.") from None

    def raw_records(self, list_id: int) -> Iterator[bytes]:
        """All records of a list as they stood in its file, in order. Raises UsageError for no list."""
        return self.held_list(list_id).all_raw()


def list_files(connection: Connection, list_id: int | None = None) -> list[ListFile]:
    """The files that count, of one list or of all."""
    table = schema.hash_list_file
    columns = (table.c.part, table.c.name, table.c.rows, table.c.size, table.c.sha256)
    query = sa.select(*columns).order_by(table.c.list_id, table.c.part)
    if list_id is not None:
        query = query.where(table.c.list_id == list_id)
    return [
        ListFile(part, name, count, size, bytes(digest))
        for part, name, count, size, digest in connection.execute(query)
    ]


def _insert_files(connection: Connection, list_id: int, files: Iterable[ListFile]) -> None:
    new = [
        {
            "list_id": list_id,
            "part": file.part,
            "name": file.name,
            "rows": file.rows,
            "size": file.size,
            "sha256": file.sha256,
        }
        for file in files
    ]
    connection.execute(schema.hash_list_file.insert(), new)


def _checked(meta: NewList) -> dict[str, object]:
    if meta.handling_code not in HANDLING_CODES:
        raise UsageError(f"A handling code is one of {', '.join(HANDLING_CODES)}.")
    return {
        "name": rows.stated(meta.name, "Give the list a name.", _NAME_LENGTH),
        "kind": ListKind(meta.kind).value,
        "format": meta.format,
        "origin": rows.storable_text(meta.origin),
        "handling_code": meta.handling_code,
        "version": rows.storable_text(meta.version),
        "jurisdiction": rows.storable_text(meta.jurisdiction),
        "officer": rows.stated(meta.officer, "Say who adds the list."),
    }


def _refuse_empty(written: WrittenList) -> None:
    if not written.records:
        raise NothingToDo("There is no record in the list that could be taken.")


def _refuse_twin(connection: Connection, meta: NewList) -> None:
    """A list taken in twice would say everything twice: after a kill people run the same command again."""
    table = schema.hash_list
    query = _lists().where(
        table.c.name == rows.storable_text(meta.name).strip(),
        table.c.kind == meta.kind.value,
        table.c.version == rows.storable_text(meta.version),
        schema.list_withdrawal.c.id.is_(None),
    )
    twin = connection.execute(query).mappings().first()
    if twin is not None:
        raise UsageError(
            f"List {twin['id']} is {meta.name!r} in version {meta.version!r} already: name another version, "
            "or withdraw that one first."
        )


def _lists() -> sa.Select[tuple[object, ...]]:
    withdrawn = schema.list_withdrawal
    return sa.select(
        schema.hash_list,
        withdrawn.c.at.label("withdrawn_at"),
        withdrawn.c.officer.label("withdrawn_by"),
        withdrawn.c.reason.label("withdrawn_reason"),
    ).outerjoin(withdrawn, withdrawn.c.list_id == schema.hash_list.c.id)


def _hash_list(connection: Connection, list_id: int) -> HashList:
    row = connection.execute(_lists().where(schema.hash_list.c.id == list_id)).mappings().first()
    if row is None:
        raise UsageError(f"There is no list {list_id}: `foureyes hashlist list` shows all.")
    return _read(row)


def _read(row: RowMapping) -> HashList:
    withdrawn_at = row["withdrawn_at"]
    return HashList(
        id=row["id"],
        name=row["name"],
        kind=ListKind(row["kind"]),
        format=row["format"],
        origin=row["origin"],
        handling_code=row["handling_code"],
        version=row["version"],
        jurisdiction=row["jurisdiction"],
        records=row["records"],
        faults=row["faults"],
        officer=row["officer"],
        added_at=moment(row["at"]),
        withdrawn_at=None if withdrawn_at is None else moment(withdrawn_at),
        withdrawn_by=row["withdrawn_by"],
        withdrawn_reason=row["withdrawn_reason"],
        removed=row["removed"],
    )
