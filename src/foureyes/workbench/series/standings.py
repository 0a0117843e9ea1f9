"""Reads of where one series stands, for the panel of its page. The viewer comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404

from foureyes.workbench.access.rules import Action, SeriesAsked, may, require
from foureyes.workbench.access.units import given
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.editions.queries import of_series
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series import reaching
from foureyes.workbench.series.models import Standing, State
from foureyes.workbench.series.standing import IDENTIFIED_FROM, TRANSITIONS, standing_of

PROPOSALS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class StandingPage:
    """Where one series stands, and what the viewer may do about it."""

    standing: Standing
    ways: Sequence[tuple[str, str]]
    """States to which a step leads now: value and label."""
    may_identify: bool
    decides: bool
    units: Sequence[str]
    proposals: Sequence[Proposal]


def standing(viewer: object, series_id: str) -> StandingPage:
    """Where a series stands.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    require(viewer, Action.VIEW, SeriesAsked(series_id))
    if catalogue().series_summary(series_id) is None:
        raise Http404
    now = standing_of(series_id)
    decides = may(viewer, Action.DECIDE, SeriesAsked(series_id))
    ways = [(one.value, str(one.label)) for one in State if one in TRANSITIONS[now.state]]
    return StandingPage(
        standing=now,
        ways=ways if decides else (),
        may_identify=decides and now.state in IDENTIFIED_FROM,
        decides=decides,
        units=list(dict.fromkeys(str(one.unit) for one in given([series_id]))),
        proposals=of_series(viewer, series_id)[:PROPOSALS_SHOWN],
    )


def merge_told(viewer: object, series_id: str, other: str) -> Sequence[str]:
    """What a merge would do to who sees what; nothing where no other series is named yet.

    Raises:
        django.http.Http404: one of them is not there, or not for this viewer.
    """
    require(viewer, Action.DECIDE, SeriesAsked(series_id))
    if not other:
        return ()
    require(viewer, Action.DECIDE, SeriesAsked(other))
    a, b = catalogue().series_summary(series_id), catalogue().series_summary(other)
    if a is None or b is None:
        raise Http404
    return reaching.told_of_merge(a, b)
