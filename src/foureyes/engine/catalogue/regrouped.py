"""What a linking run did to the series that stood before, and which old media it matched with new ones.

Only told here, never decided. A media is old where an earlier linking has seen it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from foureyes.engine.catalogue import schema
from foureyes.engine.catalogue.changes import NewChange
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.model import ChangeKind, counted

SAME_PICTURE = "same-picture"
"""The kind of link by which an old media is told to be matched: others are no statement about one picture."""
_LINKED_UP_TO = "linked-up-to"


def regrouped(
    before: Mapping[int, str], after: Mapping[int, str], aliases: Mapping[str, str]
) -> Iterator[NewChange]:
    """What became of each series, by that of each media before and after, and the ids that passed on."""
    old, new = Counter(before.values()), Counter(after.values())
    joined = Counter(series for media, series in after.items() if before.get(media) != series)
    left = Counter(series for media, series in before.items() if after.get(media) != series)
    for series in sorted(new.keys() - old.keys()):
        yield NewChange(ChangeKind.SERIES_NEW, f"{new[series]:,} media", series_id=series)
    for series in sorted(new.keys() & old.keys()):
        if joined[series]:
            said = f"{joined[series]:,} media more, {new[series]:,} now"
            yield NewChange(ChangeKind.SERIES_GREW, said, series_id=series)
        if left[series]:
            said = f"{left[series]:,} media less, {new[series]:,} now"
            yield NewChange(ChangeKind.SERIES_SHRANK, said, series_id=series)
    for series in sorted(old.keys() - new.keys()):
        if (heir := aliases.get(series)) is not None:
            yield NewChange(ChangeKind.SERIES_MERGED, f"part of {heir} now", series_id=series)
        else:
            said = f"{counted(old[series], 'media is', 'media are')} held together by nothing now"
            yield NewChange(ChangeKind.SERIES_GONE, said, series_id=series)


def matched(
    connection: Connection,
    new: Mapping[tuple[int, int, int], tuple[float, str, int]],
    same_picture: int | None,
) -> list[NewChange]:
    """Old media that a new link joins with one that no linking had seen: one change each, by the strongest.

    Remembers, in the open transaction, up to which media this linking has seen.
    """
    seen = _seen_before(connection)
    best: dict[int, tuple[float, str, int]] = {}
    for (a, b, kind), (strength, evidence, _) in new.items():
        older, newer = sorted((a, b))
        if kind == same_picture and older <= seen < newer:
            best[older] = max(best.get(older, (0.0, "", 0)), (strength, evidence, newer))
    names = _names(connection, {newer for _, _, newer in best.values()})
    return [
        NewChange(ChangeKind.MATCHED, f"matches {names[newer]}, taken in now: {evidence}", older)
        for older, (_, evidence, newer) in sorted(best.items())
    ]


def _seen_before(connection: Connection) -> int:
    table = schema.meta
    here = table.c.key == _LINKED_UP_TO
    stated = connection.execute(sa.select(table.c.value).where(here)).scalar()
    newest = connection.execute(sa.select(sa.func.max(schema.media.c.id))).scalar() or 0
    if stated is None:
        connection.execute(table.insert(), {"key": _LINKED_UP_TO, "value": str(newest)})
    else:
        connection.execute(table.update().where(here).values(value=str(newest)))
    return int(stated or 0)


def _names(connection: Connection, numbers: set[int]) -> dict[int, str]:
    table = schema.media
    names: dict[int, str] = defaultdict(str)
    for chunk in chunks(sorted(numbers)):
        query = sa.select(table.c.id, table.c.sha256).where(table.c.id.in_(chunk))
        names |= {number: bytes(digest).hex() for number, digest in connection.execute(query)}
    return names
