"""Announces what changed, inside the transaction of the change: what is rolled back is never told."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from django.db import transaction

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.live.models import Event


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


WAKERS: list[Callable[[], None]] = []
"""Called after the commit of an announcement: the channel of this process adds itself here."""


def announce(
    officer: Officer, what: What, series: str = "", thing: str = "", *, to: str = "", version: int = 0
) -> Event:
    """Tell all who see the series (or the one officer `to`) that something changed, once it is committed.

    Raises:
        django.db.transaction.TransactionManagementError: no transaction is open.
    """
    event = Event.objects.create(
        series=series, officer=officer.username, to=to, what=what, thing=thing[:100], version=version
    )
    transaction.on_commit(_wake)
    return event


def _wake() -> None:
    for wake in WAKERS:
        wake()
