"""Hands rulings to the engine in such a way that none binds which the record does not know.

The engine keeps them in another database, and no commit spans two. So a ruling is held there first, which
binds nothing; then the transaction of the action commits the entry of the record together with a row that
says which ruling it is of (`models.Handed`); then the ruling is released. Killed or refused at any point,
`settling` finds what is missing: what was recorded is completed, what was not is dropped and never bound. A
withdrawal is recorded first and then done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from django.db import transaction

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Decision, DecisionKind
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series.models import Handed

log = logging.getLogger(__name__)
_left: set[int] = set()
_lock = threading.Lock()


def hand_over(
    entry: Entry, kind: DecisionKind, series: Sequence[str], media: Sequence[str], officer: str, reason: str
) -> Decision:
    """Have the engine hold a ruling that `entry` records; it binds once the open transaction is committed.

    Raises:
        foureyes.engine.errors.EngineError: the engine refuses it; nothing was held.
    """
    decision = pipeline.decide(catalogue(), kind, series, media, officer=officer, reason=reason, held=True)
    Handed.objects.create(decision=decision.id, what=Handed.What.RULING, entry=entry)
    transaction.on_commit(partial(_complete, decision.id, Catalogue.release_decision))
    return decision


def hand_over_withdrawal(entry: Entry, number: int, officer: str, reason: str) -> None:
    """Have the engine withdraw a ruling once the open transaction, with the `entry` of it, is committed."""
    Handed.objects.create(decision=number, what=Handed.What.WITHDRAWAL, entry=entry)
    transaction.on_commit(partial(_complete, number, partial(take_back, officer=officer, reason=reason)))


def is_withdrawn(number: int) -> bool:
    """Whether the record says that this decision was taken back, done or not yet."""
    return Handed.objects.filter(decision=number, what=Handed.What.WITHDRAWAL).exists()


def recorded(decisions: Iterable[Decision]) -> list[Decision]:
    """These without the ones that are held and that nothing was recorded of: they will be dropped."""
    every = list(decisions)
    if not (held := {one.id for one in every if one.held}):
        return every
    rulings = Handed.objects.filter(decision__in=held, what=Handed.What.RULING)
    held -= set(rulings.values_list("decision", flat=True))
    return [one for one in every if one.id not in held]


def take_back(held: Catalogue, number: int, *, officer: str, reason: str) -> None:
    """Withdraw a decision; nothing where it was withdrawn already."""
    try:
        held.withdraw_decision(number, officer=officer, reason=reason)
    except UsageError:
        if held.decision(number).withdrawn_at is None:
            raise


def left() -> bool:
    """Whether this process recorded something that the engine could not be given so far."""
    with _lock:
        return bool(_left)


def settled() -> None:
    """What was left is done."""
    with _lock:
        _left.clear()


def _complete(number: int, call: Callable[[Catalogue, int], object]) -> None:
    """After the commit: the record stands, so a failure here is no reason to say that nothing was done."""
    try:
        call(catalogue(), number)
    except Exception:  # whatever it was, `settling` does it later
        log.exception("decision %d is recorded, and the engine is told of it later", number)
        with _lock:
            _left.add(number)
