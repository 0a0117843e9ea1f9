"""Turns what the engine says on purpose (busy, damaged, too new) into a page in words."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from foureyes.engine.errors import EngineError, StorageFull, UsageError, WorkspaceBusy
from foureyes.workbench.pages.failures import Failure
from foureyes.workbench.pages.middleware import GetResponse
from foureyes.workbench.pages.views import FULL

log = logging.getLogger(__name__)


class EngineErrorsInWords:
    """Middleware: an `EngineError` of a view becomes an answer that says what happened and what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the request pass."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """507: no room; 503: trying again may help; 409: the request made no sense; else 500."""
        if not isinstance(exception, EngineError):
            return None
        status = 503 if not exception.permanent else 409 if isinstance(exception, UsageError) else 500
        status = Failure.FULL if isinstance(exception, StorageFull) else status
        log.warning("%s: %s", exception.code, exception)
        if request.accepts("text/html"):
            return render(request, "pages/error.html", _in_words(exception), status=status)
        return JsonResponse({"message": str(exception)}, status=status)


def _in_words(error: EngineError) -> Mapping[str, object]:
    if isinstance(error, StorageFull):
        return FULL
    if isinstance(error, WorkspaceBusy):
        return {
            "title": _("The workspace is busy"),
            "happened": _("%(error)s Nothing was changed by your request.") % {"error": error},
            "do": _("Wait until it is done, go back and send the form again."),
        }
    return {
        "title": _("The engine refused"),
        "happened": str(error),
        "do": _("Nothing was changed. Go back, reload the page and try again."),
    }
