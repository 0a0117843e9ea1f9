"""Tells failures of the database that officers can do something about from all others. Decides no answer."""

from __future__ import annotations

from enum import IntEnum

from django.db import DatabaseError

FULL_STATE = "53100"
"""SQLSTATE of PostgreSQL: no room on the disk."""
BUSY_STATES = frozenset({"40001", "40P01", "53300", "55P03", "57014"})
"""SQLSTATE of PostgreSQL: transactions in each other's way, too many connections, or too slow."""


class Failure(IntEnum):
    """What failed, as the status that says it."""

    FULL = 507
    """No room is left: nothing can be saved until somebody makes some."""
    BUSY = 503
    """Others write: trying once more helps."""


def failure_of(error: BaseException | None) -> Failure | None:
    """What a database says by this error; None for every other error."""
    if not isinstance(error, DatabaseError):
        return None
    state, said = getattr(error.__cause__, "sqlstate", None), str(error)
    if state == FULL_STATE or "disk is full" in said:
        return Failure.FULL
    return Failure.BUSY if state in BUSY_STATES or "is locked" in said else None
