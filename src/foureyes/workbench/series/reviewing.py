"""What the engine asks people about the series that they see, and how far that has come.

The viewer comes first. The questions are the engine's (`engine/series/questions.py`), the most worth first.
They are found once for each state of the catalogue; rulings that came since are taken out of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Sum
from django.utils import timezone

from foureyes.engine import pipeline
from foureyes.engine.model import Question, QuestionKind
from foureyes.workbench.access.rules import Action, MediaAsked, Scope, SeriesAsked, require, scope_of
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import visible_series
from foureyes.workbench.series.models import ReviewAnswer, ReviewClaim
from foureyes.workbench.series.reach import series_for

SHOWN_A_SIDE = 6
"""Media of each group that are shown: the one of the link first, then some of all of it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two groups."""

    series: str
    """Id of its series; empty for a media of none."""
    name: str
    shown: Sequence[str]
    """SHA-256, the media that the question turns on first."""
    size: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its two groups, as it is shown."""

    question: Question
    few: Side
    others: Side
    inside: bool
    """Whether both are of one series."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reviewing has come."""

    answers: int
    settled: int
    """Media that answers settled."""
    media: int
    """Of the series looked at."""
    left: int
    """Questions without an answer."""
    open_media: int
    """Media that they are about."""
    pairs: int
    """Pairs of media within these series."""

    @property
    def looked_at(self) -> int:
        """Pairs that people have to look at."""
        return self.answers + self.left

    @property
    def spared(self) -> int:
        """Pairs that nobody need look at."""
        return max(self.pairs - self.looked_at, 0)

    @property
    def sure(self) -> int:
        """Media on which no question is open."""
        return max(self.media - self.open_media, 0)


def open_questions(viewer: object, series_id: str = "") -> list[Question]:
    """Questions about what the viewer sees and may decide on; none that waits for a second pair of eyes.

    Raises:
        django.http.Http404: the series is not there, or not for this viewer.
    """
    if series_id:
        require(viewer, Action.DECIDE, SeriesAsked(series_id))
    scope = scope_of(viewer)
    held = catalogue()
    found = pipeline.open_questions(held, _questions((str(held.workspace.path), held.last_change())))
    waiting = _waiting()
    return [
        one
        for one in found
        if one.key not in waiting
        and _covers(scope, one)
        and (not series_id or series_id in {one.series, one.home})
    ]


def progress(viewer: object, asked: Sequence[Question], series_id: str = "") -> Progress:
    """How far reviewing of one series, or of all that the viewer sees, has come."""
    sizes = {one.id: one.size for one in visible_series(scope_of(viewer))}
    if series_id:
        sizes = {series_id: sizes.get(series_id, 0)}
    answers = ReviewAnswer.objects.filter(undone_at__isnull=True, series__in=sizes)
    return Progress(
        answers=answers.count(),
        settled=answers.aggregate(media=Sum("media"))["media"] or 0,
        media=sum(sizes.values()),
        left=len(asked),
        open_media=len({sha256 for one in asked for sha256 in one.few}),
        pairs=sum(size * (size - 1) // 2 for size in sizes.values()),
    )


def shown(viewer: object, question: Question) -> Asked:
    """The two groups of a question, a few media of each.

    Raises:
        django.http.Http404: one of its series is not for this viewer.
    """
    series = series_for(viewer, Action.VIEW, question.series)
    inside = question.kind is QuestionKind.JOINT
    few = frozenset(question.few)
    others = [sha256 for sha256 in series.members if sha256 not in few]
    home = series_for(viewer, Action.VIEW, question.home) if question.home and not inside else None
    return Asked(
        question=question,
        few=Side(
            series=series.id if inside else (home.id if home else ""),
            name=series.name if inside else (home.name if home else ""),
            shown=_some(question.a, question.few),
            size=len(question.few),
        ),
        others=Side(series.id, series.name, _some(question.b, others), len(others)),
        inside=inside,
    )


def taken_by_others(viewer: Officer) -> frozenset[str]:
    """Keys of questions that other officers are looking at now."""
    claims = ReviewClaim.objects.filter(until__gt=timezone.now()).exclude(officer=viewer)
    return frozenset(claims.values_list("question", flat=True))


def last_answer(viewer: Officer) -> ReviewAnswer | None:
    """The answer that undoing takes back."""
    return ReviewAnswer.objects.filter(officer=viewer, undone_at__isnull=True).order_by("-id").first()


def next_question(
    asked: Iterable[Question], taken: Collection[str], passed: Collection[str], wanted: str = ""
) -> Question | None:
    """The one that is wanted if it is free, else the first free one that was not passed over."""
    free = [one for one in asked if one.key not in taken]
    for one in free:
        if one.key == wanted:
            return one
    return next((one for one in free if one.key not in passed), None)


@lru_cache(maxsize=2)
def _questions(state: Hashable) -> Sequence[Question]:
    """All questions of the state of a catalogue: links and series change with it."""
    del state
    return pipeline.questions(catalogue())


def _waiting() -> frozenset[str]:
    standing = ReviewAnswer.objects.filter(undone_at__isnull=True, decision__isnull=True)
    return frozenset(standing.values_list("question", flat=True))


def _covers(scope: Scope, one: Question) -> bool:
    if not scope.covers(SeriesAsked(one.series)):
        return False
    return scope.covers(SeriesAsked(one.home) if one.home else MediaAsked(one.a, frozenset()))


def _some(first: str, members: Sequence[str]) -> list[str]:
    """One media and some more at even distances, so that a group is not judged by its first pictures."""
    rest = [sha256 for sha256 in members if sha256 != first]
    room = SHOWN_A_SIDE - 1
    if len(rest) <= room:
        return [first, *rest]
    return [first, *(rest[at * len(rest) // room] for at in range(room))]
