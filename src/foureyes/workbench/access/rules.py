"""The rule of need to know, in one function: `may`. Views ask `require`, lists ask `scope_of`.

Officers of the unit that holds the workspace see all of it. Officers of other units see series of editions
that are open today, in which their unit takes part and they have a seat, that were assigned to their unit or
to them (or are open to all of the edition) and whose handling code allows it; what hash lists that may be
shared say of those; and nothing that is about the workspace as a whole. Administrators and oversight see no
media at all. What an officer may do with what they see follows from their roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings
from django.db.models import Q, prefetch_related_objects
from django.http import Http404
from django.utils import timezone

from foureyes.workbench.access.models import Assignment, Edition, Placed
from foureyes.workbench.accounts.models import Officer, Role


class Action(StrEnum):
    """What an officer may be allowed to do."""

    VIEW = "view"
    """Facts, previews, links."""
    REVEAL = "reveal"
    """A sharp thumbnail."""
    NAME = "name"
    DECIDE = "decide"
    FIND = "find"
    """Regions, clues, notes, tasks, assessments."""
    CONFIRM = "confirm"
    """Be the second pair of eyes on what another officer proposed."""
    COORDINATE = "coordinate"
    """Editions, seats, placing and assigning series, load of units."""
    EXPORT = "export"
    READ_RECORD = "read-record"
    """Everybody's entries of the record. One's own need no right."""
    ADMINISTER = "administer"
    """Units, officers, roles, second factors, tokens."""


WORK = frozenset({Action.VIEW, Action.REVEAL, Action.NAME, Action.DECIDE, Action.FIND, Action.CONFIRM})
LOOK = frozenset({Action.VIEW, Action.REVEAL, Action.FIND})
ROLES_MAY: dict[str, frozenset[Action]] = {
    Role.EXPERT: WORK,
    Role.COORDINATOR: WORK | {Action.COORDINATE},
    Role.EXCHANGE: WORK | {Action.EXPORT},
    Role.APPEAL: WORK,
    Role.TRAINER: WORK,
    Role.TRAINEE: LOOK,
    Role.OVERSIGHT: frozenset({Action.READ_RECORD}),
    Role.ADMINISTRATOR: frozenset({Action.ADMINISTER}),
}
"""What each role adds. An officer may have several."""
NO_MEDIA = frozenset({Role.OVERSIGHT, Role.ADMINISTRATOR})
"""Who has one of these sees no media, whatever other roles they have."""


@dataclass(frozen=True, slots=True)
class SeriesAsked:
    """One series of the workspace."""

    id: str


@dataclass(frozen=True, slots=True)
class MediaAsked:
    """One media, with the ids of the series that hold it (the engine says which)."""

    sha256: str
    series: frozenset[str]


@dataclass(frozen=True, slots=True)
class HoldingsAsked:
    """The workspace as a whole: sources, counts, faults, decisions on any series."""


@dataclass(frozen=True, slots=True)
class ListAsked:
    """What a hash list says of media that the viewer sees anyway."""

    handling_code: str


@dataclass(frozen=True, slots=True)
class FindingAsked:
    """What officers wrote about a series or a media, under a handling code."""

    about: SeriesAsked | MediaAsked
    handling_code: str
    units: frozenset[int]
    """Ids of the units that provide it: whose officer wrote it, and what it answers or is about."""


Asked = SeriesAsked | MediaAsked | HoldingsAsked | ListAsked | FindingAsked
SHARED_CODES = frozenset({"H0", "H1"})
"""Handling codes whose information goes to other units without asking who sent it; H2 and H3 do not."""
SOFT_SHARE = 0.4
"""Of the hard cap: from here a break is proposed where no edition says otherwise."""
BREAK_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """What one officer sees: everything, or the series that are named."""

    everything: bool
    series: frozenset[str] = frozenset()
    unit: int = 0
    """Id of the viewer's unit: its own findings are kept from it by no code."""
    permitted: frozenset[str] = frozenset()
    """Series whose information of every code the viewer may read: the provider permits it."""

    def covers(self, asked: Asked) -> bool:
        """Whether the thing lies within the scope."""
        if isinstance(asked, FindingAsked):
            return self.covers(asked.about) and self._may_read(asked)
        if self.everything:
            return True
        if isinstance(asked, SeriesAsked):
            return asked.id in self.series
        if isinstance(asked, MediaAsked):
            return not self.series.isdisjoint(asked.series)
        return isinstance(asked, ListAsked) and bool(self.series) and asked.handling_code in SHARED_CODES

    def _may_read(self, asked: FindingAsked) -> bool:
        about = asked.about
        ids = frozenset((about.id,)) if isinstance(about, SeriesAsked) else about.series
        shared = asked.handling_code in SHARED_CODES
        return shared or self.unit in asked.units or not self.permitted.isdisjoint(ids)

    def covers_series(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that lie within the scope, in their order."""
        return [id_ for id_ in ids if self.everything or id_ in self.series]


NOTHING = Scope(everything=False)


_remembered: ContextVar[dict[int, Scope] | None] = ContextVar("scopes of this request", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Work a viewer's scope out once within: a page asks for it five times. Changes of rights forget it."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def forget_remembered() -> None:
    """Work scopes out anew: what they follow from was changed."""
    if (kept := _remembered.get()) is not None:
        kept.clear()


def scope_of(viewer: object) -> Scope:
    """What the viewer sees; nothing for whoever is no active officer. Four queries at most."""
    if not isinstance(viewer, Officer) or not viewer.is_active:
        return NOTHING
    kept = _remembered.get()
    if kept is None:
        return _scope_of(viewer)
    if viewer.pk not in kept:
        kept[viewer.pk] = _scope_of(viewer)
    return kept[viewer.pk]


def _scope_of(viewer: Officer) -> Scope:
    roles = viewer.roles
    if not roles or not NO_MEDIA.isdisjoint(roles):
        return NOTHING
    if _holds(viewer):
        return Scope(everything=True, unit=viewer.unit_id)
    return Scope(everything=False, series=frozenset(_given(viewer)), unit=viewer.unit_id)


def scope_of_findings(viewer: object) -> Scope:
    """As `scope_of`, with the series whose information of every code the viewer may read."""
    scope = scope_of(viewer)
    if not isinstance(viewer, Officer) or scope == NOTHING:
        return NOTHING
    permits = Assignment.objects.filter(
        _to(viewer), permitted=True, placed__edition__in=open_editions(viewer)
    )
    permitted = frozenset(permits.values_list("placed__series", flat=True))
    return replace(scope, permitted=permitted if scope.everything else permitted & scope.series)


def may(viewer: object, action: Action, asked: Asked) -> bool:
    """Whether the viewer may do this to that."""
    scope = scope_of_findings if isinstance(asked, FindingAsked) else scope_of
    return may_ever(viewer, action) and scope(viewer).covers(asked)


def audience(asked: FindingAsked, officers: Iterable[Officer]) -> list[Officer]:
    """Those of the officers who may read a finding, in their order: as `may` says of each, in few queries."""
    every = list(officers)
    prefetch_related_objects(every, "roles_held", "unit")
    for one in every:
        one.roles = frozenset(held.role for held in one.roles_held.all())
    ids = {asked.about.id} if isinstance(asked.about, SeriesAsked) else set(asked.about.series)
    today = timezone.now().date()
    held_now = Edition.objects.filter(opens__lte=today, closes__gte=today, closed_at__isnull=True)
    candidates = [one for one in every if one.is_active and one.roles and NO_MEDIA.isdisjoint(one.roles)]
    placed = list(
        Placed.objects.filter(series__in=ids, edition__in=held_now)
        .select_related("edition")
        .prefetch_related("assignments", "edition__seats", "edition__units")
    )
    seeing = [one for one in candidates if _holds(one) or any(_is_given(one, at) for at in placed)]
    if asked.handling_code in SHARED_CODES:
        return seeing
    return [
        one for one in seeing if one.unit_id in asked.units or any(_is_permitted(one, at) for at in placed)
    ]


def _holds(officer: Officer) -> bool:
    return officer.unit.holds_workspace and officer.roles != {Role.TRAINEE}


def _is_given(officer: Officer, placed: Placed) -> bool:
    """Whether a series of an open edition was given to the officer: `_given` for one officer and one row."""
    if not _takes_part(officer, placed.edition):
        return False
    shared = placed.handling_code in SHARED_CODES
    if placed.edition.all_series_to_all and shared and officer.roles != {Role.TRAINEE}:
        return True
    return any(one.permitted or shared for one in _assigned(officer, placed))


def _is_permitted(officer: Officer, placed: Placed) -> bool:
    return _takes_part(officer, placed.edition) and any(one.permitted for one in _assigned(officer, placed))


def _takes_part(officer: Officer, edition: Edition) -> bool:
    seated = any(seat.officer_id == officer.pk for seat in edition.seats.all())
    return seated and any(part.unit_id == officer.unit_id for part in edition.units.all())


def _assigned(officer: Officer, placed: Placed) -> list[Assignment]:
    """As `_to` selects, of one row."""
    return [
        one
        for one in placed.assignments.all()
        if one.officer_id == officer.pk or (one.officer_id is None and one.unit_id == officer.unit_id)
    ]


def may_ever(viewer: object, action: Action) -> bool:
    """Whether the viewer's roles allow this at all, to whatever they see."""
    if not isinstance(viewer, Officer) or not viewer.is_active:
        return False
    roles = viewer.roles
    if action in WORK and not NO_MEDIA.isdisjoint(roles):
        return False
    if action is Action.COORDINATE and not viewer.unit.holds_workspace:
        return False  # who is given what is said by the unit whose material it is
    return any(action in ROLES_MAY[role] for role in roles)


class Refused(Http404):
    """The officer may not. Nobody is told: `oversight` records it, the page looks as if nothing existed."""

    def __init__(self, officer: Officer, action: Action, asked: Asked | None = None) -> None:
        super().__init__()
        self.officer, self.action, self.asked = officer, action, asked


def require(viewer: object, action: Action, asked: Asked) -> Officer:
    """The viewer as an officer who may.

    Raises:
        django.http.Http404: they may not (`Refused`); the page looks as if the thing did not exist.
    """
    if not isinstance(viewer, Officer):
        raise Http404
    if not may(viewer, action, asked):
        raise Refused(viewer, action, asked)
    return viewer


def require_ever(viewer: object, action: Action) -> Officer:
    """The viewer as an officer whose roles allow this: for what is of no one series (editions, the record).

    Raises:
        django.http.Http404: they do not.
    """
    if not isinstance(viewer, Officer):
        raise Http404
    if not may_ever(viewer, action):
        raise Refused(viewer, action)
    return viewer


def open_editions(viewer: Officer) -> set[int]:
    """Ids of the editions that are open today and in which the officer has a seat and the unit takes part."""
    return set(Edition.objects.filter(_open_to(viewer)).values_list("id", flat=True))


@dataclass(frozen=True, slots=True)
class Caps:
    """Reveals that one officer has in a day (UTC)."""

    soft: int
    """From here a break is proposed."""
    hard: int
    """Beyond this nothing sharp is shown."""
    break_minutes: int


def caps_of(officer: Officer) -> Caps:
    """The strictest of the setting and the open editions in which the officer has a seat. One query."""
    hard = int(settings.FOUREYES_REVEALS_A_DAY)
    caps = [Caps(int(hard * SOFT_SHARE), hard, BREAK_MINUTES)]
    caps += [
        Caps(one.reveals_soft, one.reveals_hard, one.break_minutes)
        for one in Edition.objects.filter(_open_to(officer)).distinct()
    ]
    return Caps(
        soft=min(one.soft for one in caps),
        hard=min(one.hard for one in caps),
        break_minutes=max(one.break_minutes for one in (caps[1:] or caps)),
    )


def _open_to(viewer: Officer) -> Q:
    """Editions that are open today, in which the officer has a seat and the unit takes part."""
    today = timezone.now().date()
    return Q(
        opens__lte=today,
        closes__gte=today,
        closed_at__isnull=True,
        seats__officer=viewer,
        units__unit=viewer.unit,
    )


def _to(viewer: Officer) -> Q:
    return Q(unit=viewer.unit, officer__isnull=True) | Q(officer=viewer)


def _given(viewer: Officer) -> set[str]:
    """Series of open editions that the officer's unit, or the officer, was given, as far as codes allow."""
    editions = open_editions(viewer)
    if not editions:
        return set()
    allowed = Q(permitted=True) | Q(placed__handling_code__in=SHARED_CODES)
    assigned = Assignment.objects.filter(_to(viewer), allowed, placed__edition__in=editions)
    given = set(assigned.values_list("placed__series", flat=True))
    if viewer.roles == {Role.TRAINEE}:
        return given
    open_to_all = Placed.objects.filter(
        edition__in=editions, edition__all_series_to_all=True, handling_code__in=SHARED_CODES
    )
    return given | set(open_to_all.values_list("series", flat=True))
