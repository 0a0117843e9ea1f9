"""The panels beside the grid of a series, in their order: one line each. What a panel shows is its app's.

Every panel is a piece of a page (`pages/static/pages/pieces.js`) at an address that takes the series' id. A
tab is loaded when it is first chosen; a standing one with the page, above the tabs. Panels act on the grid,
and hear from it, by the events and data of `#grid` (docs/workbench/grid.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: how it is named in addresses, what people read, and where it comes from."""

    key: str
    """In `?panel=`, and in the ids `tab-<key>` and `panel-<key>`: lower-case letters."""
    title: str | Promise
    url_name: str
    """Of a view that takes `series_id` and answers with the piece."""
    scripts: tuple[str, ...] = ()
    """Static ES modules that the page loads for it. They wait for `loaded` at the panel."""
    styles: tuple[str, ...] = ()
    standing: bool = False
    """Always in sight above the tabs, for what is short and of now."""
    wide: bool = False
    """Takes half of the page while it is chosen: maps, graphs, timelines."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel of one series."""

    panel: Panel
    url: str


PANELS: tuple[Panel, ...] = (
    Panel("people", _("On it now"), "live:people", standing=True),
    Panel(
        "findings",
        _("Findings"),
        "findings:of-series",
        scripts=("findings/page.js",),
        styles=("findings/findings.css",),
    ),
    Panel(
        "timeline",
        _("Timeline"),
        "series:timeline",
        ("series/timeline.js",),
        ("series/evidence.css",),
        wide=True,
    ),
    Panel("map", _("Map"), "series:map", ("series/map.js",), wide=True),
)


def panels_of(series_id: str) -> Sequence[Placed]:
    """All panels of a series, in their order."""
    return [Placed(one, reverse(one.url_name, args=[series_id])) for one in PANELS]
