"""The page of a series, its grid, decisions, and why two media are together."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.access.tokens import Kind
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library import previews
from foureyes.workbench.library.links import link
from foureyes.workbench.library.queries import seen_by
from foureyes.workbench.library.views import officer, preview_link
from foureyes.workbench.series import actions, following, queries
from foureyes.workbench.series.actions import Done, NotDone, Waits
from foureyes.workbench.series.meanwhile import DecidedMeanwhile, NamedMeanwhile
from foureyes.workbench.series.panels import panels_of
from foureyes.workbench.series.reach import decisions_for, is_visible, moved_to
from foureyes.workbench.series.regrouping import Grouped
from foureyes.workbench.series.selecting import NotUnderstood

if TYPE_CHECKING:
    from django.utils.functional import Promise

RECORDED = {
    Grouped.DONE: gettext_lazy("Decision %(number)d is recorded, and the series were grouped anew."),
    Grouped.UNDER_WAY: gettext_lazy(
        "Decision %(number)d is recorded, and the series are being grouped anew: reload in a while."
    ),
    Grouped.WAITING: gettext_lazy(
        "Decision %(number)d is recorded. The workspace is busy, with an ingest perhaps: the series are "
        "grouped anew when that ends. Until then they are shown as they were."
    ),
    Grouped.FAILED: gettext_lazy(
        "Decision %(number)d is recorded. The series could not be grouped anew now; the next linking obeys "
        "the decision."
    ),
    Grouped.LATER: gettext_lazy(
        "Decision %(number)d is recorded. The catalogue could not be written to: it takes effect as soon as "
        "that is possible, without anything more from you."
    ),
}
WITHDRAWN = {
    Grouped.DONE: gettext_lazy("Decision %(number)d is withdrawn, and the series were grouped anew."),
    Grouped.UNDER_WAY: gettext_lazy(
        "Decision %(number)d is withdrawn, and the series are being grouped anew: reload in a while."
    ),
    Grouped.WAITING: gettext_lazy(
        "Decision %(number)d is withdrawn. The workspace is busy, with an ingest perhaps: the series are "
        "grouped anew when that ends. Until then they are shown as they were."
    ),
    Grouped.FAILED: gettext_lazy(
        "Decision %(number)d is withdrawn. The series could not be grouped anew now; the next linking obeys "
        "the decision."
    ),
    Grouped.LATER: gettext_lazy(
        "The withdrawal of decision %(number)d is recorded. The catalogue could not be written to: it takes "
        "effect as soon as that is possible, without anything more from you."
    ),
}


@require_safe
def page(request: HttpRequest, series_id: str) -> HttpResponse:
    """One series: its grid, reasons, cameras, times, places and decisions."""
    following.follow()
    if moved := moved_to(request.user, series_id):
        return redirect("series:page", moved)
    shown = queries.series_page(request.user, series_id)
    with transaction.atomic():
        append(officer(request), Did.SERIES_OPENED, f"series:{shown.series.id}")
    pack = link(request, Kind.SERIES_PREVIEWS, f"{shown.series.id}@{shown.revision}")
    context = {
        "section": "series",
        "page": shown,
        "pack": pack,
        "seen": seen_by(officer(request)),
        "panels": panels_of(shown.series.id),
        "sees_sources": shown.sees_sources,
    }
    return render(request, "series/page.html", context)


@require_safe
def grid(request: HttpRequest, series_id: str) -> HttpResponse:
    """The table that the grid draws from, in the order of the pack of the same revision."""
    packed = queries.grid(request.user, series_id)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(gzip.decompress(packed), content_type="application/json")
    # It echoes nothing that a request says, so what it weighs tells nobody anything.
    return HttpResponse(packed, content_type="application/json", headers={"Content-Encoding": "gzip"})


@require_safe
def grid_link(request: HttpRequest, series_id: str) -> HttpResponse:
    """A fresh link to the previews of a series, for a page that stays open."""
    series = queries.series(request.user, series_id)
    revision = previews.revision(series.members)
    pack = link(request, Kind.SERIES_PREVIEWS, f"{series.id}@{revision}")
    return JsonResponse({"previews": pack, "revision": revision})


@require_safe
def find(request: HttpRequest, series_id: str) -> HttpResponse:
    """Which members a query is true of, by place in the grid's table; or what is wrong with it, in words."""
    text, here = request.GET.get("q", ""), request.GET.get("here", "")
    try:
        return JsonResponse({"matches": queries.find(officer(request), series_id, text, here)})
    except NotUnderstood as refused:
        return JsonResponse({"message": str(refused)})


@require_POST
def rename(request: HttpRequest, series_id: str) -> HttpResponse:
    """Give the series a name."""
    try:
        name = actions.rename(request.user, series_id, request.POST.get("name", ""), request.POST.get("seen"))
        messages.success(request, _("Named: %(name)s") % {"name": name})
    except NamedMeanwhile as first:
        return render(request, "series/meanwhile.html", {"series_id": series_id, "named": first}, status=409)
    except NotDone as refused:
        messages.error(request, str(refused))
    return redirect("series:page", series_id)


@require_POST
def decide(request: HttpRequest, series_id: str) -> HttpResponse:
    """Rule on the chosen media, or merge."""
    marks = request.POST.get("media", "").split()
    asked = {name: request.POST.get(name, "") for name in ("kind", "other", "reason")}
    try:
        done = actions.decide(
            request.user,
            series_id,
            asked["kind"],
            marks,
            asked["other"],
            asked["reason"],
            request.POST.get("seen", ""),
        )
        _say_ruled(request, done, RECORDED)
    except DecidedMeanwhile as first:
        context = {"series_id": series_id, "decided": first, "asked": asked, "marks": marks}
        return render(request, "series/meanwhile.html", context, status=409)
    except NotDone as refused:
        messages.error(request, str(refused))
    return _back_to(request, series_id)


@require_POST
def add_media(request: HttpRequest, mark: str) -> HttpResponse:
    """Rule that a media belongs to a series."""
    series_id = request.POST.get("series", "")
    try:
        done = actions.add_media(request.user, series_id, mark, request.POST.get("reason", ""))
        _say_ruled(request, done, RECORDED)
    except NotDone as refused:
        messages.error(request, str(refused))
    return redirect("library:media", mark)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a decision back."""
    try:
        done = actions.withdraw(request.user, number, request.POST.get("reason", ""))
        _say_ruled(request, done, WITHDRAWN)
    except NotDone as refused:
        messages.error(request, str(refused))
    return _back_to(request, request.POST.get("series", ""))


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """All decisions, the withdrawn ones too."""
    shown = decisions_for(request.user)
    return render(request, "series/decisions.html", {"section": "decisions", "decisions": shown})


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What changed since the viewer last marked changes as read, by series."""
    shown = queries.changes(request.user, everything=request.GET.get("all") == "1")
    return render(request, "series/changes.html", {"section": "changes", "page": shown})


@require_POST
def changes_read(request: HttpRequest) -> HttpResponse:
    """Mark the changes that the page showed as read."""
    actions.mark_changes_read(request.user, request.POST.get("last", ""))
    messages.success(request, _("Marked as read."))
    return redirect("series:changes")


@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """Why two media are together, hop by hop."""
    shown = queries.why(request.user, request.GET.get("a", ""), request.GET.get("b", ""))
    if shown.set_aside:
        return redirect("library:media", shown.set_aside)
    pair = [(one.sha256, preview_link(request, one.sha256)) for one in (shown.a, shown.b)]
    context = {"section": "series", "why": shown, "pair": pair, "seen": seen_by(officer(request))}
    return render(request, "series/why.html", context)


def _say_ruled(request: HttpRequest, ruled: Done | Waits, words: Mapping[Grouped, Promise | str]) -> None:
    if isinstance(ruled, Waits):
        said = _("Proposal %(number)d waits for a second pair of eyes: until then nothing changes.")
        messages.success(request, said % {"number": ruled.proposal.id})
    else:
        messages.success(request, str(words[ruled.grouped]) % {"number": ruled.decision.id})


def _back_to(request: HttpRequest, series_id: str) -> HttpResponse:
    """To the series where the viewer still sees it, else to the decisions."""
    if series_id and (moved_to(request.user, series_id) or is_visible(request.user, series_id)):
        return redirect("series:page", series_id)
    return redirect("series:decisions")
