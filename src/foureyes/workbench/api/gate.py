"""What stands before every endpoint: token, scope, how many requests a minute, and repeated requests."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.security import HttpBearer

from foureyes.workbench.api.actions import Caller, caller_with
from foureyes.workbench.api.models import Answered, Scope
from foureyes.workbench.api.problems import Problem

MINUTE = 60.0
KEY = re.compile(r"[0-9A-Za-z._:-]{8,64}")
ANSWERS_KEPT = timedelta(days=2)


class Meter:
    """Counts requests of each token within the minute. Each process of a server counts for itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[int, tuple[int, int]] = {}

    def wait(self, token: int, at_most: int) -> int:
        """Count a request; seconds to wait where it is one too many, else 0."""
        now = self._clock()
        minute = int(now // MINUTE)
        with self._lock:
            began, count = self._counts.get(token, (minute, 0))
            count = count + 1 if began == minute else 1
            self._counts[token] = (minute, count)
        return 0 if count <= at_most else int(MINUTE - now % MINUTE) + 1


METER = Meter()
KNOWN_QUERIES: dict[tuple[str, str], frozenset[str]] = {}
"""Method and route to the names that its query may have; `document` fills it in."""


class Bearer(HttpBearer):
    """A token in the header. Cookies are not looked at, so that no other site can use somebody's session."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """The program, counted; None where the token opens nothing."""
        caller = caller_with(token.strip())
        if caller is None:
            return None
        at_most = settings.FOUREYES_API_A_MINUTE
        if wait := METER.wait(caller.token.pk, at_most):
            raise Problem(
                429,
                f"More than {at_most} requests in a minute. Nothing was done; ask again in {wait} seconds.",
                {"Retry-After": str(wait)},
            )
        request.user = caller.officer
        _refuse_unknown_queries(request)
        return caller


def caller_of(request: HttpRequest, scope: Scope = Scope.READ) -> Caller:
    """The program that speaks, which may do this.

    Raises:
        Problem: its token is not for this.
    """
    caller = getattr(request, "auth", None)
    if not isinstance(caller, Caller):
        raise Problem(401, "There is no token.")
    if not caller.holds(scope):
        raise Problem(403, f"This token is not for `{scope.value}`. An administrator can make one that is.")
    return caller


def once(request: HttpRequest, caller: Caller, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do the work, or give the answer of the first time where the request bears a key that was used for it.

    Raises:
        Problem: the key is malformed, was used for something else, or its first request is under way.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return work()
    if not KEY.fullmatch(key):
        raise Problem(422, "An Idempotency-Key has 8 to 64 letters, digits and . _ : - only.")
    asked = hashlib.sha256(
        f"{request.method} {request.get_full_path()}\n".encode() + request.body
    ).hexdigest()
    try:
        with transaction.atomic():
            held = Answered.objects.create(token=caller.token, key=key, asked_sha256=asked)
    except IntegrityError:
        return _answered(caller, key, asked)
    try:
        answer = work()
    except Exception:  # raised again below: what failed may be asked for again with the same key
        held.delete()
        raise
    held.status, held.body = answer.status_code, answer.content.decode("utf-8")
    held.save(update_fields=["status", "body"])
    Answered.objects.filter(token=caller.token, at__lt=timezone.now() - ANSWERS_KEPT).delete()
    return answer


def _refuse_unknown_queries(request: HttpRequest) -> None:
    """A misspelt name would silently ask for something else."""
    route = request.resolver_match.route if request.resolver_match else ""
    known = KNOWN_QUERIES.get((request.method or "", f"/{route}"))
    unknown = sorted(set(request.GET) - known) if known is not None else []
    if unknown:
        raise Problem(
            422, f"The address asks for {unknown[0][:60]!r}, which is not known here. Nothing was done."
        )


def _answered(caller: Caller, key: str, asked: str) -> HttpResponse:
    held = Answered.objects.filter(token=caller.token, key=key).first()
    if held is None or held.status is None:
        raise Problem(409, "The first request with this Idempotency-Key is under way. Ask again in a moment.")
    if held.asked_sha256 != asked:
        raise Problem(422, "This Idempotency-Key was used for another request. Nothing was changed.")
    return HttpResponse(
        held.body,
        status=held.status,
        content_type="application/json",
        headers={"Idempotent-Replayed": "true"},
    )
