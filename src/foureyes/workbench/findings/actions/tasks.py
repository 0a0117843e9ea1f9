"""Tasks: given, changed, done and opened again, withdrawn and put back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.rules import Action, require
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.findings import texts
from foureyes.workbench.findings.actions import writing
from foureyes.workbench.findings.errors import Conflict, NotDone, Standing
from foureyes.workbench.findings.models import Notice, Task
from foureyes.workbench.findings.reach import About, require_finding
from foureyes.workbench.findings.subjects import subject_of

TEXT_AT_MOST = 2_000
UNIT_DIGITS = 9
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@transaction.atomic
def give(viewer: object, form: Mapping[str, str]) -> Task:
    """Write down what is to be done. Sent twice, it stands once.

    Args:
        viewer: Who gives it.
        form: `on` (see `subjects`), `text`, `to` (a user name, `unit:<number>`, or empty), `due`, `key`.

    Raises:
        django.http.Http404: what it is about is not there, or not for this viewer.
        NotDone: it says nothing, or is for nobody who may read it.
    """
    subject = subject_of(viewer, form.get("on", ""))
    officer = require(viewer, Action.FIND, subject.about.asked)
    if before := writing.sent_before(Task.objects.all(), officer, form.get("key", "")):
        return before
    stated = writing.columns(
        officer, subject.about, form.get("handling_code", ""), form.get("key", ""), *subject.above
    )
    task = Task(**stated, region=subject.region)
    to = _fill(task, form, subject.about)
    task.save()
    detail = {"text": writing.digest(task.text), "to": form.get("to", "")[:80], "on": subject.written}
    writing.record(officer, Did.FINDING_WRITTEN, task, subject.about, detail)
    writing.tell(officer, Notice.Kind.TASK, task, subject.about, to)
    return task


@transaction.atomic
def change(viewer: object, number: int, form: Mapping[str, str]) -> Task:
    """Change what is to be done, by whom or until when.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        Conflict: somebody changed it since the form was made.
        NotDone: it says nothing, or is for nobody who may read it.
    """
    officer, task, about = _for(viewer, number)
    version, before = task.version, _values(task)
    told_before = {one.pk for one in _meant(task)}
    to = _fill(task, form, about)
    if form.get("version") != str(version):
        task.refresh_from_db()
        raise Conflict(_("This task was changed since you opened it."), standing(task))
    if before == _values(task):
        return task
    task.version += 1
    task.save()
    writing.record(officer, Did.FINDING_CHANGED, task, about, {"text": writing.digest(task.text)})
    Notice.objects.filter(task=task, kind=Notice.Kind.TASK, read_at__isnull=True).exclude(
        officer__in=to
    ).update(read_at=timezone.now())
    writing.tell(officer, Notice.Kind.TASK, task, about, [one for one in to if one.pk not in told_before])
    return task


@transaction.atomic
def finish(viewer: object, number: int) -> Task:
    """Mark a task as done.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was done before.
    """
    officer, task, about = _for(viewer, number)
    if task.done_at is not None:
        raise NotDone(_("Somebody marked it as done before. Nothing was changed."))
    task.done_at, task.done_by, task.version = timezone.now(), officer, task.version + 1
    task.save(update_fields=["done_at", "done_by", "version"])
    writing.record(officer, Did.TASK_DONE, task, about)
    Notice.objects.filter(task=task, kind=Notice.Kind.TASK, read_at__isnull=True).update(read_at=task.done_at)
    writing.tell(officer, Notice.Kind.DONE, task, about, [task.officer])
    return task


@transaction.atomic
def reopen(viewer: object, number: int) -> Task:
    """Open a task that was done.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is open.
    """
    officer, task, about = _for(viewer, number)
    if task.done_at is None:
        raise NotDone(_("It is open. Nothing was changed."))
    task.done_at, task.done_by, task.version = None, None, task.version + 1
    task.save(update_fields=["done_at", "done_by", "version"])
    writing.record(officer, Did.TASK_REOPENED, task, about)
    writing.tell(officer, Notice.Kind.TASK, task, about, _meant(task))
    return task


@transaction.atomic
def withdraw(viewer: object, number: int) -> Task:
    """Take a task back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was withdrawn before.
    """
    officer, task, about = _for(viewer, number)
    writing.withdraw(officer, task, about)
    Notice.objects.filter(task=task, read_at__isnull=True).update(read_at=timezone.now())
    return task


@transaction.atomic
def restore(viewer: object, number: int) -> Task:
    """Put a withdrawn task back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it stands already.
    """
    officer, task, about = _for(viewer, number)
    writing.restore(officer, task, about)
    if task.done_at is None:
        writing.tell(officer, Notice.Kind.TASK, task, about, _meant(task))
    return task


def standing(task: Task) -> Standing:
    """What a task says now, for somebody who was second."""
    fields = (
        (_("Task"), task.text),
        (_("For"), str(task.to_officer or task.to_unit or _("nobody yet"))),
        (_("Due"), task.due.isoformat() if task.due else _("no day")),
    )
    return Standing(task.version, str(task.officer), fields)


def _for(viewer: object, number: int) -> tuple[Officer, Task, About]:
    return require_finding(viewer, Action.FIND, writing.locked(Task.objects.all(), number))


def _values(task: Task) -> tuple[object, ...]:
    return (task.text, task.to_officer_id, task.to_unit_id, task.due)


def _fill(task: Task, form: Mapping[str, str], about: About) -> list[Officer]:
    """Put what the form says into the task, checked; gives the officers whom it is for."""
    task.text = texts.stored(form.get("text", ""), at_most=TEXT_AT_MOST)
    task.due = _day(form.get("due", ""))
    kind, _colon, name = form.get("to", "").partition(":")
    task.to_officer, task.to_unit = None, None
    if kind == "unit" and name.isdecimal() and len(name) <= UNIT_DIGITS:
        task.to_unit = Unit.objects.filter(pk=int(name)).first()
        if task.to_unit is None:
            raise NotDone(_("There is no such unit."))
    elif kind:
        task.to_officer = Officer.objects.filter(username=form["to"], is_active=True).first()
    meant = writing.who_may_read(task, about, _meant(task))
    if kind and not meant:
        raise NotDone(
            _("Nobody of that name, or of that unit, may read it: choose somebody else, or nobody.")
        )
    return meant


def _meant(task: Task) -> Sequence[Officer]:
    if task.to_officer is not None:
        return [task.to_officer]
    return list(task.to_unit.officers.filter(is_active=True)) if task.to_unit is not None else []


def _day(untrusted_text: str) -> date | None:
    if not untrusted_text:
        return None
    try:
        # Python itself takes 20261128 and weeks as well: no form sends those.
        return date.fromisoformat(untrusted_text if DAY.fullmatch(untrusted_text) else "")
    except ValueError as error:
        raise NotDone(_("The day is not understood: write it as 2026-11-28.")) from error
