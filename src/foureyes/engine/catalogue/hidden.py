"""Regions of media that do not count when views are verified: added, never changed, withdrawn by a row.

They are recorded in short transactions of their own, without the workspace's lock, as rulings are. What
leaving them out does is `steps/`' to say.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.chained import append_all, moment
from foureyes.engine.catalogue.lookups import chunks, media_rows
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Box, Hidden, HiddenRegion, MediaKind, NewRegion

WHOLE = 1_000_000
"""Sides are kept in millionths of the picture."""
_VIDEO = rows.KINDS[MediaKind.VIDEO]
_WORDS_LENGTH = 200
_MILLISECONDS_AT_MOST = 2**53
_BATCH = 5_000

_Said = tuple[int, int, int, int, int, int | None, str, str]
"""Number of the media, sides, moment, why, tool: what tells one region from another."""


class HiddenRegions:
    """Recording, reading and withdrawing regions that do not count; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def hide(self, regions: Sequence[NewRegion], *, officer: str, tool: str = "") -> Hidden:
        """Record regions, 5,000 in a transaction; each counts from the next linking on until it is withdrawn.

        What is recorded already is not recorded twice, so the same call may be made again after a kill. What
        a tool says again after an officer withdrew it is not taken; by hand it may be said again.

        Raises:
            UsageError: a media that is not held, a region outside it, a moment of a picture, or nobody or no
                reason is named. Nothing of that transaction is recorded.
        """
        by = rows.stated(officer, "Say who hides the region.")
        name = rows.storable_text(tool).strip()[:_WORDS_LENGTH]
        numbers: list[int] = []
        held = withdrawn = 0
        for batch in chunks(regions, _BATCH):
            with self._store.database.writing() as connection:
                said = [_said(one, media, name) for one, media in _of_media(connection, batch)]
                known = _known(connection, {one[0] for one in said})
                new = []
                for one in said:
                    if known.get(one) or (name and one in known):
                        held, withdrawn = held + bool(known[one]), withdrawn + (not known[one])
                        continue
                    known[one] = True
                    new.append(_row(one, by))
                numbers += [row["id"] for row in append_all(connection, schema.hidden_region, new)]
        first, last = (numbers[0], numbers[-1]) if numbers else (0, 0)
        return Hidden(len(numbers), first, last, held, withdrawn)

    def unfit(self, regions: Sequence[NewRegion]) -> dict[int, str]:
        """Which of these regions `hide` would refuse, by their place among them, and why."""
        complaints: dict[int, str] = {}
        with self._store.database.reading() as connection:
            for place, (one, media) in enumerate(_of_media(connection, regions)):
                try:
                    _said(one, media, "")
                except UsageError as error:
                    complaints[place] = str(error)
        return complaints

    def withdraw_hidden(
        self, first: int, last: int, *, officer: str, reason: str, tool: str | None = None
    ) -> int:
        """Withdraw the regions in force from one number to another; they stay on record. Gives how many.

        Args:
            first: number of a region.
            last: number of the last one; the same for one alone.
            officer: who withdraws them.
            reason: why.
            tool: only those that this one found.

        Raises:
            UsageError: none of them is in force, or nobody or no reason is named.
        """
        table, gone = schema.hidden_region, schema.hidden_region_withdrawal
        stated = {
            "officer": rows.stated(officer, "Say who withdraws the region."),
            "reason": rows.stated(reason, "Say why the region is withdrawn."),
        }
        query = (
            sa.select(table.c.id)
            .outerjoin(gone, gone.c.region_id == table.c.id)
            .where(gone.c.id.is_(None), table.c.id.between(first, last))
            .order_by(table.c.id)
            .limit(_BATCH)
        )
        if tool is not None:
            query = query.where(table.c.tool == tool)
        count, more = 0, True
        while more:
            with self._store.database.writing() as connection:
                numbers = connection.execute(query).scalars().all()
                append_all(connection, gone, [{"region_id": one, **stated} for one in numbers])
            count, more = count + len(numbers), len(numbers) == _BATCH
        if not count:
            raise UsageError("No such region is in force: `foureyes hidden list` lists them.")
        return count

    def hidden_regions(
        self, sha256: str | None = None, *, active_only: bool = True
    ) -> Iterator[HiddenRegion]:
        """Regions in the order of their numbers, of one media or of all; withdrawn ones only if asked for."""
        query, last = _regions(active_only=active_only).order_by(schema.hidden_region.c.id), 0
        if sha256 is not None:
            key = rows.digest_key(rows.sha256_bytes(sha256))
            query = query.where(schema.media.c.sha_key == key)
        while True:
            page = query.where(schema.hidden_region.c.id > last).limit(_BATCH)
            with self._store.database.reading() as connection:
                found = [_read(row) for row in connection.execute(page).mappings()]
            yield from (one for one in found if sha256 in (None, one.sha256))
            if len(found) < _BATCH:
                return
            last = found[-1].id

    def hidden_of(self, sha256s: Collection[str]) -> dict[str, list[HiddenRegion]]:
        """Regions in force of those of these media that have any, in the order of their numbers."""
        found: dict[str, list[HiddenRegion]] = {}
        if not self.any_hidden():
            return found
        with self._store.database.reading() as connection:
            for chunk in chunks(sorted(set(sha256s))):
                keys = [rows.digest_key(rows.sha256_bytes(one)) for one in chunk]
                query = _regions(active_only=True).where(schema.media.c.sha_key.in_(keys))
                for row in connection.execute(query.order_by(schema.hidden_region.c.id)).mappings():
                    one = _read(row)
                    found.setdefault(one.sha256, []).append(one)
        return {sha256: found[sha256] for sha256 in sha256s if sha256 in found}

    def any_hidden(self) -> bool:
        """Whether a region was ever recorded, withdrawn or not."""
        with self._store.database.reading() as connection:
            return connection.execute(sa.select(schema.hidden_region.c.id).limit(1)).first() is not None


def box_of(box: Box) -> tuple[int, int, int, int]:
    """The sides in millionths. Raises UsageError where a region is none, or lies outside the picture."""
    if not all(math.isfinite(side) for side in box) or min(box) < 0 or max(box) > 1:
        raise UsageError("A region lies inside the picture: left, top, right and bottom from 0 to 1.")
    left, top, right, bottom = (round(side * WHOLE) for side in box)
    if left >= right or top >= bottom:
        raise UsageError("A region has its left before its right, and its top above its bottom.")
    return left, top, right, bottom


def _of_media(
    connection: Connection, regions: Sequence[NewRegion]
) -> Iterator[tuple[NewRegion, RowMapping | None]]:
    """Each region with the row of its media, None where that is not held."""
    table = schema.media
    digests = {rows.sha256_bytes(one.sha256) for one in regions}
    held = media_rows(connection, digests, table.c.id, table.c.kind)
    return ((one, held.get(rows.sha256_bytes(one.sha256))) for one in regions)


def _said(one: NewRegion, media: RowMapping | None, tool: str) -> _Said:
    """The region as it is kept; raises UsageError as `hide` does."""
    if media is None:
        raise UsageError(f"No media {one.sha256} is known.")
    if media["kind"] is None:
        raise UsageError(f"{one.sha256} could not be decoded: it has no regions.")
    if one.at_seconds is not None and media["kind"] != _VIDEO:
        raise UsageError(f"{one.sha256} is a picture: it has no seconds.")
    why = rows.stated(one.why, "Say what is in the region: person.", _WORDS_LENGTH)
    return (media["id"], *box_of(one.box), _milliseconds(one.at_seconds), why, tool)


def _milliseconds(at_seconds: float | None) -> int | None:
    if at_seconds is None:
        return None
    if not 0 <= at_seconds * 1000 <= _MILLISECONDS_AT_MOST:
        raise UsageError("A moment of a film is its second, from 0 on.")
    return round(at_seconds * 1000)


def _known(connection: Connection, numbers: Collection[int]) -> dict[_Said, bool]:
    """What is recorded of some media, by number, and whether it is in force."""
    table, gone = schema.hidden_region, schema.hidden_region_withdrawal
    columns: tuple[sa.ColumnElement[Any], ...] = (
        table.c.media_id,
        table.c.left,
        table.c.top,
        table.c.right,
        table.c.bottom,
        table.c.at_ms,
        table.c.why,
        table.c.tool,
        gone.c.id.is_(None),
    )
    found: dict[_Said, bool] = {}
    for chunk in chunks(sorted(numbers)):
        query = sa.select(*columns).outerjoin(gone, gone.c.region_id == table.c.id)
        for row in connection.execute(query.where(table.c.media_id.in_(chunk))):
            *said, in_force = row
            number, left, top, right, bottom, at_ms, why, tool = said
            key: _Said = (number, left, top, right, bottom, at_ms, why, tool)
            found[key] = found.get(key, False) or bool(in_force)
    return found


def _row(one: _Said, officer: str) -> dict[str, Any]:
    names = ("media_id", "left", "top", "right", "bottom", "at_ms", "why", "tool")
    return {**dict(zip(names, one, strict=True)), "officer": officer}


def _regions(*, active_only: bool) -> sa.Select[tuple[object, ...]]:
    table, gone, media = schema.hidden_region, schema.hidden_region_withdrawal, schema.media
    query = (
        sa.select(
            table,
            media.c.sha256,
            gone.c.at.label("withdrawn_at"),
            gone.c.officer.label("withdrawn_by"),
            gone.c.reason.label("withdrawn_reason"),
        )
        .join(media, media.c.id == table.c.media_id)
        .outerjoin(gone, gone.c.region_id == table.c.id)
    )
    return query.where(gone.c.id.is_(None)) if active_only else query


def _read(row: RowMapping) -> HiddenRegion:
    left, top, right, bottom = (row[side] / WHOLE for side in ("left", "top", "right", "bottom"))
    withdrawn_at = row["withdrawn_at"]
    return HiddenRegion(
        id=row["id"],
        sha256=bytes(row["sha256"]).hex(),
        box=(left, top, right, bottom),
        why=row["why"],
        at_seconds=None if row["at_ms"] is None else row["at_ms"] / 1000,
        tool=row["tool"],
        officer=row["officer"],
        at=moment(row["at"]),
        withdrawn_at=None if withdrawn_at is None else moment(withdrawn_at),
        withdrawn_by=row["withdrawn_by"],
        withdrawn_reason=row["withdrawn_reason"],
    )
