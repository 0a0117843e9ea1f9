"""What changed in the workspace, for one viewer: summed by series, in words, since they last looked.

Names series and lists that the viewer may see, and no media but one that changed alone. Marks nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foureyes.engine.catalogue import ChangeGroup, SeriesSummary
from foureyes.engine.errors import EngineError
from foureyes.engine.model import ChangeKind, HashList
from foureyes.workbench.access.rules import HoldingsAsked, ListAsked, Scope, SeriesAsked
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import visible_series

GROUPS_AT_MOST = 1_000
COUNTED_AT_MOST = 100
"""Of what the navigation counts: beyond it, it says 99+."""
LOOKED_BACK = 50_000
"""Changes that the navigation looks back: a list of millions must not slow every page."""
COUNTS_ONLY = frozenset(
    {ChangeKind.SERIES_NEW, ChangeKind.SERIES_GREW, ChangeKind.SERIES_SHRANK, ChangeKind.SERIES_GONE}
)
"""Kinds whose words are counts. Others name media, series or lists that may not be the viewer's."""

OF_MEDIA = frozenset({ChangeKind.LISTED, ChangeKind.UNLISTED, ChangeKind.MATCHED, ChangeKind.RULED_NEGATIVE})
"""Kinds of which a group holds one change for each media: the words of one say nothing of the others."""


@dataclass(frozen=True, slots=True)
class Line:
    """Changes of one kind."""

    kind: ChangeKind
    said: str
    count: int
    at: datetime
    sha256: str | None
    """The media, where it is one alone."""


@dataclass(frozen=True, slots=True)
class Section:
    """What changed of one series, or of the workspace as a whole."""

    series_id: str | None
    series: SeriesSummary | None
    """As it is now; None where it is gone or there is none."""
    lines: Sequence[Line]

    @property
    def shown(self) -> tuple[object, ...]:
        """All that the page says of it."""
        now = None if self.series is None else (self.series.id, self.series.name, self.series.size)
        return (self.series_id, now, tuple(self.lines))


def sections(scope: Scope, since: int) -> list[Section]:
    """What changed after a change, the newest first, of what lies within the scope."""
    groups = _groups(scope, since, GROUPS_AT_MOST)
    by_series: dict[str | None, list[ChangeGroup]] = {}
    for group in groups:
        by_series.setdefault(group.series_id, []).append(group)
    lists = _lists(scope)
    now = {one.id: one for one in visible_series(scope)} if by_series else {}
    return [
        Section(
            series_id,
            now.get(series_id or "") or _series_now(scope, series_id),
            [_line(scope, one, lists) for one in found],
        )
        for series_id, found in by_series.items()
    ]


def count(scope: Scope, since: int) -> int:
    """How many lines `sections` would have, up to `COUNTED_AT_MOST`; 0 where the engine cannot say."""
    try:
        held = catalogue()
        last = held.last_change()
        if last <= since:
            return 0
        return _count(str(held.workspace.path), last, max(since, last - LOOKED_BACK), scope)
    except EngineError:
        return 0  # the page itself says what is wrong with the workspace


def count_by_series(scope: Scope, since: int) -> Mapping[str, int]:
    """How many lines `sections` would have of each series, by its id; looks back as `count` does."""
    held = catalogue()
    last = held.last_change()
    if last <= since:
        return {}
    return _count_by_series(str(held.workspace.path), last, max(since, last - LOOKED_BACK), scope)


@lru_cache(maxsize=256)
def _count_by_series(workspace: str, last: int, since: int, scope: Scope) -> Mapping[str, int]:
    del workspace, last
    found = _groups(scope, since, GROUPS_AT_MOST)
    return Counter(one.series_id for one in found if one.series_id is not None)


@lru_cache(maxsize=256)
def _count(workspace: str, last: int, since: int, scope: Scope) -> int:
    del workspace, last
    return len(_groups(scope, since, COUNTED_AT_MOST))


def _groups(scope: Scope, since: int, at_most: int) -> list[ChangeGroup]:
    series = None if scope.covers(HoldingsAsked()) else scope.series
    if series is not None and not series:
        return []
    lists = _lists(scope)
    found = catalogue().changes_by_series(since, series, at_most=at_most)
    return [one for one in found if _covers(scope, one, lists)]


def _covers(scope: Scope, group: ChangeGroup, lists: Mapping[int, HashList]) -> bool:
    asked = HoldingsAsked() if group.series_id is None else SeriesAsked(group.series_id)
    return scope.covers(asked) and (group.list_id is None or group.list_id in lists)


def _lists(scope: Scope) -> dict[int, HashList]:
    """Lists that the viewer may be told of, those withdrawn too."""
    every: Iterable[HashList] = catalogue().lists(active_only=False)
    return {one.id: one for one in every if scope.covers(ListAsked(one.handling_code))}


def _series_now(scope: Scope, series_id: str | None) -> SeriesSummary | None:
    """The series, or the one that it is part of now, where the viewer sees it."""
    if series_id is None:
        return None
    now = catalogue().current_id(series_id)
    return catalogue().series_summary(now) if scope.covers(SeriesAsked(now)) else None


def _line(scope: Scope, group: ChangeGroup, lists: Mapping[int, HashList]) -> Line:
    named = lists[group.list_id].name if group.list_id is not None else ""
    told = group.kind in COUNTS_ONLY or scope.covers(HoldingsAsked())
    said = _said(group, named)
    alone = group.count == 1 and group.newest.sha256 is not None
    detail = f": {group.newest.detail}" if told and (alone or group.kind not in OF_MEDIA) else ""
    return Line(
        group.kind, said + detail, group.count, group.newest.at, group.newest.sha256 if alone else None
    )


def _said(group: ChangeGroup, named: str) -> str:
    """What happened, in the reader's language."""
    if group.kind not in OF_MEDIA:
        return {
            ChangeKind.LIST_ADDED: _("A hash list was added"),
            ChangeKind.LIST_WITHDRAWN: _("A hash list was withdrawn"),
            ChangeKind.SERIES_NEW: _("A new series"),
            ChangeKind.SERIES_GREW: _("The series grew"),
            ChangeKind.SERIES_SHRANK: _("The series shrank"),
            ChangeKind.SERIES_MERGED: _("The series became part of another"),
            ChangeKind.SERIES_GONE: _("The series is gone"),
            ChangeKind.RULING_WITHDRAWN: _("A ruling was withdrawn"),
        }[group.kind]
    count = group.count
    said = {
        ChangeKind.LISTED: ngettext(
            "%(media)s media came onto the hash list %(list)s",
            "%(media)s media came onto the hash list %(list)s",
            count,
        ),
        ChangeKind.UNLISTED: ngettext(
            "%(media)s media left the hash list %(list)s",
            "%(media)s media left the hash list %(list)s",
            count,
        ),
        ChangeKind.MATCHED: ngettext(
            "%(media)s media that were held before match new ones",
            "%(media)s media that were held before match new ones",
            count,
        ),
        ChangeKind.RULED_NEGATIVE: ngettext(
            "%(media)s media were ruled to link nothing",
            "%(media)s media were ruled to link nothing",
            count,
        ),
    }[group.kind]
    return said % {"media": number_format(count, force_grouping=True), "list": named}
