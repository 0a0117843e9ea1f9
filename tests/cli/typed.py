"""What a command came to that a test typed; the fixture `foureyes` types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Ended(NamedTuple):
    """How one command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]
