"""Which held media are on which list: recorded page by page, and asked.

Each page of hits is one transaction with its changes and with how far the list has been checked, so that a
killed run goes on where it stood. Only hits of lists in force are told. Nothing is compared here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import rows, schema
from foureyes.engine.catalogue.changes import NewChange, note
from foureyes.engine.catalogue.lookups import chunks, media_ids
from foureyes.engine.catalogue.store import Store
from foureyes.engine.model import ChangeKind, DecisionKind, Digest, ListHit, ListKind, MediaKind

PAGE = 5000
"""Media of one transaction: as many as a commit has, so that nobody waits longer for it."""
_NUMBERS = {Digest.SHA256: 1, Digest.SHA1: 2, Digest.MD5: 3, Digest.PDQ: 4}
_DIGEST_OF = {number: digest for digest, number in _NUMBERS.items()}
_SHA256 = 32


class MediaPage(NamedTuple):
    """Digests of some media as columns, in the order in which they came."""

    id: NDArray[np.int64]
    sha256: NDArray[np.uint8]
    """(n, 32)."""
    sha1: NDArray[np.uint8]
    """(n, 20)."""
    md5: NDArray[np.uint8]
    """(n, 16)."""


class NewHit(NamedTuple):
    """A hit as matching found it."""

    by: Digest
    record: int
    category: int | None
    distance: int = 0
    orientation: int = 0


Wanted = Mapping[tuple[int, int], NewHit]
"""By (row number of the media, list)."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How far held media were checked against one list."""

    list_id: int
    media_id: int = 0
    """Digests of media up to this row number."""
    pdq_rows: int = 0
    """So many fingerprints, in the catalogue's order."""
    under: tuple[int, ...] = ()
    """Later versions of it whose tombstones were heeded."""


class Hits:
    """Questions about hits, and recording them; `Catalogue` is this and more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list_hits(self, sha256: str) -> list[ListHit]:
        """The lists in force that a media is on, by the surest digest of each; `meaning` is left open."""
        digest = rows.sha256_bytes(sha256)
        with self._store.database.reading() as connection:
            number = media_ids(connection, [digest]).get(digest, -1)
            return _hits(connection, schema.list_hit.c.media_id == number)

    def hits_of_list(self, list_id: int, limit: int = 100, offset: int = 0) -> list[ListHit]:
        """Media that a list in force has hit, in the order in which they came."""
        with self._store.database.reading() as connection:
            return _hits(connection, schema.list_hit.c.list_id == list_id, limit, offset)

    def hit_counts(self) -> dict[int, int]:
        """Number of media that each list in force has hit; lists without any are left out."""
        table = schema.list_hit
        query = sa.select(table.c.list_id, sa.func.count()).group_by(table.c.list_id)
        with self._store.database.reading() as connection:
            active = set(connection.execute(_active()).scalars())
            return {number: count for number, count in connection.execute(query) if number in active}

    def hit_counts_in_series(self, series_id: str) -> list[tuple[int, int | None, int]]:
        """(list in force, raw category, number of members) of a series, by list and category."""
        hit, member = schema.list_hit, schema.series_member
        query = (
            sa.select(hit.c.list_id, hit.c.category, sa.func.count())
            .join(member, member.c.media_id == hit.c.media_id)
            .where(member.c.series_id == series_id, hit.c.list_id.in_(_active()))
            .group_by(hit.c.list_id, hit.c.category)
        )
        with self._store.database.reading() as connection:
            found = [(number, category, count) for number, category, count in connection.execute(query)]
        return sorted(found, key=lambda one: (one[0], one[1] is None, one[1] or 0))

    def set_aside(self) -> int:
        """Number of the media that `irrelevant` names, without reading them."""
        query = _irrelevant().with_only_columns(sa.func.count(schema.media.c.id.distinct()))
        with self._store.database.reading() as connection:
            count = int(connection.execute(query).scalar() or 0)
            if count:
                ruled = media_ids(connection, map(bytes.fromhex, _ruled_to_belong(connection))).values()
                for chunk in chunks(ruled):
                    kept = query.where(schema.list_hit.c.media_id.in_(chunk))
                    count -= int(connection.execute(kept).scalar() or 0)
        return count

    def set_aside_in_series(self) -> dict[str, int]:
        """By series how many members are set aside: those that the next linking takes out of it."""
        member, hit, media = schema.series_member, schema.list_hit, schema.media
        query = _irrelevant().join(member, member.c.media_id == hit.c.media_id)
        pairs = query.with_only_columns(member.c.series_id, media.c.sha256).distinct()
        with self._store.database.reading() as connection:
            found = [(series, bytes(digest).hex()) for series, digest in connection.execute(pairs)]
            ruled = _ruled_to_belong(connection) if found else set()
        return Counter(series for series, sha256 in found if sha256 not in ruled)

    def irrelevant(self) -> frozenset[str]:
        """SHA-256 of all media that are set aside: out of linking and of people's sight.

        They are on an irrelevant list in force by a digest, or are a picture that is on one by PDQ: of a
        video one known frame says too little. What a person ruled to belong to a series is never among them.
        """
        with self._store.database.reading() as connection:
            return irrelevant_media(connection)

    def irrelevant_among(self, sha256s: Collection[str]) -> frozenset[str]:
        """Those of some media that are set aside: for a page, where `irrelevant` would read all."""
        found: set[str] = set()
        for chunk in chunks(sha256s):
            with self._store.database.reading() as connection:
                numbers = media_ids(connection, map(rows.sha256_bytes, chunk)).values()
                found |= irrelevant_media(connection, numbers)
        return frozenset(found)

    def negative(self) -> dict[str, Digest]:
        """Media that a negative list in force has hit, and by what.

        By a digest: none of their pictures links. By PDQ: only those near a picture of the list do not.
        """
        with self._store.database.reading() as connection:
            query = _of_kind(ListKind.NEGATIVE).with_only_columns(
                schema.media.c.sha256, sa.func.min(schema.list_hit.c.by)
            )
            found = connection.execute(query.group_by(schema.media.c.sha256)).all()
        return {bytes(digest).hex(): _DIGEST_OF[by] for digest, by in found}

    def media_pages(self, after: int = 0) -> Iterator[MediaPage]:
        """Digests of all media with a higher row number than `after`, as columns, in pages."""
        table = schema.media
        query = sa.select(table.c.id, table.c.sha256, table.c.sha1, table.c.md5).order_by(table.c.id)
        last = after
        while True:
            with self._store.database.reading() as connection:
                found = connection.execute(query.where(table.c.id > last).limit(PAGE)).all()
            if not found:
                return
            numbers, *digests = zip(*found, strict=True)
            yield MediaPage(np.array(numbers, np.int64), *(_column(part) for part in digests))
            last = numbers[-1]

    def newest_media(self) -> int:
        """The highest row number of a media; 0 where none is held."""
        with self._store.database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.max(schema.media.c.id))).scalar() or 0)

    def media_numbers(self, sha256s: Iterable[bytes]) -> dict[bytes, int]:
        """Row numbers of media by SHA-256 (32 bytes)."""
        with self._store.database.reading() as connection:
            return media_ids(connection, sha256s)

    def checked(self) -> dict[int, Checked]:
        """How far held media were checked, by list."""
        with self._store.database.reading() as connection:
            found = connection.execute(sa.select(schema.list_checked)).mappings().all()
        return {
            row["list_id"]: Checked(
                row["list_id"], row["media_id"], row["pdq_rows"], tuple(json.loads(row["under"]))
            )
            for row in found
        }

    def known_among(self, sha256s: Collection[str]) -> frozenset[str]:
        """Those of some media that a list of known ones in force has hit."""
        query = _of_kind(ListKind.KNOWN).with_only_columns(schema.media.c.sha256).distinct()
        found: set[str] = set()
        for chunk in chunks(sha256s):
            with self._store.database.reading() as connection:
                numbers = media_ids(connection, map(rows.sha256_bytes, chunk)).values()
                met = connection.execute(query.where(schema.list_hit.c.media_id.in_(list(numbers))))
                found |= {bytes(digest).hex() for digest in met.scalars()}
        return frozenset(found)

    def record_hits(
        self,
        lists: Sequence[int],
        between: tuple[int, int] | None,
        wanted: Wanted,
        checked: Sequence[Checked],
    ) -> int:
        """Make these the hits of some lists among some media, note what that changes, and count it.

        Args:
            lists: the lists that were checked.
            between: first and last row number of the media that were checked: hits of these lists among them
                that are not wanted go. None: hits are only added, or replaced by surer ones.
            wanted: the hits.
            checked: how far each list is checked with this; written even if nothing changed.
        """
        self._store.writer()
        with self._store.database.writing_alone() as connection:
            present = _present(connection, lists, between, wanted)
            if between is None:
                wanted = {key: hit for key, hit in wanted.items() if _surer(hit, present.get(key))}
                gone: list[tuple[int, int]] = []
            else:
                gone = [key for key in present if key not in wanted]
            fresh = [key for key in wanted if key not in present]
            changed = [key for key, hit in wanted.items() if key in present and present[key] != hit]
            _delete(connection, [*gone, *changed])
            _insert(connection, {key: wanted[key] for key in [*fresh, *changed]})
            note(connection, [_unlisted(key, "a later version takes it back") for key in gone])
            note(connection, [_listed(key, wanted[key]) for key in fresh])
            _write_checked(connection, checked)
        return len(gone) + len(fresh)

    def drop_withdrawn_hits(self) -> int:
        """Remove the hits of withdrawn lists, page by page, and note each; gives the number of hits."""
        self._store.writer()
        table = schema.list_hit
        page = (
            sa.select(table.c.media_id, table.c.list_id).where(table.c.list_id.not_in(_active())).limit(PAGE)
        )
        dropped = 0
        while True:
            with self._store.database.writing_alone() as connection:
                gone = [(media, list_id) for media, list_id in connection.execute(page)]
                _delete(connection, gone)
                note(connection, [_unlisted(key, "the list is withdrawn") for key in gone])
                if not gone:
                    kept = schema.list_checked.c.list_id.in_(_active())
                    connection.execute(schema.list_checked.delete().where(~kept))
                    return dropped
            dropped += len(gone)


def irrelevant_media(connection: Connection, numbers: Collection[int] | None = None) -> frozenset[str]:
    """Media that are set aside, of all or of those with these row numbers; see `Hits.irrelevant`."""
    query = _irrelevant().with_only_columns(schema.media.c.sha256).distinct()
    if numbers is not None:
        query = query.where(schema.list_hit.c.media_id.in_(list(numbers)))
    found = {bytes(digest).hex() for digest in connection.execute(query).scalars()}
    return frozenset(found - _ruled_to_belong(connection)) if found else frozenset()


def _irrelevant() -> sa.Select[Any]:
    """Hits of irrelevant lists that say enough: by a digest, or by the one picture that the media is."""
    media, hit = schema.media, schema.list_hit
    surely = sa.or_(hit.c.by < _NUMBERS[Digest.PDQ], media.c.kind == rows.KINDS[MediaKind.PICTURE])
    return _of_kind(ListKind.IRRELEVANT).where(surely)


def _ruled_to_belong(connection: Connection) -> set[str]:
    ruled = schema.decision
    query = (
        sa.select(ruled.c.media)
        .outerjoin(schema.withdrawal, schema.withdrawal.c.decision_id == ruled.c.id)
        .where(ruled.c.kind == DecisionKind.BELONGS.value, schema.withdrawal.c.id.is_(None))
    )
    packed = [bytes(media) for media in connection.execute(query).scalars()]
    return {media[at : at + _SHA256].hex() for media in packed for at in range(0, len(media), _SHA256)}


def _active() -> sa.Select[tuple[int]]:
    """Numbers of the lists in force."""
    withdrawn = schema.list_withdrawal
    return sa.select(schema.hash_list.c.id).where(
        schema.hash_list.c.id.not_in(sa.select(withdrawn.c.list_id)),
    )


def _of_kind(kind: ListKind) -> sa.Select[Any]:
    hit = schema.list_hit
    lists = _active().where(schema.hash_list.c.kind == kind.value)
    return (
        sa.select(hit).join(schema.media, schema.media.c.id == hit.c.media_id).where(hit.c.list_id.in_(lists))
    )


def _hits(
    connection: Connection, condition: sa.ColumnElement[bool], limit: int | None = None, offset: int = 0
) -> list[ListHit]:
    hit, media = schema.list_hit, schema.media
    query = (
        sa.select(hit, media.c.sha256)
        .join(media, media.c.id == hit.c.media_id)
        .where(condition, hit.c.list_id.in_(_active()))
        .order_by(hit.c.media_id, hit.c.list_id)
        .limit(limit)
        .offset(offset)
    )
    return [
        ListHit(
            sha256=bytes(row["sha256"]).hex(),
            list_id=row["list_id"],
            by=_DIGEST_OF[row["by"]],
            category=row["category"],
            meaning=None,
            distance_bits=row["distance"],
            orientation=row["orientation"],
        )
        for row in connection.execute(query).mappings()
    ]


def _present(
    connection: Connection, lists: Sequence[int], between: tuple[int, int] | None, wanted: Wanted
) -> dict[tuple[int, int], NewHit]:
    table = schema.list_hit
    of_lists = sa.select(table).where(table.c.list_id.in_(list(lists)))
    if between is not None:
        queries = [of_lists.where(table.c.media_id.between(*between))]
    else:
        numbers = {media for media, _ in wanted}
        queries = [of_lists.where(table.c.media_id.in_(chunk)) for chunk in chunks(sorted(numbers))]
    return {
        (row["media_id"], row["list_id"]): NewHit(
            _DIGEST_OF[row["by"]], row["record"], row["category"], row["distance"], row["orientation"]
        )
        for query in queries
        for row in connection.execute(query).mappings()
    }


def _surer(hit: NewHit, present: NewHit | None) -> bool:
    return present is None or (_NUMBERS[hit.by], hit.distance) < (_NUMBERS[present.by], present.distance)


def _delete(connection: Connection, keys: Sequence[tuple[int, int]]) -> None:
    table = schema.list_hit
    if keys:
        condition = sa.and_(table.c.media_id == sa.bindparam("m"), table.c.list_id == sa.bindparam("l"))
        connection.execute(table.delete().where(condition), [{"m": media, "l": one} for media, one in keys])


def _insert(connection: Connection, hits: Wanted) -> None:
    if hits:
        new = [
            {
                "media_id": media,
                "list_id": list_id,
                "by": _NUMBERS[hit.by],
                "category": hit.category,
                "distance": hit.distance,
                "orientation": hit.orientation,
                "record": hit.record,
            }
            for (media, list_id), hit in hits.items()
        ]
        connection.execute(schema.list_hit.insert(), new)


def _write_checked(connection: Connection, checked: Sequence[Checked]) -> None:
    table = schema.list_checked
    if checked:
        connection.execute(table.delete().where(table.c.list_id.in_([one.list_id for one in checked])))
        new = [
            {
                "list_id": one.list_id,
                "media_id": one.media_id,
                "pdq_rows": one.pdq_rows,
                "under": json.dumps(one.under),
            }
            for one in checked
        ]
        connection.execute(table.insert(), new)


def _listed(key: tuple[int, int], hit: NewHit) -> NewChange:
    category = "" if hit.category is None else f", category {hit.category}"
    bits = f", {hit.distance} of 256 bits differ" if hit.by is Digest.PDQ else ""
    said = f"on list {key[1]} by {hit.by.value}{bits}{category}"
    return NewChange(ChangeKind.LISTED, said, key[0], list_id=key[1])


def _unlisted(key: tuple[int, int], why: str) -> NewChange:
    return NewChange(ChangeKind.UNLISTED, f"no longer on list {key[1]}: {why}", key[0], list_id=key[1])


def _column(digests: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(map(bytes, digests)), np.uint8).reshape(len(digests), -1)
