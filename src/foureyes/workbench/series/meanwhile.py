"""What a colleague did to the same thing while an officer wrote a form: found before the form counts.

A form says what its page knew: the name, or the number of the newest decision. Asked while the record's chain
is held, so that of two who send at the same moment exactly one comes second, and learns of the first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from foureyes.engine.model import Decision, DecisionKind
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series.reach import decisions_for


class ChangedMeanwhile(Exception):
    """A colleague was first. Nothing was changed by this officer."""


class NamedMeanwhile(ChangedMeanwhile):
    """The series has another name by now than the form knew."""

    def __init__(self, now: str, by: str, wanted: str) -> None:
        super().__init__(now)
        self.now, self.by, self.wanted = now, by, wanted


class DecidedMeanwhile(ChangedMeanwhile):
    """The same media, or the series as a whole, were decided on since the form was opened."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        super().__init__(f"{len(decisions)} decisions")
        self.decisions = decisions


@dataclass(frozen=True, slots=True)
class Ruling:
    """What somebody is about to rule, and the newest decision that their page knew."""

    kind: DecisionKind
    series: Sequence[str]
    media: Sequence[str]
    seen: int


def refuse_unseen_name(series_id: str, seen: str, wanted: str) -> None:
    """Refuse a name for a series that was given another one meanwhile.

    Raises:
        NamedMeanwhile: it has another name than was seen, and than is wanted.
    """
    series = catalogue().series_summary(series_id)
    if series is not None and series.name not in {seen, wanted}:
        raise NamedMeanwhile(series.name, _named_by(series_id, series.name), wanted)


def refuse_unseen_decisions(viewer: object, asked: Ruling) -> None:
    """Refuse a ruling on what was ruled on since the page of its officer was made.

    Raises:
        DecidedMeanwhile: there is such a decision, in force and for the viewer to see.
    """
    newer = [one for one in decisions_for(viewer) if one.id > asked.seen and one.withdrawn_at is None]
    about = [one for one in newer if _is_about_the_same(one, asked)]
    if about:
        raise DecidedMeanwhile(about)


def _is_about_the_same(one: Decision, asked: Ruling) -> bool:
    if not set(one.media).isdisjoint(asked.media):
        return True
    # A merge moves every media of both series: whoever rules on any of them wants to know.
    of_all = DecisionKind.MERGE in {one.kind, asked.kind}
    return of_all and not set(one.series).isdisjoint(asked.series)


def _named_by(series_id: str, name: str) -> str:
    """User name of who gave the series this name; empty where the record does not say."""
    entries = Entry.objects.filter(thing=f"series:{series_id}", action=Did.SERIES_NAMED).order_by("-id")[:5]
    for entry in entries:
        if json.loads(entry.detail).get("name") == name:
            return entry.officer
    return ""
