"""What the last linking went by and how far it saw: by it the next one knows what is new to it.

Written in the transaction that writes links and series, so it never says more than stands. Where anything
about it is in doubt it is taken away, and the next linking looks at everything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema

CHANGED_AT_MOST = 20_000
"""Media that changed in place and are remembered; after more of them everything is linked anew."""
_MARK, _CHANGED = "linked-as", "changed-in-place"


@dataclass(frozen=True, slots=True)
class GoneBy:
    """What a linking went by: one that goes by anything else looks at everything."""

    under: str = ""
    """Digest of calibration, kinds that are switched off, versions of kinds, lists and negative rulings."""
    rulings: tuple[int, ...] = ()
    """Numbers of the rulings in force, rising."""
    looked: bool = False
    """Whether the dearer signals have looked at all that was held."""
    fingerprints: Mapping[str, int] = field(default_factory=dict)
    """Rows of each kind and version that it saw."""
    stated: tuple[str, ...] = ()
    """Files that hold what all media stated that it saw; none where nothing is kept."""


@dataclass(frozen=True, slots=True)
class LinkedAs:
    """How the last linking left the catalogue."""

    by: GoneBy
    media: int
    """Row number of the newest media that it saw."""
    path: int
    """The same of paths."""
    whole: int
    """Media that were held when everything was linked the last time."""
    links: Mapping[str, int]
    """Links of each kind that stand."""


def read_mark(connection: Connection) -> LinkedAs | None:
    """The mark of the last linking; None where everything is to be linked."""
    stated = _read(connection, _MARK)
    try:
        by = stated.pop("by")
        return LinkedAs(
            GoneBy(**{**by, "rulings": tuple(by["rulings"]), "stated": tuple(by.get("stated", ()))}), **stated
        )
    except (AttributeError, KeyError, TypeError):  # none, or of another version
        return None


def write_mark(connection: Connection, by: GoneBy, whole: int | None, links: Mapping[str, int]) -> None:
    """Say how far a linking saw that ends with this transaction.

    `whole`: media held at the last whole linking; None if that is this one.
    """
    media, path = schema.media, schema.occurrence
    newest = [connection.execute(sa.select(sa.func.max(one.c.id))).scalar() or 0 for one in (media, path)]
    mark = LinkedAs(
        by,
        newest[0],
        newest[1],
        newest[0] if whole is None else whole,
        {kind: count for kind, count in links.items() if count},
    )
    _write(connection, _MARK, asdict(mark))
    _forget(connection, _CHANGED)


def forget_mark(connection: Connection) -> None:
    """Let the next linking look at everything."""
    _forget(connection, _MARK)
    _forget(connection, _CHANGED)


def changed_media(connection: Connection) -> set[int]:
    """Row numbers of media that changed in place since the last linking."""
    stated = _read(connection, _CHANGED)
    return set(stated) if isinstance(stated, list) else set()


def note_changed(connection: Connection, media: Collection[int]) -> None:
    """Remember that what is known of some media was changed and not only added to."""
    if not media or _read(connection, _MARK) is None:
        return
    changed = changed_media(connection) | set(media)
    if len(changed) > CHANGED_AT_MOST:
        forget_mark(connection)
    else:
        _write(connection, _CHANGED, sorted(changed))


def _read(connection: Connection, key: str) -> Any:
    table = schema.meta
    found = connection.execute(sa.select(table.c.value).where(table.c.key == key)).scalar()
    try:
        return None if found is None else json.loads(found)
    except ValueError:
        return None


def _write(connection: Connection, key: str, value: object) -> None:
    _forget(connection, key)
    text = json.dumps(value, sort_keys=True)
    connection.execute(schema.meta.insert(), {"key": key, "value": text})


def _forget(connection: Connection, key: str) -> None:
    connection.execute(schema.meta.delete().where(schema.meta.c.key == key))
