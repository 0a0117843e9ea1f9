"""What people rule: decisions, withdrawals and names of series. Added, never changed, never undone here.

A decision may be held until whoever made it has written a record of their own: it binds nothing until then.

They are recorded in a short transaction of their own, without the workspace's lock, so that people can
decide while an ingest runs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.chained import append, moment
from foureyes.engine.catalogue.changes import NewChange, note
from foureyes.engine.catalogue.lookups import media_ids
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import UsageError
from foureyes.engine.model import ChangeKind, Decision, DecisionKind

_DIGEST = 32
_NAME_LENGTH = 200
_IS_HELD = sa.and_(
    schema.decision_hold.c.id.is_not(None),
    schema.decision_release.c.id.is_(None),
    schema.withdrawal.c.id.is_(None),
)
"""Of a decision joined with its hold, its release and its withdrawal."""
_GROWING = (schema.decision, schema.withdrawal, schema.decision_hold, schema.decision_release)
"""Tables that say how decisions stand."""


class RulingMark(NamedTuple):
    """How a decision stands."""

    id: int
    withdrawn: bool
    held: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    """Decisions that were read, as of the numbers of the newest row of each of `_GROWING`."""

    newest: tuple[int, ...]
    decisions: tuple[Decision, ...]


class Rulings:
    """Recording and reading what people ruled; `Catalogue` is this and more."""

    _kept = _Kept((0,) * len(_GROWING), ())

    def __init__(self, store: Store) -> None:
        self._store = store

    def record_decision(
        self,
        kind: DecisionKind,
        *,
        series: Sequence[str],
        media: Sequence[str],
        anchors: Sequence[str],
        officer: str,
        reason: str,
        held: bool = False,
    ) -> Decision:
        """Record a ruling; it binds until it is withdrawn. See `model.Decision` for the arguments.

        One that is `held` binds nothing before `release_decision`: whoever keeps a record of their own
        completes that in between, and withdraws the ruling where they cannot.

        Raises:
            UsageError: nobody or no reason is named, or media that the catalogue does not hold, or a
                negative ruling names a series or no media, or is held.
        """
        if kind is DecisionKind.NEGATIVE and (series or anchors or held or not media):
            raise UsageError("A negative ruling is about media, about no series, and binds at once.")
        values = {
            "kind": DecisionKind(kind).value,
            "series": json.dumps(list(series)),
            "media": _packed(media),
            "anchors": _packed(anchors),
            "officer": rows.stated(officer, "Say who decides."),
            "reason": rows.stated(reason, "Say why: a decision is kept with its reason."),
        }
        with self._store.database.writing() as connection:
            _check_known(connection, [*media, *anchors])
            number = append(connection, schema.decision, values)["id"]
            if held:
                append(connection, schema.decision_hold, {"decision_id": number})
            decision = _decision(connection, number)
            _note_negative(connection, decision, ChangeKind.RULED_NEGATIVE, decision.reason)
            return decision

    def release_decision(self, decision_id: int) -> bool:
        """Let a held ruling bind; gives whether it does so from now on. Does nothing a second time.

        Raises:
            UsageError: there is no such decision.
        """
        with self._store.database.writing() as connection:
            if not _decision(connection, decision_id).held:
                return False
            append(connection, schema.decision_release, {"decision_id": decision_id})
            return True

    def withdraw_decision(self, decision_id: int, *, officer: str, reason: str) -> Decision:
        """Withdraw a ruling; it stays on record with who withdrew it and why.

        Raises:
            UsageError: there is no such decision, it is withdrawn already, or nobody or no reason is named.
        """
        values = {
            "decision_id": decision_id,
            "officer": rows.stated(officer, "Say who withdraws the decision."),
            "reason": rows.stated(reason, "Say why the decision is withdrawn."),
        }
        with self._store.database.writing() as connection:
            if _decision(connection, decision_id).withdrawn_at is not None:
                raise UsageError(f"Decision {decision_id} is withdrawn already.")
            append(connection, schema.withdrawal, values)
            decision = _decision(connection, decision_id)
            _note_negative(connection, decision, ChangeKind.RULING_WITHDRAWN, values["reason"])
            return decision

    def decisions(self, *, active_only: bool = True) -> list[Decision]:
        """All decisions in the order in which they were made; those withdrawn or held only if asked for.

        The tables are only added to, in the order of their numbers: what was read before is kept, and only
        what came since is read. Pages ask for this, and a ruling on a series of 5,000 media names them all.
        """
        with self._store.database.reading() as connection:
            newest = _newest(connection)
            kept = self._kept
            if newest != kept.newest:
                kept = _with_newer(connection, kept, newest)
                self._kept = kept
        return [one for one in kept.decisions if not active_only or _in_force(one)]

    def decision(self, decision_id: int) -> Decision:
        """One decision, withdrawn or not. Raises UsageError where there is none."""
        with self._store.database.reading() as connection:
            return _decision(connection, decision_id)

    def ruling_marks(self) -> list[RulingMark]:
        """How every decision stands, in order, without what it says: cheap for many thousands."""
        query = _joined(schema.decision.c.id, schema.withdrawal.c.id.is_not(None), _IS_HELD)
        with self._store.database.reading() as connection:
            found: Any = connection.execute(query.order_by(schema.decision.c.id))
            return [RulingMark(number, bool(gone), bool(held)) for number, gone, held in found]

    def rulings_until(self) -> tuple[int, ...]:
        """Numbers that grow with every decision, withdrawal, hold and release: the same means nothing new."""
        with self._store.database.reading() as connection:
            return _newest(connection)

    def rename_series(self, series_id: str, name: str, officer: str) -> None:
        """Give a series a person's name, which every later run keeps.

        Raises:
            UsageError: there is no such series, or no name or officer is given.
        """
        values = {
            "series_id": series_id,
            "name": rows.stated(name, "Say what the series is to be called.", _NAME_LENGTH),
            "officer": rows.stated(officer, "Say who names the series."),
        }
        with self._store.database.writing() as connection:
            query = sa.select(schema.series.c.id).where(schema.series.c.id == series_id)
            if connection.execute(query).first() is None:
                raise UsageError(f"There is no series {series_id}.")
            append(connection, schema.series_name, values)

    def series_names(self) -> dict[str, str]:
        """Names that people gave, the newest of each, by id of the series, whether it exists now or not."""
        table = schema.series_name
        with self._store.database.reading() as connection:
            query = sa.select(table.c.series_id, table.c.name).order_by(table.c.id)
            return dict(connection.execute(query).all())


def _note_negative(connection: Connection, decision: Decision, kind: ChangeKind, reason: object) -> None:
    """A negative ruling works on everything that is like its media: say so beside what it will change."""
    if decision.kind is DecisionKind.NEGATIVE:
        numbers = media_ids(connection, map(rows.sha256_bytes, decision.media))
        said = f"decision {decision.id}: {reason}"
        note(connection, [NewChange(kind, said, number) for number in sorted(numbers.values())])


def _packed(sha256s: Sequence[str]) -> bytes:
    try:
        return b"".join(rows.sha256_bytes(sha256) for sha256 in dict.fromkeys(sha256s))
    except ValueError as error:
        raise UsageError("Media are named by their full SHA-256 in a decision.") from error


def _in_force(one: Decision) -> bool:
    return one.withdrawn_at is None and not one.held


def _newest(connection: Connection) -> tuple[int, ...]:
    """Number of the newest row of each of `_GROWING`; 0 where there is none."""
    newest = [sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0)).scalar_subquery() for table in _GROWING]
    return tuple(connection.execute(sa.select(*newest)).one())


def _with_newer(connection: Connection, kept: _Kept, newest: tuple[int, ...]) -> _Kept:
    newer = sa.or_(*(table.c.id > known for table, known in zip(_GROWING, kept.newest, strict=True)))
    rows_of = connection.execute(_decisions().where(newer)).mappings()
    by_id = {one.id: one for one in kept.decisions} | {row["id"]: _read_decision(row) for row in rows_of}
    return _Kept(newest, tuple(by_id[number] for number in sorted(by_id)))


@lru_cache(maxsize=64)
def _unpacked(packed: bytes) -> tuple[str, ...]:
    """Rulings on one series mostly name the same members: they share them."""
    return tuple(packed[at : at + _DIGEST].hex() for at in range(0, len(packed), _DIGEST))


def _check_known(connection: Connection, sha256s: Sequence[str]) -> None:
    known = media_ids(connection, map(rows.sha256_bytes, sha256s))
    for sha256 in sha256s:
        if rows.sha256_bytes(sha256) not in known:
            raise UsageError(f"No media {sha256} is known.")


def _decisions() -> sa.Select[tuple[object, ...]]:
    withdrawn = schema.withdrawal
    return _joined(
        schema.decision,
        withdrawn.c.at.label("withdrawn_at"),
        withdrawn.c.officer.label("withdrawn_by"),
        withdrawn.c.reason.label("withdrawn_reason"),
        _IS_HELD.label("held"),
    )


def _joined(*columns: Any) -> sa.Select[tuple[object, ...]]:
    numbers = schema.decision.c.id
    return (
        sa.select(*columns)
        .select_from(schema.decision)
        .outerjoin(schema.withdrawal, schema.withdrawal.c.decision_id == numbers)
        .outerjoin(schema.decision_hold, schema.decision_hold.c.decision_id == numbers)
        .outerjoin(schema.decision_release, schema.decision_release.c.decision_id == numbers)
    )


def _decision(connection: Connection, number: int) -> Decision:
    row = connection.execute(_decisions().where(schema.decision.c.id == number)).mappings().first()
    if row is None:
        raise UsageError(f"There is no decision {number}.")
    return _read_decision(row)


def _read_decision(row: RowMapping) -> Decision:
    withdrawn_at = row["withdrawn_at"]
    return Decision(
        id=row["id"],
        kind=DecisionKind(row["kind"]),
        series=tuple(json.loads(row["series"])),
        media=_unpacked(bytes(row["media"])),
        anchors=_unpacked(bytes(row["anchors"])),
        officer=row["officer"],
        at=moment(row["at"]),
        reason=row["reason"],
        withdrawn_at=None if withdrawn_at is None else moment(withdrawn_at),
        withdrawn_by=row["withdrawn_by"],
        withdrawn_reason=row["withdrawn_reason"],
        held=bool(row["held"]),
    )
