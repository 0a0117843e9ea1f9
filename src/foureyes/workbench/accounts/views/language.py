"""In what language the pages speak: chosen before the sign-in for the browser, after it for the officer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from foureyes.workbench.accounts import actions
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.views.onward import safe_onward

COOKIE_SECONDS = 365 * 24 * 60 * 60


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep a language; an unknown one changes nothing."""
    code = request.POST.get("language", "")
    answer = redirect(safe_onward(request))
    if code in dict(settings.LANGUAGES):
        if isinstance(request.user, Officer):
            actions.choose_language(request.user, code)
        remember(answer, code)
    return answer


def remember(answer: HttpResponse, code: str) -> None:
    """Let this browser keep the language for the page that knows no officer: the sign-in."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
