"""The page of one media, revealing, sources, what could not be read, and the officer's own exposure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.access.rules import Action, may_ever
from foureyes.workbench.access.tokens import Kind
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library import actions, asked_before, breaks, queries, time_seen
from foureyes.workbench.library.caps import allowance_of, seconds_left_of_day
from foureyes.workbench.library.links import batch_link, link
from foureyes.workbench.library.models import Viewing
from foureyes.workbench.library.questions import FARTHEST, NoQuestion, of_file, of_text, radius_of
from foureyes.workbench.library.searching import RADIUS
from foureyes.workbench.library.uploads import Held
from foureyes.workbench.library.viewing import SIZES, choose
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
        "preview": preview_link(request, page.sha256) if page.media.width else "",
        "neighbours": neighbours,
        "seen": queries.seen_by(officer(request)),
    }
    return render(request, "library/media.html", context)


@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """Record that these media are revealed and answer with short-lived links to them.

    Body: `{"media": [mark, ...], "series": id or "", "key": one per press, "settled": true if asked for by
    name}`. Answer: `{"links": {mark: path}, "batch": path, "order": [mark, ...], "settled": [mark, ...],
    "said": words, "seen_today": count, "notice": words}`; `batch` gives the thumbnails of `order` in one
    answer. Beyond the day's cap, and while a break is due, 429 and `{"message": words, "seen_today": count,
    "break": ...}`.
    """
    marks, series, key, settled_too = _reveal_body(request.body)
    try:
        revealed = actions.reveal(request.user, marks, series, key, settled_too=settled_too)
    except actions.CapReached as refused:
        return refused_answer(officer(request), refused)
    mark_of = {
        one: mark
        for one in (*revealed.shown, *revealed.settled)
        for mark in marks
        if one.sha256.startswith(mark)
    }
    shown = [one.sha256 for one in revealed.shown]
    used = allowance_of(officer(request))
    return JsonResponse(
        {
            "links": {mark_of[one]: link(request, Kind.THUMBNAIL, one.sha256) for one in revealed.shown},
            "batch": batch_link(request, shown) if shown else "",
            "order": [mark_of[one] for one in revealed.shown],
            "settled": [mark_of[one] for one in revealed.settled],
            "said": _left_out(len(revealed.settled), alone=len(marks) == 1),
            "seen_today": used.seen,
            "notice": used.notice,
        }
    )


def _left_out(settled: int, *, alone: bool) -> str:
    if not settled:
        return ""
    if alone:
        return _("This one is settled: known, of a closed series, or ruled on. Press again to see it.")
    return ngettext(
        "%(settled)s settled media stays covered. Stand on it alone and press again to see it all the same.",
        "%(settled)s settled media stay covered. Stand on one alone and press again to see it all the same.",
        settled,
    ) % {"settled": settled}


def refused_answer(viewer: Officer, refused: actions.CapReached) -> HttpResponse:
    """429 with the reason in words, and until when a break lasts where one is due."""
    used = allowance_of(viewer)
    told: dict[str, object] = {"message": str(refused), "seen_today": used.seen}
    after = seconds_left_of_day()
    if isinstance(refused, actions.BreakDue) and used.until is not None:
        after = 60 * used.minutes_left
        told["break"] = {"until": used.until.isoformat(), "may_put_off": not used.put_off}
    return JsonResponse(told, status=429, headers={"Retry-After": str(after)})


@require_POST
def looked(request: HttpRequest) -> HttpResponse:
    """A page tells for how many seconds something sharp was on it."""
    try:
        seconds = float(request.POST.get("seconds", ""))
    except ValueError:
        seconds = 0.0
    series = request.POST.get("series", "")
    time_seen.looked(request.user, series if actions.SERIES_ID.fullmatch(series) else "", seconds)
    return HttpResponse(status=204)


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
    """How much was revealed to the viewer, and how they want pictures drawn: for nobody else."""
    viewer = officer(request)
    context = {
        "section": "exposure",
        "seen": queries.seen_by(viewer),
        "seconds": time_seen.seconds_of(viewer),
        "by_series": time_seen.by_series(viewer),
        "allows_more": may_ever(viewer, Action.COORDINATE),
        "sees_media": may_ever(viewer, Action.VIEW),
        "blurs": Viewing.Blur.choices,
        "masks": Viewing.Mask.choices,
        "sizes": SIZES,
    }
    return render(request, "library/exposure.html", context)


@require_POST
def choose_viewing(request: HttpRequest) -> HttpResponse:
    """Keep how the viewer wants pictures drawn."""
    if choose(request.user, request.POST.dict()):
        messages.success(request, _("Pictures are drawn like this from now on."))
    else:
        messages.error(request, _("That is no choice of this page. Nothing was changed."))
    return redirect("library:exposure")


@require_POST
def put_off(request: HttpRequest) -> HttpResponse:
    """Put the break off that runs."""
    try:
        breaks.put_off(request.user, request.POST.get("reason", ""))
    except breaks.NotDone as refused:
        return JsonResponse({"message": str(refused)}, status=409)
    return JsonResponse({"message": _("The break is put off, and that is recorded.")})


@require_POST
def allow_more(request: HttpRequest) -> HttpResponse:
    """A coordinator allows an officer more reveals today."""
    asked = [request.POST.get(name, "") for name in ("officer", "reveals", "reason")]
    try:
        more = breaks.allow_more(request.user, *asked)
        messages.success(
            request,
            _("%(officer)s may reveal %(number)s more today.")
            % {"officer": more.officer, "number": more.reveals},
        )
    except breaks.NotDone as refused:
        messages.error(request, str(refused))
    return redirect("library:exposure")


def officer(request: HttpRequest) -> Officer:
    """The signed-in officer; the middleware lets nobody else come here."""
    if not isinstance(request.user, Officer):
        raise Http404
    return request.user


def preview_link(request: HttpRequest, sha256: str) -> str:
    """A link to the grey preview of one media."""
    return link(request, Kind.MEDIA_PREVIEW, sha256)


def _reveal_body(untrusted_body: bytes) -> tuple[list[str], str, str, bool]:
    try:
        asked = json.loads(untrusted_body)
    except (ValueError, RecursionError) as error:
        raise Http404 from error
    match asked:
        case {"media": [*marks], "series": str(series), "key": str(key)}:
            if all(isinstance(mark, str) for mark in marks):
                return marks, series, key, asked.get("settled") is True
    raise Http404
