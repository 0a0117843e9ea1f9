"""What a fact that came out of a hostile file may look like, on both sides of the cage.

Inside, `sound` makes readers' facts fit or says why it could not; outside, `fact_is_sound` only judges.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum

from foureyes.engine.model import Fact, FactName, Origin

TEXT_AT_MOST = 1_000
"""Characters of a text value."""


class FactKind(Enum):
    """Form of a fact's value."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"


_NUMBERS = {
    FactName.LATITUDE: (-90.0, 90.0),
    FactName.LONGITUDE: (-180.0, 180.0),
    FactName.ALTITUDE: (-20_000.0, 1e6),
    FactName.GPS_ERROR: (0.0, 1e8),
    FactName.DURATION: (0.0, 1e9),
    FactName.FRAME_RATE: (0.0, 1e6),
}
_INTEGERS = {
    FactName.FILE_NUMBER: (-(2**62), 2**62),
    FactName.ORIENTATION: (1, 8),
    FactName.FRAME_COUNT: (0, 2**62),
    FactName.CATEGORY: (-(2**31), 2**31),
}
FACT_KINDS = {
    name: FactKind.NUMBER if name in _NUMBERS else FactKind.INTEGER if name in _INTEGERS else FactKind.TEXT
    for name in FactName
}
"""Form of each fact's value, as `model/facts.py` says in words."""

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Control characters, characters that turn the direction of what follows, and halves of pairs."""


def fact_is_sound(fact: Fact) -> bool:
    """Whether a fact may leave the cage: form, length and range fit, and the origin is a file's own."""
    value = fact.value
    if fact.origin is Origin.SOURCE or isinstance(value, bool):
        return False
    if fact.name in _NUMBERS:
        low, high = _NUMBERS[fact.name]
        return isinstance(value, float) and math.isfinite(value) and low <= value <= high
    if fact.name in _INTEGERS:
        least, most = _INTEGERS[fact.name]
        return isinstance(value, int) and least <= value <= most
    return isinstance(value, str) and 0 < len(value) <= TEXT_AT_MOST and not _UNFIT.search(value)


def sound(untrusted_facts: Iterable[Fact]) -> Iterator[Fact]:
    """The same facts, with text cleaned and cut; what still does not fit becomes a METADATA_FAULT."""
    for untrusted in untrusted_facts:
        fact = _tidied(untrusted)
        if fact_is_sound(fact):
            yield fact
        elif fact.value != "":
            yield Fact(FactName.METADATA_FAULT, f"{fact.name.value}: out of range", _file_origin(fact))


def _tidied(fact: Fact) -> Fact:
    if FACT_KINDS[fact.name] is FactKind.TEXT and isinstance(fact.value, str):
        return replace(fact, value=_UNFIT.sub(" ", fact.value).strip()[:TEXT_AT_MOST])
    if FACT_KINDS[fact.name] is FactKind.NUMBER and isinstance(fact.value, int):
        return replace(fact, value=float(fact.value))
    return fact


def _file_origin(fact: Fact) -> Origin:
    return Origin.CONTAINER if fact.origin is Origin.SOURCE else fact.origin
