"""Reads of series: one series, its grid, what changed, why two media are together. The viewer comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from foureyes.engine.catalogue import SeriesSummary
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
    MARK,
    media_asked,
    set_aside_by_series,
    visible_series,
)
from foureyes.workbench.series import changes as told_changes
from foureyes.workbench.series import finding, grids, outlines, selecting
from foureyes.workbench.series.changes import Section
from foureyes.workbench.series.models import ChangesRead
from foureyes.workbench.series.outlines import Outline
from foureyes.workbench.series.reach import decisions_about, decisions_for, series_for

LINKS_SHOWN = 60


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
    sees_sources: bool


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
        sees_sources=scope.covers(HoldingsAsked()),
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


def series(viewer: object, series_id: str) -> Series:
    """One series with its members and links.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    return series_for(viewer, Action.VIEW, series_id)


def grid(viewer: object, series_id: str) -> bytes:
    """The table that the grid of a series draws from: JSON, gzipped.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    shown = series_for(viewer, Action.VIEW, series_id)
    return grids.packed(shown, with_sources=scope_of(viewer).covers(HoldingsAsked()))


def find(officer: Officer, series_id: str, untrusted_text: str, untrusted_here: str) -> list[int]:
    """Indexes of the members that a query is true of, in the order of the grid's table.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        foureyes.workbench.series.selecting.NotUnderstood: the text is no query.
    """
    shown = series_for(officer, Action.VIEW, series_id)
    query = selecting.parse(untrusted_text)
    here = untrusted_here if MARK.fullmatch(untrusted_here) else ""
    sees_sources = scope_of(officer).covers(HoldingsAsked())
    table = grids.grid(shown.members, shown.links)
    return finding.find(finding.Asked(shown, table, officer, here, sees_sources), query)


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
