"""Gives every page the number of proposals that wait for the viewer. Asks only when a page shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from foureyes.workbench.editions.queries import waiting_count


def waits(request: HttpRequest) -> dict[str, Callable[[], int]]:
    """Context processor: `waits_for_me`."""

    @cache
    def counted() -> int:
        return waiting_count(getattr(request, "user", None))

    return {"waits_for_me": counted}
