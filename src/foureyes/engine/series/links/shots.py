"""Reads facts as a camera's shot: which camera, when, which number, where. All of it claims, none trusted.

Values that factories, repair shops and wrong parsers leave behind are thrown out here: serials of
zeros, clocks that were never set, positions at 0, 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

from foureyes.engine.model import Fact, FactName, FactValue, Linkable, Origin
from foureyes.engine.series.links.names import name_of

FACTS = (
    FactName.ARTIST,
    FactName.BODY_SERIAL,
    FactName.CAMERA_MAKER,
    FactName.CAMERA_MODEL,
    FactName.CAPTURED_AT,
    FactName.COPYRIGHT,
    FactName.FILE_NUMBER,
    FactName.FIRMWARE,
    FactName.GPS_ERROR,
    FactName.GPS_TIME,
    FactName.IMAGE_ID,
    FactName.JPEG_LAYOUT,
    FactName.LATITUDE,
    FactName.LENS_MODEL,
    FactName.LENS_SERIAL,
    FactName.LONGITUDE,
    FactName.ORIENTATION,
    FactName.OWNER,
    FactName.QUANTISATION,
    FactName.SERIES_NAME,
    FactName.SOFTWARE,
    FactName.STATED_SIZE,
)
"""All that linking reads."""

_TRUSTED_FIRST = (Origin.EXIF, Origin.MAKER_NOTE, Origin.XMP, Origin.CONTAINER, Origin.IPTC)
_RANKS = {origin: rank for rank, origin in enumerate(_TRUSTED_FIRST)}
_DCF_NAME = re.compile(r"([A-Za-z0-9_]{3}[A-Za-z_])([0-9]{4})")
"""File names of the camera standard (DCF, JEITA CP-3461): four free characters and a number."""
_COUNTER = "counter"
_SERIALS_REMEMBERED = 10_000
"""What became of so many texts: a camera states the same one in every picture."""
_SERIAL_DIGITS = 4
_HEXADECIMAL_LENGTH = 6
_FILLER_SHARE = 0.75
_BUILT_AT = re.compile(r"(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][- ]?[0-2][0-9][0-5][0-9][0-5][0-9]")
_CLOCK_RESETS = 2
"""Hours after midnight of 1 January in which a clock that lost its battery still stands."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One media as the camera tells it."""

    sha256: str
    maker: str = ""
    model: str = ""
    lens: str = ""
    firmware: str = ""
    serial: str = ""
    """Empty where none is stated or it is worthless."""
    lens_serial: str = ""
    """The same of the lens."""
    taken: float | None = None
    """Seconds on the camera's own clock since 1970 as if it were UTC; None where not stated or not set."""
    clock: str = ""
    """Which clock `taken` is of: times of different clocks are not compared."""
    gps_taken: float | None = None
    """Seconds since 1970 UTC by satellite."""
    zoned: float | None = None
    """Seconds since 1970 UTC by the zone that the camera's clock states with `taken`."""
    number: int | None = None
    """The camera's running number, or that of its file name."""
    numbering: str = ""
    """What the number counts in; numbers of different numberings are not compared."""
    counted: bool = False
    """Whether the number is the camera's own counter and not read off a file name."""
    latitude: float | None = None
    longitude: float | None = None
    error_metres: float = 0.0

    @property
    def utc(self) -> float | None:
        """Seconds since 1970 UTC, by satellite before the clock with its zone: comparable between clocks."""
        return self.zoned if self.gps_taken is None else self.gps_taken

    @property
    def camera(self) -> str:
        """Maker and model for people, the maker not said twice."""
        first = self.maker.split(" ")[0]
        return self.model if self.model.casefold().startswith(first.casefold()) else f"{first} {self.model}"


def shot_of(media: Linkable) -> Shot:
    """Read one media's facts."""
    facts = _best_facts(media.facts)
    latitude, longitude = _position(media.facts)
    taken, clock = _taken(facts.get(FactName.CAPTURED_AT))
    number, numbering = _number(facts.get(FactName.FILE_NUMBER), media.paths)
    return Shot(
        sha256=media.sha256,
        maker=_text(facts, FactName.CAMERA_MAKER),
        model=_text(facts, FactName.CAMERA_MODEL),
        lens=_text(facts, FactName.LENS_MODEL),
        firmware=_text(facts, FactName.FIRMWARE),
        serial=serial_of(_text(facts, FactName.BODY_SERIAL)),
        lens_serial=serial_of(_text(facts, FactName.LENS_SERIAL)),
        taken=taken,
        clock=clock,
        gps_taken=_gps_taken(facts.get(FactName.GPS_TIME)),
        zoned=None if taken is None else _zoned(facts.get(FactName.CAPTURED_AT)),
        number=number,
        numbering=numbering,
        counted=numbering == _COUNTER,
        latitude=latitude,
        longitude=longitude,
        error_metres=_metres(facts.get(FactName.GPS_ERROR)),
    )


def corrected(first: Shot, second: Shot) -> str:
    """By how much UTC moves two clocks against each other, such as: , one clock corrected by 2 h 00 min."""
    clocks = (first.taken, second.taken, first.utc, second.utc)
    if any(one is None for one in clocks):
        return ", by satellite and by the zone of a clock"
    taken, other, utc, other_utc = (one or 0.0 for one in clocks)
    minutes = round(abs((taken - other) - (utc - other_utc)) / 60)
    return f", one clock corrected by {minutes // 60} h {minutes % 60:02} min"


def two_bodies(one: Shot, other: Shot) -> str:
    """In words that two shots state different bodies, for whoever looks at what joins them; else nothing.

    It takes nothing from a strength: docs/series.md says why.
    """
    serials = sorted((one.serial, other.serial))
    if not serials[0] or serials[0] == serials[1]:
        return ""
    return f"; two bodies: serials {serials[0]} and {serials[1]}"


@lru_cache(_SERIALS_REMEMBERED)
def serial_of(untrusted_text: str) -> str:
    """A serial fit to name one camera or lens, or nothing.

    Worthless: names of presets that were parsed as serials (too few digits), one character nearly
    throughout, a few over and over (12341234), digits that only count up or down (12345678, 987654, also
    behind letters), a date with a time (of the firmware or the factory), and makers' "none" values.
    """
    text = re.sub(r"[^0-9a-z]", "", re.sub(r"(?i)^\s*no\s*[=:.]", "", untrusted_text).casefold()).lstrip("0")
    digits = sum(one.isdigit() for one in text)
    hexadecimal = digits > 0 and len(text) >= _HEXADECIMAL_LENGTH and not set(text) - set("0123456789abcdef")
    if len(set(text)) < 2 or (digits < _SERIAL_DIGITS and not hexadecimal):  # noqa: PLR2004 - over and over
        return ""
    return "" if _is_made_up(text) or _BUILT_AT.fullmatch(untrusted_text.strip()) else text


def _is_made_up(text: str) -> bool:
    """Whether nobody would number a camera so: fillers of factories, of repair shops and of tests."""
    commonest = max(text.count(one) for one in set(text))
    long = len(text) >= _HEXADECIMAL_LENGTH
    if (long and commonest >= _FILLER_SHARE * len(text)) or re.search(r"(.)\1{7}", text):
        return True
    if any(text == (text[:width] * len(text))[: len(text)] for width in range(1, len(text) // 2 + 1)):
        return True
    counting = re.sub(r"^[a-z]{1,4}", "", text).lstrip("0")
    if not counting.isdigit() or len(counting) < _SERIAL_DIGITS:
        return False
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(counting)}
    return steps in ({1}, {9})


def _best_facts(facts: Iterable[Fact]) -> dict[FactName, Fact]:
    """Of each name the fact of the most trusted origin, then the smallest value: any order, one result."""
    best: dict[FactName, Fact] = {}
    for fact in facts:
        held = best.setdefault(fact.name, fact)
        if held is not fact and _trust(fact) < _trust(held):
            best[fact.name] = fact
    return best


def _trust(fact: Fact) -> tuple[int, str]:
    return _RANKS.get(fact.origin, len(_RANKS)), str(fact.value)


def _text(facts: dict[FactName, Fact], name: FactName) -> str:
    fact = facts.get(name)
    return "" if fact is None else " ".join(str(fact.value).replace("\0", " ").split())[:80]


def _taken(fact: Fact | None) -> tuple[float | None, str]:
    """Seconds on the stated clock. A film's container states UTC, a still the local time."""
    if fact is None or fact.origin is Origin.SOURCE:
        return None, ""
    moment = _moment(fact.value)
    if moment is None or _never_set(moment):
        return None, ""
    clock = "container" if fact.origin is Origin.CONTAINER else "still"
    return moment.replace(tzinfo=UTC).timestamp(), clock


def _zoned(fact: Fact | None) -> float | None:
    """By a zone that the camera wrote: programs write theirs into XMP and IPTC."""
    if fact is None or fact.origin not in (Origin.EXIF, Origin.CONTAINER):
        return None
    moment = _moment(fact.value)
    return None if moment is None or moment.tzinfo is None else moment.timestamp()


def _gps_taken(fact: Fact | None) -> float | None:
    moment = None if fact is None else _moment(fact.value)
    return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _moment(value: FactValue) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def _never_set(moment: datetime) -> bool:
    """A clock still near where it starts without a battery, or a date without a time of day."""
    new_year = (moment.month, moment.day) == (1, 1) and moment.hour < _CLOCK_RESETS
    return new_year or (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def _number(fact: Fact | None, paths: Iterable[str]) -> tuple[int | None, str]:
    if fact is not None and isinstance(fact.value, int) and fact.value > 0:
        return fact.value, _COUNTER
    for path in sorted(paths):
        if match := _DCF_NAME.fullmatch(name_of(path).stem):
            return int(match[2]), match[1].casefold()
    return None, ""


def _position(facts: Iterable[Fact]) -> tuple[float | None, float | None]:
    """Latitude and longitude of one origin."""
    stated = {(fact.origin, fact.name): fact.value for fact in facts}
    for origin in _TRUSTED_FIRST:
        latitude, longitude = (
            stated.get((origin, FactName.LATITUDE)),
            stated.get((origin, FactName.LONGITUDE)),
        )
        if (
            isinstance(latitude, float | int)
            and isinstance(longitude, float | int)
            and (latitude or longitude)
        ):
            return float(latitude), float(longitude)
    return None, None


def _metres(fact: Fact | None) -> float:
    return (
        float(fact.value)
        if fact is not None and isinstance(fact.value, float | int) and fact.value > 0
        else 0.0
    )
