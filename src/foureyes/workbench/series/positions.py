"""Where media say they were made: a series by its media, the board by its series. The viewer comes first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from foureyes.engine.model import Fact, FactName, Origin
from foureyes.workbench.access.rules import Action, HoldingsAsked, scope_of
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH, visible_series
from foureyes.workbench.series import queries
from foureyes.workbench.series.outlines import PLACE_DIGITS
from foureyes.workbench.series.reach import series_for

NAMES = (FactName.LATITUDE, FactName.LONGITUDE, FactName.GPS_ERROR)
KEPT_AT_MOST = 16
UNSTATED_ERROR = 0.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where one media says it was made."""

    at: int
    """Index of the media among the members."""
    latitude: float
    longitude: float
    error: float
    """Metres, as stated; 0 where nothing is stated, which is not the same as exact."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Positions within about 100 m of each other, for the list."""

    latitude: float
    longitude: float
    marks: Sequence[str]
    error: float
    """The largest that is stated."""


@dataclass(frozen=True, slots=True)
class SeriesMap:
    """All positions of a series."""

    series_id: str
    name: str
    marks: Sequence[str]
    positions: Sequence[Position]
    spots: Sequence[Spot]
    unplaced: int
    """Media that state no position."""


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """One place of one series on the map of the board."""

    series_id: str
    name: str
    latitude: float
    longitude: float
    media: int


def series_map(viewer: object, series_id: str) -> SeriesMap:
    """All positions of one series.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    series = series_for(viewer, Action.VIEW, series_id)
    held = catalogue()
    state = (str(held.workspace.path), held.last_change())
    found = _positions(series.members, scope_of(viewer).covers(HoldingsAsked()), state)
    marks = [sha256[:MARK_LENGTH] for sha256 in series.members]
    placed = len({one.at for one in found})
    return SeriesMap(series.id, series.name, marks, found, _spots(found, marks), len(marks) - placed)


def board_map(viewer: object) -> list[SeriesPlace]:
    """The places of all series that the viewer sees, the largest first."""
    rows = queries.rows_of(visible_series(scope_of(viewer)))
    places = [
        SeriesPlace(row.id, row.name, place.latitude, place.longitude, place.media)
        for row in rows
        for place in row.outline.places
    ]
    return sorted(places, key=lambda one: (-one.media, one.series_id, one.latitude, one.longitude))


def positions_of(at: int, facts: Iterable[Fact], *, with_sources: bool) -> list[Position]:
    """The different positions of one media; latitude and longitude of one origin belong together."""
    by_origin: dict[Origin, dict[FactName, float]] = {}
    for fact in facts:
        if with_sources or fact.origin is not Origin.SOURCE:
            by_origin.setdefault(fact.origin, {})[fact.name] = float(fact.value)
    found: dict[Hashable, Position] = {}
    for stated in by_origin.values():
        if FactName.LATITUDE in stated and FactName.LONGITUDE in stated:
            north, east = stated[FactName.LATITUDE], stated[FactName.LONGITUDE]
            error = stated.get(FactName.GPS_ERROR, UNSTATED_ERROR)
            key = (round(north, PLACE_DIGITS + 2), round(east, PLACE_DIGITS + 2))
            found.setdefault(key, Position(at, north, east, max(error, 0.0)))
    return list(found.values())


@lru_cache(maxsize=KEPT_AT_MOST)
def _positions(members: tuple[str, ...], with_sources: bool, state: Hashable) -> Sequence[Position]:
    """Made anew when the catalogue's state is another: sources state positions beside files."""
    del state
    facts = catalogue().facts_of(members, NAMES)
    return [
        one
        for at, sha256 in enumerate(members)
        for one in positions_of(at, facts.get(sha256, ()), with_sources=with_sources)
    ]


def _spots(positions: Sequence[Position], marks: Sequence[str]) -> list[Spot]:
    cells: dict[tuple[float, float], list[Position]] = {}
    for one in positions:
        cell = (round(one.latitude, PLACE_DIGITS), round(one.longitude, PLACE_DIGITS))
        cells.setdefault(cell, []).append(one)
    spots = [
        Spot(
            sum(one.latitude for one in near) / len(near),
            sum(one.longitude for one in near) / len(near),
            list(dict.fromkeys(marks[one.at] for one in near)),
            max(one.error for one in near),
        )
        for near in cells.values()
    ]
    return sorted(spots, key=lambda one: (-len(one.marks), one.latitude, one.longitude))
