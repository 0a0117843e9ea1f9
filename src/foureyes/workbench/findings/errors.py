"""What findings refuse, in words. Nothing was changed where one of these is raised."""

from __future__ import annotations

from dataclasses import dataclass


class NotDone(Exception):
    """What was asked makes no sense; the message says why. Nothing was changed, nothing is lost."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands now, where somebody else was first."""

    version: int
    by: str
    lines: tuple[tuple[str, str], ...]
    """Name and value of each field, as people read them."""


class Conflict(NotDone):
    """Somebody changed the same thing since this officer opened it."""

    def __init__(self, message: str, standing: Standing) -> None:
        super().__init__(message)
        self.standing = standing
