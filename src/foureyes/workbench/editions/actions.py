"""Proposals: one officer proposes, another confirms or refuses, or the first withdraws.

What was confirmed takes effect in the same transaction. The database itself refuses one pair of eyes
(`models`, migration 0002); this module says so in words first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.models import Edition
from foureyes.workbench.access.rules import Action, HoldingsAsked, SeriesAsked, require
from foureyes.workbench.access.units import edition_of_series, given
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.editions.effects import AFTERWARDS, EFFECTS
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.editions.models import Proposal, Release, series_concerned
from foureyes.workbench.live.actions import What, announce

__all__ = ["EFFECTS", "NotDone", "confirm", "propose", "propose_list_export", "refuse", "release", "withdraw"]

REASON_AT_MOST = 2_000
NUMBER_AT_MOST = 9
NEEDED = {
    Proposal.Kind.MERGE: Action.DECIDE,
    Proposal.Kind.SPLIT: Action.DECIDE,
    Proposal.Kind.IDENTIFIED: Action.DECIDE,
    Proposal.Kind.ASSESSMENT: Action.FIND,
    Proposal.Kind.EXPORT: Action.EXPORT,
}
"""What the proposer must be allowed to do."""


def propose(
    officer: object,
    kind: Proposal.Kind | str,
    series: str,
    asked: Mapping[str, Any],
    reason: str,
    edition: Edition | None = None,
) -> Proposal:
    """Ask for a second pair of eyes.

    Args:
        officer: Who proposes.
        kind: What is proposed.
        series: The series that it is about; empty for what is of the workspace as a whole (an export).
        asked: What takes effect, for the app that registered it. `asked["series"]`, where it stands, lists
            every series concerned: whoever proposes or confirms must see all of them.
        reason: Why, in a few words.
        edition: Whose rule says whether another unit confirms; found by the series where it is None.

    Raises:
        django.http.Http404: a series is not there for this officer, or the role does not allow it.
        NotDone: there is no reason, or the same waits already.
    """
    kind = Proposal.Kind(kind)
    concerned = series_concerned(series, asked)
    proposer = _require(officer, NEEDED[kind], concerned)
    said = _written(reason)
    if not said:
        raise NotDone(_("Say why, in a few words: others will rely on it. Nothing was changed."))
    edition = edition or edition_of_series(concerned)
    # Whoever holds a program's token could propose by it and confirm in their own name.
    other_unit = proposer.is_program or (edition is not None and edition.other_unit_confirms)
    if other_unit and concerned and not _another_unit_sees(proposer, concerned):
        raise NotDone(
            _("Another unit must confirm this, and none sees all of it: it is placed and assigned first.")
        )
    with transaction.atomic():
        same = Proposal.objects.filter(
            state=Proposal.State.OPEN, kind=kind, series=series, asked=dict(asked)
        ).first()
        if same is not None:
            raise NotDone(
                _("The same was proposed by %(who)s and waits: proposal %(number)d.")
                % {"who": same.proposer, "number": same.id}
            )
        made = Proposal.objects.create(
            kind=kind,
            series=series,
            asked=dict(asked),
            reason=said,
            edition=edition,
            other_unit=other_unit,
            proposer=proposer,
            proposer_unit=proposer.unit,
        )
        _record(proposer, Did.PROPOSED, made, said)
    return made


def confirm(viewer: object, number: int, answer: str = "") -> tuple[Proposal, str]:
    """Be the second pair of eyes; what was proposed takes effect. Also a sentence on what followed.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is the viewer's own, the unit's own where another must confirm, answered already, or
            cannot take effect any more.
    """
    with transaction.atomic():
        proposal, officer = _open(viewer, number)
        _second_eyes(proposal, officer, must_be_other_unit=True)
        _answer(proposal, Proposal.State.CONFIRMED, officer, answer)
        _record(officer, Did.CONFIRMED, proposal, answer)
        effect = EFFECTS.get(proposal.kind)
        if effect is not None:
            effect(proposal, officer)
    after = AFTERWARDS.get(proposal.kind)
    return proposal, after(proposal) if after else ""


def refuse(viewer: object, number: int, answer: str) -> Proposal:
    """Say no, and why; nothing takes effect.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is the viewer's own, answered already, or there is no reason.
    """
    with transaction.atomic():
        proposal, officer = _open(viewer, number)
        _second_eyes(proposal, officer, must_be_other_unit=False)
        if not _written(answer):
            raise NotDone(_("Say why you refuse, in a few words. Nothing was changed."))
        _answer(proposal, Proposal.State.REFUSED, officer, answer)
        _record(officer, Did.REFUSED, proposal, answer)
    return proposal


def withdraw(viewer: object, number: int, answer: str = "") -> Proposal:
    """Take one's own proposal back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it is another's, or answered already.
    """
    with transaction.atomic():
        proposal = _locked(number)
        officer = _require(viewer, Action.VIEW, proposal.concerns)
        if proposal.proposer_id != officer.id:
            raise NotDone(_("Only who proposed it takes it back. Nothing was changed."))
        _refuse_answered(proposal)
        proposal.state = Proposal.State.WITHDRAWN
        proposal.answered_at = timezone.now()
        proposal.answer = _written(answer)
        proposal.save(update_fields=["state", "answered_at", "answer"])
        _record(officer, Did.PROPOSAL_WITHDRAWN, proposal, answer)
    return proposal


def propose_list_export(viewer: object, untrusted_number: str, reason: str) -> Proposal:
    """Propose to export a hash list whose handling code is beyond H1.

    Raises:
        django.http.Http404: the viewer is no exchange officer of the unit that holds the workspace.
        NotDone: it is no number of a list, there is no reason, or the same waits already.
    """
    _require(viewer, Action.EXPORT, ())
    if not untrusted_number.isdecimal() or len(untrusted_number) > NUMBER_AT_MOST:
        raise NotDone(_("Give the number of the hash list. Nothing was changed."))
    asked = {"what": "hash-list", "list": int(untrusted_number)}
    return propose(viewer, Proposal.Kind.EXPORT, "", asked, reason)


def release(number: int, asked: Mapping[str, Any]) -> Proposal:
    """Record an export that a second officer confirmed, in the proposer's name. Decides no right but that.

    Each confirmation is for one export: whoever confirmed knew where that one goes, and of no other. It is
    recorded before anything leaves, and so is spent where writing it then fails.

    Raises:
        NotDone: no such proposal was confirmed, it is about something else, or it was used before.
    """
    with transaction.atomic():
        found = Proposal.objects.select_for_update(of=("self",)).select_related("proposer__unit")
        asked_for = {"kind": Proposal.Kind.EXPORT, "state": Proposal.State.CONFIRMED}
        proposal = _released(found.filter(id=number, **asked_for).first(), number, asked)
        entry = append(proposal.proposer, Did.EXPORTED, f"proposal:{number}", dict(asked))
        Release.objects.create(proposal=proposal, entry=entry)
    return proposal


def _released(proposal: Proposal | None, number: int, asked: Mapping[str, Any]) -> Proposal:
    if proposal is None or any(proposal.asked.get(key) != value for key, value in asked.items()):
        raise NotDone(
            _("Proposal %(number)d is no confirmed proposal of this export. Nothing leaves.")
            % {"number": number}
        )
    if (before := Release.objects.filter(proposal=proposal).first()) is not None:
        raise NotDone(
            _(
                "Proposal %(number)d was used for an export on %(day)s. What is to leave again is proposed "
                "anew. Nothing leaves."
            )
            % {"number": number, "day": before.at.date().isoformat()}
        )
    return proposal


def _open(viewer: object, number: int) -> tuple[Proposal, Officer]:
    proposal = _locked(number)
    officer = _require(viewer, Action.CONFIRM, proposal.concerns)
    _refuse_answered(proposal)
    return proposal, officer


def _locked(number: int) -> Proposal:
    """The proposal, which no other transaction answers before this one ends."""
    locked = Proposal.objects.select_for_update(of=("self",)).select_related("proposer")
    proposal = locked.filter(id=number).first()
    if proposal is None:
        raise Http404
    return proposal


def _refuse_answered(proposal: Proposal) -> None:
    if proposal.state != Proposal.State.OPEN:
        raise NotDone(
            _("Proposal %(number)d was answered before: %(state)s. Nothing was changed.")
            % {"number": proposal.id, "state": proposal.get_state_display()}
        )


def _second_eyes(proposal: Proposal, officer: Officer, *, must_be_other_unit: bool) -> None:
    if proposal.proposer_id == officer.id:
        raise NotDone(_("You proposed this yourself: another officer must look at it. Nothing was changed."))
    if must_be_other_unit and proposal.other_unit and proposal.proposer_unit_id == officer.unit_id:
        raise NotDone(
            _("A colleague of your own unit proposed this; another unit confirms it. Nothing was changed.")
        )


def _another_unit_sees(proposer: Officer, concerned: tuple[str, ...]) -> bool:
    """Whether there is a unit that could confirm; the one that holds the workspace sees everything."""
    if not proposer.unit.holds_workspace:
        return True
    seen: dict[int, set[str]] = defaultdict(set)
    for one in given(concerned):
        seen[one.unit.id].add(one.series)
    seen.pop(proposer.unit_id, None)
    return any(len(series) == len(concerned) for series in seen.values())


def _answer(proposal: Proposal, state: Proposal.State, officer: Officer, answer: str) -> None:
    proposal.state = state
    proposal.confirmer = officer
    proposal.confirmer_unit = officer.unit
    proposal.answered_at = timezone.now()
    proposal.answer = _written(answer)
    proposal.save(update_fields=["state", "confirmer", "confirmer_unit", "answered_at", "answer"])


def _record(officer: Officer, did: Did, proposal: Proposal, said: str) -> None:
    detail: dict[str, str | int | list[str]] = {
        "proposal": proposal.id,
        "kind": proposal.kind,
        "series": list(proposal.concerns),
        "reason": _written(said),
    }
    append(officer, did, f"proposal:{proposal.id}", detail)
    for one in proposal.concerns or ("",):
        announce(officer, What.PROPOSAL, one, f"proposal:{proposal.id}")


def _require(viewer: object, action: Action, concerned: tuple[str, ...]) -> Officer:
    if not concerned:
        return require(viewer, action, HoldingsAsked())
    for one in concerned[1:]:
        require(viewer, action, SeriesAsked(one))
    return require(viewer, action, SeriesAsked(concerned[0]))


def _written(untrusted_text: str) -> str:
    """Printable text of at most `REASON_AT_MOST` characters; lines stay lines."""
    lines = untrusted_text[: 4 * REASON_AT_MOST].splitlines()
    kept = ("".join(sign if sign.isprintable() else " " for sign in line).rstrip() for line in lines)
    return "\n".join(kept).strip()[:REASON_AT_MOST]
