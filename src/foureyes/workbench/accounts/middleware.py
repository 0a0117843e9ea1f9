"""What is done for each request of an officer who is signed in.

Speaks their language, notes that the session is used, holds back who must first set something up, asks
again who somebody is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from foureyes.workbench.accounts import recent, sessions
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.queries import must_first
from foureyes.workbench.pages.middleware import GetResponse

SET_UP = {
    "accounts:password": frozenset({"accounts:password"}),
    "accounts:factors": frozenset(
        {"accounts:factors", "accounts:add-app", "accounts:add-key", "accounts:codes"}
    ),
}
"""The page that comes first, to the addresses that stay open until it is done."""
ALWAYS_OPEN = frozenset(
    {"accounts:sign-out", "accounts:theme", "accounts:language", "accounts:again", "accounts:kept"}
)


def own_language(get_response: GetResponse) -> GetResponse:
    """Speak the language that the officer chose, whatever the browser asks for.

    Before the sign-in, and for whoever never chose one, Django's `LocaleMiddleware` decides: it stands above,
    and says in the answer which language it became.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if isinstance(request.user, Officer) and request.user.language:
            translation.activate(request.user.language)
        return get_response(request)

    return middleware


class SignedIn:
    """Middleware of requests by officers who are signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Note that the session is used."""
        officer = request.user
        if isinstance(officer, Officer):
            sessions.seen(request.session.session_key or "")
            request.held_back = must_first(officer)  # type: ignore[attr-defined] # templates read it
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Let nothing but the pages of a set-up through, until it is done."""
        del args, kwargs
        first: str = getattr(request, "held_back", "")
        if not first or not getattr(view, "login_required", True):
            return None
        asked = request.resolver_match.view_name if request.resolver_match else ""
        if asked in ALWAYS_OPEN or asked in SET_UP[first]:
            return None
        if request.method in {"GET", "HEAD"} and request.accepts("text/html") and not _is_piece(request):
            return redirect(first)
        return JsonResponse({"message": _("First set up your sign-in."), "go": reverse(first)}, status=403)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Ask again who they are, and keep what they were sending."""
        if not isinstance(exception, recent.SignInTooOld):
            return None
        page = reverse("accounts:again")
        recent.let_go_of_form(request)
        if _is_piece(request):
            back = request.headers.get("Referer", "")
            context = {"again": f"{page}?{urlencode({'next': back})}"}
            if request.method == "POST":
                recent.keep_form(request)
            return render(request, "accounts/again_piece.html", context)
        if request.content_type == "application/json" or not request.accepts("text/html"):
            return JsonResponse({"message": _("Show again who you are."), "go": page}, status=403)
        if request.method == "POST":
            recent.keep_form(request)
            return redirect(page)
        return redirect(f"{page}?{urlencode({'next': request.get_full_path()})}")


def _is_piece(request: HttpRequest) -> bool:
    return "X-Foureyes-Piece" in request.headers
