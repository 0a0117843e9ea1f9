"""Endpoints that read. Each asks the queries that the pages ask, and records what the pages record."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import override
from ninja import Path, Query, Router
from pydantic import Field

from foureyes.engine.model import Decision, Link, Media
from foureyes.workbench.access.rules import Action, scope_of
from foureyes.workbench.api.gate import caller_of
from foureyes.workbench.api.queries import editions_of
from foureyes.workbench.api.schemas import (
    ChangeOut,
    ChangesOut,
    CountryOut,
    DecisionOut,
    DecisionsOut,
    EditionOut,
    EditionsOut,
    FactOut,
    HopOut,
    Limit,
    LinkOut,
    LinksOut,
    Mark,
    MediaOut,
    MemberOut,
    MembersOut,
    SeriesId,
    SeriesListOut,
    SeriesOut,
    StandingOut,
    WhyOut,
)
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.queries import media_page
from foureyes.workbench.library.reach import visible_series
from foureyes.workbench.series import changes as told_changes
from foureyes.workbench.series import queries as series_queries
from foureyes.workbench.series.reach import decisions_for, series_for
from foureyes.workbench.series.standing import standing_of

router = Router(tags=["read"])

Words = Annotated[str, Field(max_length=200, description="Words of the name or id.")]
TextCursor = Annotated[str, Field(max_length=64, description="`next` of the page before.")]
Number = Annotated[int, Field(ge=0, le=2**53)]


@router.get("/editions", response=EditionsOut, url_name="editions", summary="Editions that are open")
def editions(request: HttpRequest) -> EditionsOut:
    """Editions of today in which this program has a seat."""
    rows = editions_of(caller_of(request).officer)
    return EditionsOut(
        items=[
            EditionOut(
                id=one.pk, name=one.name, opens=one.opens, closes=one.closes, handling_code=one.handling_code
            )
            for one in rows
        ]
    )


@router.get("/series", response=SeriesListOut, url_name="series", summary="Series that the unit sees")
def series(
    request: HttpRequest,
    q: Words = "",
    at_least: Number = 0,
    limit: Limit = 100,
    cursor: TextCursor = "",
) -> SeriesListOut:
    """In the order of their ids."""
    officer, words = caller_of(request).officer, q.casefold().split()
    seen = sorted(visible_series(scope_of(officer)), key=lambda one: one.id)
    found = [
        one
        for one in seen
        if one.id > cursor
        and one.size >= at_least
        and all(word in f"{one.id} {one.name}".casefold() for word in words)
    ]
    items = [
        SeriesOut(
            id=one.id,
            name=one.name,
            named_by_person=one.named_by_person,
            size=one.size,
            reasons=dict(one.reasons),
        )
        for one in found[:limit]
    ]
    return SeriesListOut(items=items, next=items[-1].id if len(found) > limit else None)


@router.get("/series/{series_id}", response=SeriesOut, url_name="one-series", summary="One series")
def one_series(request: HttpRequest, series_id: Path[SeriesId]) -> SeriesOut:
    """Recorded as opened."""
    shown = series_queries.series_page(caller_of(request).officer, series_id)
    _record_opened(request, shown.series.id)
    return SeriesOut(
        id=shown.series.id,
        name=shown.series.name,
        named_by_person=shown.series.named_by_person,
        size=len(shown.series.members),
        reasons=dict(shown.reasons),
    )


@router.get(
    "/series/{series_id}/members", response=MembersOut, url_name="members", summary="Media of a series"
)
def members(
    request: HttpRequest, series_id: Path[SeriesId], limit: Limit = 100, cursor: TextCursor = ""
) -> MembersOut:
    """In the order of their SHA-256, without what hash lists set aside. Recorded as opened."""
    held = series_for(caller_of(request).officer, Action.VIEW, series_id)
    _record_opened(request, held.id)
    left = [sha256 for sha256 in sorted(held.members) if sha256 > cursor]
    known = catalogue().media_many(left[:limit])
    items = [_member(sha256, known[sha256]) for sha256 in left[:limit] if sha256 in known]
    return MembersOut(items=items, next=left[limit - 1] if len(left) > limit else None)


@router.get(
    "/series/{series_id}/links", response=LinksOut, url_name="links", summary="What holds a series together"
)
def links(
    request: HttpRequest, series_id: Path[SeriesId], limit: Limit = 100, cursor: Number = 0
) -> LinksOut:
    """Reasons that two media belong together, in the order in which the engine holds them."""
    held = series_for(caller_of(request).officer, Action.VIEW, series_id)
    found = held.links[cursor : cursor + limit]
    more = cursor + limit < len(held.links)
    return LinksOut(items=[_link(one) for one in found], next=str(cursor + limit) if more else None)


@router.get(
    "/series/{series_id}/standing", response=StandingOut, url_name="standing", summary="Where a series stands"
)
def standing(request: HttpRequest, series_id: Path[SeriesId]) -> StandingOut:
    """State, next step, who took it, countries."""
    held = series_for(caller_of(request).officer, Action.VIEW, series_id)
    return standing_out(held.id)


@router.get("/why", response=WhyOut, url_name="why", summary="Why two media are together")
def why(request: HttpRequest, a: Query[Mark], b: Query[Mark]) -> WhyOut:
    """Hop by hop, or what is nearest to linking them."""
    found = series_queries.why(caller_of(request).officer, a, b).explanation
    hops = [
        HopOut(
            a=hop.a,
            b=hop.b,
            links=[_link(one) for one in hop.links],
            decisions=[one.id for one in hop.decisions],
        )
        for hop in found.hops
    ]
    return WhyOut(a=found.a, b=found.b, together=found.together, sentence=found.sentence, hops=hops)


@router.get("/media/{mark}", response=MediaOut, url_name="media", summary="Facts of one media")
def media(request: HttpRequest, mark: Path[Mark]) -> MediaOut:
    """No picture. Recorded as opened."""
    officer = caller_of(request).officer
    page = media_page(officer, mark)
    with transaction.atomic():
        append(officer, Did.MEDIA_OPENED, f"media:{page.sha256}", {"through": "api"})
    facts = [
        FactOut(origin=origin.value, name=str(fact.name), value=str(fact.value))
        for origin, group in page.facts
        for fact in group
    ]
    return MediaOut(
        **_member(page.sha256, page.media).model_dump(),
        series=page.series.id if page.series else None,
        facts=facts,
        set_aside=page.set_aside,
    )


@router.get("/decisions", response=DecisionsOut, url_name="decisions", summary="What people ruled")
def decisions(request: HttpRequest, limit: Limit = 100, cursor: Number = 0) -> DecisionsOut:
    """The newest first, withdrawn ones too."""
    found = decisions_for(caller_of(request).officer)
    left = [one for one in found if not cursor or one.id < cursor]
    return DecisionsOut(
        items=[decision_out(one) for one in left[:limit]],
        next=left[limit - 1].id if len(left) > limit else None,
    )


@router.get("/changes", response=ChangesOut, url_name="changes", summary="What changed since")
def changes(request: HttpRequest, after: Number = 0) -> ChangesOut:
    """Summed by series and kind, at most 1,000 of them. Go on with the `last` of the answer."""
    officer, last = caller_of(request).officer, catalogue().last_change()
    with override("en"):  # programs read this: its words have one language
        told = told_changes.sections(scope_of(officer), after)
    items = [
        ChangeOut(
            series=section.series_id,
            kind=line.kind.value,
            said=line.said,
            count=line.count,
            at=line.at,
            media=line.sha256,
        )
        for section in told
        for line in section.lines
    ]
    return ChangesOut(items=items, last=last)


def standing_out(series_id: str) -> StandingOut:
    """Where a series stands, as the API says it."""
    now = standing_of(series_id)
    return StandingOut(
        series=series_id,
        state=now.state,
        next_step=now.next_step,
        taken_by=now.taken_by.username if now.taken_by else None,
        countries=[CountryOut(country=country, status=status) for country, status in now.countries],
        version=now.version,
    )


def decision_out(one: Decision) -> DecisionOut:
    """A decision as the API says it."""
    return DecisionOut(
        id=one.id,
        kind=one.kind.value,
        series=list(one.series),
        media=list(one.media),
        officer=one.officer,
        at=one.at,
        reason=one.reason,
        withdrawn_at=one.withdrawn_at,
        withdrawn_by=one.withdrawn_by,
        withdrawn_reason=one.withdrawn_reason,
        held=one.held,
    )


def _record_opened(request: HttpRequest, series_id: str) -> None:
    with transaction.atomic():
        append(caller_of(request).officer, Did.SERIES_OPENED, f"series:{series_id}", {"through": "api"})


def _member(sha256: str, held: Media) -> MemberOut:
    return MemberOut(
        sha256=sha256,
        kind=held.kind.value if held.kind else None,
        format=held.format,
        width=held.width,
        height=held.height,
        duration_seconds=held.duration_seconds,
    )


def _link(one: Link) -> LinkOut:
    return LinkOut(a=one.a, b=one.b, kind=one.kind, strength=one.strength, evidence=one.evidence)
