"""The page of compare: two to six media side by side, covered until revealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foureyes.workbench.audit.actions import Did, append_many
from foureyes.workbench.library.errands import Crowded
from foureyes.workbench.library.queries import seen_by
from foureyes.workbench.library.views import officer, preview_link
from foureyes.workbench.series import points_now
from foureyes.workbench.series.matched import Matched, Moment
from foureyes.workbench.series.side_by_side import LEAST, MOST, Side, WrongNumber, compared, moments


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Media side by side, one view for all of them: `?m=mark&m=mark@seconds`."""
    try:
        shown = compared(request.user, request.GET.getlist("m")[: MOST + 1])
    except WrongNumber as wrong:
        return render(request, "pages/error.html", _in_words(wrong.count), status=400)
    if shown.set_aside:
        return redirect("library:media", shown.set_aside)
    with transaction.atomic():
        opened = [(f"media:{one.looked_at.sha256}", {"as": "compare"}) for one in shown.sides]
        append_many(officer(request), Did.MEDIA_OPENED, dict(opened).items())
    sides = [
        (one, preview_link(request, one.looked_at.sha256) if one.looked_at.media.width else "")
        for one in shown.sides
    ]
    context = {
        "section": "series",
        "compared": shown,
        "sides": sides,
        "common_series": _common([one.looked_at.series.id for one in shown.sides if one.looked_at.series]),
        "seen": seen_by(officer(request)),
        "matched": _matched(request.user, shown.sides),
    }
    return render(request, "series/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def points(request: HttpRequest) -> HttpResponse:
    """Matched points of `a` and `b`; with POST they are compared now, where they never were.

    Answer: `{"state": "found" | "nothing" | "unknown" | "running", "words": words, "points": [[x, y, x, y],
    ...], "elsewhere": address of compare}`; `elsewhere` where they are of other frames of films.
    """
    sent = request.POST if request.method == "POST" else request.GET
    first, second = moments(request.user, [sent.get("a", ""), sent.get("b", "")])
    told, errand = points_now.standing(request.user, first, second)
    if request.method == "POST" and told.state == "unknown" and (errand is None or errand.ended):
        try:
            points_now.ask(request.user, first, second)
        except Crowded:
            words = _("Others have points compared, and wait as well. Ask again in a while.")
            return JsonResponse({"state": "unknown", "words": words}, status=429)
        told, errand = points_now.standing(request.user, first, second)
    running = errand is not None and not errand.ended
    return JsonResponse(_told(told) | ({"state": "running"} if running else {}))


@require_POST
def points_stop(request: HttpRequest) -> HttpResponse:
    """End the comparing of points that the officer asked for."""
    points_now.stop(request.user)
    return HttpResponse(status=204)


def _matched(viewer: object, sides: Sequence[Side]) -> list[Mapping[str, object]]:
    """What is known of each pair, by their numbers on the page."""
    found: list[Mapping[str, object]] = []
    for (i, one), (j, two) in combinations(enumerate(sides, 1), 2):
        if one.looked_at.sha256 != two.looked_at.sha256:
            told, _errand = points_now.standing(viewer, one.moment, two.moment)
            found.append({"first": i, "second": j, **_told(told)})
    return found


def _told(told: Matched) -> dict[str, object]:
    elsewhere = "" if told.moments is None else _side_by_side(*told.moments)
    return {
        "state": told.state,
        "words": told.words,
        "points": [] if elsewhere else told.points,
        "elsewhere": elsewhere,
    }


def _side_by_side(*sides: Moment) -> str:
    return f"{reverse('series:compare')}?{urlencode([('m', one.named) for one in sides])}"


def _common(series: Sequence[str]) -> str:
    """The series of all of them, for the record of what is revealed; empty where there are several."""
    return series[0] if len(set(series)) == 1 else ""


def _in_words(count: int) -> dict[str, str]:
    named = _("%(count)s are named.") % {"count": count} if count <= MOST else _("More are named.")
    return {
        "title": _("Nothing to compare"),
        "happened": _("Compare shows %(least)s to %(most)s different media side by side. %(named)s")
        % {"least": LEAST, "most": MOST, "named": named},
        "do": _("Go back, choose two to six in the grid with X, and press V."),
    }
