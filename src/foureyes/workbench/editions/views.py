"""The pages of what waits for a second pair of eyes, and of editions."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.recent import recent_sign_in_required
from foureyes.workbench.editions import actions, coordinating, overview, queries
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.editions.forms import EditionForm


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
@recent_sign_in_required
def propose_export(request: HttpRequest) -> HttpResponse:
    """Propose to export a hash list beyond H1. Asks again who it is."""
    try:
        made = actions.propose_list_export(
            request.user, request.POST.get("list", ""), request.POST.get("reason", "")
        )
        messages.success(
            request, _("Proposal %(number)d waits for a second pair of eyes.") % {"number": made.id}
        )
    except NotDone as refused:
        messages.error(request, str(refused))
    return redirect("editions:waiting")


@require_POST
@recent_sign_in_required
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm a proposal: it takes effect. Asks again who it is."""

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


@require_safe
def editions(request: HttpRequest) -> HttpResponse:
    """All editions."""
    shown = overview.editions(request.user)
    return render(request, "editions/editions.html", {"section": "editions", "editions": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Make an edition."""
    require_ever(request.user, Action.COORDINATE)
    return _filled(request, EditionForm(request.POST or None), _("New edition"))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change an edition."""
    edition = overview.edition(request.user, number)
    return _filled(request, EditionForm(request.POST or None, instance=edition), edition.name)


@require_safe
def edition(request: HttpRequest, number: int) -> HttpResponse:
    """One edition: units, seats, load and progress."""
    shown = overview.edition_page(request.user, number)
    return render(request, "editions/edition.html", {"section": "editions", "page": shown})


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close an edition before its last day."""
    closed = coordinating.close(request.user, number)
    messages.success(
        request, _("%(name)s is closed: nobody sees anything by it now.") % {"name": closed.name}
    )
    return redirect("editions:edition", number)


@require_POST
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Open an edition again."""
    opened = coordinating.reopen(request.user, number)
    messages.success(request, _("%(name)s is open again, within its days.") % {"name": opened.name})
    return redirect("editions:edition", number)


@require_POST
def unit(request: HttpRequest, number: int) -> HttpResponse:
    """Let a unit take part, or take it out."""
    asked = request.POST.get("unit", "")
    if request.POST.get("act") == "remove":
        gone = coordinating.remove_unit(request.user, number, asked)
        said = _("%(unit)s takes part no more; its seats and assignments here ended.") % {"unit": gone}
    else:
        joined = coordinating.add_unit(request.user, number, asked)
        said = _("%(unit)s takes part. Say who has a seat.") % {"unit": joined}
    messages.success(request, said)
    return redirect("editions:edition", number)


@require_POST
def seats(request: HttpRequest, number: int) -> HttpResponse:
    """Say which officers of a unit have a seat."""
    try:
        count = coordinating.set_seats(
            request.user, number, request.POST.get("unit", ""), request.POST.getlist("officer")
        )
        said = ngettext(
            "%(count)d officer of the unit has a seat.", "%(count)d officers of the unit have a seat.", count
        )
        messages.success(request, said % {"count": count})
    except NotDone as refused:
        messages.error(request, str(refused))
    return redirect("editions:edition", number)


def _filled(request: HttpRequest, form: EditionForm, title: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            saved = coordinating.save_edition(request.user, form)
        except NotDone as refused:
            form.add_error("handling_code", str(refused))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("editions:edition", saved.id)
    context = {"section": "editions", "form": form, "title": title}
    return render(request, "editions/edition_form.html", context, status=422 if form.errors else 200)
