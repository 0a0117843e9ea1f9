"""Asks again who somebody is before what cannot be taken back: releases, exports, changes of rights.

Other apps call `require_recent_sign_in(request)` before they act, or put `@recent_sign_in_required` on a
view. Where the last proof is too old, the form that was being sent is kept in the session, the officer is
asked for the password or a second factor, and then sees the form again (`views/again.py`). Files
are not kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foureyes.workbench.accounts import signals
from foureyes.workbench.accounts.models import Officer

SIGNED_IN_AT = "foureyes_signed_in_at"
KEPT = "foureyes_kept_form"
LONGEST_KEPT = 200_000
"""Bytes of a form that is kept in the session."""
NOT_KEPT = frozenset({"csrfmiddlewaretoken"})

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


class SignInTooOld(Exception):
    """The officer must show again who they are; `middleware.SignedIn` answers it."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form that was being sent when the officer was asked again."""

    path: str
    fields: list[tuple[str, str]]


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether password or second factor were given within the time that the settings say."""
    if not request.user.is_authenticated:
        return False
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    times = [float(record["at"]) for record in records]
    last = max([float(request.session.get(SIGNED_IN_AT, 0.0)), *times])
    # A clock that was set back leaves proofs of the future: they are no better than old ones.
    return abs(time.time() - last) < settings.FOUREYES_RECENT_SIGN_IN_MINUTES * 60


def require_recent_sign_in(request: HttpRequest) -> None:
    """Go on only if the officer showed who they are a short time ago. Call it before anything is changed.

    Raises:
        SignInTooOld: they did not; the answer asks them, and then shows the form again.
    """
    if not signed_in_recently(request):
        raise SignInTooOld
    form = kept_form(request)
    if form and request.method == "POST" and form.path == request.get_full_path():
        let_go_of_form(request)


def recent_sign_in_required(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R]:
    """The view, asking `require_recent_sign_in` first."""

    @wraps(view)
    def asked_first(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
        require_recent_sign_in(request)
        return view(request, *args, **kwargs)

    return asked_first


def note_sign_in(request: HttpRequest) -> None:
    """The officer just signed in."""
    request.session[SIGNED_IN_AT] = time.time()


def confirmed(request: HttpRequest, officer: Officer, way: str) -> None:
    """The officer just showed again who they are, by `password`, `app`, `key` or `codes`."""
    method = "password" if way == "password" else "mfa"
    record_authentication(request, officer, method=method, reauthenticated=True)
    with transaction.atomic():
        signals.identity_confirmed.send(Officer, officer=officer, way=way)


def keep_form(request: HttpRequest) -> None:
    """Keep the form of this request in the session; one that is too large is not kept."""
    fields = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    wanted = [pair for pair in fields if pair[0] not in NOT_KEPT]
    size = sum(len(name) + len(value) for name, value in wanted)
    if size <= LONGEST_KEPT:
        request.session[KEPT] = {"path": request.get_full_path(), "fields": wanted}


def kept_form(request: HttpRequest) -> KeptForm | None:
    """The form that is kept in this session."""
    kept = request.session.get(KEPT)
    if not isinstance(kept, dict):
        return None
    return KeptForm(kept["path"], [(name, value) for name, value in kept["fields"]])


def let_go_of_form(request: HttpRequest) -> None:
    """Forget the kept form: it was sent, or something else is wanted."""
    request.session.pop(KEPT, None)
