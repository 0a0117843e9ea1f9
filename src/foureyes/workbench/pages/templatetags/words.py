"""Filters that turn values of the engine into words for people. They never mark anything as safe HTML."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template

register = template.Library()

KILO = 1024
TURNED = (
    "upright",
    "rotated by 90 degrees anticlockwise",
    "upside down, rotated by 180 degrees",
    "rotated by 90 degrees clockwise",
    "flipped top to bottom",
    "mirrored left to right",
    "mirrored on the falling diagonal",
    "mirrored on the rising diagonal",
)
"""Orientations of a fingerprint, in their order: what the question must undergo to be what is held."""


@register.filter
def spoken(code: object) -> str:
    """`same-place-and-time` as `same place and time`."""
    return str(code).replace("-", " ")


@register.filter
def mark(sha256: object) -> str:
    """The first sixteen hex digits of a SHA-256: how pages and addresses name a media."""
    return str(sha256)[:16]


@register.filter
def shortened(thing: object) -> str:
    """`media:` and a SHA-256 cut to its mark; anything else as it is."""
    kind, _, name = str(thing).partition(":")
    return f"{kind} {name[:16]}" if kind == "media" else str(thing).replace(":", " ", 1)


@register.filter
def moment(text: object) -> str:
    """ISO 8601 as `2026-11-22 17:38:00`, with the zone only where one was stated."""
    if isinstance(text, datetime):
        text = text.astimezone(UTC).isoformat(timespec="seconds")
    day, _, rest = str(text).partition("T")
    clock, zone = rest[:8], rest[8:]
    zone = zone.lstrip(".0123456789").replace("+00:00", "").replace("Z", "")
    return " ".join(part for part in (day, clock, zone) if part)


@register.filter
def nanoseconds(value: object) -> str:
    """Nanoseconds since 1970 as `2026-11-22 17:38:00`; empty for None and for impossible times."""
    if not isinstance(value, int):
        return ""
    try:
        return datetime.fromtimestamp(value // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return ""


@register.filter
def turned(orientation: object) -> str:
    """How what is held stands to what was asked: `rotated by 90 degrees anticlockwise`."""
    return TURNED[orientation] if isinstance(orientation, int) and 0 <= orientation < len(TURNED) else ""


@register.filter
def digest_name(digest: object) -> str:
    """`sha256` as `SHA-256`."""
    return str(digest).upper().replace("SHA", "SHA-")


@register.filter
def clock(seconds: object) -> str:
    """Seconds of a film as `1:02:03` or `0:07`; empty where there are none."""
    if not isinstance(seconds, int | float):
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def size(value: object) -> str:
    """Bytes as `3.4 MB`."""
    if not isinstance(value, int):
        return ""
    amount, unit = float(value), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < KILO:
            break
        amount, unit = amount / KILO, larger
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"


@register.filter
def printable(untrusted_text: object) -> str:
    """Text of hostile origin with what cannot be printed shown as an escape."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "backslashreplace").decode()
        for sign in str(untrusted_text).encode("utf-8", "backslashreplace").decode()
    )


@register.filter
def printable_lines(untrusted_text: object) -> str:
    """As `printable`, but lines stay lines: for texts of several lines."""
    return "\n".join(printable(line) for line in str(untrusted_text).splitlines())


@register.filter
def total(numbers: Iterable[int]) -> int:
    """The sum."""
    return sum(numbers)
