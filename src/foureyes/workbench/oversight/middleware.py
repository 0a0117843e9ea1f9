"""Records refusals that a view ended with. The answer stays 404, as if the thing did not exist."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foureyes.workbench.access.rules import Refused
from foureyes.workbench.oversight.actions import record_refusal
from foureyes.workbench.pages.middleware import GetResponse


class RefusalsRecorded:
    """Middleware: a `Refused` of a view is recorded, after the view's own transaction was rolled back."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the request pass."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Record it; Django goes on to answer as always."""
        del request
        if isinstance(exception, Refused):
            record_refusal(exception)
