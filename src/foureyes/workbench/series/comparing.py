"""The page of compare: two to six media side by side, covered until revealed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foureyes.workbench.audit.actions import Did, append_many
from foureyes.workbench.library.queries import seen_by
from foureyes.workbench.library.views import officer, preview_link
from foureyes.workbench.series.side_by_side import LEAST, MOST, WrongNumber, compared


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
    }
    return render(request, "series/compare.html", context)


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
