"""What waits for an officer: requests to answer, tasks, and what others said to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models import Finding, Notice
from foureyes.workbench.findings.reach import About, Sight

AT_MOST = 200
COUNTED_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notice, with what it is about now."""

    notice: Notice
    finding: Finding
    about: About


@dataclass(frozen=True, slots=True)
class Inbox:
    """The notices that an officer still reads, the newest first."""

    waiting: Sequence[Line]
    """Requests and tasks: they stay until something is done about them."""
    told: Sequence[Line]
    """What others said: it stays until it is read."""
    everything: bool


WAITING = frozenset({Notice.Kind.QUESTION.value, Notice.Kind.TASK.value})


def inbox(viewer: Officer, *, everything: bool = False) -> Inbox:
    """What waits for the officer; or all that ever came, as far as they may still read it."""
    rows = _rows(viewer) if everything else _rows(viewer).filter(read_at__isnull=True)
    lines = _lines(viewer, rows[:AT_MOST])
    return Inbox(
        waiting=[one for one in lines if one.notice.kind in WAITING],
        told=[one for one in lines if one.notice.kind not in WAITING],
        everything=everything,
    )


def count(viewer: object) -> int:
    """How many lines of the inbox wait for the viewer, up to a hundred. One query where there is none."""
    if not isinstance(viewer, Officer):
        return 0
    if not Notice.objects.filter(officer=viewer, read_at__isnull=True).exists():
        return 0  # asked for every page: the other question joins ten tables, and takes 2.5 ms to be put
    return len(_lines(viewer, _rows(viewer).filter(read_at__isnull=True)[:COUNTED_AT_MOST]))


def _rows(viewer: Officer) -> QuerySet[Notice]:
    below = ("region", "root", "question")
    return (
        Notice.objects.filter(officer=viewer)
        .select_related("by__unit", "note", "task__region", "question__region", "question__officer")
        .select_related(*(f"note__{name}" for name in below))
        .order_by("-id")
    )


def _lines(viewer: Officer, rows: QuerySet[Notice]) -> list[Line]:
    """Those that the officer may still read and that were not withdrawn. One query, and those of `Sight`."""
    found = [(one, one.note or one.task or one.question) for one in rows]
    standing = [(one, it) for one, it in found if it is not None and not it.is_withdrawn]
    if not standing:
        return []
    sight = Sight(viewer)
    sight.learn(it for _one, it in standing)
    return [Line(one, it, sight.about(it)) for one, it in standing if sight.reads(it)]
