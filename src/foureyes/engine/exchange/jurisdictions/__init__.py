"""What category codes mean, by jurisdiction: one data file each, `NAME.toml` beside this one.

A code is never translated where it is stored: lists keep what was stated, and tables only put words to it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from foureyes.engine.errors import HashListError
from foureyes.engine.model import NO_CATEGORY


class Sense(StrEnum):
    """What a code says of a record, whatever its words: 0 and 5 are swapped across programs."""

    UNCATEGORISED = "uncategorised"
    """Nobody has looked, or nobody has said."""
    NON_PERTINENT = "non-pertinent"
    """Somebody has looked, and it is nothing."""
    CATEGORISED = "categorised"
    UNKNOWN = "unknown"
    """A code that is not in the table."""


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """One table."""

    name: str
    title: str
    source: str
    """Where the table is from, and how sure it is."""
    codes: dict[int, str]
    uncategorised: frozenset[int]
    non_pertinent: frozenset[int]


@cache
def jurisdictions() -> tuple[str, ...]:
    """Names of all tables, in order of the alphabet."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in files(__name__).iterdir()
            if entry.name.endswith(".toml")
        )
    )


@cache
def jurisdiction(name: str) -> Jurisdiction:
    """Give one table. Raises HashListError where there is none of that name."""
    if name not in jurisdictions():
        raise HashListError(f"no jurisdiction {name!r}; known: {', '.join(jurisdictions())}")
    table = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    return Jurisdiction(
        name=name,
        title=table["title"],
        source=table["source"],
        codes={int(code): words for code, words in table["codes"].items()},
        uncategorised=frozenset(table.get("uncategorised", ())),
        non_pertinent=frozenset(table.get("non_pertinent", ())),
    )


def meaning(name: str, code: int | None) -> str | None:
    """Say what a raw code means there; None where none is stated or the table does not have it.

    Raises HashListError where there is no such table.
    """
    table = jurisdiction(name)
    return None if code is None or code == NO_CATEGORY else table.codes.get(code)


def sense(name: str, code: int | None) -> Sense:
    """Say whether a code stands for a ruling at all. Raises HashListError where there is no such table."""
    table = jurisdiction(name)
    if code is None or code == NO_CATEGORY or code in table.uncategorised:
        return Sense.UNCATEGORISED
    if code in table.non_pertinent:
        return Sense.NON_PERTINENT
    return Sense.CATEGORISED if code in table.codes else Sense.UNKNOWN
