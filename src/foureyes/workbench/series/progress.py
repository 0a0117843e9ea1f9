"""Load and progress of an edition by unit and day, for coordinators. Never by person or merit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Sum
from django.utils import timezone

from foureyes.workbench.access.models import Assignment
from foureyes.workbench.accounts.models import Unit
from foureyes.workbench.editions import overview
from foureyes.workbench.live.actions import What
from foureyes.workbench.series.models import Standing, State, Step, Tally

STATES = (
    State.TAKEN,
    State.UNDER_ANALYSIS,
    State.LOCATED,
    State.REFERRED,
    State.IDENTIFIED,
    State.CLOSED,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What one unit, or all together, did on one day or in all."""

    name: str
    states: Sequence[int]
    """Steps to each of `STATES`."""
    notes: int
    decisions: int
    given: int = 0
    """Series given to the unit; of a day none."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The edition's load and progress."""

    series: int
    standing: Sequence[tuple[str, int]]
    """How many series of the edition are in each state now."""
    titles: Sequence[str]
    units: Sequence[Line]
    days: Sequence[Line]
    """All units together."""
    days_of_units: Sequence[tuple[str, Sequence[Line]]]
    """Each unit's days on which anything was done."""


def progress(viewer: object, number: int) -> Progress:
    """Load and progress of an edition.

    Raises:
        django.http.Http404: not there, or the viewer does not coordinate.
    """
    edition = overview.edition(viewer, number)
    placed = [one.series for one in overview.placed_series(viewer, number)]
    begins, ends = _moment(edition.opens), _moment(edition.closes + timedelta(days=1))
    steps = Step.objects.filter(series__in=placed, at__gte=begins, at__lt=ends, undoes__isnull=True)
    undone = steps.filter(undone_by__isnull=False).values("id")
    rows = steps.exclude(id__in=undone).values_list("unit_id", "at", "after")
    by_unit: Counter[tuple[object, str]] = Counter()
    by_day: Counter[tuple[object, str]] = Counter()
    by_both: Counter[tuple[object, str]] = Counter()
    for unit, at, after in rows:
        by_unit[unit, after] += 1
        by_day[at.date(), after] += 1
        by_both[(unit, at.date()), after] += 1
    tallies = Tally.objects.filter(series__in=placed, day__gte=edition.opens, day__lte=edition.closes)
    for unit, day, what, count in tallies.values_list("unit_id", "day", "what").annotate(Sum("count")):
        by_unit[unit, what] += count
        by_day[day, what] += count
        by_both[(unit, day), what] += count
    units, days = _units(edition.id, by_unit), _days(edition.opens, edition.closes)
    given = _given(edition.id)
    return Progress(
        series=len(placed),
        standing=_standing(placed),
        titles=[str(state.label) for state in STATES],
        units=[_line(str(unit), unit.id, by_unit, given[unit.id]) for unit in units],
        days=[_line(day.isoformat(), day, by_day) for day in days],
        days_of_units=[(str(unit), _days_of(unit.id, days, by_both)) for unit in units],
    )


def _standing(placed: Sequence[str]) -> list[tuple[str, int]]:
    found = dict(Standing.objects.filter(series__in=placed).values_list("series", "state"))
    counted = Counter(found.get(one, State.PREPARED.value) for one in placed)
    return [(str(state.label), counted[state.value]) for state in State]


def _units(edition: int, counted: Mapping[tuple[object, str], int]) -> list[Unit]:
    """Units by country and name: an order that says nothing of their work."""
    ids = {key for key, _what in counted if isinstance(key, int)} | set(_given(edition))
    part = Unit.objects.filter(takes_part__edition=edition) | Unit.objects.filter(id__in=ids)
    return list(part.distinct().order_by("country", "agency"))


def _given(edition: int) -> Counter[int]:
    pairs = Assignment.objects.filter(placed__edition=edition).values_list("unit_id", "placed_id")
    return Counter(unit for unit, _placed in pairs.distinct())


def _days_of(unit: int, days: Sequence[date], counted: Mapping[tuple[object, str], int]) -> list[Line]:
    worked = {key[1] for key, _what in counted if isinstance(key, tuple) and key[0] == unit}
    return [_line(day.isoformat(), (unit, day), counted) for day in days if day in worked]


def _line(name: str, key: object, counted: Mapping[tuple[object, str], int], given: int = 0) -> Line:
    return Line(
        name=name,
        states=[counted.get((key, state.value), 0) for state in STATES],
        notes=counted.get((key, What.NOTE.value), 0),
        decisions=counted.get((key, What.DECISION.value), 0),
        given=given,
    )


def _days(opens: date, closes: date) -> list[date]:
    """The days of the edition up to today."""
    last = min(closes, timezone.now().date())
    return [opens + timedelta(days=number) for number in range(max(0, (last - opens).days + 1))]


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
