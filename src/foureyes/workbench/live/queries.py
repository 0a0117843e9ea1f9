"""Reads of events, and of what the channel needs to know of officers. Rights are asked by `opening`."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max, Min

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.live.models import Event, Whereabouts
from foureyes.workbench.live.presence import Brief, brief


def newest() -> int:
    """Number of the newest event; 0 where there is none."""
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0


def oldest() -> int:
    """Number of the oldest event that is still kept; 0 where there is none."""
    return Event.objects.aggregate(oldest=Min("id"))["oldest"] or 0


def events(after: int, upto: int | None = None, at_most: int = 1_000) -> list[Event]:
    """Events with a number above `after`, up to and with `upto`, in order."""
    found = Event.objects.filter(id__gt=after)
    if upto is not None:
        found = found.filter(id__lte=upto)
    return list(found.order_by("id")[:at_most])


def briefs(usernames: Iterable[str]) -> dict[str, Brief]:
    """What colleagues are told of these officers."""
    found = Officer.objects.select_related("unit").filter(username__in=set(usernames))
    return {officer.username: brief(officer) for officer in found}


def is_place_hidden(officer: Officer) -> bool:
    """Whether the officer hides which part of a series they look at."""
    return Whereabouts.objects.filter(officer=officer, place_hidden=True).exists()
