"""Error pages and the page of keys. No rights are asked: nothing here comes from a workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The key map as a page of its own, for browsers without scripts and for printing."""
    return render(request, "pages/keys.html")


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
    """500: our fault. Rendered without anything that could fail again."""
    del request  # asking it who is signed in could be what failed
    return HttpResponse(render_to_string("pages/error.html", BROKEN), status=500)


NOT_FOUND = {
    "title": "Nothing here",
    "happened": "This page does not exist, is gone, or is not for you.",
    "do": "A series that holds nothing together any more is gone: look for its media on the board.",
}
NOT_ALLOWED = {
    "title": "Refused",
    "happened": "The workbench refused this request.",
    "do": "Go back to the board and try again from there.",
}
STALE_FORM = {
    "title": "This form is out of date",
    "happened": "You signed in or out since it was opened, or cookies are blocked. Nothing was changed.",
    "do": "Go back, reload the page and send the form again.",
}
BAD_REQUEST = {
    "title": "Not understood",
    "happened": "The request makes no sense to the workbench. Nothing was changed.",
    "do": "Go back, reload the page and try again.",
}
BROKEN = {
    "title": "Something broke",
    "happened": "The workbench failed at this page. What was saved before stands; this was not saved.",
    "do": "Try once more. If it fails again, tell who runs this workbench; its log says what happened.",
}
