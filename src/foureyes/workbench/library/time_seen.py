"""Counts the seconds in which something sharp was on an officer's screen, as their pages tell them.

A page may tell too much (two tabs, a clock that jumps, a hostile script): no more is believed than time has
passed since that officer's page last told anything, and nothing on a day without a reveal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Max, Min, Sum
from django.utils import timezone

from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.caps import day_began
from foureyes.workbench.library.models import Exposure, Looked

AT_ONCE = 60.0
"""Seconds that one telling may hold; pages tell every 15 seconds."""
SERIES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class OfSeries:
    """What an officer saw of one series."""

    series: str
    """Empty for media that were looked at on their own pages."""
    reveals: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Seconds:
    """For how long something sharp was on the officer's screen."""

    today: float
    week: float
    ever: float


def looked(viewer: object, series: str, untrusted_seconds: float) -> float:
    """Add what a page tells; gives the seconds that were believed.

    Raises:
        django.http.Http404: the viewer sees nothing sharp anyway.
    """
    officer = require_ever(viewer, Action.REVEAL)
    now = timezone.now()
    if not math.isfinite(untrusted_seconds) or untrusted_seconds <= 0:
        return 0.0
    with transaction.atomic():
        # Two pages that tell at once must not both be believed for the same seconds.
        Officer.objects.select_for_update().get(pk=officer.pk)
        began = Exposure.objects.filter(officer=officer, at__gte=day_began()).aggregate(at=Min("at"))["at"]
        if began is None:
            return 0.0
        today = Looked.objects.filter(officer=officer, day=now.date())
        last = today.aggregate(last=Max("last"))["last"] or began
        believed = min(untrusted_seconds, AT_ONCE, max(0.0, (now - last).total_seconds()))
        if not today.filter(series=series).update(seconds=F("seconds") + believed, last=now):
            Looked.objects.create(officer=officer, day=now.date(), series=series, seconds=believed, last=now)
    return float(believed)


def seconds_of(officer: Officer) -> Seconds:
    """What was counted for the officer."""
    own = Looked.objects.filter(officer=officer)
    today = timezone.now().date()

    def summed(since: int | None) -> float:
        chosen = own if since is None else own.filter(day__gt=today - timedelta(days=since))
        return float(chosen.aggregate(sum=Sum("seconds"))["sum"] or 0)

    return Seconds(today=summed(1), week=summed(7), ever=summed(None))


def by_series(officer: Officer) -> Sequence[OfSeries]:
    """What was revealed of each series and for how long, the most reveals first."""
    reveals = Exposure.objects.filter(officer=officer).values("series").annotate(count=Count("id"))
    seconds = Looked.objects.filter(officer=officer).values("series").annotate(sum=Sum("seconds"))
    counted = {row["series"]: row["count"] for row in reveals}
    timed = {row["series"]: row["sum"] for row in seconds}
    every = [OfSeries(one, counted.get(one, 0), timed.get(one, 0.0)) for one in counted.keys() | timed.keys()]
    return sorted(every, key=lambda one: (-one.reveals, one.series))[:SERIES_SHOWN]
