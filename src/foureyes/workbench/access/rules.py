"""The rule of need to know, in one function: `may`. Views ask `require`, lists ask `scope_of`.

Officers of the unit that holds the workspace see all of it. Officers of other units see the series that
were assigned to their unit, what hash lists that may be shared say of those, and nothing that is about the
workspace as a whole. Editions, roles and
handling codes will narrow this here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.http import Http404

from foureyes.workbench.access.models import Assignment
from foureyes.workbench.accounts.models import Officer


class Action(StrEnum):
    """What an officer may be allowed to do."""

    VIEW = "view"
    """Facts, previews, links."""
    REVEAL = "reveal"
    """A sharp thumbnail."""
    NAME = "name"
    DECIDE = "decide"


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


Asked = SeriesAsked | MediaAsked | HoldingsAsked | ListAsked
SHARED_CODES = frozenset({"H0", "H1"})
"""Handling codes whose information goes to other units without asking who sent it; H2 and H3 do not."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one officer sees: everything, or the series that are named."""

    everything: bool
    series: frozenset[str] = frozenset()

    def covers(self, asked: Asked) -> bool:
        """Whether the thing lies within the scope."""
        if self.everything:
            return True
        if isinstance(asked, SeriesAsked):
            return asked.id in self.series
        if isinstance(asked, MediaAsked):
            return not self.series.isdisjoint(asked.series)
        return isinstance(asked, ListAsked) and bool(self.series) and asked.handling_code in SHARED_CODES

    def covers_series(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that lie within the scope, in their order."""
        return [id_ for id_ in ids if self.everything or id_ in self.series]


NOTHING = Scope(everything=False)


def scope_of(viewer: object) -> Scope:
    """What the viewer sees; nothing for whoever is no active officer. One query at most."""
    if not isinstance(viewer, Officer) or not viewer.is_active:
        return NOTHING
    if viewer.unit.holds_workspace:
        return Scope(everything=True)
    series = Assignment.objects.filter(unit=viewer.unit).values_list("series", flat=True)
    return Scope(everything=False, series=frozenset(series))


def may(viewer: object, action: Action, asked: Asked) -> bool:
    """Whether the viewer may do this to that."""
    del action  # every officer may do all four with what they see, until roles come (issue 4)
    return scope_of(viewer).covers(asked)


def require(viewer: object, action: Action, asked: Asked) -> Officer:
    """The viewer as an officer who may.

    Raises:
        django.http.Http404: they may not; the page looks as if the thing did not exist.
    """
    if not isinstance(viewer, Officer) or not may(viewer, action, asked):
        raise Http404
    return viewer
