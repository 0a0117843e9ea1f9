"""Reads of proposals. The viewer comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404

from foureyes.workbench.access.rules import Action, HoldingsAsked, Scope, SeriesAsked, may, may_ever, scope_of
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.effects import TOLD, names_of
from foureyes.workbench.editions.models import Proposal

ANSWERED_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as one viewer sees it."""

    proposal: Proposal
    names: Mapping[str, str]
    """Names of the series concerned, by id."""
    own: bool
    may_confirm: bool
    may_refuse: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """The page of what waits for a second pair of eyes."""

    for_viewer: Sequence[Shown]
    own: Sequence[Shown]
    """The viewer's own that wait for somebody else."""
    of_unit: Sequence[Shown]
    """Those that another unit must confirm."""
    answered: Sequence[Shown]
    exports: bool
    """The viewer may propose an export."""


def waiting(viewer: object) -> Waiting:
    """What waits for a second pair of eyes, and what was answered lately; only what the viewer sees."""
    officer = _officer(viewer)
    scope = scope_of(officer)
    every = [one for one in _proposals().filter(state=Proposal.State.OPEN) if sees(scope, one)]
    answered: list[Proposal] = []
    for one in _proposals().exclude(state=Proposal.State.OPEN).order_by("-answered_at")[:500]:
        if sees(scope, one) and len(answered) < ANSWERED_SHOWN:
            answered.append(one)
    shown = _shown(officer, every)
    return Waiting(
        for_viewer=[one for one in shown if one.may_confirm],
        own=[one for one in shown if one.own],
        of_unit=[one for one in shown if not one.own and not one.may_confirm],
        answered=_shown(officer, answered),
        exports=may(officer, Action.EXPORT, HoldingsAsked()),
    )


def waiting_count(viewer: object) -> int:
    """How many proposals the viewer may confirm."""
    if not isinstance(viewer, Officer) or not may_ever(viewer, Action.CONFIRM):
        return 0
    return len(open_for(viewer))


def open_for(viewer: object) -> list[Proposal]:
    """Open proposals that the viewer may confirm."""
    if not isinstance(viewer, Officer) or not may_ever(viewer, Action.CONFIRM):
        return []
    found = Proposal.objects.filter(state=Proposal.State.OPEN).exclude(proposer=viewer)
    asked = list(found.exclude(other_unit=True, proposer_unit=viewer.unit).order_by("id"))
    if not asked:
        return []
    scope = scope_of(viewer)
    return [one for one in asked if sees(scope, one)]


def of_series(viewer: object, series: str) -> list[Proposal]:
    """Proposals about a series, the newest first: those of which the viewer sees all that they concern."""
    scope = scope_of(viewer)
    return [one for one in _proposals().filter(series=series).order_by("-id") if sees(scope, one)]


def proposal_for(viewer: object, number: int) -> tuple[Shown, Sequence[str]]:
    """One proposal, and what would happen in words.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    officer = _officer(viewer)
    proposal = _proposals().filter(id=number).first()
    if proposal is None or not sees(scope_of(officer), proposal):
        raise Http404
    tell = TOLD.get(proposal.kind)
    return _shown(officer, [proposal])[0], tell(officer, proposal) if tell else ()


def confirmed(number: int, kind: Proposal.Kind) -> Proposal | None:
    """The proposal of this number where it is of that kind and was confirmed."""
    return Proposal.objects.filter(id=number, kind=kind, state=Proposal.State.CONFIRMED).first()


def sees(scope: Scope, proposal: Proposal) -> bool:
    """Whether all that the proposal is about lies within the scope."""
    if not proposal.concerns:
        return scope.covers(HoldingsAsked())
    return all(scope.covers(SeriesAsked(one)) for one in proposal.concerns)


def _proposals() -> QuerySet[Proposal]:
    named = ("proposer", "proposer_unit", "confirmer", "confirmer_unit", "edition")
    return Proposal.objects.select_related(*named).order_by("id")


def _shown(viewer: Officer, proposals: Sequence[Proposal]) -> list[Shown]:
    names = names_of(series for one in proposals for series in one.concerns)
    confirms = may_ever(viewer, Action.CONFIRM)
    shown = []
    for one in proposals:
        own = one.proposer_id == viewer.id
        is_open = one.state == Proposal.State.OPEN
        kept_out = one.other_unit and one.proposer_unit_id == viewer.unit_id
        shown.append(
            Shown(
                proposal=one,
                names={series: names[series] for series in one.concerns},
                own=own,
                may_confirm=is_open and confirms and not own and not kept_out,
                may_refuse=is_open and confirms and not own,
            )
        )
    return shown


def _officer(viewer: object) -> Officer:
    if not isinstance(viewer, Officer):
        raise Http404
    return viewer
