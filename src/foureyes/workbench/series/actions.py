"""Names and decisions of people: checked, recorded and handed to the engine in one go.

The record is written first, inside the workbench's transaction: where the engine refuses, it is rolled
back, so that nothing is recorded that did not happen. A ruling binds once that is committed (`handing`). A
merge or split of more than `ALONE_AT_MOST` media waits for a second pair of eyes; the database refuses to
note it otherwise (`models.Ruling`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.engine.model import Decision, DecisionKind, Series
from foureyes.workbench.access.rules import Action, MediaAsked, SeriesAsked, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.editions.actions import propose
from foureyes.workbench.editions.errors import NotDone
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH, media_asked
from foureyes.workbench.live.actions import What, announce
from foureyes.workbench.series import following, handing, meanwhile, regrouping
from foureyes.workbench.series.models import ChangesRead, Ruling
from foureyes.workbench.series.reach import decision_for, series_for
from foureyes.workbench.series.regrouping import Grouped
from foureyes.workbench.series.standing import set_countries

__all__ = ["Done", "NotDone", "Waits", "add_media", "decide", "rename", "set_countries", "withdraw"]

KINDS = frozenset(kind.value for kind in DecisionKind if kind is not DecisionKind.NEGATIVE)
"""What is decided on a series' page: a negative ruling is of no one series (`foureyes decide negative`)."""
CHANGE_NUMBER = re.compile(r"[0-9]{1,18}")
NAME_AT_MOST = 200
REASON_AT_MOST = 2_000
ALONE_AT_MOST = 50
"""Media on the larger side of a merge or split that one officer rules on alone; `models` says the same."""


@dataclass(frozen=True, slots=True)
class Done:
    """A ruling that stands."""

    decision: Decision
    grouped: Grouped
    """How far grouping the series anew has come."""


@dataclass(frozen=True, slots=True)
class Waits:
    """A ruling that takes effect when a second officer confirms it."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Asked:
    """A ruling as it is asked for."""

    kind: DecisionKind
    series: Sequence[str]
    media: Sequence[str]
    reason: str
    largest_side: int
    """Media on the larger side of a merge or split; 0 for what one officer always rules on alone."""
    seen: int | None = None
    """Number of the newest decision that the officer's page knew; None where there was no page."""


def rename(viewer: object, series_id: str, untrusted_name: str, untrusted_seen: str | None = None) -> str:
    """Give a series a person's name; it survives every later run.

    Args:
        viewer: Who names it.
        series_id: The series.
        untrusted_name: The new name.
        untrusted_seen: The name that the officer's page knew; None where there was no page.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: the name is empty or too long.
        meanwhile.NamedMeanwhile: a colleague named it since.
    """
    officer = require(viewer, Action.NAME, SeriesAsked(series_id))
    series = series_for(viewer, Action.NAME, series_id)
    name = _plain(untrusted_name)
    if not name:
        raise NotDone(_("A name needs at least one letter. The old name stands."))
    if len(name) > NAME_AT_MOST:
        raise NotDone(
            _("A name has at most %(most)d characters. The old name stands.") % {"most": NAME_AT_MOST}
        )
    if name == series.name and series.named_by_person:
        return name
    with transaction.atomic():
        append(officer, Did.SERIES_NAMED, f"series:{series.id}", {"before": series.name, "name": name})
        if untrusted_seen is not None:
            meanwhile.refuse_unseen_name(series.id, untrusted_seen, name)
        announce(officer, What.NAME, series.id)
        catalogue().rename_series(series.id, name, officer.username)
    return name


def decide(
    viewer: object,
    series_id: str,
    kind: str,
    marks: Sequence[str],
    other: str,
    untrusted_reason: str,
    untrusted_seen: str = "",
) -> Done | Waits:
    """Rule on members of a series, or merge it with another.

    Raises:
        django.http.Http404: a series or media is not there, or not for this viewer.
        NotDone: the ruling makes no sense, or has no reason.
        meanwhile.DecidedMeanwhile: the same was decided on since the page that says what it had seen.
    """
    officer = require(viewer, Action.DECIDE, SeriesAsked(series_id))
    series = series_for(viewer, Action.DECIDE, series_id)
    reason = _plain(untrusted_reason)[:REASON_AT_MOST]
    if kind not in KINDS:
        raise NotDone(_("Choose what you decide. Nothing was changed."))
    if not reason:
        raise NotDone(_("Say why, in a few words: others will rely on it. Nothing was changed."))
    if kind == DecisionKind.MERGE:
        merged = _other(viewer, series, other)
        largest = max(len(series.members), len(merged.members))
        asked = Asked(DecisionKind.MERGE, [series.id, merged.id], [], reason, largest)
    else:
        media = _members(series, marks)
        largest = _larger_side(DecisionKind(kind), len(series.members), len(media))
        asked = Asked(DecisionKind(kind), [series.id], media, reason, largest)
        if asked.kind is DecisionKind.SPLIT and len(media) == len(series.members):
            raise NotDone(_("A split leaves some behind: choose fewer media. Nothing was changed."))
    if CHANGE_NUMBER.fullmatch(untrusted_seen):
        asked = replace(asked, seen=int(untrusted_seen))
        _refuse_unseen(officer, asked)
    return _rule(officer, asked)


def add_media(viewer: object, series_id: str, mark: str, untrusted_reason: str) -> Done:
    """Rule that a media from elsewhere belongs to a series.

    Raises:
        django.http.Http404: series or media is not there, or not for this viewer.
        NotDone: there is no reason, or it would join two series of which one is large.
    """
    officer = require(viewer, Action.DECIDE, SeriesAsked(series_id))
    series = series_for(viewer, Action.DECIDE, series_id)
    asked: MediaAsked = media_asked(mark)
    require(viewer, Action.DECIDE, asked)
    reason = _plain(untrusted_reason)[:REASON_AT_MOST]
    if not reason:
        raise NotDone(_("Say why, in a few words: others will rely on it. Nothing was changed."))
    return _record(
        officer, Asked(DecisionKind.BELONGS, [series.id], [asked.sha256], reason, _joined(series, asked))
    )


def withdraw(viewer: object, number: int, untrusted_reason: str) -> Done | Waits:
    """Take a decision back; it stays in the history. What two officers ruled, two take back.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was withdrawn already.
    """
    decision = decision_for(viewer, number)
    officer = viewer
    if not isinstance(officer, Officer):
        raise Http404
    if decision.withdrawn_at is not None:
        _refuse_withdrawn(number)
    reason = _plain(untrusted_reason)[:REASON_AT_MOST] or "undone"
    if ruled_by_two(number):
        # Taking a merge back splits, taking a split back merges.
        kind = Proposal.Kind.SPLIT if decision.kind is DecisionKind.MERGE else Proposal.Kind.MERGE
        named = list(decision.series)
        return Waits(propose(officer, kind, named[0], {"series": named, "withdraws": number}, reason))
    _take_back(officer, number, reason)
    return Done(decision, grouped_anew())


def ruled_by_two(number: int) -> bool:
    """Whether this decision took two officers. Decides no right."""
    return Ruling.objects.filter(decision=number, proposal__isnull=False).exists()


def take_effect(proposal: Proposal, officer: Officer) -> None:
    """The effect of a confirmed merge or split: it is handed to the engine as the proposer's ruling.

    Raises:
        NotDone: a series is gone, or media left it, since it was proposed.
    """
    if (number := proposal.asked.get("withdraws")) is not None:
        if catalogue().decision(int(number)).withdrawn_at is not None:
            raise NotDone(_("The decision was withdrawn before. Nothing was changed."))
        _take_back(officer, int(number), proposal.reason)
        return
    held = [catalogue().series(one) for one in proposal.asked["series"]]
    members = {sha256 for one in held if one is not None for sha256 in one.members}
    media = [str(one) for one in proposal.asked["media"]]
    if None in held or not members.issuperset(media):
        raise NotDone(_("The series changed since: propose it anew. Nothing was changed."))
    asked = Asked(
        DecisionKind(proposal.asked["kind"]),
        [str(one) for one in proposal.asked["series"]],
        media,
        proposal.reason,
        int(proposal.asked["largest_side"]),
    )
    _hand_over(proposal.proposer, asked, proposal)


def mark_changes_read(viewer: object, untrusted_number: str) -> None:
    """Remember that the officer has read all changes up to this one; never fewer than before.

    Raises:
        django.http.Http404: not an officer, or no number of a change.
    """
    if not isinstance(viewer, Officer) or not CHANGE_NUMBER.fullmatch(untrusted_number):
        raise Http404
    number = min(int(untrusted_number), catalogue().last_change())
    with transaction.atomic():
        read, new = ChangesRead.objects.select_for_update().get_or_create(
            officer=viewer, defaults={"change": number}
        )
        if not new:
            read.change, read.at = max(read.change, number), timezone.now()
            read.save()


def _rule(officer: Officer, asked: Asked) -> Done | Waits:
    if asked.largest_side <= ALONE_AT_MOST:
        return _record(officer, asked)
    kind = Proposal.Kind.MERGE if asked.kind is DecisionKind.MERGE else Proposal.Kind.SPLIT
    what = {
        "kind": asked.kind.value,
        "series": list(asked.series),
        "media": list(asked.media),
        "largest_side": asked.largest_side,
    }
    return Waits(propose(officer, kind, asked.series[0], what, asked.reason))


def _record(officer: Officer, asked: Asked) -> Done:
    with transaction.atomic():
        decision = _hand_over(officer, asked, None)
    grouped = grouped_anew()
    return Done(replace(decision, held=grouped is Grouped.LATER), grouped)


def _hand_over(officer: Officer, asked: Asked, proposal: Proposal | None) -> Decision:
    """Record the ruling and have the engine hold it until that is committed."""
    detail: dict[str, str | int | list[str]] = {
        "kind": asked.kind.value,
        "series": list(asked.series),
        "media": list(asked.media),
        "reason": asked.reason,
    }
    if proposal is not None:
        detail["proposal"] = proposal.id
    entry = append(officer, Did.DECIDED, f"series:{asked.series[0]}", detail)
    _refuse_unseen(officer, asked)
    decision = handing.hand_over(entry, asked.kind, asked.series, asked.media, officer.username, asked.reason)
    if asked.largest_side:
        Ruling.objects.create(
            decision=decision.id, kind=asked.kind, largest_side=asked.largest_side, proposal=proposal
        )
    for one in asked.series:
        announce(officer, What.DECISION, one)
    return decision


def grouped_anew() -> Grouped:
    """Group anew, and let what was placed and assigned follow, as far as that came meanwhile."""
    if handing.left():
        return Grouped.LATER
    grouped = regrouping.regroup()
    following.follow()
    return grouped


def _refuse_unseen(officer: Officer, asked: Asked) -> None:
    if asked.seen is not None:
        ruling = meanwhile.Ruling(asked.kind, asked.series, asked.media, asked.seen)
        meanwhile.refuse_unseen_decisions(officer, ruling)


def _take_back(officer: Officer, number: int, reason: str) -> None:
    with transaction.atomic():
        entry = append(officer, Did.WITHDREW, f"decision:{number}", {"reason": reason})
        if handing.is_withdrawn(number):
            _refuse_withdrawn(number)
        handing.hand_over_withdrawal(entry, number, officer.username, reason)
        for one in catalogue().decision(number).series:
            announce(officer, What.DECISION, one, f"decision:{number}")


def _refuse_withdrawn(number: int) -> NoReturn:
    raise NotDone(_("Decision %(number)d was withdrawn before. Nothing was changed.") % {"number": number})


def _larger_side(kind: DecisionKind, size: int, leaving: int) -> int:
    if kind is DecisionKind.SPLIT:
        return max(leaving, size - leaving)
    # Many media that leave one by one take a series apart as a split does.
    return leaving if kind is DecisionKind.DOES_NOT_BELONG else 0


def _joined(series: Series, asked: MediaAsked) -> int:
    """Media on the larger side where the media lies in another series: its links draw that one along.

    Raises:
        NotDone: these are more than one officer joins alone.
    """
    homes = [catalogue().series(one) for one in asked.series if one != series.id]
    sizes = [len(one.members) for one in homes if one is not None and len(one.members) > 1]
    if not sizes:
        return 0
    largest = max(len(series.members), *sizes)
    if largest > ALONE_AT_MOST:
        raise NotDone(
            _(
                "It lies in another series, and to add it would join the two, of which one has %(count)d "
                "media. Merge them, which a second officer confirms; or say there first that it does not "
                "belong. Nothing was changed."
            )
            % {"count": largest}
        )
    return largest


def _members(series: Series, marks: Sequence[str]) -> list[str]:
    by_mark = {sha256[:MARK_LENGTH]: sha256 for sha256 in series.members}
    chosen = [by_mark.get(mark[:MARK_LENGTH], "") for mark in marks]
    if not chosen:
        raise NotDone(_("Choose at least one media in the grid first. Nothing was changed."))
    if not all(chosen):
        raise NotDone(_("The series changed since you opened it: look again. Nothing was changed."))
    return list(dict.fromkeys(chosen))


def _other(viewer: object, series: Series, other: str) -> Series:
    if not other or other == series.id:
        raise NotDone(_("Choose another series to merge with. Nothing was changed."))
    return series_for(viewer, Action.DECIDE, other)


def _plain(untrusted_text: str) -> str:
    """One line of printable text: control characters and direction marks would mislead whoever reads it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in untrusted_text).split())
