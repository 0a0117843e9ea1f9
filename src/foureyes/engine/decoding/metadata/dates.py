"""Stated times to one form: ISO 8601 with fractions and zone only where stated. Never guesses a zone.

What is not a time (zeros, blanks, the thirteenth month) is no fact and becomes None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone

_TIME = re.compile(
    r"\s*(?P<year>\d{4})[:/.\-](?P<month>\d{1,2})[:/.\-](?P<day>\d{1,2})"
    r"[T\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?:[.,](?P<fraction>\d{1,9}))?\s*(?P<zone>Z|[+\-]\d{2}:?\d{2})?\s*",
    re.ASCII,
)
_ZONE = re.compile(r"\s*([+\-])(\d{2}):?(\d{2})\s*", re.ASCII)
_DAY = re.compile(r"\s*(\d{4})[:/.\-](\d{1,2})[:/.\-](\d{1,2})", re.ASCII)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2}) ?(\d{2})(\d{2})(\d{2})([+\-]\d{4})?", re.ASCII)
_FIRST_YEAR = 1826
"""The oldest photograph. Scans of old prints may state the year of the print."""
_EAST_AT_MOST = timedelta(hours=14)
_WEST_AT_MOST = timedelta(hours=12)


def stated_time(untrusted_text: str, fraction: str = "", zone: str = "") -> str | None:
    """EXIF, XMP and plain ISO forms of a moment to ISO 8601.

    Args:
        untrusted_text: `2022:08:14 11:12:32`, `2022-08-14T11:12:32.5+03:00` and their neighbours.
        fraction: digits after the point from a field of their own (SubSecTimeOriginal).
        zone: from a field of its own (OffsetTimeOriginal), `+03:00` or `Z`.
    """
    match = _TIME.fullmatch(untrusted_text[:64])
    if match is None:
        return None
    parts = [int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    digits = match["fraction"] or fraction.strip()
    stated = digits.isascii() and digits.isdigit()
    microsecond = int(digits[:6].ljust(6, "0")) if stated else 0
    try:
        moment = datetime(*parts[:6], microsecond, tzinfo=_zone(match["zone"] or zone))  # type: ignore[misc,arg-type]  # six numbers, and a list has no length
    except ValueError:
        return None
    if moment.year < _FIRST_YEAR:
        return None
    return moment.isoformat(timespec="microseconds" if stated else "seconds")


def packed_time(untrusted_day: str, untrusted_time: str) -> str | None:
    """IPTC's two fields `20220814` and `111232+0300` to ISO 8601; None where either is missing or odd."""
    match = _PACKED.fullmatch(f"{untrusted_day.strip()} {untrusted_time.strip()}")
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups(default="")
    return stated_time(f"{year}-{month}-{day} {hour}:{minute}:{second}", zone=zone)


def utc_time(untrusted_day: str, clock: Sequence[tuple[int, int]] | None) -> str | None:
    """GPSDateStamp and GPSTimeStamp (hours, minutes, seconds as fractions) to ISO 8601 ending in `Z`."""
    match = _DAY.match(untrusted_day[:32])
    if match is None or clock is None or len(clock) != 3 or not all(below for _, below in clock):  # noqa: PLR2004 - h, m, s
        return None
    hour, minute, second = (above / below for above, below in clock)
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):  # noqa: PLR2004 - a clock's numbers
        return None
    try:
        day = datetime.combine(date(*(int(part) for part in match.groups())), time(), UTC)
    except ValueError:
        return None
    moment = day + timedelta(hours=hour, minutes=minute, seconds=round(second, 6))
    form = "microseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=form) + "Z"


def _zone(untrusted_zone: str) -> timezone | None:
    if untrusted_zone.strip() == "Z":
        return UTC
    match = _ZONE.fullmatch(untrusted_zone)
    if match is None or int(match[3]) > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset > (_EAST_AT_MOST if match[1] == "+" else _WEST_AT_MOST):
        return None
    return timezone(offset if match[1] == "+" else -offset)
