"""How what happened is written on the channel: server-sent events with JSON. Says that, never what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from foureyes.workbench.live.models import Event
from foureyes.workbench.live.presence import Brief, Changed, Here

HEARTBEAT = b":\n\n"


def message(kind: str, said: Mapping[str, Any], number: int = 0) -> bytes:
    """One server-sent event; its number is what a page names when it comes back."""
    data = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {kind}\ndata: {data}\n\n".encode()


def change(event: Event, by: Brief | None) -> bytes:
    """Something that changed."""
    said = {
        "what": event.what,
        "series": event.series,
        "thing": event.thing,
        "version": event.version,
        "officer": event.officer,
        "name": by.name if by else event.officer,
        "unit": by.unit if by else "",
        "toMe": bool(event.to),
        "at": event.at.isoformat(timespec="seconds"),
    }
    return message("change", said, event.id)


def here_now(series: str, people: Sequence[Here]) -> bytes:
    """Everybody who is on a series."""
    return message(
        "here", {"series": series, "all": True, "here": [_person(one) for one in people], "gone": []}
    )


def here_on_series(series: str, changed: Changed) -> bytes:
    """Who came, moved and went, for those who are on the series."""
    people = [_person(one) for one in [*changed.came, *changed.moved]]
    return message("here", {"series": series, "all": False, "here": people, "gone": changed.gone})


def here_on_board(series: str, changed: Changed) -> bytes:
    """Who came and went, for those who look at the board."""
    people = [_person(one) for one in changed.came]
    return message("here", {"series": series, "all": False, "here": people, "gone": changed.gone})


def _person(here: Here) -> dict[str, Any]:
    officer = here.officer
    return {
        "officer": officer.username,
        "name": officer.name,
        "initials": officer.initials,
        "unit": officer.unit,
        "part": here.part,
        "mark": here.mark,
        "hidden": here.place_hidden,
    }
