"""One finding on a page of its own, to which links lead for good: withdrawn, it says so."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foureyes.workbench.findings.actions import notices
from foureyes.workbench.findings.queries import single
from foureyes.workbench.findings.views.shell import address_of, back, officer, shown


@require_safe
def note(request: HttpRequest, number: int) -> HttpResponse:
    """The thread that a note stands in."""
    found = single.thread(request.user, number)
    notices.read_about(officer(request), list(found.notes))
    context: dict[str, object] = {
        "thread": found,
        "back": back(request, address_of(found.about)),
        "section": "series",
    }
    context |= {"on": f"note:{found.root.pk}", "live": "note", "live_about": found.about.series}
    return shown(
        request, "findings/note_page.html", _("Note %(number)d") % {"number": found.root.pk}, context
    )


@require_safe
def note_history(request: HttpRequest, number: int) -> HttpResponse:
    """What a note said before."""
    found, earlier = single.history(request.user, number)
    context = {"note": found, "earlier": earlier, "section": "series"}
    return shown(
        request, "findings/history.html", _("Note %(number)d, earlier") % {"number": number}, context
    )


@require_safe
def region(request: HttpRequest, number: int) -> HttpResponse:
    """A region with what belongs to it."""
    found = single.region(request.user, number)
    context = {"shown": found, "back": back(request, address_of(found.about)), "section": "series"}
    context |= {"on": f"region:{number}", "live": "region note", "live_about": found.about.series}
    return shown(request, "findings/region_page.html", f"#{number} {found.region.name}", context)


@require_safe
def task(request: HttpRequest, number: int) -> HttpResponse:
    """A task."""
    found = single.task(request.user, number)
    notices.read_about(officer(request), [found.task])
    context = {"shown": found, "back": back(request, address_of(found.about)), "section": "series"}
    return shown(request, "findings/task_page.html", _("Task %(number)d") % {"number": number}, context)


@require_safe
def assessment(request: HttpRequest, number: int) -> HttpResponse:
    """An assessment with the clues that it rests on, and whether somebody confirmed it."""
    found = single.assessment(request.user, number)
    context = {"shown": found, "back": back(request, address_of(found.about)), "section": "series"}
    title = _("Assessment %(number)d") % {"number": number}
    return shown(request, "findings/assessment_page.html", title, context)


@require_safe
def question(request: HttpRequest, number: int) -> HttpResponse:
    """A request for a second pair of eyes with its answers."""
    found = single.question(request.user, number)
    notices.read_about(officer(request), [found.question, *found.answers])
    context = {"shown": found, "back": back(request, address_of(found.about)), "section": "series"}
    context |= {"on": f"request:{number}", "live": "note request", "live_about": found.about.series}
    return shown(
        request, "findings/question_page.html", _("Request %(number)d") % {"number": number}, context
    )
