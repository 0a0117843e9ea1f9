"""What was found on a series or a media, the inbox, and who may be named."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.findings.actions import notices
from foureyes.workbench.findings.queries import inbox as inboxes
from foureyes.workbench.findings.queries import listing, single
from foureyes.workbench.findings.queries.listing import Filter
from foureyes.workbench.findings.views.shell import officer, shown
from foureyes.workbench.pages.paging import page_number
from foureyes.workbench.series.reach import moved_to

LIVE = "note task request"
"""What renews an open inbox."""


@require_safe
def of_series(request: HttpRequest, series_id: str) -> HttpResponse:
    """Clues, notes, tasks and requests of a series: its panel, and a page of its own."""
    if moved := moved_to(request.user, series_id):
        return redirect("findings:of-series", moved)
    wanted = Filter.of(request.GET.dict())
    found = listing.of_series(request.user, series_id, wanted, page_number(request))
    context = {"found": found, "section": "series", "on": f"series:{series_id}"}
    return shown(request, "findings/list.html", _("Findings on %(series)s") % {"series": series_id}, context)


@require_safe
def on_decisions(request: HttpRequest, series_id: str) -> HttpResponse:
    """Notes on the decisions about a series: a piece of the panel of its decisions, and a page of its own."""
    if moved := moved_to(request.user, series_id):
        return redirect("findings:on-decisions", moved)
    context = {"noted": listing.on_decisions(request.user, series_id), "section": "series"}
    title = _("Notes on decisions about %(series)s") % {"series": series_id}
    return shown(request, "findings/on_decisions.html", title, context)


@require_safe
def of_media(request: HttpRequest, mark: str) -> HttpResponse:
    """Clues, notes, tasks and requests of one media: a piece of its page, and a page of its own."""
    wanted = Filter.of(request.GET.dict())
    found = listing.of_media(request.user, mark, wanted, page_number(request))
    context = {"found": found, "section": "series", "on": f"media:{found.about.mark}"}
    return shown(request, "findings/list.html", _("Findings on %(media)s") % {"media": mark[:16]}, context)


@require_safe
def names(request: HttpRequest) -> HttpResponse:
    """Officers who may be mentioned: `{"officers": [{"username", "name", "unit"}, ...]}`."""
    on, start = request.GET.get("on", ""), request.GET.get("start", "")
    found = single.who_may_be_named(request.user, on, start)
    return JsonResponse(
        {"officers": [{"username": one.username, "name": str(one), "unit": str(one.unit)} for one in found]}
    )


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer."""
    found = inboxes.inbox(officer(request), everything=request.GET.get("all") == "1")
    return shown(
        request, "findings/inbox.html", _("Inbox"), {"inbox": found, "section": "inbox", "live": LIVE}
    )


@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark what others said as read."""
    count = notices.read_all(officer(request))
    said = ngettext("%(count)d line marked as read.", "%(count)d lines marked as read.", count)
    messages.success(request, said % {"count": count})
    return redirect("findings:inbox")
