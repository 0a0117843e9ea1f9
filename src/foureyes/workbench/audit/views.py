"""The page on which officers see what was recorded of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit import queries


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The viewer's own newest entries."""
    entries = queries.own_entries(request.user) if isinstance(request.user, Officer) else []
    return render(request, "audit/mine.html", {"entries": entries})
