"""Names and decisions of people: checked, recorded and handed to the engine in one go.

The record is written first, inside the workbench's transaction: where the engine refuses, it is rolled
back, so that nothing is recorded that did not happen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from foureyes.engine import pipeline
from foureyes.engine.model import Decision, DecisionKind, Series
from foureyes.workbench.access.rules import Action, MediaAsked, SeriesAsked, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH, media_asked
from foureyes.workbench.live.actions import What, announce
from foureyes.workbench.series import regrouping
from foureyes.workbench.series.models import ChangesRead
from foureyes.workbench.series.reach import decision_for, series_for
from foureyes.workbench.series.regrouping import Grouped

KINDS = frozenset(kind.value for kind in DecisionKind if kind is not DecisionKind.NEGATIVE)
"""What is decided on a series' page: a negative ruling is of no one series (`foureyes decide negative`)."""
CHANGE_NUMBER = re.compile(r"[0-9]{1,18}")
NAME_AT_MOST = 200
REASON_AT_MOST = 2_000


class NotDone(Exception):
    """What was asked makes no sense; the message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Done:
    """A ruling that stands."""

    decision: Decision
    grouped: Grouped
    """How far grouping the series anew has come."""


def rename(viewer: object, series_id: str, untrusted_name: str) -> str:
    """Give a series a person's name; it survives every later run.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: the name is empty or too long.
    """
    officer = require(viewer, Action.NAME, SeriesAsked(series_id))
    series = series_for(viewer, Action.NAME, series_id)
    name = _plain(untrusted_name)
    if not name:
        raise NotDone("A name needs at least one letter. The old name stands.")
    if len(name) > NAME_AT_MOST:
        raise NotDone(f"A name has at most {NAME_AT_MOST} characters. The old name stands.")
    if name == series.name and series.named_by_person:
        return name
    with transaction.atomic():
        append(officer, Did.SERIES_NAMED, f"series:{series.id}", {"before": series.name, "name": name})
        announce(officer, What.NAME, series.id)
        catalogue().rename_series(series.id, name, officer.username)
    return name


def decide(
    viewer: object, series_id: str, kind: str, marks: Sequence[str], other: str, untrusted_reason: str
) -> Done:
    """Rule on members of a series, or merge it with another.

    Raises:
        django.http.Http404: a series or media is not there, or not for this viewer.
        NotDone: the ruling makes no sense, or has no reason.
    """
    officer = require(viewer, Action.DECIDE, SeriesAsked(series_id))
    series = series_for(viewer, Action.DECIDE, series_id)
    reason = _plain(untrusted_reason)[:REASON_AT_MOST]
    if kind not in KINDS:
        raise NotDone("Choose what you decide. Nothing was changed.")
    if not reason:
        raise NotDone("Say why, in a few words: others will rely on it. Nothing was changed.")
    if kind == DecisionKind.MERGE:
        ids, media = [series.id, _other(viewer, series, other).id], []
    else:
        ids, media = [series.id], _members(series, marks)
    return _record(officer, DecisionKind(kind), ids, media, reason)


def add_media(viewer: object, series_id: str, mark: str, untrusted_reason: str) -> Done:
    """Rule that a media from elsewhere belongs to a series.

    Raises:
        django.http.Http404: series or media is not there, or not for this viewer.
        NotDone: there is no reason.
    """
    officer = require(viewer, Action.DECIDE, SeriesAsked(series_id))
    series = series_for(viewer, Action.DECIDE, series_id)
    asked: MediaAsked = media_asked(mark)
    require(viewer, Action.DECIDE, asked)
    reason = _plain(untrusted_reason)[:REASON_AT_MOST]
    if not reason:
        raise NotDone("Say why, in a few words: others will rely on it. Nothing was changed.")
    return _record(officer, DecisionKind.BELONGS, [series.id], [asked.sha256], reason)


def withdraw(viewer: object, number: int, untrusted_reason: str) -> Done:
    """Take a decision back; it stays in the history.

    Raises:
        django.http.Http404: not there, or not for this viewer.
        NotDone: it was withdrawn already.
    """
    decision = decision_for(viewer, number)
    officer = viewer
    if not isinstance(officer, Officer):
        raise Http404
    if decision.withdrawn_at is not None:
        raise NotDone(f"Decision {number} was withdrawn before. Nothing was changed.")
    reason = _plain(untrusted_reason)[:REASON_AT_MOST] or "undone"
    with transaction.atomic():
        append(officer, Did.WITHDREW, f"decision:{number}", {"reason": reason})
        for series_id in decision.series:
            announce(officer, What.DECISION, series_id, f"decision:{number}")
        catalogue().withdraw_decision(number, officer=officer.username, reason=reason)
    return Done(decision, regrouping.regroup())


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


def _record(
    officer: Officer, kind: DecisionKind, ids: Sequence[str], media: Sequence[str], reason: str
) -> Done:
    with transaction.atomic():
        detail = {"kind": kind.value, "series": list(ids), "media": list(media), "reason": reason}
        append(officer, Did.DECIDED, f"series:{ids[0]}", detail)
        for series_id in ids:
            announce(officer, What.DECISION, series_id)
        decision = pipeline.decide(catalogue(), kind, ids, media, officer=officer.username, reason=reason)
    return Done(decision, regrouping.regroup())


def _members(series: Series, marks: Sequence[str]) -> list[str]:
    by_mark = {sha256[:MARK_LENGTH]: sha256 for sha256 in series.members}
    chosen = [by_mark.get(mark[:MARK_LENGTH], "") for mark in marks]
    if not chosen:
        raise NotDone("Choose at least one media in the grid first. Nothing was changed.")
    if not all(chosen):
        raise NotDone("The series changed since you opened it: look again. Nothing was changed.")
    return list(dict.fromkeys(chosen))


def _other(viewer: object, series: Series, other: str) -> Series:
    if not other or other == series.id:
        raise NotDone("Choose another series to merge with. Nothing was changed.")
    return series_for(viewer, Action.DECIDE, other)


def _plain(untrusted_text: str) -> str:
    """One line of printable text: control characters and direction marks would mislead whoever reads it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in untrusted_text).split())
