"""Fetches series and decisions for a viewer who may; everyone else gets what a missing one gives: 404."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404

from foureyes.engine.model import Decision, Series
from foureyes.workbench.access.rules import Action, Scope, SeriesAsked, may, require, scope_of
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import held_series, in_sight
from foureyes.workbench.series import handing


def is_visible(viewer: object, series_id: str) -> bool:
    """Whether the series is there now, and for this viewer."""
    return (
        may(viewer, Action.VIEW, SeriesAsked(series_id)) and catalogue().series_summary(series_id) is not None
    )


def moved_to(viewer: object, series_id: str) -> str | None:
    """Where a series went that was merged into another: its id now, for a viewer who sees that one."""
    now = catalogue().current_id(series_id)
    return now if now != series_id and is_visible(viewer, now) else None


def series_for(viewer: object, action: Action, series_id: str) -> Series:
    """One series, for a viewer who may, without what is set aside.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    require(viewer, action, SeriesAsked(series_id))
    series = held_series(series_id)
    if series is None:
        raise Http404
    return in_sight(series)


def decisions_for(viewer: object) -> list[Decision]:
    """All decisions on series that the viewer sees, withdrawn ones too, newest first."""
    scope = scope_of(viewer)
    every = handing.recorded(catalogue().decisions(active_only=False))
    return sorted((one for one in every if _covers(scope, one)), key=lambda one: -one.id)


def decision_for(viewer: object, number: int) -> Decision:
    """One decision, for a viewer who may decide about every series that it names.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    for one in decisions_for(viewer):
        if one.id == number:
            return one
    raise Http404


def decisions_about(series: Series, every: Iterable[Decision]) -> list[Decision]:
    """Those decisions that name the series, one of its members, or members it was ruled relative to."""
    members, every = set(series.members), list(every)
    # Decisions on one series share what they are relative to: it is compared once for all of them.
    distinct = {id(one.anchors): one.anchors for one in every}
    touching = {key for key, anchors in distinct.items() if not members.isdisjoint(anchors)}
    return [
        one
        for one in every
        if series.id in one.series or id(one.anchors) in touching or not members.isdisjoint(one.media)
    ]


def _covers(scope: Scope, decision: Decision) -> bool:
    named = [SeriesAsked(series_id) for series_id in decision.series]
    return scope.everything or (bool(named) and all(scope.covers(one) for one in named))
