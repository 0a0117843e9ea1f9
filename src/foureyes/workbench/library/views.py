"""The page of one media, revealing, sources, what could not be read, and the officer's own exposure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.access.tokens import Kind
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library import actions, asked_before, queries
from foureyes.workbench.library.caps import allowance_of, seconds_left_of_day
from foureyes.workbench.library.links import link
from foureyes.workbench.library.questions import FARTHEST, NoQuestion, of_file, of_text, radius_of
from foureyes.workbench.library.searching import RADIUS
from foureyes.workbench.library.uploads import Held
from foureyes.workbench.pages.paging import page_number


@require_safe
def media(request: HttpRequest, mark: str) -> HttpResponse:
    """Facts by origin, paths, links and series of one media, under its covered picture."""
    page = queries.media_page(request.user, mark)
    covered = page.set_aside and request.GET.get("set-aside") != "show"
    with transaction.atomic():
        append(
            officer(request), Did.MEDIA_OPENED, f"media:{page.sha256}", _how_opened(page.set_aside, covered)
        )
    if covered:
        return render(request, "library/media_aside.html", {"page": page})
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
def search(request: HttpRequest) -> HttpResponse:
    """The form that asks for a picture or a hash, and below it an answer that this session was given."""
    number = request.GET.get("n", "")
    asked = asked_before.asked(request, number)
    found = queries.search_page(request.user, asked.hits) if asked else []
    context = {
        "asked": asked,
        "gone": number and asked is None,
        "found": [(one, preview_link(request, one.hit.sha256)) for one in found],
        "radius": asked.radius if asked else RADIUS,
        "seen": queries.seen_by(officer(request)),
    }
    return render(request, "library/search.html", _search_context(context))


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Search for what a form holds: a picture, else a hash; then go on to the answer."""
    untrusted_text, untrusted_radius = request.POST.get("hash", ""), request.POST.get("radius", "")
    upload = request.FILES.get("picture")
    try:
        radius = radius_of(untrusted_radius)
        question = of_file(upload) if isinstance(upload, Held) else of_text(untrusted_text)
    except NoQuestion as refused:
        context = {"refused": refused, "typed": untrusted_text[:200], "radius": untrusted_radius[:4]}
        return render(request, "library/search.html", _search_context(context), status=refused.status)
    finally:
        if upload is not None:
            upload.close()
    number, answer = actions.search(request.user, question, radius)
    asked_before.keep(request, number, question, radius, answer)
    return redirect(f"{reverse('library:search')}?n={number}")


def _how_opened(set_aside: bool, covered: bool) -> dict[str, str]:
    return {"set-aside": "not shown" if covered else "shown"} if set_aside else {}


def _search_context(context: Mapping[str, object]) -> dict[str, object]:
    return {
        "section": "search",
        "farthest": FARTHEST,
        "megabytes": settings.FOUREYES_UPLOAD_BYTES // 1024**2,
        "bytes_at_most": settings.FOUREYES_UPLOAD_BYTES,
        **context,
    }


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """What was taken in."""
    counts, aside, records = queries.sources(request.user)
    context = {"section": "sources", "counts": counts, "set_aside": aside, "sources": records}
    return render(request, "library/sources.html", context)


@require_safe
def set_aside(request: HttpRequest) -> HttpResponse:
    """Which hash lists keep media out of sight, and how many; none of the media."""
    shown = queries.set_aside(request.user)
    return render(request, "library/set_aside.html", {"section": "sources", "shown": shown})


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
