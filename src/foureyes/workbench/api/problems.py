"""Errors of the API as RFC 9457 says them (`application/problem+json`), in words that say what to do."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from foureyes.engine.errors import EngineError, UsageError
from foureyes.workbench.access.rules import Refused
from foureyes.workbench.findings.errors import NotDone as FindingNotDone
from foureyes.workbench.library.actions import CapReached
from foureyes.workbench.library.caps import seconds_left_of_day
from foureyes.workbench.library.questions import NoQuestion
from foureyes.workbench.oversight.actions import record_refusal
from foureyes.workbench.pages.failures import Failure, failure_of
from foureyes.workbench.series.actions import NotDone

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Not understood",
    401: "No valid token",
    403: "Not what this token is for",
    404: "Nothing here",
    409: "Not now",
    413: "Too large",
    415: "Not understood",
    422: "Makes no sense",
    429: "Too many",
    500: "Something broke",
    503: "Not now",
    507: "No room",
}
NOT_FOUND = "This does not exist, is gone, or is not for this token."
NO_TOKEN = "Send `Authorization: Bearer ...` with a token that was not revoked and has not expired."  # noqa: S105 - words
BROKEN = "The workbench failed at this request. What was saved before stands; the log says what happened."
NOT_SAVED = {
    Failure.FULL: "The disk is full. What was saved before stands; this was not saved.",
    Failure.BUSY: "Others were writing for too long. Nothing was saved; ask again in a moment.",
}


class ProblemOut(Schema):
    """A problem as RFC 9457 says it."""

    type: str
    """`about:blank`: the status says what kind it is."""
    title: str
    status: int
    detail: str
    """What happened and what to do, in words."""
    errors: list[str]
    """What is wrong with single fields."""


class Problem(Exception):
    """The request ends here, with this status and these words."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


def problem(
    status: int, detail: str, *, errors: list[str] | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The answer that says it."""
    said = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail}
    body = json.dumps({**said, "errors": errors or []}, ensure_ascii=False)
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def install(api: NinjaAPI) -> None:
    """Have every error of the API said this way."""
    handlers = {
        Problem: _own,
        AuthenticationError: _no_token,
        HttpError: _malformed,
        ValidationError: _invalid,
        Http404: _not_found,
        NotDone: _not_done,
        FindingNotDone: _not_done,
        NoQuestion: _no_question,
        CapReached: _capped,
        EngineError: _engine,
        Exception: _broken,
    }
    handler: Any
    for error, handler in handlers.items():
        api.add_exception_handler(error, handler)


def _own(_request: HttpRequest, error: Problem) -> HttpResponse:
    return problem(error.status, error.detail, headers=error.headers)


def _no_token(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problem(401, NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})


def _malformed(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code if error.status_code in TITLES else 400, str(error))


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    said = [
        f"{'.'.join(str(step) for step in one.get('loc', ()))}: {one.get('msg', '')}" for one in error.errors
    ]
    return problem(422, "Some fields make no sense. Nothing was changed.", errors=said)


def _not_found(_request: HttpRequest, error: Http404) -> HttpResponse:
    if isinstance(error, Refused):
        record_refusal(error)
    return problem(404, NOT_FOUND)


def _not_done(_request: HttpRequest, error: NotDone | FindingNotDone) -> HttpResponse:
    return problem(422, str(error))


def _no_question(_request: HttpRequest, error: NoQuestion) -> HttpResponse:
    return problem(error.status, str(error))


def _capped(_request: HttpRequest, error: CapReached) -> HttpResponse:
    return problem(429, str(error), headers={"Retry-After": str(seconds_left_of_day())})


def _engine(_request: HttpRequest, error: EngineError) -> HttpResponse:
    log.warning("%s: %s", error.code, error)
    status = 503 if not error.permanent else 409 if isinstance(error, UsageError) else 500
    return problem(status, str(error))


def _broken(_request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("The API failed", exc_info=error)
    failure = failure_of(error)
    return problem(failure or 500, BROKEN if failure is None else NOT_SAVED[failure])
