"""The piece that says who is on a series now, and the choice to hide where one looks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.access.rules import Action, SeriesAsked, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.live import actions, queries
from foureyes.workbench.live.presence import who


@require_safe
def people(request: HttpRequest, series_id: str) -> HttpResponse:
    """Who is on the series."""
    return _people(request, require(request.user, Action.VIEW, SeriesAsked(series_id)), series_id)


@require_POST
def place(request: HttpRequest, series_id: str) -> HttpResponse:
    """Hide or show which part of a series the viewer looks at, everywhere."""
    officer = require(request.user, Action.VIEW, SeriesAsked(series_id))
    actions.hide_place(officer, hidden=request.POST.get("hidden") == "1")
    return _people(request, officer, series_id)


def _people(request: HttpRequest, officer: Officer, series_id: str) -> HttpResponse:
    context = {
        "series_id": series_id,
        "people": who([series_id]).get(series_id, []),
        "place_hidden": queries.is_place_hidden(officer),
    }
    return render(request, "live/people.html", context)
