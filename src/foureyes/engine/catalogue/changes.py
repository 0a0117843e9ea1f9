"""What changed because of an arrival, a list or a ruling: rows added in the transaction of their cause.

They are never changed. Numbers rise with time, so that "since" is the number last read, or a moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.answers import ChangeGroup
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Change, ChangeKind

_NUMBERS = {
    ChangeKind.LIST_ADDED: 1,
    ChangeKind.LIST_WITHDRAWN: 2,
    ChangeKind.LISTED: 3,
    ChangeKind.UNLISTED: 4,
    ChangeKind.MATCHED: 5,
    ChangeKind.SERIES_NEW: 6,
    ChangeKind.SERIES_GREW: 7,
    ChangeKind.SERIES_SHRANK: 8,
    ChangeKind.SERIES_MERGED: 9,
    ChangeKind.SERIES_GONE: 10,
    ChangeKind.RULED_NEGATIVE: 11,
    ChangeKind.RULING_WITHDRAWN: 12,
}
_KIND_OF = {number: kind for kind, number in _NUMBERS.items()}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PAGE = 5000


class NewChange(NamedTuple):
    """One change before it has a number and a time."""

    kind: ChangeKind
    detail: str
    media_id: int | None = None
    series_id: str | None = None
    list_id: int | None = None


def note(connection: Connection, changes: Iterable[NewChange]) -> None:
    """Add changes in the open transaction, all with its moment."""
    table = schema.change
    last: int | None = None
    for chunk in chunks(changes, _PAGE):
        if last is None:
            last = _last(connection)
        at = (datetime.now(UTC) - _EPOCH) // _MICROSECOND
        new = [
            {
                "id": number,
                "at": at,
                "kind": _NUMBERS[one.kind],
                "media_id": one.media_id,
                "series_id": one.series_id,
                "list_id": one.list_id,
                "detail": rows.storable_text(one.detail),
            }
            for number, one in enumerate(chunk, start=last + 1)
        ]
        connection.execute(table.insert(), new)
        last += len(new)


class Changes:
    """Reading and recording what changed; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def changes(self, since: int | datetime = 0) -> Iterator[Change]:
        """What changed after the change of a number, or from a moment on, in its order.

        Raises:
            UsageError: a moment without its offset from UTC.
        """
        table, media = schema.change, schema.media
        query = sa.select(table, media.c.sha256).outerjoin(media, media.c.id == table.c.media_id)
        last = since if isinstance(since, int) else self._before(since)
        while True:
            with self._store.database.reading() as connection:
                page = query.where(table.c.id > last).order_by(table.c.id).limit(_PAGE)
                found = connection.execute(page).mappings().all()
            if not found:
                return
            yield from map(_read, found)
            last = found[-1]["id"]

    def changes_by_series(
        self, since: int, series: Collection[str] | None = None, *, at_most: int = 1000
    ) -> list[ChangeGroup]:
        """What changed after the change of a number, summed by series, list and kind, the newest first.

        Media are told of with the series that they are in now. Thirteen million media that came onto one
        list are one group.

        Args:
            since: number of a change; 0 for all.
            series: only groups of these; None means all, and what is of no series too.
            at_most: groups.
        """
        table, member = schema.change, schema.series_member
        where = sa.func.coalesce(table.c.series_id, member.c.series_id).label("series")
        summed = (
            sa.select(
                table.c.kind, where, table.c.list_id, sa.func.count(), sa.func.max(table.c.id).label("last")
            )
            .outerjoin(member, member.c.media_id == table.c.media_id)
            .where(table.c.id > since)
            .group_by(table.c.kind, where, table.c.list_id)
            .order_by(sa.desc("last"))
            .limit(at_most)
        )
        if series is not None:
            summed = summed.where(where.in_(list(series)))
        with self._store.database.reading() as connection:
            groups = connection.execute(summed).all()
            newest = _by_number(connection, [last for *_, last in groups])
        return [
            ChangeGroup(_KIND_OF[kind], series_id, list_id, count, newest[last])
            for kind, series_id, list_id, count, last in groups
        ]

    def last_change(self) -> int:
        """Number of the newest change; 0 where nothing ever changed."""
        with self._store.database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.max(schema.change.c.id))).scalar() or 0)

    def _before(self, moment: datetime) -> int:
        if moment.tzinfo is None:
            raise UsageError("A moment needs its offset from UTC.")
        table = schema.change
        at = (moment - _EPOCH) // _MICROSECOND
        query = sa.select(table.c.id).where(table.c.at >= at).order_by(table.c.at, table.c.id).limit(1)
        with self._store.database.reading() as connection:
            first = connection.execute(query).scalar()
            newest = connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
        return int(newest) if first is None else int(first) - 1


def _by_number(connection: Connection, numbers: Sequence[int]) -> dict[int, Change]:
    table, media = schema.change, schema.media
    query = sa.select(table, media.c.sha256).outerjoin(media, media.c.id == table.c.media_id)
    found: dict[int, Change] = {}
    for chunk in chunks(numbers):
        rows_of_chunk = connection.execute(query.where(table.c.id.in_(chunk))).mappings()
        found |= {row["id"]: _read(row) for row in rows_of_chunk}
    return found


def _last(connection: Connection) -> int:
    """Number of the newest change; on PostgreSQL other writers of changes wait until this one commits."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("LOCK TABLE change IN SHARE ROW EXCLUSIVE MODE"))
    return int(connection.execute(sa.select(sa.func.max(schema.change.c.id))).scalar() or 0)


def _read(row: RowMapping) -> Change:
    return Change(
        id=row["id"],
        at=_EPOCH + row["at"] * _MICROSECOND,
        kind=_KIND_OF[row["kind"]],
        sha256=None if row["sha256"] is None else bytes(row["sha256"]).hex(),
        series_id=row["series_id"],
        list_id=row["list_id"],
        detail=row["detail"],
    )
