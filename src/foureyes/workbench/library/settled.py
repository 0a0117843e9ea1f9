"""Which media are settled: nobody is shown them again unasked. It hides nothing, and decides no rights.

Settled is what a list of known media has hit, what lies in a series that is closed (the series' app says
which are), and what people ruled on, once the officer has seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from foureyes.workbench.access.rules import MediaAsked
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.models import Exposure

SETTLED_SERIES: list[Callable[[Collection[str]], Collection[str]]] = []
"""Told ids of series, each gives those whose work is done. Apps above this one add themselves."""


def settled_among(officer: Officer, asked: Sequence[MediaAsked]) -> frozenset[str]:
    """SHA-256 of those that are settled for this officer. Few queries, however many media."""
    ids = [one.sha256 for one in asked]
    settled = set(catalogue().known_among(ids))
    series = {id_ for one in asked for id_ in one.series}
    done = {id_ for ask in SETTLED_SERIES for id_ in ask(series)}
    settled.update(one.sha256 for one in asked if not done.isdisjoint(one.series))
    ruled = {sha256 for decision in catalogue().decisions() for sha256 in decision.media}
    ruled.intersection_update(ids)
    if ruled:
        shown = Exposure.objects.filter(officer=officer, media__in=sorted(ruled))
        settled.update(ruled.intersection(shown.values_list("media", flat=True)))
    return frozenset(settled)
