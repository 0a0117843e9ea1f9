"""The pages of what waits for a second pair of eyes."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.editions import actions, queries
from foureyes.workbench.editions.errors import NotDone


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a second pair of eyes."""
    shown = queries.waiting(request.user)
    return render(request, "editions/waiting.html", {"section": "confirm", "waiting": shown})


@require_safe
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """One proposal, with what would happen in words."""
    shown, told = queries.proposal_for(request.user, number)
    return render(request, "editions/proposal.html", {"section": "confirm", "shown": shown, "told": told})


@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm a proposal: it takes effect."""

    def done(answer: str) -> str:
        _proposal, followed = actions.confirm(request.user, number, answer)
        return " ".join([_("Proposal %(number)d is confirmed.") % {"number": number}, followed]).strip()

    return _answered(request, number, done)


@require_POST
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    """Refuse a proposal: nothing takes effect."""

    def done(answer: str) -> str:
        actions.refuse(request.user, number, answer)
        return _("Proposal %(number)d is refused.") % {"number": number}

    return _answered(request, number, done)


@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take one's own proposal back."""

    def done(answer: str) -> str:
        actions.withdraw(request.user, number, answer)
        return _("Proposal %(number)d is taken back.") % {"number": number}

    return _answered(request, number, done)


def _answered(request: HttpRequest, number: int, do: Callable[[str], str]) -> HttpResponse:
    try:
        messages.success(request, do(request.POST.get("answer", "")))
    except NotDone as refused:
        messages.error(request, str(refused))
        return redirect("editions:proposal", number)
    return redirect("editions:waiting")
