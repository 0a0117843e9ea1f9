"""One finding on its own page: a thread, a region, a task, a request; and who may be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404

from foureyes.engine.model import MediaKind
from foureyes.workbench.access.rules import Action, audience
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.accounts.queries import known_words
from foureyes.workbench.accounts.words import language_name
from foureyes.workbench.findings.models import Assessment, EarlierText, Note, Question, Reached, Region, Task
from foureyes.workbench.findings.reach import About, Sight, asked_of, met_elsewhere, require_finding
from foureyes.workbench.findings.subjects import subject_of
from foureyes.workbench.library.holdings import catalogue

NAMES_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A note with its answers, each with its earlier texts."""

    about: About
    root: Note
    notes: Sequence[Note]
    """The root first, then the answers in the order in which they were written."""
    asked_for: int
    """Number of the note that the address named."""


@dataclass(frozen=True, slots=True)
class RegionPage:
    """A region, what is the same thing elsewhere, and what was written about it."""

    about: About
    region: Region
    same: Sequence[tuple[Region, About]]
    notes: Sequence[Note]
    tasks: Sequence[Task]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One task."""

    about: About
    task: Task


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """An assessment and the clues that it rests on."""

    about: About
    assessment: Assessment
    clues: Sequence[Region]
    met: frozenset[int]
    """Numbers of those whose thing is met elsewhere, as far as the viewer reads it."""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A request for a second pair of eyes, whom it reached, and its answers."""

    about: About
    question: Question
    reached: Sequence[Reached]
    answers: Sequence[Note]
    is_mine: bool
    mine: Reached | None
    """How it reached the viewer."""

    @property
    def at_it(self) -> Sequence[Reached]:
        """Who is answering."""
        return [one for one in self.reached if one.answering_at is not None]


def thread(viewer: object, number: int) -> ThreadPage:
    """The thread that a note stands in.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    _officer, note, about = require_finding(viewer, Action.VIEW, _notes().filter(pk=number).first())
    root = note if note.root is None else note.root
    every = list(_notes().filter(Q(pk=root.pk) | Q(root=root)).order_by("id"))
    read = Sight(viewer).those_read(every)
    if not read or read[0].pk != root.pk:
        raise Http404
    return ThreadPage(about, read[0], read, number)


def region(viewer: object, number: int) -> RegionPage:
    """One region with what belongs to it.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    rows = Region.objects.select_related("officer", "unit", "withdrawn_by", "thing")
    _officer, found, about = require_finding(viewer, Action.VIEW, rows.filter(pk=number).first())
    sight = Sight(viewer)
    same: Sequence[Region] = ()
    if found.thing is not None:
        others = found.thing.regions.filter(withdrawn_at__isnull=True).exclude(pk=number)
        same = sight.those_read(others.select_related("officer", "unit").order_by("id")[:200])
    notes = _notes().filter(region=found, root__isnull=True, question__isnull=True)
    standing = {"region": found, "withdrawn_at__isnull": True}
    tasks = Task.objects.filter(**standing).select_related(
        "officer", "unit", "to_officer", "to_unit", "region"
    )
    questions = Question.objects.filter(**standing).select_related("officer", "unit", "region")
    return RegionPage(
        about,
        found,
        [(one, sight.about(one)) for one in same],
        sight.those_read(notes.filter(withdrawn_at__isnull=True).order_by("id")),
        sight.those_read(tasks.order_by("-id")),
        sight.those_read(questions.order_by("-id")),
    )


def task(viewer: object, number: int) -> TaskPage:
    """One task.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    rows = Task.objects.select_related(
        "officer", "unit", "region", "to_officer", "to_unit", "done_by", "withdrawn_by"
    )
    _officer, found, about = require_finding(viewer, Action.VIEW, rows.filter(pk=number).first())
    return TaskPage(about, found)


def question(viewer: object, number: int) -> QuestionPage:
    """One request with its answers.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    rows = Question.objects.select_related("officer", "unit", "region", "withdrawn_by")
    officer, found, about = require_finding(viewer, Action.VIEW, rows.filter(pk=number).first())
    reached = list(found.reached.select_related("officer__unit").order_by("id"))
    return QuestionPage(
        about=about,
        question=found,
        reached=reached,
        answers=Sight(viewer).those_read(_notes().filter(question=found).order_by("id")),
        is_mine=found.officer_id == officer.pk,
        mine=next((one for one in reached if one.officer_id == officer.pk), None),
    )


def assessment(viewer: object, number: int) -> AssessmentPage:
    """One assessment.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    rows = Assessment.objects.select_related("officer", "unit", "proposal__confirmer__unit", "superseded_by")
    _officer, found, about = require_finding(viewer, Action.VIEW, rows.filter(pk=number).first())
    sight = Sight(viewer)
    clues = sight.those_read(found.clues.select_related("officer", "unit").order_by("id"))
    return AssessmentPage(about, found, clues, met_elsewhere(sight, clues))


def history(viewer: object, number: int) -> tuple[Note, Sequence[EarlierText]]:
    """A note and what it said before, the newest first.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    _officer, note, _about = require_finding(viewer, Action.VIEW, _notes().filter(pk=number).first())
    return note, list(note.earlier.order_by("-version"))


def who_may_be_named(viewer: object, untrusted_on: str, untrusted_start: str) -> Sequence[Officer]:
    """Officers whose name begins so and who may read a note on this, for the completion of `@`.

    Raises:
        django.http.Http404: what it is about is not there, or not for this viewer.
    """
    subject = subject_of(viewer, untrusted_on)
    start = untrusted_start[:60]
    found = Officer.objects.filter(
        Q(username__istartswith=start) | Q(full_name__icontains=start), is_active=True
    ).select_related("unit")
    above = next((one for one in subject.above if one is not None), None)
    note = Note(
        **subject.about.columns,
        unit=viewer.unit if isinstance(viewer, Officer) else None,
        handling_code="H1" if above is None else above.handling_code,
        region=subject.region,
        root=subject.root,
        question=subject.question,
    )
    return audience(asked_of(note, subject.about), found.order_by("username"))[:NAMES_AT_MOST]


def who_may_be_asked(viewer: object, about: About) -> tuple[Sequence[Officer], Sequence[Unit]]:
    """Officers, and units of officers, who see what it is about: whom a task or a request may be for."""
    note = Note(**about.columns, unit=viewer.unit if isinstance(viewer, Officer) else None)
    every = Officer.objects.filter(is_active=True).select_related("unit").order_by("username")
    officers = audience(asked_of(note, about), every)
    return officers, sorted({one.unit for one in officers}, key=str)


def is_film(about: About) -> bool:
    """Whether it is about a film, of which a region has a time."""
    media = catalogue().media(about.media) if about.media else None
    return media is not None and media.kind is MediaKind.VIDEO


def words_to_ask_by() -> Sequence[tuple[str, str]]:
    """Languages and skills that anybody has: what is typed, and what people read."""
    return [(word, language_name(word) if kind == "language" else word) for kind, word in known_words()]


def _notes() -> QuerySet[Note]:
    return Note.objects.select_related(
        "officer", "unit", "root", "region", "question", "withdrawn_by"
    ).prefetch_related("earlier")
