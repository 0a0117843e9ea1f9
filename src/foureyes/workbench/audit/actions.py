"""Appends to the record, inside the transaction of the action that is recorded. Never changes an entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum

from django.db import connection, transaction

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.chain import START, Record, hash_of
from foureyes.workbench.audit.models import ACCESS_REFUSED, Entry, Mention

CHAIN_LOCK = 0x4F7E_AD17
"""Number of the PostgreSQL advisory lock that lets one transaction at a time extend the chain."""

Detail = Mapping[str, str | int | list[str]]


class Did(StrEnum):
    """What is recorded. Stable words: they stand in the record for good."""

    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    SIGN_IN_REFUSED = "sign-in-refused"
    SECOND_FACTOR_ADDED = "second-factor-added"
    SECOND_FACTOR_REMOVED = "second-factor-removed"
    SECOND_FACTOR_REFUSED = "second-factor-refused"
    RECOVERY_CODES_MADE = "recovery-codes-made"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a word of the record
    IDENTITY_CONFIRMED = "identity-confirmed"
    SESSION_ENDED = "session-ended"
    UNIT_MADE = "unit-made"
    UNIT_RENAMED = "unit-renamed"
    ROLES_CHANGED = "roles-changed"
    OFFICER_DEACTIVATED = "officer-deactivated"
    OFFICER_ACTIVATED = "officer-activated"
    OFFICER_UNLOCKED = "officer-unlocked"
    OPENID_BOUND = "openid-bound"
    OPENID_UNBOUND = "openid-unbound"
    SECOND_FACTOR_RESET = "second-factor-reset"
    INITIAL_PASSWORD_SET = "initial-password-set"  # noqa: S105 - a word of the record
    SERIES_OPENED = "series-opened"
    MEDIA_OPENED = "media-opened"
    MEDIA_REVEALED = "media-revealed"
    REVEAL_REFUSED = "reveal-refused"
    BREAK_BEGAN = "break-began"
    BREAK_PUT_OFF = "break-put-off"
    MORE_ALLOWED = "more-reveals-allowed"
    SEARCHED = "searched"
    POINTS_COMPARED = "points-compared"
    REGION_SEARCHED = "region-searched"
    SERIES_NAMED = "series-named"
    DECIDED = "decided"
    WITHDREW = "withdrew"
    DECIDED_ELSEWHERE = "decided-elsewhere"
    """The workbench learnt of a decision that was made without it (`foureyes decide`)."""
    WITHDREW_ELSEWHERE = "withdrew-elsewhere"
    RULING_DROPPED = "ruling-dropped"
    """A ruling that was begun, never recorded and so never in force."""
    OFFICER_MADE = "officer-made"
    FINDING_WRITTEN = "finding-written"
    FINDING_CHANGED = "finding-changed"
    FINDING_WITHDRAWN = "finding-withdrawn"
    FINDING_RESTORED = "finding-restored"
    SAME_THING = "same-thing"
    NOT_SAME_THING = "not-same-thing"
    TASK_DONE = "task-done"
    TASK_REOPENED = "task-reopened"
    ANSWERING = "answering"
    DECLINED = "declined"
    REQUEST_CLOSED = "request-closed"
    REQUEST_REOPENED = "request-reopened"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    PROPOSAL_WITHDRAWN = "proposal-withdrawn"
    STATE_CHANGED = "state-changed"
    COUNTRIES_CHANGED = "countries-changed"
    EDITION_MADE = "edition-made"
    EDITION_CHANGED = "edition-changed"
    EDITION_CLOSED = "edition-closed"
    EDITION_REOPENED = "edition-reopened"
    UNIT_JOINED = "unit-joined"
    UNIT_LEFT = "unit-left"
    SEATED = "seated"
    SEAT_REMOVED = "seat-removed"
    PLACED = "placed"
    PLACE_REMOVED = "place-removed"
    ASSIGNED = "assigned"
    ASSIGNMENT_REMOVED = "assignment-removed"
    PLACE_FOLLOWED = "place-followed"
    EXPORTED = "exported"
    TOKEN_MADE = "token-made"  # noqa: S105 - a word of the record
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - as above
    ACCESS_REFUSED = ACCESS_REFUSED
    """Something was refused to somebody: the 1st, 10th, 100th, ... time within an hour."""
    RECORD_READ = "record-read"
    RECORD_EXPORTED = "record-exported"
    RECORD_KEY_CHANGED = "record-key-changed"


def append(officer: Officer, did: Did, thing: str, detail: Detail | None = None) -> Entry:
    """Record one action of an officer. Call it inside `transaction.atomic` with what it records.

    Raises:
        django.db.transaction.TransactionManagementError: no transaction is open.
    """
    return append_many(officer, did, [(thing, detail or {})])[0]


def append_many(officer: Officer, did: Did, things: Iterable[tuple[str, Detail]]) -> list[Entry]:
    """Record one action on several things, one entry each."""
    return append_named(officer.username, str(officer.unit), did, things)


def append_named(username: str, unit: str, did: Did, things: Iterable[tuple[str, Detail]]) -> list[Entry]:
    """As `append_many`, for a name that may be no officer's (a refused sign-in)."""
    hold_chain()
    last = Entry.objects.order_by("-id").values_list("id", "hash").first()
    number, previous = last or (0, START)
    entries, mentions = [], []
    for thing, detail in things:
        number += 1
        record = Record(number, now(), username[:60], unit[:130], did.value, thing[:200], _written(detail))
        digest = hash_of(record, previous)
        entries.append(
            Entry(
                id=record.id,
                at=record.at,
                officer=record.officer,
                unit=record.unit,
                action=record.action,
                thing=record.thing,
                detail=record.detail,
                previous=previous,
                hash=digest,
            )
        )
        previous = digest
        mentions += [Mention(entry_id=number, thing=named) for named in _named_in(detail) - {record.thing}]
    made = Entry.objects.bulk_create(entries)
    Mention.objects.bulk_create(mentions)
    return made


def hold_chain() -> None:
    """Let no other transaction extend the chain before this one ends."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("The record is written inside the action's transaction")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    # SQLite: every transaction begins IMMEDIATE (settings.readers.sqlite) and so is alone already.


def now() -> str:
    """The moment, as entries state it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _named_in(detail: Detail) -> set[str]:
    """Series and media that the detail names, written as things: by these the record is searched."""
    found = set()
    for kind in ("series", "media"):
        value = detail.get(kind, ())
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        found |= {f"{kind}:{name}"[:200] for name in names if name}
    return found


def _written(detail: Detail) -> str:
    return json.dumps(detail, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if detail else ""
