"""The page of one media, revealing, sources, what could not be read, and the officer's own exposure."""

from __future__ import annotations

import json

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.access.tokens import Kind
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library import actions, queries
from foureyes.workbench.library.caps import allowance_of, seconds_left_of_day
from foureyes.workbench.library.links import link
from foureyes.workbench.pages.paging import page_number


@require_safe
def media(request: HttpRequest, mark: str) -> HttpResponse:
    """Facts by origin, paths, links and series of one media, under its covered picture."""
    page = queries.media_page(request.user, mark)
    with transaction.atomic():
        append(officer(request), Did.MEDIA_OPENED, f"media:{page.sha256}")
    neighbours = [(one, preview_link(request, one.sha256)) for one in page.neighbours]
    context = {
        "page": page,
        "preview": preview_link(request, page.sha256),
        "neighbours": neighbours,
        "seen": queries.seen_by(officer(request)),
    }
    return render(request, "library/media.html", context)


@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """Record that these media are revealed and answer with a short-lived link to each.

    Body: `{"media": [mark, ...], "series": id or "", "key": one per press}`.
    Answer: `{"links": {mark: path}, "seen_today": count, "notice": words or ""}`; beyond the day's cap 429
    and `{"message": words, "seen_today": count}`.
    """
    marks, series, key = _reveal_body(request.body)
    try:
        revealed = actions.reveal(request.user, marks, series, key)
    except actions.CapReached as refused:
        seen = allowance_of(officer(request)).seen
        after = {"Retry-After": str(seconds_left_of_day())}
        return JsonResponse({"message": str(refused), "seen_today": seen}, status=429, headers=after)
    links = {one.sha256: link(request, Kind.THUMBNAIL, one.sha256) for one in revealed}
    by_mark = {mark: links[sha256] for mark in marks for sha256 in links if sha256.startswith(mark)}
    used = allowance_of(officer(request))
    return JsonResponse({"links": by_mark, "seen_today": used.seen, "notice": used.notice})


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """What was taken in."""
    counts, records = queries.sources(request.user)
    context = {"section": "sources", "counts": counts, "sources": records}
    return render(request, "library/sources.html", context)


@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """What could not be read and why."""
    found = queries.faults_page(request.user, request.GET.get("code", ""), page_number(request))
    return render(request, "library/faults.html", {"section": "faults", "found": found})


@require_safe
def exposure(request: HttpRequest) -> HttpResponse:
    """How much was revealed to the viewer: for nobody else."""
    seen = queries.seen_by(officer(request))
    return render(request, "library/exposure.html", {"section": "exposure", "seen": seen})


def officer(request: HttpRequest) -> Officer:
    """The signed-in officer; the middleware lets nobody else come here."""
    if not isinstance(request.user, Officer):
        raise Http404
    return request.user


def preview_link(request: HttpRequest, sha256: str) -> str:
    """A link to the grey preview of one media."""
    return link(request, Kind.MEDIA_PREVIEW, sha256)


def _reveal_body(untrusted_body: bytes) -> tuple[list[str], str, str]:
    try:
        asked = json.loads(untrusted_body)
    except (ValueError, RecursionError) as error:
        raise Http404 from error
    match asked:
        case {"media": [*marks], "series": str(series), "key": str(key)}:
            if all(isinstance(mark, str) for mark in marks):
                return marks, series, key
    raise Http404
