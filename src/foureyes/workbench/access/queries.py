"""Reads for administrators: units, their officers, and what each may. Never anything of a series."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone

from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer, Role, Unit
from foureyes.workbench.accounts.queries import without_factor


@dataclass(frozen=True, slots=True)
class Person:
    """One officer, as administrators see them."""

    officer: Officer
    roles: list[str]
    """In words."""
    has_factor: bool
    is_locked: bool


@dataclass(frozen=True, slots=True)
class UnitOfPeople:
    """A unit and its officers."""

    unit: Unit
    people: list[Person]


def people(viewer: object) -> list[UnitOfPeople]:
    """Every unit with its officers. Four queries, however many there are.

    Raises:
        django.http.Http404: the viewer is no administrator.
    """
    require_ever(viewer, Action.ADMINISTER)
    officers = list(
        Officer.objects.select_related("unit").prefetch_related("roles_held").order_by("username")
    )
    lacking = without_factor(officers)
    units = Unit.objects.order_by("-holds_workspace", "country", "agency")
    return [
        UnitOfPeople(unit, [_person(one, lacking) for one in officers if one.unit_id == unit.pk])
        for unit in units
    ]


def person(viewer: object, username: str) -> Person:
    """One officer.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
    """
    require_ever(viewer, Action.ADMINISTER)
    officer = Officer.objects.select_related("unit").filter(username=username).first()
    if officer is None:
        raise Http404
    return _person(officer, without_factor([officer]))


def units(viewer: object) -> list[Unit]:
    """Every unit.

    Raises:
        django.http.Http404: the viewer is no administrator.
    """
    require_ever(viewer, Action.ADMINISTER)
    return list(Unit.objects.order_by("-holds_workspace", "country", "agency"))


def unit(viewer: object, number: int) -> Unit:
    """One unit.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such unit.
    """
    require_ever(viewer, Action.ADMINISTER)
    found = Unit.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _person(officer: Officer, lacking: set[int]) -> Person:
    held = {one.role for one in officer.roles_held.all()}
    locked = officer.locked_until is not None and officer.locked_until > timezone.now()
    words = [str(role.label) for role in Role if role.value in held]
    return Person(officer, words, officer.pk not in lacking, locked)
