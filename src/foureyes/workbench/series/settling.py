"""Brings the record and the engine's decisions together again, at the start and every few seconds.

What was recorded and not completed is completed; what the engine holds and nothing recorded is dropped; what
was decided or withdrawn without the workbench (`foureyes decide`) is recorded as learnt. Each once, whoever
else does the same at that moment. It decides nothing and changes no entry.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction

from foureyes.engine.catalogue import RulingMark
from foureyes.engine.model import Decision
from foureyes.workbench.audit.actions import Detail, Did, append_named, hold_chain
from foureyes.workbench.audit.checkpoints import ITSELF
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.live.actions import announce_regrouped
from foureyes.workbench.series import handing, regrouping
from foureyes.workbench.series.models import Handed

EVERY_SECONDS = 10.0
DROPPED = "never recorded in the workbench, and so never in force"
"""It goes into the catalogue, which has one language."""

log = logging.getLogger(__name__)
What = Handed.What


class Settler:
    """One thread of this process. Several processes may each have one: the second finds nothing to do."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="settling", daemon=True)

    def start(self) -> None:
        """Settle what the last process left, then begin."""
        _settle_or_say()
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        known: tuple[int, ...] = ()
        while not self._stop.wait(EVERY_SECONDS):
            known = _settle_or_say(known)


def settle() -> int:
    """Bring both together; gives how many rulings and withdrawals were completed, dropped or learnt.

    Raises:
        django.db.DatabaseError: the workbench's database cannot be written to; what is held binds nothing.
        foureyes.engine.errors.EngineError: the catalogue cannot be written to.
    """
    held = catalogue()
    if not _left_over(held.ruling_marks(), _rows()):
        handing.settled()
        return 0
    with transaction.atomic():
        # Whoever hands a ruling over keeps the chain from before the engine holds it until the commit: what
        # is held now and has no row will never have one.
        hold_chain()
        rows = _rows()
        marks = held.ruling_marks()
        learnt = _record_missing(marks, rows)
    done = sum(_complete(mark, rows) for mark in marks)
    handing.settled()
    if done or learnt:
        with regrouping.without_waiting():
            regrouping.regroup()
    if learnt:
        announce_regrouped(sorted({one for decision in learnt for one in decision.series}))
    return done + len(learnt)


def _rows() -> set[tuple[int, str]]:
    return set(Handed.objects.values_list("decision", "what"))


def _left_over(marks: Iterable[RulingMark], rows: set[tuple[int, str]]) -> bool:
    return any(_lacks(mark, rows) or _incomplete(mark, rows) for mark in marks)


def _record_missing(marks: Iterable[RulingMark], rows: set[tuple[int, str]]) -> list[Decision]:
    """Record what is not recorded, and add it to `rows`; gives decisions made or withdrawn elsewhere."""
    unknown = [mark for mark in marks if _lacks(mark, rows)]
    if not unknown:
        return []
    earlier, elsewhere = _Earlier(), []
    for mark in unknown:
        decision = catalogue().decision(mark.id)
        if (mark.id, What.RULING) not in rows and (mark.id, What.DROPPED) not in rows:
            entry = None if mark.held else earlier.ruling(decision)
            if entry is None and not mark.held:
                elsewhere.append(decision)
            did = Did.RULING_DROPPED if mark.held else Did.DECIDED_ELSEWHERE
            what = What.DROPPED if mark.held else What.RULING
            rows.add((mark.id, what))
            _row(decision, what, entry or _append(did, decision, _said(decision)))
        if mark.withdrawn and not rows & {(mark.id, What.WITHDRAWAL), (mark.id, What.DROPPED)}:
            entry = earlier.withdrawal(decision)
            if entry is None and decision not in elsewhere:
                elsewhere.append(decision)
            rows.add((mark.id, What.WITHDRAWAL))
            withdrawn = _said_of_withdrawal(decision)
            _row(decision, What.WITHDRAWAL, entry or _append(Did.WITHDREW_ELSEWHERE, decision, withdrawn))
    return elsewhere


def _lacks(mark: RulingMark, rows: set[tuple[int, str]]) -> bool:
    if (mark.id, What.DROPPED) in rows:
        return False
    return (mark.id, What.RULING) not in rows or (mark.withdrawn and (mark.id, What.WITHDRAWAL) not in rows)


def _incomplete(mark: RulingMark, rows: set[tuple[int, str]]) -> bool:
    taken_back = bool(rows & {(mark.id, What.WITHDRAWAL), (mark.id, What.DROPPED)})
    return not mark.withdrawn and (mark.held or taken_back)


def _complete(mark: RulingMark, rows: set[tuple[int, str]]) -> bool:
    """Do what the rows say of one decision, where it is not done; safe to do twice."""
    if not _incomplete(mark, rows):
        return False
    if (mark.id, What.DROPPED) in rows:
        handing.take_back(catalogue(), mark.id, officer=ITSELF, reason=DROPPED)
        return True
    if (mark.id, What.WITHDRAWAL) in rows:
        entry = Handed.objects.select_related("entry").get(decision=mark.id, what=What.WITHDRAWAL).entry
        reason = str(json.loads(entry.detail)["reason"])
        handing.take_back(catalogue(), mark.id, officer=entry.officer, reason=reason)
        return True
    return catalogue().release_decision(mark.id)


class _Earlier:
    """Entries of the time before there were rows, each of which may be of one decision."""

    def __init__(self) -> None:
        loose = Entry.objects.filter(action__in=(Did.DECIDED, Did.WITHDREW), handed__isnull=True)
        self._found: dict[object, list[Entry]] = defaultdict(list)
        for entry in loose.order_by("-id"):
            detail = json.loads(entry.detail or "{}")
            about = (detail.get("kind"), detail.get("series"), detail.get("media"), detail.get("reason"))
            is_ruling = entry.action == Did.DECIDED
            self._found[_key(entry.officer, *about) if is_ruling else entry.thing].append(entry)

    def ruling(self, one: Decision) -> Entry | None:
        """The entry of a ruling that the workbench handed over."""
        return self._take(_key(one.officer, one.kind.value, one.series, one.media, one.reason))

    def withdrawal(self, one: Decision) -> Entry | None:
        """The entry of a withdrawal that the workbench handed over."""
        return self._take(f"decision:{one.id}")

    def _take(self, key: object) -> Entry | None:
        return self._found[key].pop() if self._found[key] else None


def _key(officer: str, *about: object) -> str:
    return json.dumps([officer[:60], *about])


def _row(decision: Decision, what: Handed.What, entry: Entry) -> None:
    Handed.objects.create(decision=decision.id, what=what, entry=entry)


def _append(did: Did, decision: Decision, detail: Detail) -> Entry:
    return append_named(ITSELF, "", did, [(f"decision:{decision.id}", detail)])[0]


def _said(one: Decision) -> Detail:
    """Who decides at a terminal states a name that nobody checked: it is not the officer of the entry."""
    return {
        "stated": one.officer,
        "kind": one.kind.value,
        "series": list(one.series),
        "media": list(one.media),
        "reason": one.reason,
        "at": one.at.isoformat(timespec="seconds"),
    }


def _said_of_withdrawal(one: Decision) -> Detail:
    at = one.withdrawn_at.isoformat(timespec="seconds") if one.withdrawn_at else ""
    return {
        "stated": one.withdrawn_by or "",
        "series": list(one.series),
        "reason": one.withdrawn_reason or "",
        "at": at,
    }


def _settle_or_say(known: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Settle where something happened since `known`; gives what is known now, nothing where it failed."""
    try:
        now = catalogue().rulings_until()
        if now == known and not handing.left():
            return known
        settle()
    except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again and must not end the thread
        log.warning("rulings are settled later: %s", error)
        return ()
    finally:
        connection.close()
    return now
