"""Notes: written, answered, edited with their history, withdrawn and put back. Names in them are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from foureyes.workbench.access.rules import Action
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.findings import texts
from foureyes.workbench.findings.actions import writing
from foureyes.workbench.findings.errors import Conflict, NotDone, Standing
from foureyes.workbench.findings.models import EarlierText, Mention, Note, Notice
from foureyes.workbench.findings.reach import About, require_finding
from foureyes.workbench.findings.subjects import Subject, subject_of


@dataclass(frozen=True, slots=True)
class Wrote:
    """A note that stands."""

    note: Note
    not_told: tuple[str, ...] = ()
    """Names in it that are of nobody who may read it: nobody was told."""


@transaction.atomic
def write(viewer: object, form: Mapping[str, str]) -> Wrote:
    """Write a note, a reply or an answer. Sent twice, it stands once.

    Args:
        viewer: Who writes.
        form: `on` (see `subjects`), `text`, `handling_code`, `key`.

    Raises:
        django.http.Http404: what it is about is not there, or not for this viewer.
        NotDone: nothing is written, or too much.
    """
    subject = subject_of(viewer, form.get("on", ""))
    officer, key = _officer(viewer), form.get("key", "")
    if before := writing.sent_before(Note.objects.all(), officer, key):
        return Wrote(before)
    text = texts.stored(form.get("text", ""))
    stated = writing.columns(officer, subject.about, form.get("handling_code", ""), key, *subject.above)
    note = Note.objects.create(
        **stated,
        text=text,
        root=subject.root,
        region=subject.region,
        decision=subject.decision,
        question=subject.question,
    )
    detail = {"text": writing.digest(text), "on": subject.written}
    writing.record(officer, Did.FINDING_WRITTEN, note, subject.about, detail)
    not_told = _tell_named(officer, note, subject.about)
    _tell_of_answer(officer, note, subject)
    return Wrote(note, not_told)


@transaction.atomic
def edit(viewer: object, number: int, form: Mapping[str, str]) -> Wrote:
    """Give a note another text; the earlier one is kept. Only who wrote it edits it.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        Conflict: it was changed since the form was made.
        NotDone: nothing is written, too much, or it is another officer's.
    """
    officer, note, about = require_finding(viewer, Action.FIND, _held(number))
    if note.officer_id != officer.pk:
        raise NotDone(_("Only who wrote a note edits it: answer it instead."))
    text = texts.stored(form.get("text", ""))
    if form.get("version") != str(note.version):
        raise Conflict(_("This note was changed since you opened it."), _standing(note))
    if text == note.text:
        return Wrote(note)
    EarlierText.objects.create(note=note, version=note.version, text=note.text)
    note.text, note.version = text, note.version + 1
    note.save(update_fields=["text", "version"])
    writing.record(officer, Did.FINDING_CHANGED, note, about, {"text": writing.digest(text)})
    return Wrote(note, _tell_named(officer, note, about))


@transaction.atomic
def withdraw(viewer: object, number: int) -> Note:
    """Take a note back. Only who wrote it does.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was withdrawn before, or is another officer's.
    """
    officer, note, about = _own(viewer, number)
    writing.withdraw(officer, note, about)
    return note


@transaction.atomic
def restore(viewer: object, number: int) -> Note:
    """Put a withdrawn note back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it stands already, or is another officer's.
    """
    officer, note, about = _own(viewer, number)
    writing.restore(officer, note, about)
    return note


def _own(viewer: object, number: int) -> tuple[Officer, Note, About]:
    officer, note, about = require_finding(viewer, Action.FIND, _held(number))
    if note.officer_id != officer.pk:
        raise NotDone(_("Only who wrote a note withdraws it: answer it instead."))
    return officer, note, about


def _held(number: int) -> Note:
    # PostgreSQL locks no row of the nullable side of a join: what it answers is read after.
    return writing.locked(Note.objects.all(), number)


def _officer(viewer: object) -> Officer:
    """Whom `subject_of` let pass."""
    if not isinstance(viewer, Officer):
        raise TypeError("Only officers write")
    return viewer


def _standing(note: Note) -> Standing:
    return Standing(note.version, str(note.officer), ((_("Text"), note.text),))


def _tell_named(officer: Officer, note: Note, about: About) -> tuple[str, ...]:
    """Tell whom the text names for the first time; gives the names of nobody who may read it."""
    names = texts.names_in(note.text)
    if not names:
        return ()
    meant = {reading for name in names for reading in texts.readings(name)}
    by_name = {one.username: one for one in Officer.objects.filter(username__in=meant, is_active=True)}
    named = {
        name: next((by_name[it] for it in texts.readings(name) if it in by_name), None) for name in names
    }
    before = set(note.mentions.values_list("officer_id", flat=True))
    fresh = [one for one in named.values() if one is not None and one.pk not in before]
    told = writing.tell(officer, Notice.Kind.MENTION, note, about, {one.pk: one for one in fresh}.values())
    Mention.objects.bulk_create(Mention(note=note, officer=one) for one in told)
    reached = before | {one.pk for one in told} | {officer.pk}
    return tuple(name for name, one in named.items() if one is None or one.pk not in reached)


def _tell_of_answer(officer: Officer, note: Note, subject: Subject) -> None:
    """Tell who asked, or who began the thread, unless the note names them anyway."""
    named = set(note.mentions.values_list("officer_id", flat=True))
    if subject.question is not None:
        kind, to = Notice.Kind.ANSWER, subject.question.officer
        Notice.objects.filter(
            question=subject.question, officer=officer, kind=Notice.Kind.QUESTION, read_at__isnull=True
        ).update(read_at=note.at)
    elif subject.root is not None:
        kind, to = Notice.Kind.REPLY, subject.root.officer
    else:
        return
    if to.pk not in named:
        writing.tell(officer, kind, note, subject.about, [to])
