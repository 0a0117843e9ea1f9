"""Searches the record, a page at a time by number: as quick at its end as at its beginning.

It counts nothing by officer and ranks nobody. Whether the asker may is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.db.models import Max, Min, Q, QuerySet
from django.db.models.functions import Substr

from foureyes.workbench.audit.models import Entry, Mention

A_PAGE = 100
HEX = re.compile(r"[0-9a-f]{8,64}")
ENTRY_NUMBER = re.compile(r"[0-9]{1,18}")
FIELDS = ("officer", "unit", "series", "media", "action", "first", "last")
TEXT_AT_MOST = 200
DAY_LENGTH = 10
AFTER_HEX = "g"
"""Sorts behind every hex digit."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; empty text looks for nothing."""

    officer: str = ""
    unit: str = ""
    series: str = ""
    media: str = ""
    """Hex digits that the SHA-256 begins with."""
    action: str = ""
    first: str = ""
    """First day (UTC), ISO 8601."""
    last: str = ""
    """Last day, included."""
    nonsense: tuple[str, ...] = ()
    """Names of fields that make no sense: nothing is found then."""

    @property
    def stated(self) -> dict[str, str]:
        """The fields that look for something."""
        return {name: value for name, value in asdict(self).items() if name in FIELDS and value}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the record a page lies: below one entry, above one, or at the newest."""

    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of entries, the newest first."""

    entries: list[Entry]
    older: int
    """Ask for the entries before this one; 0 where there are none."""
    newer: int
    """Ask for the entries after this one; 0 where there are none."""


def sought_in(untrusted_asked: Mapping[str, str]) -> Sought:
    """What a form or address looks for."""
    given = {name: str(untrusted_asked.get(name, "")).strip()[:TEXT_AT_MOST] for name in FIELDS}
    given["media"] = given["media"].lower()
    wrong = [name for name in ("first", "last") if given[name] and _day(given[name]) is None]
    if given["media"] and not HEX.fullmatch(given["media"]):
        wrong.append("media")
    return Sought(**given, nonsense=tuple(wrong))


def place_in(untrusted_asked: Mapping[str, str]) -> Place:
    """Which page an address asks for; the newest where it asks for none or for nonsense."""
    numbers = {name: str(untrusted_asked.get(name, "")) for name in ("before", "after")}
    known = {name: int(text) for name, text in numbers.items() if ENTRY_NUMBER.fullmatch(text)}
    return Place(**known)


def page_of(sought: Sought, place: Place, among: QuerySet[Entry] | None = None) -> Found:
    """One page. Two queries at most, however long the record is.

    Args:
        sought: What is looked for.
        place: Where in the record.
        among: Only these entries; None means all.
    """
    entries = _matching(sought, Entry.objects.all() if among is None else among)
    if place.after:
        rows = list(entries.filter(id__gt=place.after).order_by("id")[: A_PAGE + 1])
        more, rows = len(rows) > A_PAGE, rows[:A_PAGE][::-1]
        return Found(rows, rows[-1].id if rows else place.after + 1, rows[0].id if more else 0)
    below = entries.filter(id__lt=place.before) if place.before else entries
    rows = list(below.order_by("-id")[: A_PAGE + 1])
    more, rows = len(rows) > A_PAGE, rows[:A_PAGE]
    newer = (rows[0].id if rows else place.before - 1) if place.before else 0
    return Found(rows, rows[-1].id if more else 0, newer)


def all_of(sought: Sought, at_most: int) -> Iterator[Entry]:
    """The newest entries that match, the oldest of them first."""
    newest = list(
        _matching(sought, Entry.objects.all()).order_by("-id").values_list("id", flat=True)[:at_most]
    )
    for start in range(len(newest), 0, -A_PAGE):
        ids = newest[max(start - A_PAGE, 0) : start]
        yield from Entry.objects.filter(id__in=ids).order_by("id")


def _matching(sought: Sought, entries: QuerySet[Entry]) -> QuerySet[Entry]:
    if sought.nonsense:
        return entries.none()
    equal = {name: sought.stated[name] for name in ("officer", "unit", "action") if name in sought.stated}
    entries = entries.filter(**equal)
    if sought.series:
        entries = _naming(entries, Q(thing=f"series:{sought.series}"))
    if sought.media:
        low = f"media:{sought.media}"
        entries = _naming(entries, Q(thing__gte=low, thing__lt=low + AFTER_HEX))
    return _within(entries, sought)


def _naming(entries: QuerySet[Entry], thing: Q) -> QuerySet[Entry]:
    """Those whose thing it is, or whose detail names it. By an OR, PostgreSQL would walk them all."""
    own, named = Entry.objects.filter(thing).values("id"), Mention.objects.filter(thing).values("entry")
    return entries.filter(id__in=own.union(named, all=True))


def _within(entries: QuerySet[Entry], sought: Sought) -> QuerySet[Entry]:
    """Those of the days. Numbers bound them first: an index over (moment, number) gives both at once."""
    span = {}
    if first := _day(sought.first):
        span["at__gte"] = first.isoformat()
    if last := _day(sought.last):
        span["at__lt"] = (last + timedelta(days=1)).isoformat() if last < date.max else "a"
    if not span:
        return entries
    bounds = Entry.objects.filter(**span).aggregate(low=Min("id"), high=Max("id"))
    if bounds["low"] is None:
        return entries.none()
    # The day once more, for a clock that was set back; as an expression, so that no index tempts the planner.
    days = {name.replace("at__", "day__"): value for name, value in span.items()}
    within = entries.filter(id__gte=bounds["low"], id__lte=bounds["high"])
    return within.annotate(day=Substr("at", 1, DAY_LENGTH)).filter(**days)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
