"""Where a series stands: its state, the next step, who took it, its countries. Every change is recorded.

`identified` is reached by a confirmed proposal alone: here, and in the database (migration 0003).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.rules import Action, SeriesAsked, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.editions.actions import propose
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.live.actions import What, announce
from foureyes.workbench.series.models import Standing, State, Step

TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    State.PREPARED: frozenset({State.TAKEN}),
    State.TAKEN: frozenset({State.PREPARED, State.UNDER_ANALYSIS, State.CLOSED}),
    State.UNDER_ANALYSIS: frozenset({State.TAKEN, State.LOCATED, State.REFERRED, State.CLOSED}),
    State.LOCATED: frozenset({State.UNDER_ANALYSIS, State.REFERRED, State.CLOSED}),
    State.REFERRED: frozenset({State.UNDER_ANALYSIS, State.LOCATED, State.CLOSED}),
    State.IDENTIFIED: frozenset({State.UNDER_ANALYSIS, State.CLOSED}),
    State.CLOSED: frozenset({State.UNDER_ANALYSIS}),
}
"""What follows on what. To `identified` leads a proposal, from the states of `IDENTIFIED_FROM`."""
IDENTIFIED_FROM: Final = frozenset({State.TAKEN, State.UNDER_ANALYSIS, State.LOCATED, State.REFERRED})
NEXT_STEP_AT_MOST = 200
COUNTRY = re.compile(r"[A-Z]{2}")
STATUSES = ("suspected", "confirmed")


def set_state(viewer: object, series_id: str, to: str, version: int | None = None) -> Step:
    """Move a series on, or back, by one of `TRANSITIONS`.

    Args:
        viewer: Who does it.
        series_id: The series.
        to: A value of `State`.
        version: Of the standing that the viewer saw; None where they saw none.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it does not follow on the state that it has, or somebody changed it meanwhile.
    """
    officer = _require(viewer, series_id)
    with transaction.atomic():
        standing = _locked(series_id)
        if version is not None and version != standing.version:
            raise NotDone(_changed_meanwhile(standing))
        if to == State.IDENTIFIED:
            raise NotDone(_("A series is closed as identified by a proposal that another officer confirms."))
        if to not in TRANSITIONS[standing.state]:
            raise NotDone(_no_way(standing, to))
        return _move(standing, to, officer)


def undo(viewer: object, number: int) -> Step:
    """Take one's own last change of a state back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: something changed after it, or it cannot be taken back.
    """
    step = Step.objects.filter(id=number).first()
    if step is None:
        raise Http404
    officer = _require(viewer, step.series)
    with transaction.atomic():
        standing = _locked(step.series)
        if step.officer_id != officer.id or State.IDENTIFIED in {step.before, step.after}:
            raise NotDone(_("This change is not taken back this way. Nothing was changed."))
        if standing.version != step.version:
            raise NotDone(_changed_meanwhile(standing))
        return _move(standing, step.before, officer, undoes=step)


def set_next_step(viewer: object, series_id: str, untrusted_text: str, version: int | None = None) -> None:
    """Say in a few words what is to be done next; an empty text takes it away.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is too long, or somebody changed the standing meanwhile.
    """
    officer = _require(viewer, series_id)
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in untrusted_text).split())
    if len(text) > NEXT_STEP_AT_MOST:
        raise NotDone(
            _("A next step has at most %(most)d characters. The old one stands.")
            % {"most": NEXT_STEP_AT_MOST}
        )
    with transaction.atomic():
        standing = _locked(series_id)
        if version is not None and version != standing.version:
            raise NotDone(_changed_meanwhile(standing))
        if text == standing.next_step:
            return
        before, standing.next_step = standing.next_step, text
        _save(standing)
        detail = {"next-step": text, "before": before}
        append(officer, Did.STATE_CHANGED, f"series:{series_id}", detail)
        announce(officer, What.STATE, series_id, f"series:{series_id}", version=standing.version)


def set_countries(officer: object, series_id: str, countries: Sequence[tuple[str, str]]) -> None:
    """Write the countries of a series, inside the transaction that concludes them.

    Args:
        officer: Who concluded.
        series_id: The series.
        countries: Pairs of ISO 3166-1 alpha-2 and `suspected` or `confirmed`, the likeliest first.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        ValueError: a pair is neither.
    """
    by = require(officer, Action.FIND, SeriesAsked(series_id))
    for code, status in countries:
        if not COUNTRY.fullmatch(code) or status not in STATUSES:
            raise ValueError(f"not a country and its status: {code} {status}")
    with transaction.atomic():
        standing = _locked(series_id)
        written = [list(pair) for pair in countries]
        if standing.countries == written:
            return
        standing.countries = written
        _save(standing)
        detail = {"countries": [" ".join(pair) for pair in countries]}
        append(by, Did.COUNTRIES_CHANGED, f"series:{series_id}", detail)
        announce(by, What.STATE, series_id, f"series:{series_id}", version=standing.version)


def propose_identified(viewer: object, series_id: str, reason: str) -> Proposal:
    """Propose to close a series as identified.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: nobody works on it, no reason is given, or the same waits already.
    """
    _require(viewer, series_id)
    standing = standing_of(series_id)
    if standing.state not in IDENTIFIED_FROM:
        raise NotDone(_no_way(standing, State.IDENTIFIED))
    return propose(viewer, Proposal.Kind.IDENTIFIED, series_id, {"series": [series_id]}, reason)


def identify(proposal: Proposal, officer: Officer) -> None:
    """The effect of a confirmed proposal: the series is closed as identified.

    Raises:
        NotDone: the series is gone, or its state does not lead there any more.
    """
    del officer  # the confirmation is recorded; the step counts for the unit that proposed
    if catalogue().series_summary(proposal.series) is None:
        raise NotDone(_("The series is gone, or became part of another. Nothing was changed."))
    standing = _locked(proposal.series)
    if standing.state not in IDENTIFIED_FROM:
        raise NotDone(_no_way(standing, State.IDENTIFIED))
    standing.identified_by = proposal
    _move(standing, State.IDENTIFIED, proposal.proposer)


def standing_of(series_id: str) -> Standing:
    """Where the series stands; an unsaved `prepared` one where nothing was said of it."""
    return Standing.objects.filter(series=series_id).first() or Standing(series=series_id)


def _move(standing: Standing, to: str, officer: Officer, undoes: Step | None = None) -> Step:
    before = standing.state
    if to == State.PREPARED:
        standing.taken_by = standing.taken_unit = None
    elif standing.taken_by_id is None:
        standing.taken_by, standing.taken_unit = officer, officer.unit
    if to not in {State.IDENTIFIED, State.CLOSED}:
        standing.identified_by = None
    standing.state = to
    _save(standing)
    step = Step.objects.create(
        series=standing.series,
        before=before,
        after=to,
        officer=officer,
        unit=officer.unit,
        version=standing.version,
        undoes=undoes,
    )
    detail: dict[str, str | int | list[str]] = {"before": before, "state": to}
    if undoes is not None:
        detail["undoes"] = undoes.id
    append(officer, Did.STATE_CHANGED, f"series:{standing.series}", detail)
    announce(officer, What.STATE, standing.series, f"series:{standing.series}", version=standing.version)
    return step


def _save(standing: Standing) -> None:
    standing.version += 1
    standing.at = timezone.now()
    standing.save()


def _locked(series_id: str) -> Standing:
    Standing.objects.get_or_create(series=series_id)
    return Standing.objects.select_for_update().get(series=series_id)


def _require(viewer: object, series_id: str) -> Officer:
    officer = require(viewer, Action.DECIDE, SeriesAsked(series_id))
    if catalogue().series_summary(series_id) is None:
        raise Http404
    return officer


def _changed_meanwhile(standing: Standing) -> str:
    return _(
        "Somebody changed this series meanwhile: it is %(state)s now, taken by %(who)s. Look again. "
        "Nothing was changed."
    ) % {"state": standing.get_state_display(), "who": standing.taken_by or _("nobody")}


def _no_way(standing: Standing, to: str) -> str:
    wanted = State(to).label if to in State.values else to
    return _("From %(state)s no step leads to %(wanted)s. Nothing was changed.") % {
        "state": standing.get_state_display(),
        "wanted": wanted,
    }
