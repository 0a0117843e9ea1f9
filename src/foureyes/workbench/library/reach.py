"""Which media a name in a page or address means, which series lie within a scope, and what is in sight.

Out of sight is what irrelevant hash lists set aside: nobody's right is decided by that (`access` does), but
nobody is shown it unasked.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from django.http import Http404

from foureyes.engine.catalogue import SeriesSummary
from foureyes.engine.model import Series
from foureyes.workbench.access.rules import MediaAsked, Scope, SeriesAsked
from foureyes.workbench.library.holdings import catalogue

MARK_LENGTH = 16
"""Hex digits of a SHA-256 that name a media in pages and addresses: 64 bits, the catalogue's own key."""
MARK = re.compile(r"[0-9a-f]{16,64}")

COUNTED_SECONDS = 30
SERIES_KEPT = 16
"""With their links: one of 5,000 media has 7 MB."""
ALL = 1_000_000
"""More series than any workspace holds: the board sorts by columns that the catalogue does not know."""


def media_asked(untrusted_mark: str) -> MediaAsked:
    """The media that a mark names, as `access` wants it asked.

    Raises:
        django.http.Http404: no such media, or the mark fits several.
    """
    if not MARK.fullmatch(untrusted_mark):
        raise Http404
    found = [sha256 for sha256 in catalogue().find(untrusted_mark) if sha256.startswith(untrusted_mark)]
    if len(found) != 1:
        raise Http404
    return MediaAsked(found[0], series_ids_of(found[0]))


def media_asked_each(untrusted_marks: Iterable[str]) -> list[MediaAsked]:
    """As `media_asked` of many, each once, in two questions.

    Raises:
        django.http.Http404: one is no such media, or the mark fits several.
    """
    marks = list(dict.fromkeys(untrusted_marks))
    if not all(map(MARK.fullmatch, marks)):
        raise Http404
    found = catalogue().starting_with(marks)
    if any(len(found.get(one, ())) != 1 for one in marks):
        raise Http404
    sha256s = list(dict.fromkeys(found[one][0] for one in marks))
    series = catalogue().series_ids_of(sha256s)
    return [MediaAsked(one, frozenset((series[one],) if one in series else ())) for one in sha256s]


def series_ids_of(sha256: str) -> frozenset[str]:
    """Ids of the series that hold a media: one or none today."""
    series = catalogue().series_of(sha256)
    return frozenset(() if series is None else (series.id,))


def visible_series(scope: Scope) -> list[SeriesSummary]:
    """All series within the scope with something in sight, the largest first, without what is set aside."""
    seen = [one for one in catalogue().series_list(limit=ALL) if scope.covers(SeriesAsked(one.id))]
    aside = set_aside_by_series()
    if not aside:
        return seen
    sizes = ((one, one.size - aside.get(one.id, 0)) for one in seen)
    left = [replace(one, size=size) for one, size in sizes if size > 0]
    return sorted(left, key=lambda one: -one.size)


def held_series(series_id: str) -> Series | None:
    """A series with its links: the newest few are kept, as one of 5,000 media takes 0.1 s of CPU to read.

    Read anew when a linking changed something, when the series has another name, size or other reasons, and
    now and then.
    """
    held = catalogue()
    now = held.series_summary(series_id)
    if now is None:
        return None
    like = (now.name, now.named_by_person, now.size, tuple(sorted(now.reasons.items())))
    moment = int(time.monotonic() / COUNTED_SECONDS)
    # All who wait for the same large series would read it at once, each 0.3 s beside the others.
    with _reading[hash(series_id) % SERIES_KEPT]:
        return _series(str(held.workspace.path), series_id, held.last_change(), like, moment)


def forget_series() -> None:
    """Read every series anew when it is next asked for."""
    _series.cache_clear()


@lru_cache(maxsize=SERIES_KEPT)
def _series(workspace: str, series_id: str, last_change: int, like: object, moment: int) -> Series | None:
    del workspace, last_change, like, moment
    return catalogue().series(series_id)


_reading = [threading.Lock() for _ in range(SERIES_KEPT)]


def in_sight(series: Series) -> Series:
    """The series without the members that are set aside, until the next linking takes them out of it."""
    if series.id not in set_aside_by_series():
        return series
    aside = catalogue().irrelevant_among(series.members)
    return replace(
        series,
        members=tuple(one for one in series.members if one not in aside),
        links=tuple(link for link in series.links if link.a not in aside and link.b not in aside),
    )


def set_aside_by_series() -> Mapping[str, int]:
    """How many members of each series are set aside; empty as soon as linking has taken them out."""
    return _set_aside_now()[1]


def set_aside_in_all() -> int:
    """How many media hash lists set aside."""
    return _set_aside_now()[0]


def _set_aside_now() -> tuple[int, Mapping[str, int]]:
    held = catalogue()
    return _set_aside(str(held.workspace.path), held.last_change(), int(time.monotonic() / COUNTED_SECONDS))


@lru_cache(maxsize=4)
def _set_aside(workspace: str, last_change: int, moment: int) -> tuple[int, Mapping[str, int]]:
    """Both counts, made anew whenever a list or a linking changed something, and now and then for rulings."""
    del workspace, last_change, moment
    held = catalogue()
    return held.set_aside(), held.set_aside_in_series()
