"""Gives every page the number of lines in the viewer's inbox. Asks only when a page shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from foureyes.workbench.findings.queries.inbox import count


def waiting(request: HttpRequest) -> dict[str, Callable[[], int]]:
    """Context processor: `inbox_waiting`."""

    @cache
    def counted() -> int:
        return count(getattr(request, "user", None))

    return {"inbox_waiting": counted}
