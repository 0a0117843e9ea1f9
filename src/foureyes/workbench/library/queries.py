"""Reads about media, sources and faults. What is not the viewer's looks as if it did not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Count
from django.http import Http404
from django.utils import timezone

from foureyes.engine.catalogue import Counts, FaultRecord, OccurrenceRecord, SeriesSummary, SourceRecord
from foureyes.engine.model import Fact, FaultCode, HashList, Link, ListKind, Media, MediaKind, Origin
from foureyes.workbench.access.rules import Action, HoldingsAsked, MediaAsked, may, require, scope_of
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.caps import allowance_of
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.listed import Listed, lists_of
from foureyes.workbench.library.models import Exposure
from foureyes.workbench.library.reach import (
    media_asked,
    series_ids_of,
    set_aside_in_all,
    visible_series,
)
from foureyes.workbench.library.searching import Hit

FAULTS_A_PAGE = 100
NEAREST_AT_MOST = 24
OCCURRENCES_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A media that a link joins to the one that is looked at."""

    sha256: str
    link: Link
    same_series: bool


@dataclass(frozen=True, slots=True)
class MediaPage:
    """What the page of one media shows."""

    sha256: str
    media: Media
    series: SeriesSummary | None
    """None where it is in no series."""
    facts: Sequence[tuple[Origin, Sequence[Fact]]]
    """Facts by who says so."""
    occurrences: Sequence[OccurrenceRecord]
    occurrences_in_all: int
    neighbours: Sequence[Neighbour]
    links_in_all: int
    choices: Sequence[SeriesSummary]
    """Other series that it may be ruled to belong to."""
    lists: Sequence[Listed]
    set_aside: bool
    """A hash list sets it aside: it is not shown unless asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """One media that is the same picture as the question."""

    hit: Hit
    media: Media
    series: SeriesSummary | None
    lists: Sequence[Listed]

    @property
    def is_video(self) -> bool:
        """Whether it was met at a moment of it."""
        return self.media.kind is MediaKind.VIDEO


@dataclass(frozen=True, slots=True)
class SetAside:
    """What hash lists keep out of people's sight."""

    media: int
    """Each counted once, however many lists it is on; without what people ruled to belong to a series."""
    lists: Sequence[tuple[HashList, int]]
    """Irrelevant lists in force, and media that are on each."""


@dataclass(frozen=True, slots=True)
class FaultsPage:
    """One page of what could not be read."""

    faults: Sequence[FaultRecord]
    by_code: Mapping[str, int]
    total: int
    page: int
    pages: int
    code: str


@dataclass(frozen=True, slots=True)
class Seen:
    """How much was revealed to one officer."""

    today: int
    cap: int
    """The most that may be revealed to them in a day."""
    notice: str
    """Words when the cap is near; else empty."""
    week: int
    ever: int
    different: int
    soft: int
    """Reveals at which the next break falls due."""
    break_until: datetime | None
    """When the break that runs now ends."""
    may_put_off: bool
    rest: str
    """What the break screen says."""


def media_page(viewer: object, untrusted_mark: str) -> MediaPage:
    """Everything about one media that the viewer may see.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    asked = media_asked(untrusted_mark)
    require(viewer, Action.VIEW, asked)
    held = catalogue()
    media = held.media(asked.sha256)
    if media is None:
        raise Http404
    scope = scope_of(viewer)
    occurrences = held.occurrences(asked.sha256) if may(viewer, Action.VIEW, HoldingsAsked()) else []
    stated = [fact for record in occurrences for fact in record.occurrence.facts]
    links = held.links_of(asked.sha256)
    return MediaPage(
        sha256=asked.sha256,
        media=media,
        series=held.series_of(asked.sha256),
        facts=_by_origin([*media.facts, *stated]),
        occurrences=occurrences[:OCCURRENCES_AT_MOST],
        occurrences_in_all=len(occurrences),
        neighbours=_neighbours(viewer, asked, links),
        links_in_all=len(links),
        choices=[one for one in visible_series(scope) if one.id not in asked.series],
        lists=lists_of(scope, asked.sha256),
        set_aside=asked.sha256 in held.irrelevant_among([asked.sha256]),
    )


@dataclass(frozen=True, slots=True)
class LookedAt:
    """One media that is looked at closely."""

    sha256: str
    media: Media
    series: SeriesSummary | None
    set_aside: bool


def looked_at(viewer: object, untrusted_mark: str) -> LookedAt:
    """One media for a viewer who may see it.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    asked = media_asked(untrusted_mark)
    require(viewer, Action.VIEW, asked)
    held = catalogue()
    media = held.media(asked.sha256)
    if media is None:
        raise Http404
    aside = asked.sha256 in held.irrelevant_among([asked.sha256])
    return LookedAt(asked.sha256, media, held.series_of(asked.sha256), aside)


def search_page(viewer: object, hits: Sequence[Hit]) -> list[Found]:
    """Those of the hits that the viewer sees now, with what is known of each."""
    scope = scope_of(viewer)
    held = catalogue()
    known = held.media_many([hit.sha256 for hit in hits])
    aside = held.irrelevant_among(list(known))
    found = []
    for hit in hits:
        series = held.series_of(hit.sha256)
        ids = frozenset(() if series is None else (series.id,))
        if hit.sha256 in known and hit.sha256 not in aside and scope.covers(MediaAsked(hit.sha256, ids)):
            found.append(Found(hit, known[hit.sha256], series, lists_of(scope, hit.sha256)))
    return found


def faults_page(viewer: object, code: str, page: int) -> FaultsPage:
    """What could not be read and why; for officers of the unit that took it in.

    Raises:
        django.http.Http404: not for this viewer.
    """
    require(viewer, Action.VIEW, HoldingsAsked())
    by_code = catalogue().counts().faults
    known = code if code in by_code else ""
    total = by_code[known] if known else sum(by_code.values())
    pages = max(1, -(-total // FAULTS_A_PAGE))
    page = min(max(page, 1), pages)
    faults = catalogue().faults(
        FAULTS_A_PAGE, (page - 1) * FAULTS_A_PAGE, code=FaultCode(known) if known else None
    )
    return FaultsPage(list(faults), by_code, total, page, pages, known)


def sources(viewer: object) -> tuple[Counts, int, Sequence[SourceRecord]]:
    """What was taken in, and how much of it is set aside; for officers of the unit that took it in.

    Raises:
        django.http.Http404: not for this viewer.
    """
    require(viewer, Action.VIEW, HoldingsAsked())
    return catalogue().counts(), set_aside_in_all(), list(catalogue().sources())


def set_aside(viewer: object) -> SetAside:
    """Which lists set media aside and how many; for officers of the unit that took them in.

    Raises:
        django.http.Http404: not for this viewer.
    """
    require(viewer, Action.VIEW, HoldingsAsked())
    counts = catalogue().hit_counts()
    lists = [one for one in catalogue().lists() if one.kind is ListKind.IRRELEVANT]
    return SetAside(set_aside_in_all(), [(one, counts.get(one.id, 0)) for one in lists])


def seen_by(officer: Officer) -> Seen:
    """What was revealed to the officer. Shown to nobody else."""
    own = Exposure.objects.filter(officer=officer)
    used = allowance_of(officer)
    return Seen(
        today=used.seen,
        cap=used.cap,
        notice=used.notice,
        week=own.filter(at__gte=timezone.now() - timedelta(days=7)).count(),
        ever=own.count(),
        different=own.aggregate(count=Count("media", distinct=True))["count"],
        soft=used.next_break,
        break_until=used.until,
        may_put_off=not used.put_off,
        rest=used.rest(),
    )


def _by_origin(facts: Iterable[Fact]) -> list[tuple[Origin, list[Fact]]]:
    order = {origin: place for place, origin in enumerate(Origin)}
    unique = sorted(dict.fromkeys(facts), key=lambda fact: order[fact.origin])
    return [(origin, list(group)) for origin, group in groupby(unique, key=lambda fact: fact.origin)]


def _neighbours(viewer: object, asked: MediaAsked, links: Iterable[Link]) -> list[Neighbour]:
    strongest: dict[str, Link] = {}
    for link in sorted(links, key=lambda link: -link.strength):
        strongest.setdefault(link.b if link.a == asked.sha256 else link.a, link)
    near = []
    aside = catalogue().irrelevant_among(list(strongest))
    for sha256, link in strongest.items():
        if sha256 in aside:
            continue
        other = MediaAsked(sha256, series_ids_of(sha256))
        if may(viewer, Action.VIEW, other):
            near.append(Neighbour(sha256, link, not other.series.isdisjoint(asked.series)))
        if len(near) == NEAREST_AT_MOST:
            break
    return near
