"""Requests for a second pair of eyes: asked, taken up, declined, closed by who asked, withdrawn and put back.

An answer is a note on the request (`actions.notes`). The first answer does not close it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.rules import Action, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.queries import officers_who
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.findings import texts
from foureyes.workbench.findings.actions import writing
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Notice, Question, Reached
from foureyes.workbench.findings.reach import About, members_of, require_finding
from foureyes.workbench.findings.subjects import subject_of
from foureyes.workbench.library.reach import MARK_LENGTH

TEXT_AT_MOST = 20_000
WORDS_AT_MOST = 300
BETWEEN = re.compile(r"[,;]+")
TO_BETWEEN = re.compile(r"[\s,;]+")
UNIT_DIGITS = 9


@transaction.atomic
def ask(viewer: object, form: Mapping[str, str]) -> Question:
    """Ask those who know, and may see it. Sent twice, it stands once.

    Args:
        viewer: Who asks.
        form: `on` (see `subjects`), `text`, `words` (languages and skills, with commas), `to` (user names),
            `unit` (its number), `selection` (marks of members), `handling_code`, `key`.

    Raises:
        django.http.Http404: what it is about is not there, or not for this viewer.
        NotDone: it asks nothing, or reaches nobody.
    """
    subject = subject_of(viewer, form.get("on", ""))
    officer = require(viewer, Action.FIND, subject.about.asked)
    if before := writing.sent_before(Question.objects.all(), officer, form.get("key", "")):
        return before
    stated = writing.columns(
        officer, subject.about, form.get("handling_code", ""), form.get("key", ""), *subject.above
    )
    question = Question(
        **stated,
        region=subject.region,
        text=texts.stored(form.get("text", ""), at_most=TEXT_AT_MOST),
        words=texts.line(form.get("words", ""), at_most=WORDS_AT_MOST),
        selection=_selection(subject.about, form.get("selection", "")),
    )
    reached = _reached(officer, question, subject.about, form)
    if not reached:
        raise NotDone(
            _("Nobody else who may see it has these names, languages or skills: it would reach nobody.")
        )
    question.save()
    Reached.objects.bulk_create(
        Reached(question=question, officer=one, why=why) for one, why in reached.values()
    )
    names = sorted(one.username for one, _why in reached.values())
    detail: dict[str, str | int | list[str]] = {
        "text": writing.digest(question.text),
        "on": subject.written,
        "to": names,
    }
    writing.record(officer, Did.FINDING_WRITTEN, question, subject.about, detail)
    to = [one for one, _why in reached.values()]
    writing.tell(officer, Notice.Kind.QUESTION, question, subject.about, to)
    return question


@transaction.atomic
def take_up(viewer: object, number: int) -> Question:
    """Say that one is at it; others see that.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is closed.
    """
    officer, question, about = _open(viewer, number)
    reached, _new = Reached.objects.get_or_create(
        question=question, officer=officer, defaults={"why": Reached.Why.CAME}
    )
    reached.answering_at, reached.declined_at = timezone.now(), None
    reached.save(update_fields=["answering_at", "declined_at"])
    writing.record(officer, Did.ANSWERING, question, about)
    return question


@transaction.atomic
def decline(viewer: object, number: int) -> Question:
    """Say that one cannot help; nobody is asked why.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is closed, or did not reach this officer.
    """
    officer, question, about = _open(viewer, number)
    changed = Reached.objects.filter(question=question, officer=officer).update(
        declined_at=timezone.now(), answering_at=None
    )
    if not changed:
        raise NotDone(_("It did not reach you: there is nothing to decline."))
    _read(question, officer=officer)
    writing.record(officer, Did.DECLINED, question, about)
    return question


@transaction.atomic
def close(viewer: object, number: int) -> Question:
    """Close a request; only who asked does.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is closed, or another officer's.
    """
    officer, question, about = _own(viewer, number)
    if question.closed_at is not None:
        raise NotDone(_("It is closed already. Nothing was changed."))
    question.closed_at, question.version = timezone.now(), question.version + 1
    question.save(update_fields=["closed_at", "version"])
    _read(question)
    writing.record(officer, Did.REQUEST_CLOSED, question, about)
    at_it = Officer.objects.filter(reached__question=question, reached__answering_at__isnull=False)
    answered = Officer.objects.filter(pk__in=question.answers.values("officer"))
    writing.tell(officer, Notice.Kind.CLOSED, question, about, (at_it | answered).distinct())
    return question


@transaction.atomic
def reopen(viewer: object, number: int) -> Question:
    """Open a closed request again; only who asked does.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is open, or another officer's.
    """
    officer, question, about = _own(viewer, number)
    if question.closed_at is None:
        raise NotDone(_("It is open. Nothing was changed."))
    question.closed_at, question.version = None, question.version + 1
    question.save(update_fields=["closed_at", "version"])
    writing.record(officer, Did.REQUEST_REOPENED, question, about)
    _tell_again(officer, question, about)
    return question


@transaction.atomic
def withdraw(viewer: object, number: int) -> Question:
    """Take a request back; only who asked does.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was withdrawn before, or is another officer's.
    """
    officer, question, about = _own(viewer, number)
    writing.withdraw(officer, question, about)
    _read(question)
    return question


@transaction.atomic
def restore(viewer: object, number: int) -> Question:
    """Put a withdrawn request back; only who asked does.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it stands already, or is another officer's.
    """
    officer, question, about = _own(viewer, number)
    writing.restore(officer, question, about)
    if question.closed_at is None:
        _tell_again(officer, question, about)
    return question


def _for(viewer: object, number: int) -> tuple[Officer, Question, About]:
    return require_finding(viewer, Action.FIND, writing.locked(Question.objects.all(), number))


def _own(viewer: object, number: int) -> tuple[Officer, Question, About]:
    officer, question, about = _for(viewer, number)
    if question.officer_id != officer.pk:
        raise NotDone(_("Only who asked does that."))
    return officer, question, about


def _open(viewer: object, number: int) -> tuple[Officer, Question, About]:
    officer, question, about = _for(viewer, number)
    if question.closed_at is not None or question.is_withdrawn:
        raise NotDone(_("The request is closed: nobody waits for an answer any more."))
    return officer, question, about


def _read(question: Question, **whose: Officer) -> None:
    waiting = Notice.objects.filter(question=question, read_at__isnull=True, **whose)
    waiting.update(read_at=timezone.now())


def _tell_again(officer: Officer, question: Question, about: About) -> None:
    to = Officer.objects.filter(reached__question=question, reached__declined_at__isnull=True, is_active=True)
    writing.tell(officer, Notice.Kind.QUESTION, question, about, to)


def _reached(
    officer: Officer, question: Question, about: About, form: Mapping[str, str]
) -> dict[int, tuple[Officer, Reached.Why]]:
    """Whom the request reaches, and why: those named first, then the unit's, then those who know."""
    names = [one.removeprefix("@") for one in TO_BETWEEN.split(form.get("to", "")) if one]
    named = Officer.objects.filter(username__in=names[:50], is_active=True)
    unit = form.get("unit", "")
    of_unit: Iterable[Officer] = ()
    if unit.isdecimal() and len(unit) <= UNIT_DIGITS:
        of_unit = Officer.objects.filter(unit=int(unit), is_active=True)
    knowing = officers_who([one.strip() for one in BETWEEN.split(question.words) if one.strip()])
    found: dict[int, tuple[Officer, Reached.Why]] = {}
    for officers, why in (
        (named, Reached.Why.NAMED),
        (of_unit, Reached.Why.UNIT),
        (knowing, Reached.Why.KNOWS),
    ):
        for one in officers:
            found.setdefault(one.pk, (one, why))
    found.pop(officer.pk, None)
    may_read = {
        one.pk for one in writing.who_may_read(question, about, [one for one, _why in found.values()])
    }
    return {pk: it for pk, it in found.items() if pk in may_read}


def _selection(about: About, untrusted_marks: str) -> list[str]:
    """SHA-256 of the members that a page chose."""
    marks = untrusted_marks.split()
    if not marks:
        return []
    by_mark = {sha256[:MARK_LENGTH]: sha256 for sha256 in members_of(about.series)}
    chosen = [by_mark.get(mark[:MARK_LENGTH], "") for mark in marks]
    if about.media or not all(chosen):
        raise NotDone(_("The series changed since you chose media in it: choose again. Nothing was saved."))
    return list(dict.fromkeys(chosen))
