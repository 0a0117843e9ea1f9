"""What coordinators do: editions, units and seats, series placed and assigned. Every step is recorded.

Series are reached by their ids; whether one exists is asked by who calls (`series.board_actions`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.models import Assignment, Edition, HandlingCode, Placed, Seat, TakesPart
from foureyes.workbench.access.rules import Action, SeriesAsked, require_ever, scope_of
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.audit.actions import Did, append, append_many
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.editions.forms import EditionForm
from foureyes.workbench.live.actions import What, announce

AT_MOST = 5_000
"""Series of one bulk action."""
NUMBER = re.compile(r"[0-9]{1,18}")


def save_edition(viewer: object, form: EditionForm) -> Edition:
    """Make or change the edition of a valid form.

    Raises:
        django.http.Http404: the viewer does not coordinate.
        NotDone: a series in it lies below the new floor.
    """
    officer = require_ever(viewer, Action.COORDINATE)
    edition = form.instance
    new = edition.pk is None
    if new:
        edition.made_by = officer
    elif edition.placed.filter(handling_code__lt=edition.handling_code).exists():
        raise NotDone(
            _("Some series in it have a lower handling code: raise theirs first. Nothing was changed.")
        )
    with transaction.atomic():
        form.save()
        detail = {name: str(form.cleaned_data[name]) for name in form.changed_data}
        append(officer, Did.EDITION_MADE if new else Did.EDITION_CHANGED, _thing(edition), detail)
    return edition


def close(viewer: object, number: int) -> Edition:
    """Close an edition before its last day: from now on nobody sees anything by it.

    Raises:
        django.http.Http404: not there, or the viewer does not coordinate.
    """
    return _closing(viewer, number, to_close=True)


def reopen(viewer: object, number: int) -> Edition:
    """Open a closed edition again, within its days.

    Raises:
        django.http.Http404: not there, or the viewer does not coordinate.
    """
    return _closing(viewer, number, to_close=False)


def add_unit(viewer: object, number: int, untrusted_unit: str) -> Unit:
    """Let a unit take part.

    Raises:
        django.http.Http404: edition or unit is not there, or the viewer does not coordinate.
    """
    officer, edition = _edition(viewer, number)
    unit = _unit(untrusted_unit)
    with transaction.atomic():
        if TakesPart.objects.get_or_create(edition=edition, unit=unit)[1]:
            append(officer, Did.UNIT_JOINED, _thing(edition), {"unit": str(unit)})
    return unit


def remove_unit(viewer: object, number: int, untrusted_unit: str) -> Unit:
    """Take a unit out: its seats and assignments in the edition end.

    Raises:
        django.http.Http404: edition or unit is not there, or the viewer does not coordinate.
    """
    officer, edition = _edition(viewer, number)
    unit = _unit(untrusted_unit)
    with transaction.atomic():
        given = Assignment.objects.filter(placed__edition=edition, unit=unit).select_related(
            "placed__edition", "officer", "unit"
        )
        _end(officer, given)
        seats = Seat.objects.filter(edition=edition, officer__unit=unit)
        seated = list(seats.values_list("officer__username", flat=True))
        seats.delete()
        if TakesPart.objects.filter(edition=edition, unit=unit).delete()[0]:
            append(officer, Did.UNIT_LEFT, _thing(edition), {"unit": str(unit), "officers": seated})
    return unit


def set_seats(viewer: object, number: int, untrusted_unit: str, untrusted_officers: Collection[str]) -> int:
    """Say which officers of a unit have a seat; gives how many have one now.

    Raises:
        django.http.Http404: edition or unit is not there, or the viewer does not coordinate.
        NotDone: the unit does not take part.
    """
    officer, edition = _edition(viewer, number)
    unit = _unit(untrusted_unit)
    if not TakesPart.objects.filter(edition=edition, unit=unit).exists():
        raise NotDone(_("%(unit)s does not take part in this edition. Nothing was changed.") % {"unit": unit})
    wanted = {
        one.id: one for one in unit.officers.filter(is_active=True) if str(one.id) in untrusted_officers
    }
    with transaction.atomic():
        held = {
            one.officer_id: one for one in edition.seats.filter(officer__unit=unit).select_related("officer")
        }
        for number_, seat in held.items():
            if number_ not in wanted:
                seat.delete()
                append(officer, Did.SEAT_REMOVED, _thing(edition), {"officer": seat.officer.username})
        for number_, one in wanted.items():
            if number_ not in held:
                Seat.objects.create(edition=edition, officer=one)
                append(officer, Did.SEATED, _thing(edition), {"officer": one.username})
    return len(wanted)


def place(viewer: object, number: int, series: Sequence[str], code: str) -> list[int]:
    """Prepare series for an edition; those that lie in it already keep their code. Gives the new rows' ids.

    Raises:
        django.http.Http404: an edition or series is not there for this viewer.
        NotDone: the code is unknown or below the floor, or these are too many at once.
    """
    officer, edition = _edition(viewer, number)
    _require_all(viewer, series)
    if code not in HandlingCode.values:
        raise NotDone(_("Choose a handling code. Nothing was changed."))
    if code < edition.handling_code:
        raise NotDone(
            _("No series of this edition has a handling code below %(floor)s. Nothing was changed.")
            % {"floor": edition.handling_code}
        )
    with transaction.atomic():
        there = set(edition.placed.filter(series__in=series).values_list("series", flat=True))
        new = [one for one in dict.fromkeys(series) if one not in there]
        made = Placed.objects.bulk_create(
            Placed(edition=edition, series=one, handling_code=code, placed_by=officer) for one in new
        )
        append_many(
            officer, Did.PLACED, [(f"series:{one}", {"edition": edition.name, "code": code}) for one in new]
        )
        _announce(officer, new)
    return [one.id for one in made]


def unplace(viewer: object, placed_ids: Sequence[int]) -> int:
    """Take series out of their edition, with what was assigned of them there.

    Raises:
        django.http.Http404: the viewer does not coordinate.
    """
    officer = require_ever(viewer, Action.COORDINATE)
    with transaction.atomic():
        placed = list(Placed.objects.filter(id__in=placed_ids).select_related("edition"))
        _end(
            officer,
            Assignment.objects.filter(placed__in=placed).select_related("placed__edition", "officer", "unit"),
        )
        Placed.objects.filter(id__in=[one.id for one in placed]).delete()
        gone = [(f"series:{one.series}", {"edition": one.edition.name}) for one in placed]
        append_many(officer, Did.PLACE_REMOVED, gone)
        _announce(officer, [one.series for one in placed])
    return len(placed)


def assign(
    viewer: object, number: int, series: Sequence[str], untrusted_whom: str, *, permitted: bool = False
) -> list[int]:
    """Give placed series to a unit (`unit:3`) or an officer (`officer:7`). Gives the new rows' ids.

    Raises:
        django.http.Http404: an edition, series, unit or officer is not there for this viewer.
        NotDone: one of the series does not lie in the edition, or who gets them takes no part.
    """
    officer, edition = _edition(viewer, number)
    _require_all(viewer, series)
    unit, whom = _whom(edition, untrusted_whom)
    placed = {one.series: one for one in edition.placed.filter(series__in=series)}
    missing = [one for one in series if one not in placed]
    if missing:
        raise NotDone(
            _("%(count)d of these do not lie in %(edition)s: place them first. Nothing was changed.")
            % {"count": len(missing), "edition": edition.name}
        )
    with transaction.atomic():
        made = []
        for one in placed.values():
            given, new = Assignment.objects.get_or_create(
                placed=one, unit=unit, officer=whom, defaults={"given_by": officer, "permitted": permitted}
            )
            if new:
                made.append(given)
        to = f"officer:{whom.username}" if whom else f"unit:{unit}"
        detail = {"edition": edition.name, "to": to, "permitted": "yes" if permitted else "no"}
        append_many(officer, Did.ASSIGNED, [(f"series:{one.placed.series}", detail) for one in made])
        _announce(officer, [one.placed.series for one in made])
    return [one.id for one in made]


def unassign(viewer: object, assignment_ids: Sequence[int]) -> int:
    """End assignments.

    Raises:
        django.http.Http404: the viewer does not coordinate.
    """
    officer = require_ever(viewer, Action.COORDINATE)
    with transaction.atomic():
        return _end(
            officer,
            Assignment.objects.filter(id__in=assignment_ids).select_related(
                "placed__edition", "officer", "unit"
            ),
        )


def _end(officer: Officer, assignments: Iterable[Assignment]) -> int:
    ended = list(assignments)
    told = []
    for one in ended:
        to = f"officer:{one.officer.username}" if one.officer else f"unit:{one.unit}"
        told.append((f"series:{one.placed.series}", {"edition": one.placed.edition.name, "to": to}))
    Assignment.objects.filter(id__in=[one.id for one in ended]).delete()
    append_many(officer, Did.ASSIGNMENT_REMOVED, told)
    _announce(officer, [one.placed.series for one in ended])
    return len(ended)


def _announce(officer: Officer, series: Sequence[str]) -> None:
    for one in dict.fromkeys(series):
        announce(officer, What.ASSIGNMENT, one, f"series:{one}")


def _closing(viewer: object, number: int, *, to_close: bool) -> Edition:
    officer, edition = _edition(viewer, number)
    with transaction.atomic():
        if (edition.closed_at is None) == to_close:
            edition.closed_at = timezone.now() if to_close else None
            edition.save(update_fields=["closed_at"])
            append(officer, Did.EDITION_CLOSED if to_close else Did.EDITION_REOPENED, _thing(edition))
            announce(officer, What.ASSIGNMENT, thing=_thing(edition))
    return edition


def _edition(viewer: object, number: int) -> tuple[Officer, Edition]:
    officer = require_ever(viewer, Action.COORDINATE)
    edition = Edition.objects.filter(id=number).first()
    if edition is None:
        raise Http404
    return officer, edition


def _unit(untrusted_unit: str) -> Unit:
    unit = Unit.objects.filter(id=untrusted_unit).first() if NUMBER.fullmatch(untrusted_unit) else None
    if unit is None:
        raise Http404
    return unit


def _whom(edition: Edition, untrusted_whom: str) -> tuple[Unit, Officer | None]:
    kind, _colon, number = untrusted_whom.partition(":")
    if kind == "unit" and NUMBER.fullmatch(number):
        part = edition.units.filter(unit_id=int(number)).select_related("unit").first()
        if part is not None:
            return part.unit, None
    if kind == "officer" and NUMBER.fullmatch(number):
        seat = edition.seats.filter(officer_id=int(number)).select_related("officer__unit").first()
        if seat is not None and edition.units.filter(unit=seat.officer.unit).exists():
            return seat.officer.unit, seat.officer
    raise NotDone(_("Choose a unit or an officer who takes part in the edition. Nothing was changed."))


def _require_all(viewer: object, series: Sequence[str]) -> None:
    if not series:
        raise NotDone(_("Choose at least one series. Nothing was changed."))
    if len(series) > AT_MOST:
        raise NotDone(_("At most %(most)d series at once. Nothing was changed.") % {"most": AT_MOST})
    scope = scope_of(viewer)
    if not all(scope.covers(SeriesAsked(one)) for one in series):
        raise Http404


def _thing(edition: Edition) -> str:
    return f"edition:{edition.pk}"
