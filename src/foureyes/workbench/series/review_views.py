"""The page that asks officers the engine's questions, one after the other."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from foureyes.engine.model import Question
from foureyes.workbench.library.queries import seen_by
from foureyes.workbench.library.views import officer, preview_link
from foureyes.workbench.series import review_actions, reviewing
from foureyes.workbench.series.actions import NotDone
from foureyes.workbench.series.models import ReviewAnswer
from foureyes.workbench.series.reach import moved_to

PASSED = "review_passed"
PASSED_AT_MOST = 500
"""Questions that one session passes over: the oldest come back."""


@require_safe
def review(request: HttpRequest, series_id: str = "") -> HttpResponse:
    """The next question about the series that the viewer sees, or about one of them."""
    if series_id and (moved := moved_to(request.user, series_id)):
        return redirect("series:review", moved)
    passed = request.session.get(PASSED, [])
    wanted = request.GET.get("q", "")[:40]
    question, asked = review_actions.take(request.user, series_id, passed, wanted)
    context = {
        "section": "review",
        "series_id": series_id,
        "progress": reviewing.progress(request.user, asked, series_id),
        "passed": sum(one.key in passed for one in asked),
        "last": reviewing.last_answer(officer(request)),
        "seen": seen_by(officer(request)),
        **(_sides(request, question) if question else {}),
    }
    return render(request, "series/review.html", context)


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Answer yes or no, or pass over; then on to the next question."""
    key = request.POST.get("question", "")[:40]
    said = request.POST.get("answer", "")
    if said == "skip":
        _pass_over(request, key)
        return _next(request)
    try:
        given = review_actions.answer(request.user, key, said)
        messages.success(request, _told(given))
    except NotDone as refused:
        messages.error(request, str(refused))
    return _next(request)


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last answer back and ask again."""
    try:
        taken = review_actions.undo(request.user)
        messages.success(request, _("Taken back: the question is asked again."))
        return _next(request, taken.question)
    except NotDone as refused:
        messages.error(request, str(refused))
    return _next(request)


@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Ask again what was passed over."""
    request.session[PASSED] = []
    return _next(request)


def _sides(request: HttpRequest, question: Question) -> dict[str, object]:
    asked = reviewing.shown(request.user, question)
    return {
        "asked": asked,
        "sides": [
            (side, [(sha256, preview_link(request, sha256)) for sha256 in side.shown])
            for side in (asked.few, asked.others)
        ],
    }


def _pass_over(request: HttpRequest, key: str) -> None:
    passed = [one for one in request.session.get(PASSED, []) if one != key]
    request.session[PASSED] = [*passed, key][-PASSED_AT_MOST:]


def _next(request: HttpRequest, wanted: str = "") -> HttpResponse:
    series_id = request.POST.get("series", "")[:40]
    address = reverse("series:review", args=[series_id]) if series_id else reverse("series:review-all")
    return redirect(f"{address}?q={wanted}" if wanted else address)


def _told(given: ReviewAnswer) -> str:
    if given.decision is None:
        return _("This is large: a second pair of eyes must confirm it.")
    yes = given.answer == ReviewAnswer.Answer.YES
    said = _("Yes") if yes else _("No")
    settled = ngettext("{count} media is settled.", "{count} media are settled.", given.media)
    return f"{said}. {settled.format(count=given.media)}"
