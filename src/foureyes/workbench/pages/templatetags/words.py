"""Filters that turn values of the engine into words for people. They never mark anything as safe HTML."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template
from django.utils.formats import number_format
from django.utils.translation import get_language_bidi, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.pages.codes import words_of_code

register = template.Library()

KILO = 1024
KINDS = {"": _("Undecoded content"), "picture": _("Picture"), "video": _("Video")}
LISTS = {"known": _("known list"), "irrelevant": _("irrelevant list"), "negative": _("negative list")}
MINUTE = 60
TURNED = (
    _("upright"),
    _("rotated by 90 degrees anticlockwise"),
    _("upside down, rotated by 180 degrees"),
    _("rotated by 90 degrees clockwise"),
    _("flipped top to bottom"),
    _("mirrored left to right"),
    _("mirrored on the falling diagonal"),
    _("mirrored on the rising diagonal"),
)
"""Orientations of a fingerprint, in their order: what the question must undergo to be what is held."""


@register.filter
def spoken(code: object) -> str:
    """`same-place-and-time` as `same place and time`, in the language of the page."""
    return words_of_code(str(code))


@register.filter
def mark(sha256: object) -> str:
    """The first sixteen hex digits of a SHA-256: how pages and addresses name a media."""
    return str(sha256)[:16]


@register.filter
def shortened(thing: object) -> str:
    """`media:` and a SHA-256 cut to its mark; anything else as it is."""
    kind, colon, name = str(thing).partition(":")
    said = words_of_code(kind) if colon else kind
    return f"{said} {name[:16] if kind == 'media' else name}".rstrip()


@register.filter
def moment(text: object) -> str:
    """ISO 8601 as `2026-11-22 17:38:00`, with the zone only where one was stated."""
    if isinstance(text, datetime):
        text = text.astimezone(UTC).isoformat(timespec="seconds")
    day, _letter, rest = str(text).partition("T")
    clock, zone = rest[:8], rest[8:]
    zone = zone.lstrip(".0123456789").replace("+00:00", "").replace("Z", "")
    return from_left(" ".join(part for part in (day, clock, zone) if part))


@register.filter
def nanoseconds(value: object) -> str:
    """Nanoseconds since 1970 as `2026-11-22 17:38:00`; empty for None and for impossible times."""
    if not isinstance(value, int):
        return ""
    try:
        return from_left(datetime.fromtimestamp(value // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S"))
    except (OverflowError, ValueError, OSError):
        return ""


def from_left(text: str) -> str:
    """Digits that are read from the left keep their order in a script that is read from the right."""
    return f"\N{LEFT-TO-RIGHT ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if get_language_bidi() else text


@register.filter
def turned(orientation: object) -> str:
    """How what is held stands to what was asked: `rotated by 90 degrees anticlockwise`."""
    return str(TURNED[orientation]) if isinstance(orientation, int) and 0 <= orientation < len(TURNED) else ""


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
def lasting(seconds: object) -> str:
    """Seconds as people say a time: `40 s`, `12 min`, `3 h 5 min`."""
    whole = int(seconds) if isinstance(seconds, int | float) else 0
    if whole < MINUTE:
        return f"{whole} s"
    hours, minutes = divmod(whole // MINUTE, MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@register.filter
def kind_of_media(kind: object) -> str:
    """`Picture`, `Video`, or that it could not be decoded."""
    return str(KINDS.get(str(kind or ""), kind))


@register.filter
def kind_of_list(kind: object) -> str:
    """What a hash list knows."""
    return str(LISTS.get(str(kind), kind))


@register.filter
def size(value: object) -> str:
    """Bytes as `3.4 MB`."""
    if not isinstance(value, int):
        return ""
    if value < KILO:
        return ngettext("%(count)s byte", "%(count)s bytes", value) % {"count": value}
    amount, unit = float(value), ""
    for larger in (gettext("kB"), gettext("MB"), gettext("GB"), gettext("TB")):
        if amount < KILO:
            break
        amount, unit = amount / KILO, larger
    return f"{number_format(round(amount, 1), 1)} {unit}"


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
