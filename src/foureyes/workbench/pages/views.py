"""Error pages, the page of keys, the words of the modules. No rights are asked: nothing is of a workspace."""

from __future__ import annotations

import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from foureyes.workbench.pages.delivered import words_of
from foureyes.workbench.pages.failures import Failure, failure_of

WORDS_KEPT_SECONDS = 600


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The key map as a page of its own, for browsers without scripts and for printing."""
    return render(request, "pages/keys.html")


@login_not_required
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """What the browser modules say, in the language of the request: for pages where DEBUG is on.

    A browser may keep it for a while: it holds nothing of a workspace, and its address names the language.
    """
    del request
    body = words_of(get_language() or settings.LANGUAGE_CODE)
    headers = {"Cache-Control": f"private, max-age={WORDS_KEPT_SECONDS}", "Vary": "Cookie, Accept-Language"}
    return HttpResponse(body, content_type="text/javascript; charset=utf-8", headers=headers)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: gone, never there, or not for this officer. The page does not say which."""
    del exception
    return render(request, "pages/error.html", NOT_FOUND, status=404)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the request itself was refused."""
    del exception
    return render(request, "pages/error.html", NOT_ALLOWED, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was not made for this session (`CSRF_FAILURE_VIEW`)."""
    del reason
    return render(request, "pages/error.html", STALE_FORM, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense."""
    del exception
    return render(request, "pages/error.html", BAD_REQUEST, status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """507 and 503 where the database has no room or no time, else 500: our fault.

    Rendered without anything that could fail again.
    """
    del request  # asking it who is signed in could be what failed
    failure = failure_of(sys.exc_info()[1])
    words = {None: BROKEN, Failure.FULL: FULL, Failure.BUSY: BUSY}[failure]
    return HttpResponse(render_to_string("pages/error.html", words), status=failure or 500)


NOT_FOUND = {
    "title": _("Nothing here"),
    "happened": _("This page does not exist, is gone, or is not for you."),
    "do": _("A series that holds nothing together any more is gone: look for its media on the board."),
}
NOT_ALLOWED = {
    "title": _("Refused"),
    "happened": _("The workbench refused this request."),
    "do": _("Go back to the board and try again from there."),
}
STALE_FORM = {
    "title": _("This form is out of date"),
    "happened": _("You signed in or out since it was opened, or cookies are blocked. Nothing was changed."),
    "do": _("Go back, reload the page and send the form again."),
}
BAD_REQUEST = {
    "title": _("Not understood"),
    "happened": _("The request makes no sense to the workbench. Nothing was changed."),
    "do": _("Go back, reload the page and try again."),
}
BROKEN = {
    "title": _("Something broke"),
    "happened": _("The workbench failed at this page. What was saved before stands; this was not saved."),
    "do": _("Try once more. If it fails again, tell who runs this workbench; its log says what happened."),
}
FULL = {
    "title": _("The disk is full"),
    "happened": _(
        "There is no room left to save anything. What was saved before stands; this was not saved."
    ),
    "do": _(
        "Tell who runs this workbench. Go back: what you wrote is still in its form, to be sent again once "
        "there is room."
    ),
}
BUSY = {
    "title": _("The database is busy"),
    "happened": _("Others were writing for too long. What was saved before stands; this was not saved."),
    "do": _("Go back and send it once more in a moment."),
}
