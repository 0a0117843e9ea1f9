"""Names of files, taken from their paths as `PurePosixPath` takes them: that costs four times as much.

Every linking takes apart the names of all that is held, several times each.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import NamedTuple


class Name(NamedTuple):
    """The last part of a path."""

    whole: str
    stem: str
    suffix: str
    """With its dot; empty where there is none."""


def name_of(path: str) -> Name:
    """The name at the end of a path."""
    whole = path.rpartition("/")[2]
    if whole in {"", "."}:
        odd = PurePosixPath(path)
        return Name(odd.name, odd.stem, odd.suffix)
    dot = whole.rfind(".")
    if 0 < dot < len(whole) - 1:
        return Name(whole, whole[:dot], whole[dot:])
    return Name(whole, whole, "")
