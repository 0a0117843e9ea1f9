"""The page on which officers see what was recorded of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit import queries
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.audit.searching import place_in, sought_in


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The viewer's own entries, the newest first. Looking at these is not recorded."""
    if not isinstance(request.user, Officer):
        raise Http404
    sought = sought_in(request.GET.dict())
    found = queries.own_entries(request.user, sought, place_in(request.GET.dict()))
    dids = sorted(set(Did) - {Did.ACCESS_REFUSED})
    return render(request, "audit/mine.html", {"found": found, "sought": sought, "dids": dids})
