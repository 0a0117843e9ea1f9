"""Endpoints of findings: what was written on a series or a media, and writing it, as the pages do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import BaseModel

from foureyes.workbench.api.found_schemas import (
    AssessedOut,
    AssessmentOut,
    FoundOut,
    NoteIn,
    NoteOut,
    RegionIn,
    RegionOut,
    RequestIn,
    RequestOut,
    TaskIn,
    TaskOut,
)
from foureyes.workbench.api.gate import caller_of, once
from foureyes.workbench.api.models import Scope
from foureyes.workbench.api.schemas import Mark, SeriesId
from foureyes.workbench.api.writing import IdempotencyKey, as_json
from foureyes.workbench.findings.actions import notes, questions, regions, tasks
from foureyes.workbench.findings.models import Assessment, Finding, Note, Question, Region, Task
from foureyes.workbench.findings.queries.listing import Filter, Findings, of_media, of_series

router = Router(tags=["findings"])
HUNDRED = 100


@router.get(
    "/series/{series_id}/findings",
    response=FoundOut,
    url_name="series-findings",
    summary="What was found on a series",
)
def series_findings(request: HttpRequest, series_id: Path[SeriesId]) -> FoundOut:
    """And on the media that it holds now."""
    return _found(of_series(caller_of(request).officer, series_id, Filter()))


@router.get(
    "/media/{mark}/findings",
    response=FoundOut,
    url_name="media-findings",
    summary="What was found on a media",
)
def media_findings(request: HttpRequest, mark: Path[Mark]) -> FoundOut:
    """Regions, notes, tasks and requests."""
    return _found(of_media(caller_of(request).officer, mark, Filter()))


@router.post("/notes", response={201: NoteOut}, url_name="write-note", summary="Write a note")
def write_note(request: HttpRequest, body: NoteIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Or a reply, or an answer to a request. Needs the scope `find`."""
    del idempotency_key
    officer = caller_of(request, Scope.FIND).officer
    return _written(request, lambda: _note(notes.write(officer, body.model_dump()).note, 0))


@router.post("/tasks", response={201: TaskOut}, url_name="give-task", summary="Write down what is to be done")
def give_task(request: HttpRequest, body: TaskIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """For an officer, a unit, or nobody yet. Needs the scope `find`."""
    del idempotency_key
    officer = caller_of(request, Scope.FIND).officer
    return _written(request, lambda: _task(tasks.give(officer, body.model_dump())))


@router.post(
    "/requests", response={201: RequestOut}, url_name="ask-request", summary="Ask for a second pair of eyes"
)
def ask_request(
    request: HttpRequest, body: RequestIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """It reaches those who know. Needs the scope `find`."""
    del idempotency_key
    officer = caller_of(request, Scope.FIND).officer
    return _written(request, lambda: _request(questions.ask(officer, body.model_dump())))


@router.post(
    "/media/{mark}/regions", response={201: RegionOut}, url_name="draw-region", summary="Mark a clue"
)
def draw_region(
    request: HttpRequest, mark: Path[Mark], body: RegionIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """A box on a picture. Needs the scope `find`."""
    del idempotency_key
    officer = caller_of(request, Scope.FIND).officer
    box = ",".join(f"{HUNDRED * side:.4f}" for side in (body.left, body.top, body.width, body.height))
    form = {
        **body.model_dump(include={"clue", "name", "tells", "handling_code"}),
        "media": mark,
        "shape": f"xywh=percent:{box}",
        "speaks_for": " ".join(body.speaks_for),
        "speaks_against": " ".join(body.speaks_against),
    }
    return _written(request, lambda: _region(regions.draw(officer, form)))


def _written(request: HttpRequest, write: Callable[[], BaseModel]) -> HttpResponse:
    return once(request, caller_of(request, Scope.FIND), lambda: as_json(write(), 201))


def _found(found: Findings) -> FoundOut:
    return FoundOut(
        regions=[_region(one) for one in found.regions],
        notes=[_note(one.root, one.replies) for one in found.threads],
        tasks=[_task(one) for one in found.tasks],
        requests=[_request(one) for one in found.questions],
        assessments=[_assessment(one) for one in found.assessments],
    )


def _of_all(one: Finding) -> dict[str, Any]:
    return {
        "id": one.pk,
        "series": one.series,
        "media": one.media,
        "officer": one.officer.username,
        "unit": str(one.unit),
        "at": one.at,
        "handling_code": one.handling_code,
        "version": one.version,
    }


def _region(one: Region) -> RegionOut:
    return RegionOut(
        **_of_all(one),
        clue=one.clue,
        name=one.name,
        tells=one.tells,
        speaks_for=one.speaks_for.split(),
        speaks_against=one.speaks_against.split(),
        left=one.left,
        top=one.top,
        width=one.width,
        height=one.height,
        points=one.points,
        from_ms=one.from_ms,
        to_ms=one.to_ms,
    )


def _note(one: Note, replies: int) -> NoteOut:
    return NoteOut(**_of_all(one), text=one.text, replies=replies)


def _task(one: Task) -> TaskOut:
    to = one.to_officer.username if one.to_officer else str(one.to_unit or "")
    return TaskOut(**_of_all(one), text=one.text, to=to, done_at=one.done_at)


def _request(one: Question) -> RequestOut:
    return RequestOut(**_of_all(one), text=one.text, words=one.words, closed_at=one.closed_at)


def _assessment(one: Assessment) -> AssessmentOut:
    return AssessmentOut(
        **_of_all(one),
        countries=[
            AssessedOut(country=country, certainty=certainty, share=share)
            for country, certainty, share in one.countries
        ],
        source=one.source,
        information=one.information,
        reasoning=one.reasoning,
        confirmed_at=one.confirmed_at,
    )
