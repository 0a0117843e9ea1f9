"""Forms of findings: make, change, withdraw, put back. What is refused comes back as it was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from foureyes.workbench.findings.actions import assessments, notes, questions, regions, tasks
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Finding, Information, Region, Reliability
from foureyes.workbench.findings.queries import listing, single
from foureyes.workbench.findings.queries.listing import Filter
from foureyes.workbench.findings.reach import About
from foureyes.workbench.findings.subjects import subject_of
from foureyes.workbench.findings.views.shell import address_of, back, go, refused, say_not_told, shown

both = require_http_methods(["GET", "HEAD", "POST"])
PREFILLED = {"shape": 2_000, "from": 20, "to": 20}
"""What an address may fill in, as whoever looks closely hands it over; no more characters than this."""
TITLES = {
    "note": gettext_lazy("Note"),
    "region": gettext_lazy("Clue"),
    "task": gettext_lazy("Task"),
    "request": gettext_lazy("A second pair of eyes"),
    "assessment": gettext_lazy("Assessment"),
}
VERBS: dict[tuple[str, str], Callable[[object, int], Finding]] = {
    ("note", "withdraw"): notes.withdraw,
    ("note", "restore"): notes.restore,
    ("region", "withdraw"): regions.withdraw,
    ("region", "restore"): regions.restore,
    ("region", "apart"): regions.not_same_thing,
    ("task", "withdraw"): tasks.withdraw,
    ("task", "restore"): tasks.restore,
    ("task", "done"): tasks.finish,
    ("task", "reopen"): tasks.reopen,
    ("request", "withdraw"): questions.withdraw,
    ("request", "restore"): questions.restore,
    ("request", "take-up"): questions.take_up,
    ("request", "decline"): questions.decline,
    ("request", "close"): questions.close,
    ("request", "reopen"): questions.reopen,
}
SAID = {
    "withdraw": gettext_lazy("Withdrawn. It can be put back."),
    "restore": gettext_lazy("It stands again."),
    "apart": gettext_lazy("It stands for itself again."),
    "done": gettext_lazy("Done."),
    "reopen": gettext_lazy("Open again."),
    "take-up": gettext_lazy("Others see that you are at it."),
    "decline": gettext_lazy("Declined. Nobody is told why."),
    "close": gettext_lazy("Closed."),
}


@both
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """The form of a new note, region, task or request; and what makes it."""
    if kind not in TITLES:
        raise Http404
    subject = subject_of(request.user, request.POST.get("on") or request.GET.get("on", ""))
    context = _context(request, kind, subject.about) | {"on": subject.written, "action": request.path}
    if request.method != "POST":
        values = {name: request.GET.get(name, "")[:most] for name, most in PREFILLED.items()}
        return shown(
            request,
            "findings/form.html",
            str(TITLES[kind]),
            context | {"values": values, "form": _form(kind)},
        )
    try:
        made = _make(request, kind, subject.about)
    except NotDone as error:
        return refused(request, error, _form(kind), str(TITLES[kind]), context)
    messages.success(request, _("Saved."), extra_tags=f"saved-{kind}")
    return go(request, reverse(f"findings:{kind}", args=[made.pk]))


@both
def edit(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """The form that changes a note, a region or a task; and what changes it."""
    found, about, values = _held(request, kind, number)
    context = _context(request, kind, about) | {"action": request.path, "editing": found}
    context["back"] = back(request, reverse(f"findings:{kind}", args=[number]))
    if request.method != "POST":
        return shown(
            request,
            "findings/form.html",
            str(TITLES[kind]),
            context | {"values": values, "form": _form(kind)},
        )
    form = request.POST.dict()
    try:
        if kind == "note":
            say_not_told(request, notes.edit(request.user, number, form).not_told)
        elif kind == "region":
            regions.change(request.user, number, form)
        else:
            tasks.change(request.user, number, form)
    except NotDone as error:
        return refused(request, error, _form(kind), str(TITLES[kind]), context)
    messages.success(request, _("Saved."), extra_tags=f"saved-{kind}")
    return redirect(f"findings:{kind}", number)


@require_POST
def act(request: HttpRequest, kind: str, number: int, verb: str) -> HttpResponse:
    """Withdraw, put back, do, take up, close: what needs no form."""
    action = VERBS.get((kind, verb))
    if action is None:
        raise Http404
    try:
        action(request.user, number)
        messages.success(request, str(SAID[verb]))
    except NotDone as error:
        messages.error(request, str(error))
    here = reverse(f"findings:{kind}", args=[number])
    # What was just withdrawn is shown where it can be put back.
    return redirect(here) if verb == "withdraw" else go(request, here)


@require_POST
def same(request: HttpRequest, number: int) -> HttpResponse:
    """Say that a region shows the same thing as another."""
    try:
        regions.same_thing(request.user, number, request.POST.get("other", ""))
        messages.success(request, _("They show the same thing."))
    except NotDone as error:
        messages.error(request, str(error))
    return redirect("findings:region", number)


def _make(request: HttpRequest, kind: str, about: About) -> Finding:
    form = request.POST.dict()
    if kind == "note":
        wrote = notes.write(request.user, form)
        say_not_told(request, wrote.not_told)
        return wrote.note
    if kind == "region":
        return regions.draw(request.user, form | {"media": about.mark})
    if kind == "task":
        return tasks.give(request.user, form)
    if kind == "assessment":
        return assessments.propose(request.user, form | {"clues": " ".join(request.POST.getlist("clue"))})
    return questions.ask(request.user, form)


def _form(kind: str) -> str:
    return f"findings/forms/{kind}.html"


def _context(request: HttpRequest, kind: str, about: About) -> dict[str, object]:
    context: dict[str, object] = {
        "about": about,
        "back": back(request, address_of(about)),
        "section": "series",
    }
    if kind in ("task", "request"):
        context["officers"], units = single.who_may_be_asked(request.user, about)
        context["units"] = [(str(one.pk), f"unit:{one.pk}", str(one)) for one in units]
    if kind == "region":
        context["is_film"] = single.is_film(about)
    if kind == "assessment":
        context |= _assessment_context(request, about)
    if kind == "request":
        context["words"] = single.words_to_ask_by()
    return context


def _assessment_context(request: HttpRequest, about: About) -> dict[str, object]:
    if about.media:
        raise Http404
    chosen = request.POST.getlist("clue")
    return {
        "clues": [
            (one, str(one.pk) in chosen)
            for one in listing.of_series(request.user, about.series, Filter()).regions
        ],
        "sources": Reliability.choices,
        "informations": Information.choices,
    }


def _held(request: HttpRequest, kind: str, number: int) -> tuple[Finding, About, Mapping[str, object]]:
    """What is to be changed, as its form says it."""
    if kind == "note":
        thread = single.thread(request.user, number)
        note = next(one for one in thread.notes if one.pk == number)
        return note, thread.about, {"text": note.text, "version": note.version}
    if kind == "region":
        page = single.region(request.user, number)
        return page.region, page.about, _region_values(page.region)
    if kind == "task":
        task = single.task(request.user, number)
        to = task.task.to_officer.username if task.task.to_officer else ""
        if task.task.to_unit_id:
            to = f"unit:{task.task.to_unit_id}"
        due = task.task.due.isoformat() if task.task.due else ""
        values = {"text": task.task.text, "to": to, "due": due, "version": task.task.version}
        return task.task, task.about, values
    raise Http404


def _region_values(region: Region) -> dict[str, object]:
    times = {
        name: "" if value is None else f"{value / 1000:g}"
        for name, value in (("from", region.from_ms), ("to", region.to_ms))
    }
    names = ("clue", "name", "tells", "speaks_for", "speaks_against", "handling_code", "version")
    shape = {"shape": str(regions.shape_of(region))}
    return {name: getattr(region, name) for name in names} | shape | times
