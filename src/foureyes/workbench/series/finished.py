"""Says which series are finished, so that `library` shows their media to nobody unasked. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection

from foureyes.workbench.library.settled import SETTLED_SERIES
from foureyes.workbench.series.models import Standing, State

FINISHED = (State.IDENTIFIED, State.CLOSED)


def finished(ids: Collection[str]) -> Collection[str]:
    """Those of the ids whose series is identified or closed."""
    return set(Standing.objects.filter(series__in=ids, state__in=FINISHED).values_list("series", flat=True))


def register() -> None:
    """Tell the library, once."""
    if finished not in SETTLED_SERIES:
        SETTLED_SERIES.append(finished)
