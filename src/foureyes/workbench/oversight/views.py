"""The page of oversight: search of the record, one entry with its proof, checkpoints, export."""

from __future__ import annotations

from itertools import chain
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.accounts.recent import require_recent_sign_in
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.audit.exports import NotProvable
from foureyes.workbench.audit.searching import Sought, place_in, sought_in
from foureyes.workbench.oversight import actions, queries

JSON_LINES = "application/jsonl"
Answer = TypeVar("Answer", bound=HttpResponseBase)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Everybody's entries. Looking is recorded itself."""
    sought, place = sought_in(request.GET.dict()), place_in(request.GET.dict())
    where = {name: number for name, number in (("before", place.before), ("after", place.after)) if number}
    actions.record_reading(request.user, "record", {**_looked_for(sought), **where})
    shown = queries.record_page(request.user, sought, place)
    context = {"section": "record", "shown": shown, "dids": sorted(Did), "at_most": queries.EXPORT_AT_MOST}
    return render(request, "oversight/search.html", context)


@require_safe
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry in words, and what proves that it stands unchanged."""
    shown = queries.entry_page(request.user, number)
    if not shown.own:
        actions.record_reading(request.user, f"entry:{number}", {})
    return render(request, "oversight/entry.html", {"section": "record", "shown": shown})


@require_safe
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The proof of one entry as a file for the offline verifier."""
    lines = queries.proof(request.user, number)
    if not queries.entry_page(request.user, number).own:
        require_recent_sign_in(request)
        actions.record_export(request.user, {"entry": number})
    return _as_file(HttpResponse(lines, content_type=JSON_LINES), f"entry-{number}.jsonl")


@require_safe
def checkpoints(request: HttpRequest) -> HttpResponse:
    """What was signed, and what of it left."""
    shown = queries.checkpoints_page(request.user, place_in(request.GET.dict()).before)
    return render(request, "oversight/checkpoints.html", {"section": "record", "shown": shown})


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The entries that a search finds, as a file. The export is recorded before it begins."""
    sought = sought_in(request.POST.dict())
    lines = queries.export(request.user, sought)
    require_recent_sign_in(request)
    actions.record_export(request.user, _looked_for(sought))
    try:
        first = next(lines)
    except NotProvable:
        messages.error(request, _("Nothing was signed yet: make a checkpoint first. Nothing was exported."))
        return redirect("oversight:search")
    return _as_file(StreamingHttpResponse(chain([first], lines), content_type=JSON_LINES), "record.jsonl")


def _looked_for(sought: Sought) -> dict[str, str | int]:
    """What was looked for, under names by which the entry is not found as one about that series or media."""
    return {f"for-{name}": value for name, value in sought.stated.items()}


def _as_file(answer: Answer, name: str) -> Answer:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
