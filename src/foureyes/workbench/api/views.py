"""Tokens of programs for administrators; the OpenAPI document and its list for programmers."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.accounts.recent import require_recent_sign_in
from foureyes.workbench.api import actions, document, queries
from foureyes.workbench.api.models import Scope

DAYS = re.compile(r"[0-9]{1,3}")
UNIT = re.compile(r"[0-9]{1,9}")


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens, and the form that makes one."""
    return render(request, "api/tokens.html", _context(request))


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""
    context = _context(request)
    require_recent_sign_in(request)
    untrusted_unit, untrusted_days = request.POST.get("unit", ""), request.POST.get("days", "")
    unit = int(untrusted_unit) if UNIT.fullmatch(untrusted_unit) else 0
    days = int(untrusted_days) if DAYS.fullmatch(untrusted_days) else 0
    purpose, scopes = request.POST.get("purpose", ""), request.POST.getlist("scopes")
    try:
        token, secret = actions.make_token(request.user, unit, purpose, scopes, days)
    except actions.NotMade as refused:
        typed = {"purpose": purpose[:200], "chosen": scopes, "unit": unit}
        context = {**context, **typed, "refused": str(refused)}
        return render(request, "api/tokens.html", context, status=422)
    return render(
        request, "api/tokens.html", {**_context(request), "made": token, "secret": secret}, status=201
    )


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """End a token at once."""
    token = actions.revoke_token(request.user, number)
    messages.success(
        request, _("Revoked: %(purpose)s. It opens nothing any more.") % {"purpose": token.purpose}
    )
    return redirect("api:tokens")


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    del request
    return JsonResponse(document.openapi())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same as a page to read: made by us, nothing is fetched from elsewhere."""
    context = {"said": document.SAID, "operations": document.listed()}
    return render(request, "api/docs.html", context)


def _context(request: HttpRequest) -> dict[str, object]:
    page = queries.tokens_page(request.user)
    return {"section": "programs", "page": page, "scopes": Scope.choices, "now": timezone.now()}
