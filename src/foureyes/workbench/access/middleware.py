"""Has the rights of a request's officer worked out once in it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foureyes.workbench.access.rules import remembering
from foureyes.workbench.pages.middleware import GetResponse


def rights_once(get_response: GetResponse) -> GetResponse:
    """Middleware: `rules.scope_of` asks the database once for each officer and request."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with remembering():
            return get_response(request)

    return middleware
