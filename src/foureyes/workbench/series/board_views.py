"""The board, what is done from it, saved views, the standing of a series, and an edition's progress."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foureyes.workbench.access.models import HandlingCode
from foureyes.workbench.editions import overview
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.series import boards, bulk, following, progress, standings
from foureyes.workbench.series.filters import Filters, filters_of
from foureyes.workbench.series.models import State

UNDO = "foureyes_undo"
"""Key of the session: what the last bulk action did."""


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """All series that the viewer sees, filtered and sorted by the address."""
    following.follow()
    shown = boards.board(request.user, filters_of(request.GET))
    editions = overview.open_for_placing(request.user)
    context = {
        "section": "series",
        "board": shown,
        "columns": _columns(shown.filters),
        "states": State.choices,
        "codes": HandlingCode.choices,
        "editions": editions,
        "recipients": _recipients(request, [one.id for one in editions]),
        "undo": request.session.get(UNDO),
        "address": shown.filters.address,
        "rows_address": shown.filters.query(view="rows", page=1),
        "cards_address": shown.filters.query(view="cards", page=1),
    }
    return render(request, "series/board.html", context)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do one thing to the chosen series."""
    asked = {name: request.POST.get(name, "") for name in request.POST}
    chosen = [one for text in request.POST.getlist("series") for one in text.split()]
    try:
        done = bulk.act(request.user, asked.get("act", ""), chosen, asked)
        messages.success(request, done.said)
        request.session[UNDO] = dict(done.undo) or None
    except NotDone as refused:
        messages.error(request, str(refused))
    return _back(request)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last bulk action back."""
    try:
        messages.success(request, bulk.undo(request.user, request.session.pop(UNDO, None) or {}))
    except NotDone as refused:
        messages.error(request, str(refused))
    return _back(request)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the board's filters under a name."""
    query = filters_of(QueryDict(request.POST.get("next", ""))).address
    shared = request.POST.get("shared") == "1"
    try:
        view = bulk.save_view(request.user, request.POST.get("name", ""), query, shared=shared)
        messages.success(request, _("The view %(name)s is saved.") % {"name": view.name})
    except NotDone as refused:
        messages.error(request, str(refused))
    return _back(request)


@require_POST
def remove_view(request: HttpRequest, number: int) -> HttpResponse:
    """Remove one's own view."""
    name = bulk.remove_view(request.user, number)
    messages.success(request, _("The view %(name)s is removed.") % {"name": name})
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: HttpRequest, series_id: str) -> HttpResponse:
    """Where one series stands: a piece of its page, answered within it."""
    problem = ""
    if request.method == "POST":
        asked = {name: request.POST.get(name, "") for name in request.POST}
        try:
            bulk.act(request.user, asked.get("act", ""), [asked.get("series", series_id)], asked)
        except NotDone as refused:
            problem = str(refused)
    shown = standings.standing(request.user, series_id)
    return render(request, "series/standing.html", {"page": shown, "problem": problem})


@require_safe
def merge_told(request: HttpRequest, series_id: str) -> HttpResponse:
    """What a merge would do to who sees what: a piece of the dialog, before anybody rules."""
    told = standings.merge_told(request.user, series_id, request.GET.get("other", ""))
    return render(request, "series/merge_told.html", {"told": told})


@require_safe
def edition_progress(request: HttpRequest, number: int) -> HttpResponse:
    """Load and progress of an edition: a piece of its page."""
    shown = progress.progress(request.user, number)
    return render(request, "series/progress.html", {"progress": shown})


def _recipients(request: HttpRequest, editions: list[int]) -> list[tuple[int, str, str]]:
    return overview.recipients(request.user, editions) if editions else []


def _back(request: HttpRequest) -> HttpResponse:
    """To the board as it was; the form says its filters, and nothing else of it is believed."""
    query = filters_of(QueryDict(request.POST.get("next", ""))).query()
    return redirect(f"{reverse('series:board')}{'?' if query else ''}{query}")


def _columns(filters: Filters) -> list[tuple[str, str, str, str]]:
    """Header cells: title, class, the address that a click asks for, aria-sort."""
    titles = [
        ("name", _("Series"), ""),
        ("size", _("Media"), "number"),
        ("sources", _("Sources"), "number"),
        ("first", _("From"), ""),
        ("last", _("To"), ""),
        ("cameras", _("Cameras"), ""),
        ("countries", _("Countries"), ""),
        ("state", _("State"), ""),
        ("with", _("With"), ""),
        ("given", _("Given to"), ""),
        ("unread", _("Unread"), "number"),
        ("next", _("Next step"), ""),
    ]
    columns = []
    for key, title, kind in titles:
        state = {key: "ascending", f"-{key}": "descending"}.get(filters.sort, "")
        first = f"-{key}" if kind else key
        turned = key if filters.sort.startswith("-") else f"-{key}"
        columns.append((title, kind, filters.query(sort=turned if state else first, page=1), state))
    return columns
