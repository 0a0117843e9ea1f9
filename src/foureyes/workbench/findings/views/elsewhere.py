"""Where else is this: the search for what a region shows, its progress, and what was found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foureyes.workbench.findings.actions import searches
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.queries import elsewhere as reads
from foureyes.workbench.findings.views.shell import officer
from foureyes.workbench.library.queries import seen_by
from foureyes.workbench.library.views import preview_link


@require_safe
def elsewhere(request: HttpRequest, number: int) -> HttpResponse:
    """The officer's search for one region."""
    found = reads.page(request.user, number)
    previews = [preview_link(request, one.match.sha256) for one in found.met]
    context = {
        "shown": found,
        "met": list(zip(found.met, previews, strict=True)),
        "seen": seen_by(officer(request)),
        "section": "series",
    }
    return render(request, "findings/elsewhere.html", context)


@require_safe
def state(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is: `{"state": word, "words": sentence}`."""
    found = reads.page(request.user, number)
    return JsonResponse({"state": found.state, "words": found.words})


@require_POST
def begin(request: HttpRequest, number: int) -> HttpResponse:
    """Begin a search."""
    try:
        searches.begin(request.user, number, everything=request.POST.get("everything") == "1")
    except NotDone as error:
        messages.error(request, str(error))
    return redirect("findings:elsewhere", number)


@require_POST
def stop(request: HttpRequest, number: int) -> HttpResponse:
    """End the officer's search, whichever region it is of."""
    searches.stop(request.user)
    messages.success(request, _("Your search was stopped."))
    return redirect("findings:elsewhere", number)


@require_POST
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Mark the thing in a media that was found, as the same."""
    try:
        there = searches.link(request.user, number, request.POST.get("media", ""))
        said = _("Marked there as #%(number)s, and linked as the same thing.")
        messages.success(request, said % {"number": there.pk})
    except NotDone as error:
        messages.error(request, str(error))
    return redirect("findings:elsewhere", number)


@require_POST
def unlink(request: HttpRequest, number: int) -> HttpResponse:
    """Take back what was marked in a media that was found."""
    try:
        there = searches.unlink(request.user, number, request.POST.get("other", ""))
        messages.success(request, _("#%(number)s is withdrawn. It can be put back.") % {"number": there.pk})
    except NotDone as error:
        messages.error(request, str(error))
    return redirect("findings:elsewhere", number)
