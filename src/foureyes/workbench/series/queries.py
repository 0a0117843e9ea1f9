"""Reads of series: the board, one series, why two media are together. The viewer comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from foureyes.engine.catalogue import Counts, SeriesSummary
from foureyes.engine.model import Decision, Explanation, Link, Series
from foureyes.workbench.access.rules import (
    Action,
    HoldingsAsked,
    MediaAsked,
    may,
    require,
    scope_of,
)
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library import previews
from foureyes.workbench.library.holdings import catalogue, explained
from foureyes.workbench.library.listed import ListedInSeries, lists_of_series
from foureyes.workbench.library.reach import (
    media_asked,
    set_aside_by_series,
    set_aside_in_all,
    visible_series,
)
from foureyes.workbench.series import changes as told_changes
from foureyes.workbench.series import grids, outlines
from foureyes.workbench.series.changes import Section
from foureyes.workbench.series.models import ChangesRead
from foureyes.workbench.series.outlines import Outline
from foureyes.workbench.series.reach import decisions_about, decisions_for, series_for

ROWS_A_PAGE = 200
LINKS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One series on the board."""

    id: str
    name: str
    named_by_person: bool
    size: int
    reasons: Mapping[str, int]
    outline: Outline


@dataclass(frozen=True, slots=True)
class Board:
    """The series that the viewer sees, in the order asked for."""

    rows: Sequence[Row]
    total: int
    """Series that the viewer sees, before the filter."""
    found: int
    page: int
    pages: int
    sort: str
    filter: str
    counts: Counts | None
    """What the workspace holds; None for officers of other units."""
    set_aside: int
    """Media that hash lists set aside; 0 for officers of other units."""


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """What the page of one series shows."""

    series: Series
    outline: Outline
    reasons: Sequence[tuple[str, int]]
    links: Sequence[Link]
    """The strongest."""
    decisions: Sequence[Decision]
    newest_decision: int
    """Number of the newest of all decisions that the viewer sees; 0 where there is none."""
    revision: str
    others: Sequence[SeriesSummary]
    """Series that it may be merged with."""
    lists: Sequence[ListedInSeries]
    set_aside: int
    """Members that hash lists set aside: the next linking takes them out."""


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What changed, by series."""

    sections: Sequence[Section]
    last: int
    """Number of the newest change there is: what a mark as read refers to."""
    read_at: datetime | None
    """When the officer last marked changes as read."""
    everything: bool


@dataclass(frozen=True, slots=True)
class Why:
    """Why two media are together, or what is nearest to linking them."""

    a: MediaAsked
    b: MediaAsked
    explanation: Explanation
    set_aside: str
    """One of the two that a hash list sets aside; else empty."""


SORTS: dict[str, Callable[[Row], tuple[object, ...]]] = {
    "size": lambda row: (row.size, row.id),
    "name": lambda row: (row.name.casefold(), row.id),
    "first": lambda row: (row.outline.first, row.id),
    "last": lambda row: (row.outline.last, row.id),
    "cameras": lambda row: (len(row.outline.cameras), row.size, row.id),
    "places": lambda row: (len(row.outline.places), row.size, row.id),
}
DEFAULT_SORT = "-size"


def board(viewer: object, *, text: str = "", sort: str = DEFAULT_SORT, page: int = 1) -> Board:
    """The board: filtered by words, sorted by a column (a leading `-` turns it round), in pages."""
    scope = scope_of(viewer)
    seen = visible_series(scope)
    rows = rows_of(seen)
    words = text.casefold().split()
    found = [row for row in rows if all(word in _searched(row) for word in words)]
    sort = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    found.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    pages = max(1, -(-len(found) // ROWS_A_PAGE))
    page = min(max(page, 1), pages)
    return Board(
        rows=found[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE],
        total=len(seen),
        found=len(found),
        page=page,
        pages=pages,
        sort=sort,
        filter=text,
        counts=catalogue().counts() if scope.covers(HoldingsAsked()) else None,
        set_aside=set_aside_in_all() if scope.covers(HoldingsAsked()) else 0,
    )


def series_page(viewer: object, series_id: str) -> SeriesPage:
    """One series with its outline, reasons and decisions.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    series = series_for(viewer, Action.VIEW, series_id)
    key: Hashable = (series.id, previews.revision(series.members))
    scope = scope_of(viewer)
    others = visible_series(scope)
    every = decisions_for(viewer)
    return SeriesPage(
        series=series,
        outline=outlines.kept.of([key], lambda: {key: series.members})[key],
        reasons=Counter(link.kind for link in series.links).most_common(),
        links=sorted(series.links, key=lambda link: -link.strength)[:LINKS_SHOWN],
        decisions=decisions_about(series, every),
        newest_decision=every[0].id if every else 0,
        revision=previews.revision(series.members),
        others=sorted((one for one in others if one.id != series.id), key=lambda one: one.name.casefold()),
        lists=lists_of_series(scope, series.id),
        set_aside=set_aside_by_series().get(series.id, 0),
    )


def changes(viewer: object, *, everything: bool = False) -> ChangesPage:
    """What changed since the officer last marked changes as read, or all of it; only what they may see.

    Raises:
        django.http.Http404: not an officer.
    """
    if not isinstance(viewer, Officer):
        raise Http404
    read = ChangesRead.objects.filter(officer=viewer).first()
    since = 0 if everything or read is None else read.change
    last = catalogue().last_change()
    return ChangesPage(
        sections=told_changes.sections(scope_of(viewer), since),
        last=last,
        read_at=None if read is None else read.at,
        everything=everything,
    )


def unread_changes(viewer: object) -> int:
    """How many lines the page of changes has for the viewer, up to a hundred."""
    if not isinstance(viewer, Officer):
        return 0
    read = ChangesRead.objects.filter(officer=viewer).values_list("change", flat=True).first()
    return told_changes.count(scope_of(viewer), read or 0)


def grid(viewer: object, series_id: str) -> tuple[Series, grids.Grid]:
    """One series with the table that its grid draws from.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    series = series_for(viewer, Action.VIEW, series_id)
    return series, grids.grid(series.members, series.links)


def why(viewer: object, mark_a: str, mark_b: str) -> Why:
    """Why two media are together, hop by hop, or what is nearest to linking them.

    Raises:
        django.http.Http404: one of them, or a media between them, is not for this viewer.
    """
    a, b = media_asked(mark_a), media_asked(mark_b)
    require(viewer, Action.VIEW, a)
    require(viewer, Action.VIEW, b)
    explanation = explained(a.sha256, b.sha256)
    between = {sha256 for hop in explanation.hops for sha256 in (hop.a, hop.b)} - {a.sha256, b.sha256}
    if not all(may(viewer, Action.VIEW, media_asked(sha256)) for sha256 in between):
        raise Http404
    aside = sorted(catalogue().irrelevant_among([a.sha256, b.sha256]))
    return Why(a, b, explanation, aside[0] if aside else "")


def rows_of(summaries: Sequence[SeriesSummary]) -> list[Row]:
    """Series with their outlines, for a caller that asked what the viewer sees."""
    keys: dict[str, Hashable] = {
        one.id: (one.id, one.size, tuple(sorted(one.reasons.items()))) for one in summaries
    }

    def members() -> dict[Hashable, list[str]]:
        held: dict[Hashable, list[str]] = {key: [] for key in keys.values()}
        for series_id, sha256 in catalogue().memberships():
            if series_id in keys:
                held[keys[series_id]].append(sha256)
        for series_id in set_aside_by_series().keys() & keys.keys():
            members = held[keys[series_id]]
            aside = catalogue().irrelevant_among(members)
            members[:] = [sha256 for sha256 in members if sha256 not in aside]
        return held

    made = outlines.kept.of(list(keys.values()), members)
    return [
        Row(one.id, one.name, one.named_by_person, one.size, one.reasons, made[keys[one.id]])
        for one in summaries
    ]


def _searched(row: Row) -> str:
    cameras = (name for name, _ in row.outline.cameras)
    reasons = (kind.replace("-", " ") for kind in row.reasons)
    return " ".join([row.id, row.name, row.outline.first, row.outline.last, *cameras, *reasons]).casefold()
