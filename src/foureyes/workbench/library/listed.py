"""What hash lists say of media, for one viewer: the list, how it was met, its category in words and raw.

Whether a list may be told of is decided in `access`, by its handling code.
"""

from __future__ import annotations

from dataclasses import dataclass

from foureyes.engine.model import HashList, ListHit
from foureyes.workbench.access.rules import ListAsked, Scope
from foureyes.workbench.library.holdings import catalogue, list_hits, meaning_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One list that a media is on."""

    list: HashList
    hit: ListHit


@dataclass(frozen=True, slots=True)
class ListedInSeries:
    """One category of a list, and how many members of a series are on it."""

    list: HashList
    category: int | None
    meaning: str | None
    media: int


def lists_of(scope: Scope, sha256: str) -> list[Listed]:
    """The lists in force that a media is on; the media itself must lie within the scope already."""
    hits = list_hits(sha256)
    if not hits:
        return []
    told = told_lists(scope)
    return [Listed(told[hit.list_id], hit) for hit in hits if hit.list_id in told]


def lists_of_series(scope: Scope, series_id: str) -> list[ListedInSeries]:
    """The lists in force that members of a series are on, by category."""
    counted = catalogue().hit_counts_in_series(series_id)
    if not counted:
        return []
    told = told_lists(scope)
    return [
        ListedInSeries(told[list_id], category, meaning_of(told[list_id], category), media)
        for list_id, category, media in counted
        if list_id in told
    ]


def told_lists(scope: Scope) -> dict[int, HashList]:
    """The lists in force that the viewer may be told of, by number."""
    return {one.id: one for one in catalogue().lists() if scope.covers(ListAsked(one.handling_code))}
