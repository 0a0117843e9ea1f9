"""What was found on a series or a media: clues, notes, tasks, requests. The number of queries is fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, Q, QuerySet

from foureyes.workbench.access.rules import Action, may_ever
from foureyes.workbench.findings.among import Among
from foureyes.workbench.findings.countries import CODES
from foureyes.workbench.findings.models import Assessment, Clue, Finding, Note, Question, Region, Task
from foureyes.workbench.findings.reach import (
    About,
    Sight,
    about_media,
    about_series,
    ids_now,
    members_of,
    met_elsewhere,
)

F = TypeVar("F", bound=Finding)

AT_MOST = 500
"""Clues, tasks and requests that one page lists."""
THREADS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """Which clues are shown."""

    clue: str = ""
    country: str = ""
    withdrawn: bool = False
    """Show what was withdrawn, too."""

    @classmethod
    def of(cls, untrusted: Mapping[str, str]) -> Filter:
        """What an address asks for; nonsense asks for nothing."""
        clue, country = untrusted.get("clue", ""), untrusted.get("country", "").upper()
        return cls(
            clue if clue in Clue.values else "",
            country if country in CODES else "",
            untrusted.get("withdrawn") == "1",
        )


@dataclass(frozen=True, slots=True)
class Thread:
    """A note with how much was answered."""

    root: Note
    replies: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found on a series or a media, as far as the viewer reads it."""

    about: About
    filter: Filter
    regions: Sequence[Region]
    met: frozenset[int]
    """Numbers of those whose thing is met elsewhere, as far as the viewer reads it."""
    clues: Sequence[tuple[str, str, int]]
    """Value, word and number of the clues of each kind, before the filter."""
    countries: Sequence[tuple[str, int, int]]
    """Country, clues that speak for it, clues that speak against it, before the filter."""
    threads: Sequence[Thread]
    page: int
    pages: int
    tasks: Sequence[Task]
    questions: Sequence[Question]
    assessments: Sequence[Assessment]
    """Of a series: the confirmed one first, then those that wait, then earlier ones."""
    may_write: bool


def of_series(viewer: object, series_id: str, wanted: Filter, page: int = 1) -> Findings:
    """Everything found on a series and on the media that it holds now.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    return _findings(viewer, about_series(viewer, Action.VIEW, series_id), wanted, page)


def on_decisions(viewer: object, series_id: str) -> list[tuple[int, list[Thread]]]:
    """Notes on decisions about a series, by number of the decision, the newest first.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    about = about_series(viewer, Action.VIEW, series_id)
    roots = Note.objects.filter(root__isnull=True, decision__isnull=False).annotate(
        answered=Count("replies", filter=Q(replies__withdrawn_at__isnull=True))
    )
    notes = _of(roots.select_related("officer", "unit", "region", "root", "question"), _here(about), Filter())
    found: dict[int, list[Thread]] = {}
    for one in Sight(viewer).those_read(notes):
        found.setdefault(int(one.decision or 0), []).append(Thread(one, int(getattr(one, "answered", 0))))
    return sorted(found.items(), reverse=True)


def of_media(viewer: object, untrusted_mark: str, wanted: Filter, page: int = 1) -> Findings:
    """Everything found on one media.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    return _findings(viewer, about_media(viewer, Action.VIEW, untrusted_mark), wanted, page)


def _findings(viewer: object, about: About, wanted: Filter, page: int) -> Findings:
    sight = Sight(viewer)
    here = _here(about)
    regions = sight.those_read(_of(Region.objects.select_related("officer", "unit"), here, wanted))
    roots = Note.objects.filter(root__isnull=True, question__isnull=True).annotate(
        answered=Count("replies", filter=Q(replies__withdrawn_at__isnull=True))
    )
    notes = _of(roots.select_related("officer", "unit", "region", "root", "question"), here, wanted)
    tasks = _of(
        Task.objects.select_related("officer", "unit", "to_officer", "to_unit", "region"), here, wanted
    )
    asked = Question.objects.select_related("officer", "unit", "region").annotate(
        answered=Count("answers", filter=Q(answers__withdrawn_at__isnull=True))
    )
    threads = sight.those_read(notes)
    pages = max(1, -(-len(threads) // THREADS_A_PAGE))
    page = min(max(page, 1), pages)
    shown = threads[(page - 1) * THREADS_A_PAGE : page * THREADS_A_PAGE]
    return Findings(
        about=about,
        filter=wanted,
        regions=[one for one in regions if _is_wanted(one, wanted)],
        met=met_elsewhere(sight, regions),
        clues=_clues(regions),
        countries=_countries(regions),
        threads=[Thread(one, int(getattr(one, "answered", 0))) for one in shown],
        page=page,
        pages=pages,
        tasks=sorted(sight.those_read(tasks), key=lambda one: (one.done_at is not None, -one.pk)),
        questions=sorted(
            sight.those_read(_of(asked, here, wanted)), key=lambda one: (one.closed_at is not None, -one.pk)
        ),
        assessments=[] if about.media else _assessments(sight, ids_now(about.series)),
        may_write=may_ever(viewer, Action.FIND),
    )


def _assessments(sight: Sight, ids: Sequence[str]) -> list[Assessment]:
    rows = Assessment.objects.filter(series__in=ids, proposal__isnull=False)
    newest = rows.select_related("officer", "unit", "proposal__confirmer").order_by("-id")[:AT_MOST]
    read = sight.those_read(newest)
    return sorted(read, key=lambda one: (one.superseded_by_id is not None, one.confirmed_at is None))


def _here(about: About) -> Q:
    """Findings on a media; or on a series and the media that it holds now."""
    if about.media:
        return Q(media=about.media)
    return Q(series__in=ids_now(about.series)) | Q(media__in=Among(members_of(about.series)))


def _of(rows: QuerySet[F], here: Q, wanted: Filter) -> Sequence[F]:
    found = rows.filter(here).order_by("-id")
    return list((found if wanted.withdrawn else found.filter(withdrawn_at__isnull=True))[:AT_MOST])


def _is_wanted(region: Region, wanted: Filter) -> bool:
    countries = f"{region.speaks_for} {region.speaks_against}".split()
    return wanted.clue in ("", region.clue) and (not wanted.country or wanted.country in countries)


def _clues(regions: Sequence[Region]) -> list[tuple[str, str, int]]:
    counts = dict.fromkeys(Clue.values, 0)
    for one in regions:
        counts[one.clue] += 1
    return [(value, str(Clue(value).label), count) for value, count in counts.items() if count]


def _countries(regions: Sequence[Region]) -> list[tuple[str, int, int]]:
    sides: dict[str, list[int]] = {}
    for one in regions:
        for side, codes in enumerate((one.speaks_for, one.speaks_against)):
            for code in codes.split():
                sides.setdefault(code, [0, 0])[side] += 1
    return sorted(
        ((code, speaks_for, against) for code, (speaks_for, against) in sides.items()),
        key=lambda row: (-row[1], row[2], row[0]),
    )
