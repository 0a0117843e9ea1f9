"""Gives every page the number of unread changes, for the navigation. Asks only when a page shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from foureyes.workbench.series.queries import unread_changes


def unread(request: HttpRequest) -> dict[str, Callable[[], int]]:
    """Context processor: `unread_changes`."""

    @cache
    def counted() -> int:
        return unread_changes(getattr(request, "user", None))

    return {"unread_changes": counted}
