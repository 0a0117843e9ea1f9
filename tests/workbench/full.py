"""A workbench whose database may not grow: SQLite's own limit on its pages gives the very error of a full disk.

Run in a process of its own, which prepared a workspace: a test's database is never committed to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice, repeat
from typing import Any

from django.db import connection
from django.test import Client

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.findings.models import Note
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.models import Exposure

FULL, TRIES = 507, 300


def main() -> dict[str, Any]:
    """What was answered while there was no room and after, and what stood then."""

    def limit(pages: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {pages}")

    def standing() -> list[int]:
        decided = len(catalogue().decisions(active_only=False))
        return [Note.objects.count(), Exposure.objects.count(), decided]

    series = catalogue().series_list()[0].id
    mark = next(iter(sorted(catalogue().members_of(series))))[:16]
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    client.force_login(Officer.objects.get())
    note = {"on": f"series:{series}", "text": "the roofs " * 9_000, "key": "a1"}
    reveal = json.dumps({"media": [mark], "series": series, "key": "full-full-full-full"})
    ways: dict[str, Callable[[], Any]] = {
        "open": lambda: client.get(f"/series/{series}/"),
        "note": lambda: client.post("/findings/new/note/", note),
        "decide": lambda: client.post(
            f"/series/{series}/decide/", {"kind": "does-not-belong", "media": mark, "reason": "another lake"}
        ),
        "reveal": lambda: client.post("/media/reveal/", reveal, content_type="application/json"),
    }
    before = standing()
    limit("1")  # not below what it has: exactly as many as there are
    opened = next(code for code in (way().status_code for way in repeat(ways["open"], TRIES)) if code == FULL)
    refused = {name: way() for name, way in islice(ways.items(), 1, None)}
    between = standing()
    limit("1073741823")
    done = {name: way().status_code for name, way in ways.items()}
    return {
        "opened": opened,
        "refused": {name: one.status_code for name, one in refused.items()},
        "said": refused["note"].content.decode(),
        "lost": before != between,
        "done": done,
        "grew": [after - now for after, now in zip(standing(), between, strict=True)],
        "record": verify().problem,
    }
