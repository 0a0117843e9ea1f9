"""What each kind of officer gets from an address."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One address: arguments, method, and what an officer of another unit gets."""

    outsider: int
    insider: int
    kwargs: dict[str, str] = field(default_factory=dict)
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)
    nobody: int = 302
    body: str = ""
    query: str = ""
    roles: dict[str, int] = field(default_factory=dict)
    """What officers of another unit get whose role is for this very thing: `{"oversight": 200}`."""


SERIES, MARK, OTHER_MARK = "{series}", "{mark}", "{other}"
"""Placeholders, put in by the test."""
