"""Stated positions to degrees, or to words that say why there is no such place.

Never moves a position to a default hemisphere: without a compass letter there is no position. Some
8 of 44 rows of a real export had none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from foureyes.engine.model import Fact, FactName, Origin

_LETTERS = {
    "N": ("N", 1), "NORTH": ("N", 1), "S": ("N", -1), "SOUTH": ("N", -1),
    "E": ("E", 1), "EAST": ("E", 1), "W": ("E", -1), "WEST": ("E", -1),
}  # fmt: skip
_AXES = {"N": ("latitude", 90.0), "E": ("longitude", 180.0)}
_ANGLE = re.compile(
    r"(?P<before>[NSEW]?)\s*(?P<degrees>\d{1,3}(?:\.\d+)?)"
    r"(?:\s*(?:deg|degrees|°|,|:|;|\s)\s*(?P<minutes>\d{1,3}(?:\.\d+)?))?"
    r"(?:\s*(?:min|'|\u2032|\u2019|,|:|;|\s)\s*(?P<seconds>\d{1,3}(?:\.\d+)?))?"
    r"\s*(?:deg|degrees|°|min|'|\u2032|\u2019|sec|''|\"|\u2033|\u201d)?\s*(?P<after>[NSEW]?)",
    re.ASCII | re.IGNORECASE,
)
_SIGNED = re.compile(r"[+\-]?\d{1,3}(?:\.\d+)?", re.ASCII)
_SIXTY = 60


class NotAPlace(ValueError):
    """A stated position is no place on earth; the message says why, in words, quoting nothing."""


@dataclass(frozen=True, slots=True)
class Angle:
    """One coordinate as stated: an unsigned number of degrees and the compass letter beside it."""

    degrees: float
    letter: str


def angle_of_fractions(parts: Sequence[tuple[int, int]], letter: str) -> Angle:
    """Degrees, minutes and seconds as fractions; the last ones may be missing.

    Raises:
        NotAPlace: a denominator of zero, a negative part, minutes or seconds beyond sixty.
    """
    if not 1 <= len(parts) <= 3:  # noqa: PLR2004 - degrees, minutes, seconds
        raise NotAPlace("it is not made of degrees, minutes and seconds")
    if any(below == 0 for _, below in parts):
        raise NotAPlace("a number divides by zero")
    return Angle(_sum([above / below for above, below in parts]), letter)


def angle_of_text(untrusted_text: str, letter: str = "") -> Angle:
    """Text such as `12 deg 34'56.78" N`, `41, 53, 2.44` or `41,53.2N`.

    Raises:
        NotAPlace: it is no such text, or its own letter contradicts the one beside it.
    """
    match = _ANGLE.fullmatch(untrusted_text[:64].strip())
    if match is None:
        raise NotAPlace("it is not written as degrees, minutes and seconds")
    stated = [float(match[name]) for name in ("degrees", "minutes", "seconds") if match[name]]
    own = {match[name].upper() for name in ("before", "after") if match[name]}
    if letter.strip():
        own.add(letter.strip().upper())
    if len(own) > 1:
        raise NotAPlace("it states two compass letters")
    return Angle(_sum(stated), own.pop() if own else "")


def angle_of_signed(untrusted_text: str, positive: str, negative: str) -> Angle:
    """A decimal number whose sign is defined by its field, as drones write it.

    Raises:
        NotAPlace: it is not a decimal number.
    """
    text = untrusted_text[:64].strip()
    if not _SIGNED.fullmatch(text):
        raise NotAPlace("it is not a decimal number")
    number = float(text)
    return Angle(abs(number), negative if number < 0 else positive)


def position(latitude: Angle, longitude: Angle) -> tuple[float, float]:
    """Degrees north and east.

    Raises:
        NotAPlace: a letter is missing or no compass letter, a number is out of range, or it is 0, 0.
    """
    north, east = _signed(latitude, "N"), _signed(longitude, "E")
    if north == 0 and east == 0:
        raise NotAPlace("0, 0 is the null island: a receiver without a fix")
    return north, east


def facts_of_position(north: float, east: float, origin: Origin) -> tuple[Fact, Fact]:
    """The two facts that only ever come together."""
    return Fact(FactName.LATITUDE, north, origin), Fact(FactName.LONGITUDE, east, origin)


def rejected(reason: NotAPlace, origin: Origin) -> Fact:
    """The fact that a position was stated and is not given."""
    return Fact(FactName.GPS_REJECTED, str(reason), origin)


def _sum(parts: list[float]) -> float:
    if any(part < 0 or not math.isfinite(part) for part in parts):
        raise NotAPlace("a number is negative or not finite beside a compass letter")
    # Some programs round 59.999 seconds up to 60, which is harmless; more than that is not an angle.
    if any(part > _SIXTY for part in parts[1:]):
        raise NotAPlace("minutes or seconds are beyond sixty")
    return math.fsum(part / 60.0**power for power, part in enumerate(parts))


def _signed(angle: Angle, axis: str) -> float:
    name, most = _AXES[axis]
    letter = angle.letter.strip().upper()
    if not letter:
        raise NotAPlace(f"the {name} has no compass letter")
    if letter not in _LETTERS:
        raise NotAPlace(f"the {name}'s letter is not of the compass")
    of_axis, sign = _LETTERS[letter]
    if of_axis != axis:
        raise NotAPlace(f"the {name} has the other axis' letter")
    if angle.degrees > most:
        raise NotAPlace(f"a {name} beyond {most:.0f} degrees")
    return round(sign * angle.degrees, 8)
