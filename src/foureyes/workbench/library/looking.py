"""Looking closely at one media: the pages of deep zoom and of a film, and what they are answered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from foureyes.engine.catalogue import films, tiles
from foureyes.engine.model import MediaKind
from foureyes.engine.steps.rendering import RenderKind, Rendition
from foureyes.workbench.access.tokens import Kind
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library import actions, queries, rendering
from foureyes.workbench.library.caps import allowance_of
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.links import link
from foureyes.workbench.library.views import officer, preview_link, refused_answer

NUMBER_AT_MOST = 10**9
SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


@require_safe
def zoom(request: HttpRequest, mark: str) -> HttpResponse:
    """Deep zoom of a picture, or with `?t=` seconds of one frame of a film; covered until revealed."""
    return _page(request, mark, "library/zoom.html", "zoom")


@require_safe
def play(request: HttpRequest, mark: str) -> HttpResponse:
    """A film: a strip of frames first, then the player; covered until revealed, paused and silent."""
    return _page(request, mark, "library/play.html", "film")


@require_POST
def open_media(request: HttpRequest, mark: str) -> HttpResponse:
    """Reveal a media to be looked at closely, and say how far its rendering is; asked until it is ready.

    Body: `{"what": "tiles" | "frame" | "outline" | "part", "number": millisecond or part, "series": id
    or "", "key": one per press}`. The same key is recorded and counted once, however often it comes.
    Answer: `{"state": "rendering", "percent": 0 to 100}`, `{"state": "failed", "message": words}`, or
    `{"state": "ready", "link": path, ...}` with what it is; each with `seen_today` and `notice`.
    Beyond the day's cap 429 and `{"message": words, "seen_today": count}`.
    """
    what, number, series, key = _asked(request.body)
    try:
        # Whoever opens one media to look closely asks for it by name, settled or not.
        (shown,) = actions.reveal(request.user, [mark], series, key, settled_too=True).shown
    except actions.CapReached as refused:
        return refused_answer(officer(request), refused)
    wanted = Rendition(shown.sha256, what, number)
    used = allowance_of(officer(request))
    said = {**_state(request, wanted), "seen_today": used.seen, "notice": used.notice}
    return JsonResponse(said)


def _page(request: HttpRequest, mark: str, template: str, how: str) -> HttpResponse:
    page = queries.looked_at(request.user, mark)
    if page.set_aside and request.GET.get("set-aside") != "show":
        return redirect("library:media", mark)
    with transaction.atomic():
        append(officer(request), Did.MEDIA_OPENED, f"media:{page.sha256}", {"as": how})
    film = page.media.kind is MediaKind.VIDEO
    if how == "film" and not film:
        return redirect("library:zoom", mark)
    seconds = _seconds(request.GET.get("t", ""))
    context = {
        "page": page,
        "film": film,
        "at_seconds": seconds,
        "at_text": f"{seconds:.3f}",
        "milliseconds": round(seconds * 1000) if film else 0,
        "preview": preview_link(request, page.sha256) if page.media.width else "",
        "part_seconds": rendering.part_seconds(),
        "seen": queries.seen_by(officer(request)),
    }
    return render(request, template, context)


def _seconds(untrusted_text: str) -> float:
    """Seconds of a film from an address; 0 for anything that is none."""
    if not SECONDS.fullmatch(untrusted_text):
        return 0.0
    return min(float(untrusted_text), NUMBER_AT_MOST / 1000)


def _state(request: HttpRequest, wanted: Rendition) -> dict[str, object]:
    asked = rendering.ask(catalogue(), wanted)
    if asked.failed:
        return {"state": "failed", "message": asked.failed}
    told = _told(request, wanted) if asked.ready else None
    if told is None:
        return {"state": "rendering", "percent": asked.percent}
    return {"state": "ready", **told}


def _told(request: HttpRequest, wanted: Rendition) -> Mapping[str, object] | None:
    """What a finished rendering is, with a link to it; None where it was just evicted."""
    descriptor = rendering.opened(catalogue(), wanted.name)
    if descriptor is None:
        return None
    try:
        if wanted.kind is RenderKind.OUTLINE:
            return _outline(request, wanted, descriptor)
        if wanted.kind is RenderKind.PART:
            return _part(request, wanted, descriptor)
        return _tiles(request, wanted, descriptor)
    finally:
        os.close(descriptor)


def _tiles(request: HttpRequest, wanted: Rendition, descriptor: int) -> Mapping[str, object] | None:
    head = tiles.head_of(descriptor)
    if head is None:
        return None
    return {
        "link": link(request, Kind.TILE, wanted.name),
        "width": head.width,
        "height": head.height,
        "full_width": head.full_width,
        "full_height": head.full_height,
        "side": head.side,
        "grids": head.grids(),
        "partial": head.partial,
    }


def _outline(request: HttpRequest, wanted: Rendition, descriptor: int) -> Mapping[str, object] | None:
    kept = films.outline_of(descriptor)
    if kept is None:
        return None
    told = kept.outline
    return {
        "link": link(request, Kind.STRIP, wanted.name),
        "seconds": told.seconds,
        "rate": told.rate,
        "width": told.width,
        "height": told.height,
        "sound": told.sound,
        "columns": kept.columns,
        "times": kept.times,
    }


def _part(request: HttpRequest, wanted: Rendition, descriptor: int) -> Mapping[str, object] | None:
    head = films.part_of(descriptor)
    if head is None:
        return None
    return {"link": link(request, Kind.FILM, wanted.name), "times": head.times}


def _asked(untrusted_body: bytes) -> tuple[RenderKind, int, str, str]:
    try:
        asked = json.loads(untrusted_body)
    except (ValueError, RecursionError) as error:
        raise Http404 from error
    match asked:
        case {"what": str(what), "number": int(number), "series": str(series), "key": str(key)}:
            if what in set(RenderKind) and not isinstance(number, bool) and 0 <= number <= NUMBER_AT_MOST:
                return RenderKind(what), number, series, key
    raise Http404
