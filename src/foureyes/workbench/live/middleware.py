"""Notes the newest event when a page begins: from there on its channel tells what changed since."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from foureyes.workbench.live import queries
from foureyes.workbench.live.route import service
from foureyes.workbench.pages.middleware import GetResponse


def newest_event(get_response: GetResponse) -> GetResponse:
    """Middleware: `request.live_since`, the number of the newest event before the page read anything."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # Where a server runs, the hub knows it without asking the database; elsewhere no channel asks for it.
        known = service.newest
        since = SimpleLazyObject(queries.newest) if known is None else known
        request.live_since = since  # type: ignore[attr-defined] # templates read it
        return get_response(request)

    return middleware
