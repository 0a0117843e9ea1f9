"""Which units see which series by what was assigned in the editions that are open today: for words on pages.

The right itself is decided in `rules`; a test holds the two against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from foureyes.workbench.access.models import Assignment, Edition, Placed, TakesPart
from foureyes.workbench.access.rules import SHARED_CODES
from foureyes.workbench.accounts.models import Unit


@dataclass(frozen=True, slots=True)
class Given:
    """A series that a unit, or officers of it, see by an edition that is open."""

    series: str
    unit: Unit
    edition: str
    permitted: bool
    """Whatever the handling code: the provider permits it."""
    handling_code: str


def given(series: Collection[str] | None = None) -> list[Given]:
    """Who was given what; also units that see all of an edition's series. Three queries."""
    today = timezone.now().date()
    is_open = Q(edition__opens__lte=today, edition__closes__gte=today, edition__closed_at__isnull=True)
    placed = Placed.objects.filter(is_open).select_related("edition")
    if series is not None:
        placed = placed.filter(series__in=list(series))
    found: dict[tuple[int, int], Given] = {}
    here = {one.id: one for one in placed}
    parts: dict[int, dict[int, Unit]] = defaultdict(dict)
    for part in TakesPart.objects.filter(is_open).select_related("unit"):
        parts[part.edition_id][part.unit_id] = part.unit
    assigned = Assignment.objects.filter(placed__in=placed)
    for one in assigned.order_by("permitted"):
        at, unit = here[one.placed_id], parts[here[one.placed_id].edition_id].get(one.unit_id)
        if unit is not None and (one.permitted or at.handling_code in SHARED_CODES):
            found[at.id, unit.id] = Given(at.series, unit, at.edition.name, one.permitted, at.handling_code)
    for at in here.values():
        if at.edition.all_series_to_all and at.handling_code in SHARED_CODES:
            for unit in parts[at.edition_id].values():
                made = Given(
                    at.series, unit, at.edition.name, permitted=False, handling_code=at.handling_code
                )
                found.setdefault((at.id, unit.id), made)
    return sorted(found.values(), key=lambda one: (str(one.unit), one.series))


def units_given() -> dict[str, tuple[Unit, ...]]:
    """The units of `given`, by series and each once, in the order of their names. Three queries.

    Made for every page of the board: a few columns are read, and series that all units of an edition see
    share one tuple.
    """
    today = timezone.now().date()
    is_open = Q(edition__opens__lte=today, edition__closes__gte=today, edition__closed_at__isnull=True)
    parts: dict[int, dict[int, Unit]] = defaultdict(dict)
    for part in TakesPart.objects.filter(is_open).select_related("unit"):
        parts[part.edition_id][part.unit_id] = part.unit
    assigned: dict[int, set[int]] = defaultdict(set)
    open_now = Placed.objects.filter(is_open)
    rows = Assignment.objects.filter(placed__in=open_now).values_list("placed_id", "unit_id", "permitted")
    shared = set(open_now.filter(handling_code__in=SHARED_CODES).values_list("id", flat=True))
    for placed_id, unit_id, permitted in rows:
        if permitted or placed_id in shared:
            assigned[placed_id].add(unit_id)
    found: dict[str, dict[int, Unit]] = {}
    columns = ("id", "series", "edition_id", "edition__all_series_to_all")
    for id_, series, edition, to_all in open_now.values_list(*columns):
        here = parts[edition]
        units = here if to_all and id_ in shared else {one: here[one] for one in assigned[id_] if one in here}
        found[series] = found[series] | units if series in found else units
    sorted_units = {id(units): _by_name(units.values()) for units in found.values()}
    return {series: sorted_units[id(units)] for series, units in found.items() if units}


def _by_name(units: Iterable[Unit]) -> tuple[Unit, ...]:
    return tuple(sorted(units, key=str))


def codes(series: Collection[str]) -> dict[str, str]:
    """The highest handling code of these series in each open edition, by its name."""
    today = timezone.now().date()
    placed = Placed.objects.filter(
        edition__opens__lte=today,
        edition__closes__gte=today,
        edition__closed_at__isnull=True,
        series__in=list(series),
    )
    highest: dict[str, str] = {}
    for name, code in placed.values_list("edition__name", "handling_code"):
        highest[name] = max(code, highest.get(name, ""))
    return highest


def edition_of_series(series: Iterable[str]) -> Edition | None:
    """The open edition in which one of the series lies; one that wants another unit's eyes comes first."""
    today = timezone.now().date()
    lie = Edition.objects.filter(
        opens__lte=today, closes__gte=today, closed_at__isnull=True, placed__series__in=list(series)
    )
    return lie.order_by("-other_unit_confirms", "id").first()
