"""Reads of editions, for coordinators. The viewer comes first. Nothing here counts one person's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.http import Http404
from django.utils import timezone

from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat
from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer, Unit


@dataclass(frozen=True, slots=True)
class Listed:
    """One edition in the list."""

    edition: Edition
    status: str
    """`planned`, `open`, `over` or `closed`."""
    units: int
    seats: int
    series: int


@dataclass(frozen=True, slots=True)
class Chair:
    """An officer of a unit, seated or not."""

    officer: Officer
    seated: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A unit that takes part."""

    unit: Unit
    officers: Sequence[Chair]
    series: int
    """Series of the edition that the unit, or officers of it, were given."""


@dataclass(frozen=True, slots=True)
class EditionPage:
    """One edition with its units, seats and load."""

    edition: Edition
    status: str
    parts: Sequence[Part]
    others: Sequence[Unit]
    """Units that may be added."""
    series: int
    unassigned: int
    sees_all: bool
    """Some of the units hold the workspace, or all series are open to all."""


def editions(viewer: object) -> list[Listed]:
    """Every edition, the newest first.

    Raises:
        django.http.Http404: the viewer does not coordinate.
    """
    require_ever(viewer, Action.COORDINATE)
    return [
        Listed(one, status_of(one), one.part_count, one.seat_count, one.series_count)
        for one in Edition.objects.annotate(
            part_count=Count("units", distinct=True),
            seat_count=Count("seats", distinct=True),
            series_count=Count("placed", distinct=True),
        ).order_by("-opens", "-id")
    ]


def edition(viewer: object, number: int) -> Edition:
    """One edition.

    Raises:
        django.http.Http404: not there, or the viewer does not coordinate.
    """
    require_ever(viewer, Action.COORDINATE)
    found = Edition.objects.filter(id=number).first()
    if found is None:
        raise Http404
    return found


def edition_page(viewer: object, number: int) -> EditionPage:
    """One edition with its units, seats and load; the number of queries does not grow.

    Raises:
        django.http.Http404: not there, or the viewer does not coordinate.
    """
    found = edition(viewer, number)
    units = [
        part.unit for part in found.units.select_related("unit").order_by("unit__country", "unit__agency")
    ]
    seated = set(Seat.objects.filter(edition=found).values_list("officer_id", flat=True))
    officers: dict[int, list[Chair]] = {}
    active = Officer.objects.filter(unit__in=units, is_active=True).select_related("unit")
    for one in active.order_by("full_name", "username"):
        officers.setdefault(one.unit_id, []).append(Chair(one, one.id in seated))
    given = Assignment.objects.filter(placed__edition=found)
    load = dict(given.values_list("unit_id").annotate(Count("placed", distinct=True)))
    placed = found.placed.count()
    return EditionPage(
        edition=found,
        status=status_of(found),
        parts=[Part(unit, officers.get(unit.id, []), load.get(unit.id, 0)) for unit in units],
        others=list(Unit.objects.exclude(id__in=[unit.id for unit in units]).order_by("country", "agency")),
        series=placed,
        unassigned=placed - given.values("placed").distinct().count(),
        sees_all=found.all_series_to_all,
    )


def open_for_placing(viewer: object) -> list[Edition]:
    """Editions that are not over, for a coordinator's bulk actions; nothing for anybody else."""
    try:
        require_ever(viewer, Action.COORDINATE)
    except Http404:
        return []
    return list(Edition.objects.filter(closes__gte=_today(), closed_at__isnull=True).order_by("opens", "id"))


def recipients(viewer: object, edition_ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """(edition, `unit:3` or `officer:7`, name) of all to whom series can be assigned."""
    require_ever(viewer, Action.COORDINATE)
    found: list[tuple[int, str, str]] = []
    for one in Edition.objects.filter(id__in=edition_ids).prefetch_related(
        "units__unit", "seats__officer__unit"
    ):
        parts = {part.unit_id for part in one.units.all()}
        found += sorted(
            ((one.id, f"unit:{part.unit_id}", str(part.unit)) for part in one.units.all()),
            key=lambda it: it[2],
        )
        found += sorted(
            (
                (one.id, f"officer:{seat.officer_id}", f"{seat.officer}, {seat.officer.unit}")
                for seat in one.seats.all()
                if seat.officer.unit_id in parts
            ),
            key=lambda it: it[2],
        )
    return found


def placed_series(viewer: object, number: int) -> list[Placed]:
    """What was prepared for an edition.

    Raises:
        django.http.Http404: not there, or the viewer does not coordinate.
    """
    return list(edition(viewer, number).placed.order_by("placed_at", "id"))


def status_of(one: Edition) -> str:
    """`closed` by a coordinator, `planned`, `over`, or `open` today."""
    if one.closed_at is not None:
        return "closed"
    if one.opens > _today():
        return "planned"
    return "over" if one.closes < _today() else "open"


def _today() -> date:
    return timezone.now().date()
