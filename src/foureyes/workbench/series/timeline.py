"""The times of a series' media for its timeline: what files, satellites, file systems and sources say.

The viewer comes first. Times of files and what sources state are of the
holding: only who sees that gets them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from foureyes.engine.model import Fact, FactName, Origin, Times
from foureyes.workbench.access.rules import Action, HoldingsAsked, scope_of
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.series import outlines
from foureyes.workbench.series.moments import (
    ClockOffset,
    Doubt,
    Lane,
    Moment,
    file_moment,
    moment,
    offsets,
    with_doubts,
    with_offsets,
)
from foureyes.workbench.series.reach import series_for

LANES = {FactName.CAPTURED_AT: Lane.CAPTURED, FactName.GPS_TIME: Lane.GPS, FactName.CHANGED_AT: Lane.CHANGED}
NAMES = (*LANES, FactName.CAMERA_MAKER, FactName.CAMERA_MODEL, FactName.BODY_SERIAL)
KEPT_AT_MOST = 16
"""Timelines kept in memory, each for one revision of a series: 5,000 media take about 4 MB."""
OPEN_QUESTIONS = frozenset({Doubt.NO_ZONE})
"""Doubts that leave a time open; all others speak against it."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day in one lane, for the table."""

    day: str
    lane: Lane
    marks: Sequence[str]
    doubts: Sequence[tuple[Doubt, int]]
    """What speaks against times of that day, and in how many media."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All times of a series."""

    series_id: str
    name: str
    marks: Sequence[str]
    moments: Sequence[Moment]
    days: Sequence[Day]
    offsets: Sequence[ClockOffset]
    undated: int
    """Media that state no time of capture."""
    with_files: bool
    """Whether times of files and sources are among them."""


def timeline(viewer: object, series_id: str) -> Timeline:
    """All times of one series.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    series = series_for(viewer, Action.VIEW, series_id)
    with_files = scope_of(viewer).covers(HoldingsAsked())
    held = catalogue()
    moments, found = _moments(series.members, with_files, (str(held.workspace.path), held.last_change()))
    marks = [sha256[:MARK_LENGTH] for sha256 in series.members]
    dated = {one.at for one in moments if one.lane in {Lane.CAPTURED, Lane.GPS}}
    return Timeline(
        series_id=series.id,
        name=series.name,
        marks=marks,
        moments=moments,
        days=_days(moments, marks),
        offsets=found,
        undated=len(marks) - len(dated),
        with_files=with_files,
    )


@lru_cache(maxsize=KEPT_AT_MOST)
def _moments(
    members: tuple[str, ...], with_files: bool, state: Hashable
) -> tuple[Sequence[Moment], Sequence[ClockOffset]]:
    """Made anew when the catalogue's state is another: new sources bring new files of the same media."""
    del state
    held = catalogue()
    facts = held.facts_of(members, NAMES)
    files = held.file_times(members) if with_files else {}
    added = {one.id: datetime.fromisoformat(one.added_at).timestamp() for one in held.sources()}
    newest = max(added.values(), default=0.0)
    taken_in = [max((added[source] for source, _ in files.get(one, ())), default=newest) for one in members]
    cameras = [outlines.camera_of(facts.get(one, ())) for one in members]
    stated = [
        one
        for at, sha256 in enumerate(members)
        for one in _stated(at, facts.get(sha256, ()), files.get(sha256, ()), with_files=with_files)
    ]
    moments = with_doubts(stated, taken_in)
    found = offsets(moments, cameras)
    return with_offsets(moments, cameras, found), found


def _stated(
    at: int, facts: Iterable[Fact], files: Iterable[tuple[int, Times]], *, with_files: bool
) -> Iterator[Moment]:
    """Each different time that one media claims, once per lane."""
    seen: set[tuple[Lane, float]] = set()
    for one in _claims(at, facts, files, with_files=with_files):
        if one is not None and (one.lane, one.seconds) not in seen:
            seen.add((one.lane, one.seconds))
            yield one


def _claims(
    at: int, facts: Iterable[Fact], files: Iterable[tuple[int, Times]], *, with_files: bool
) -> Iterator[Moment | None]:
    for fact in facts:
        if fact.name in LANES and (with_files or fact.origin is not Origin.SOURCE):
            lane = Lane.SOURCE if fact.origin is Origin.SOURCE else LANES[fact.name]
            yield moment(at, lane, str(fact.value))
    for _, times in files:
        if times.modified_ns is not None:
            yield file_moment(at, times.modified_ns)


def _days(moments: Iterable[Moment], marks: Sequence[str]) -> list[Day]:
    by_day: dict[tuple[str, Lane], list[Moment]] = defaultdict(list)
    for one in moments:
        by_day[one.text[:10], one.lane].append(one)
    order = list(Lane)
    return [
        Day(day, lane, list(dict.fromkeys(marks[one.at] for one in here)), _counted(here))
        for (day, lane), here in sorted(
            by_day.items(), key=lambda item: (item[0][0], order.index(item[0][1]))
        )
    ]


def _counted(moments: Iterable[Moment]) -> list[tuple[Doubt, int]]:
    counts: Mapping[Doubt, int] = Counter(doubt for one in moments for doubt in one.doubts)
    return [(doubt, counts[doubt]) for doubt in Doubt if counts.get(doubt) and doubt not in OPEN_QUESTIONS]
