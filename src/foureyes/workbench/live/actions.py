"""Announces what changed, inside the transaction of the change: what is rolled back is never told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from django.db import transaction
from django.utils import timezone

from foureyes.workbench.access.rules import forget_remembered
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import hold_chain
from foureyes.workbench.live.models import Event, Whereabouts
from foureyes.workbench.live.notifying import EVENT, RIGHTS, notify

KEPT_DAYS = 14
"""Events are for pages that are open: two weeks are longer than any page is."""


class What(StrEnum):
    """What changed. Pages subscribe by these words."""

    NOTE = "note"
    REGION = "region"
    TASK = "task"
    REQUEST = "request"
    """A request for a second pair of eyes, or an answer to one."""
    ASSESSMENT = "assessment"
    DECISION = "decision"
    PROPOSAL = "proposal"
    NAME = "name"
    STATE = "state"
    ASSIGNMENT = "assignment"
    REGROUPED = "regrouped"


@dataclass(frozen=True, slots=True)
class Readers:
    """Who of those who see a series may read what is announced."""

    handling_code: str = ""
    units: frozenset[int] = frozenset()
    """Ids of the units that provide it."""
    concerned: Sequence[str] = ()
    """Further series that they must see."""


WAKERS: list[Callable[[], None]] = []
"""Called after the commit of an announcement: the channel of this process adds itself here."""
RIGHTS_WAKERS: list[Callable[[], None]] = []
"""The same, where what somebody may see could have changed."""
ENDED_WAKERS: list[Callable[[str], None]] = []
"""Called with the key of a session that ends."""
HEARERS: list[Callable[[frozenset[str]], object]] = []
"""Called with the words of what happened in any process, in the thread that reads it: where something is kept
in memory that this makes old. Apps above this one add themselves."""


def announce(
    officer: Officer,
    what: What,
    series: str = "",
    thing: str = "",
    *,
    to: str = "",
    version: int = 0,
    readers: Readers | None = None,
) -> Event:
    """Tell all who see the series (or the one officer `to`) that something changed, once it is committed.

    Where not all of them may read it, `readers` says who: the others are not told that it exists.

    Numbers of events follow the order of their commits: the transaction holds the chain of the record from
    here to its end. A reader who has seen number 17 will never find a 16 that was not there before.

    Raises:
        django.db.transaction.TransactionManagementError: no transaction is open.
    """
    hold_chain()
    readers = readers or Readers()
    event = Event.objects.create(
        series=series,
        officer=officer.username,
        to=to,
        what=what,
        thing=thing[:100],
        version=version,
        handling_code=readers.handling_code,
        units=sorted(readers.units),
        concerned=list(readers.concerned),
    )
    notify(EVENT)
    transaction.on_commit(_wake)
    return event


def announce_regrouped(series: Iterable[str]) -> None:
    """Tell all who see one of these series that the engine grouped it anew. Names no officer: none did it."""
    with transaction.atomic():
        hold_chain()
        for one in series:
            Event.objects.create(series=one, what=What.REGROUPED)
        notify(EVENT)
        transaction.on_commit(_wake)


def tell_rights_changed() -> None:
    """Have every open channel ask `access` again, once this is committed. Any officer may be meant."""
    forget_remembered()
    notify(RIGHTS)
    transaction.on_commit(_wake_rights)


def tell_session_ended(session: str) -> None:
    """Close the channels of a session that its officer ends, once that is committed."""
    tell_rights_changed()
    transaction.on_commit(partial(_wake_ended, session))


def hide_place(officer: Officer, *, hidden: bool) -> None:
    """Keep whether colleagues see which part of a series the officer looks at."""
    with transaction.atomic():
        Whereabouts.objects.update_or_create(officer=officer, defaults={"place_hidden": hidden})
        tell_rights_changed()


def prune(days: int = KEPT_DAYS) -> int:
    """Delete events older than that; gives how many. What happened itself stands in the record."""
    return Event.objects.filter(at__lt=timezone.now() - timedelta(days=days)).delete()[0]


def _wake() -> None:
    for wake in WAKERS:
        wake()


def _wake_ended(session: str) -> None:
    for wake in ENDED_WAKERS:
        wake(session)


def _wake_rights() -> None:
    for wake in RIGHTS_WAKERS:
        wake()
