"""When media say they were made, and what speaks against each time: rules that read and decide nothing.

A time is a claim. None is corrected or left out here: each is shown where it stands, with its doubts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from statistics import median

QUARTER = 15 * 60
"""Seconds: zones of the world differ from UTC by whole quarters of an hour."""
ZONES = (-12 * 3600, 14 * 3600)
"""The farthest that local time is from UTC, in seconds."""
STEADY = 5 * 60
"""Seconds that a camera's clock may be off and still agree: cameras are set by hand, to the minute."""
SAME_OFFSET = 120
"""Seconds within which the distances of one camera's clock from GPS time are one offset."""
ENOUGH = 3
"""Media that must show one offset before a camera's clock is suspected."""
UNSET = frozenset({date(1904, 1, 1), date(1970, 1, 1), date(1980, 1, 1), date(2000, 1, 1)})
"""Where clocks start that were never set: films, computers, FAT file systems, cameras."""
FIRST_YEAR = 1990
"""Before the first digital camera was sold, no file was dated by its camera."""


class Lane(StrEnum):
    """Who says when."""

    CAPTURED = "captured"
    """The camera's clock, as the file states it."""
    GPS = "gps"
    """A satellite's clock, in UTC."""
    CHANGED = "changed"
    """A program that wrote the file last."""
    FILE = "file"
    """The file system that the file was found on."""
    SOURCE = "source"
    """The source, beside the file."""


class Doubt(StrEnum):
    """What speaks against a time, or leaves it open."""

    NO_ZONE = "no-zone"
    """Local time of an unknown zone: up to 14 hours either way."""
    UNSET = "unset"
    """The day on which clocks start that were never set."""
    IMPOSSIBLE = "impossible"
    """Before there were digital cameras."""
    FUTURE = "future"
    """Later than the moment at which its source was first taken in."""
    GPS_DISAGREES = "gps-disagrees"
    FILE_OLDER = "file-older"
    """The file was last written before it says that it was captured."""
    OFFSET = "offset"
    """The camera's clock runs by one offset from GPS time in several media."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One time that one media claims."""

    at: int
    """Index of the media among the members."""
    lane: Lane
    seconds: float
    """Since 1970; a local time without zone counts as if it were UTC."""
    text: str
    """As stated."""
    zoned: bool
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """A camera whose clock seems to run by one offset."""

    camera: str
    seconds: int
    """How far ahead of GPS time, zones taken out; negative is behind."""
    media: int


def moment(at: int, lane: Lane, text: str) -> Moment | None:
    """The moment that an ISO 8601 text means; None where it means none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = when.tzinfo is not None
    try:
        seconds = (when if zoned else when.replace(tzinfo=UTC)).timestamp()
    except OverflowError:
        return None
    return Moment(at, lane, seconds, text, zoned)


def file_moment(at: int, nanoseconds: int) -> Moment | None:
    """The moment of a file's time; None outside the years that calendars know."""
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None
    text = when.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Moment(at, Lane.FILE, when.timestamp(), text, zoned=True)


def with_doubts(moments: Iterable[Moment], taken_in: Sequence[float]) -> list[Moment]:
    """Every moment with what speaks against it by itself and beside the others of its media.

    Args:
        moments: of all members.
        taken_in: per member, seconds since 1970 at which the last of its sources was first taken in.
    """
    of_media: dict[int, list[Moment]] = defaultdict(list)
    for one in moments:
        of_media[one.at].append(one)
    return [
        replace(one, doubts=tuple(_doubts(one, together, taken_in[at])))
        for at, together in sorted(of_media.items())
        for one in together
    ]


def offsets(moments: Sequence[Moment], cameras: Sequence[str]) -> list[ClockOffset]:
    """Cameras whose clock runs by one offset from GPS time, as several of their media show."""
    gps = {one.at: one for one in moments if one.lane is Lane.GPS}
    apart: dict[str, list[float]] = defaultdict(list)
    for one in moments:
        if one.lane is Lane.CAPTURED and one.at in gps and cameras[one.at]:
            apart[cameras[one.at]].append(distance(one, gps[one.at]))
    found = []
    for camera, seconds in sorted(apart.items()):
        near = [one for one in seconds if abs(one - median(seconds)) <= SAME_OFFSET]
        middle = median(near) if near else 0.0
        if len(near) >= ENOUGH and 2 * len(near) > len(seconds) and abs(middle) > STEADY:
            found.append(ClockOffset(camera, round(middle), len(near)))
    return found


def with_offsets(
    moments: Iterable[Moment], cameras: Sequence[str], found: Iterable[ClockOffset]
) -> list[Moment]:
    """The moments, those by a suspected clock marked."""
    suspected = {one.camera for one in found}
    return [
        replace(one, doubts=(*one.doubts, Doubt.OFFSET))
        if one.lane is Lane.CAPTURED and cameras[one.at] in suspected
        else one
        for one in moments
    ]


def distance(local: Moment, utc: Moment) -> float:
    """Seconds that a clock is ahead of another; of one that states no zone, the best fitting is taken."""
    apart = local.seconds - utc.seconds
    if local.zoned:
        return apart
    zone = min(max(round(apart / QUARTER) * QUARTER, ZONES[0]), ZONES[1])
    return apart - zone


def _doubts(one: Moment, together: Sequence[Moment], taken_in: float) -> Iterable[Doubt]:
    if not one.zoned:
        yield Doubt.NO_ZONE
    day = _day(one)
    if day in UNSET:
        yield Doubt.UNSET
    elif day is None or day.year < FIRST_YEAR:
        yield Doubt.IMPOSSIBLE
    if one.seconds > taken_in + (0 if one.zoned else ZONES[1]):
        yield Doubt.FUTURE
    if one.lane in {Lane.CAPTURED, Lane.GPS} and _gps_disagrees(together):
        yield Doubt.GPS_DISAGREES
    if one.lane is Lane.CAPTURED and _file_older(one, together):
        yield Doubt.FILE_OLDER


def _day(one: Moment) -> date | None:
    try:
        return datetime.fromisoformat(one.text).date()
    except ValueError:
        return None


def _gps_disagrees(together: Sequence[Moment]) -> bool:
    """Whether no satellite time of the media fits its time of capture."""
    captured = [one for one in together if one.lane is Lane.CAPTURED]
    gps = [one for one in together if one.lane is Lane.GPS]
    return bool(captured and gps) and all(
        abs(distance(local, utc)) > STEADY for local in captured for utc in gps
    )


def _file_older(one: Moment, together: Sequence[Moment]) -> bool:
    """Whether every file that holds the media is older than its capture, whatever the zone."""
    files = [other.seconds for other in together if other.lane is Lane.FILE]
    slack = STEADY if one.zoned else ZONES[1]
    return bool(files) and max(files) + slack < one.seconds
