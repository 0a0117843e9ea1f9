"""Says to `editions` what a confirmed merge, split or identification does, and how a proposal reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from foureyes.engine.model import DecisionKind
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.effects import AFTERWARDS, EFFECTS, NAMES, TOLD
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series import actions, reaching, standing
from foureyes.workbench.series.regrouping import Grouped


def register() -> None:
    """Called once, when Django starts."""
    EFFECTS[Proposal.Kind.MERGE] = EFFECTS[Proposal.Kind.SPLIT] = actions.take_effect
    EFFECTS[Proposal.Kind.IDENTIFIED] = standing.identify
    AFTERWARDS[Proposal.Kind.MERGE] = AFTERWARDS[Proposal.Kind.SPLIT] = _grouped
    TOLD[Proposal.Kind.MERGE] = TOLD[Proposal.Kind.SPLIT] = _told_of_ruling
    TOLD[Proposal.Kind.IDENTIFIED] = _told_of_identified
    NAMES.append(names)


def names(series: Iterable[str]) -> Mapping[str, str]:
    """Names of series as the board shows them."""
    found = ((one, catalogue().series_summary(one)) for one in series)
    return {one: summary.name for one, summary in found if summary is not None}


def how_grouped(grouped: Grouped) -> str:
    """A sentence on how far grouping anew has come."""
    return {
        Grouped.DONE: _("The series were grouped anew."),
        Grouped.UNDER_WAY: _("The series are being grouped anew: reload in a while."),
        Grouped.WAITING: _("The workspace is busy: the series are grouped anew when that ends."),
        Grouped.FAILED: _("The series could not be grouped anew now; the next linking obeys the decision."),
        Grouped.LATER: _(
            "The catalogue could not be written to: it takes effect as soon as that is possible."
        ),
    }[grouped]


def _grouped(proposal: Proposal) -> str:
    del proposal
    return how_grouped(actions.grouped_anew())


def _told_of_ruling(viewer: Officer, proposal: Proposal) -> Sequence[str]:
    del viewer  # whoever sees the proposal sees every series that it names
    if (number := proposal.asked.get("withdraws")) is not None:
        return [
            _("Decision %(number)d is withdrawn, and the series are grouped anew without it.")
            % {"number": number}
        ]
    held = [catalogue().series_summary(one) for one in proposal.asked["series"]]
    found = [one for one in held if one is not None]
    if len(found) < len(held):
        return [
            _("A series that it names is gone, or became part of another: it cannot take effect any more.")
        ]
    leaving = len(proposal.asked["media"])
    match proposal.asked["kind"]:
        case DecisionKind.MERGE:
            return reaching.told_of_merge(*found)
        case DecisionKind.SPLIT:
            return reaching.told_of_split(found[0], leaving)
        case _:
            return reaching.told_of_leaving(found[0], leaving)


def _told_of_identified(viewer: Officer, proposal: Proposal) -> Sequence[str]:
    del viewer
    now = standing.standing_of(proposal.series)
    return [
        _("The series is closed as identified; it is %(state)s now.") % {"state": now.get_state_display()},
        _("Its victim is identified: the taskforce's work on it ends."),
    ]
