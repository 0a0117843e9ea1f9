"""Endpoints that change something, search, or show a picture: the actions of the pages, recorded as there."""

from __future__ import annotations

import secrets
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Header, Path, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from foureyes.workbench.api.gate import caller_of, once
from foureyes.workbench.api.models import Scope
from foureyes.workbench.api.problems import Problem
from foureyes.workbench.api.reading import decision_out, standing_out
from foureyes.workbench.api.schemas import (
    AnswerOut,
    DecisionIn,
    DecisionOut,
    HitOut,
    Mark,
    NameIn,
    NameOut,
    PictureIn,
    SearchIn,
    SeriesId,
    StandingOut,
    StateIn,
    WaitsOut,
    WithdrawalIn,
)
from foureyes.workbench.library import actions as library
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.queries import search_page
from foureyes.workbench.library.questions import Question, of_file, of_text
from foureyes.workbench.library.uploads import Held
from foureyes.workbench.series import actions
from foureyes.workbench.series.standing import set_state

router = Router(tags=["write"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[0-9A-Za-z._:-]{8,64}$",
        description="A repeated request with the same key is answered as the first was, and does nothing.",
    ),
]
DecisionNumber = Annotated[int, Field(ge=1, le=2**53)]


@router.put("/series/{series_id}/name", response=NameOut, url_name="name", summary="Name a series")
def name(
    request: HttpRequest, series_id: Path[SeriesId], body: NameIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """The name survives every later run. Needs the scope `decide`."""
    del idempotency_key  # `once` reads the header; here it is documented and checked
    caller = caller_of(request, Scope.DECIDE)

    def work() -> HttpResponse:
        return as_json(NameOut(name=actions.rename(caller.officer, series_id, body.name)))

    return once(request, caller, work)


@router.post(
    "/series/{series_id}/decisions",
    response={201: DecisionOut, 202: WaitsOut},
    url_name="decide",
    summary="Make a decision",
)
def decide(
    request: HttpRequest, series_id: Path[SeriesId], body: DecisionIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Binds every later run until it is withdrawn. Needs the scope `decide`."""
    del idempotency_key
    caller = caller_of(request, Scope.DECIDE)

    def work() -> HttpResponse:
        done = actions.decide(caller.officer, series_id, body.kind, body.media, body.other, body.reason)
        return _ruled(done, 201)

    return once(request, caller, work)


@router.post(
    "/decisions/{number}/withdrawal",
    response={200: DecisionOut, 202: WaitsOut},
    url_name="withdraw",
    summary="Withdraw a decision",
)
def withdraw(
    request: HttpRequest,
    number: Path[DecisionNumber],
    body: WithdrawalIn,
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """It stays in the history. Needs the scope `decide`."""
    del idempotency_key
    caller = caller_of(request, Scope.DECIDE)

    def work() -> HttpResponse:
        return _ruled(actions.withdraw(caller.officer, number, body.reason), 200)

    return once(request, caller, work)


@router.put("/series/{series_id}/state", response=StandingOut, url_name="state", summary="Move a series on")
def state(
    request: HttpRequest, series_id: Path[SeriesId], body: StateIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Or back. `identified` is reached in the pages alone, by two officers. Needs the scope `decide`."""
    del idempotency_key
    caller = caller_of(request, Scope.DECIDE)

    def work() -> HttpResponse:
        set_state(caller.officer, series_id, body.state, body.version)
        return as_json(standing_out(series_id))

    return once(request, caller, work)


@router.post("/search", response=AnswerOut, url_name="search", summary="Search for a hash")
def search(request: HttpRequest, body: SearchIn) -> AnswerOut:
    """What is held of the same picture, of what the unit sees. Recorded. Needs the scope `search`."""
    caller_of(request, Scope.SEARCH)
    return _searched(request, of_text(body.hash), body.radius)


@router.post("/search/picture", response=AnswerOut, url_name="search-picture", summary="Search for a picture")
def search_picture(request: HttpRequest, picture: File[UploadedFile], form: Form[PictureIn]) -> AnswerOut:
    """The picture is decoded in the cage and not kept. Recorded. Needs the scope `search`."""
    caller_of(request, Scope.SEARCH)
    try:
        if not isinstance(picture, Held):
            raise Problem(422, "Send the picture as a file of the form.")
        return _searched(request, of_file(picture), form.radius)
    finally:
        picture.close()


@router.post(
    "/media/{mark}/reveal", response={200: bytes}, url_name="reveal", summary="Fetch a sharp thumbnail"
)
def reveal(request: HttpRequest, mark: Path[Mark]) -> HttpResponse:
    """A JPEG of at most 256 pixels, counted against the day's cap and recorded. Needs the scope `reveal`."""
    caller = caller_of(request, Scope.REVEAL)
    # A program that names one media asks for it by name, settled or not.
    asked = library.reveal(caller.officer, [mark], "", secrets.token_hex(16), settled_too=True)
    picture = catalogue().thumbnail(asked.shown[0].sha256)
    if not picture:
        raise Http404
    return HttpResponse(picture, content_type="image/jpeg")


def _searched(request: HttpRequest, question: Question, radius: int) -> AnswerOut:
    officer = caller_of(request, Scope.SEARCH).officer
    entry, answer = library.search(officer, question, radius)
    items = [
        HitOut(
            sha256=one.hit.sha256,
            distance_bits=one.hit.distance_bits,
            same_file=one.hit.same_file,
            series=one.series.id if one.series else None,
        )
        for one in search_page(officer, answer.hits)
    ]
    return AnswerOut(
        items=items, found=answer.found, set_aside=answer.set_aside, entry=entry, notes=list(question.notes)
    )


def _ruled(done: actions.Done | actions.Waits, status: int) -> HttpResponse:
    if isinstance(done, actions.Waits):
        waits = WaitsOut(
            proposal=done.proposal.pk, detail="It takes effect once a second officer confirms it."
        )
        return as_json(waits, 202)
    return as_json(decision_out(done.decision), status)


def as_json(said: BaseModel, status: int = 200) -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(said.model_dump_json(), status=status, content_type="application/json")
