"""Two media were made at one place, and better still at one time: satellite positions and hours.

A position is an area as wide as its error. What it is worth falls with that area, and with the number of
days on which the corpus has somebody there: a landmark links nobody. Never uses a place name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from foureyes.engine.model import Link, counted
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.moments import without_copied
from foureyes.engine.series.links.places import (
    REACH_METRES,
    Cell,
    Visit,
    by_time,
    cell_of,
    day_of,
    nine,
)
from foureyes.engine.series.links.shots import Shot, corrected

_CITY_SQUARE_METRES = 1e8
"""Two unrelated media of one case lie in one city (10 km x 10 km) more often than not: being nearer than
that is what counts, not being nearer than half the earth."""
_ERROR_METRES = 15.0
"""Error of a phone's position under open sky, where none is stated."""
_ERROR_AT_MOST = 1000.0
_SAME_HOURS = 3 * 3600.0
_OTHER_TIME = 1.5
"""Taken off where the times are far apart or not known: the place may be one and the people not."""
_CORRECTED_AT_MOST = 3.5
"""Where only correcting a clock says that the times are near: a clock may state a zone that it is not set to,
and some cameras write their local time into films as UTC."""
_LINKED_AHEAD = 2
LOOKED_AHEAD = 12
_WORTH_SAYING = 1.0
_DAY = 86_400.0


class SamePlaceAndTime:
    """Member of the link family."""

    name = "same-place-and-time"
    version = 2
    group = "time"
    cap = 4.5

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links between each media and the next two in time that lie within reach of it."""
        stated = (shot for shot in evidence.shots.values() if shot.latitude is not None)
        placed = without_copied(stated, evidence.corpus.copied_places)
        cells = _cells(placed)
        found: dict[tuple[str, str], Link] = {}
        for cell in sorted(cells):
            around = [shot for near in nine(cell) for shot in cells.get(near, ())]
            if evidence.new is not None and not any(shot.sha256 in evidence.new for shot in around):
                continue
            around.sort(key=by_time)
            here = {shot.sha256 for shot in cells[cell]}
            visits = _Visits.of(evidence.corpus.visits.get(near, frozenset()) for near in nine(cell))
            for link in self._links_around(around, here, visits):
                if evidence.asks(link.a, link.b):
                    found[link.a, link.b] = link
        yield from (found[pair] for pair in sorted(found))

    def _links_around(self, around: Sequence[Shot], here: set[str], visits: _Visits) -> Iterator[Link]:
        for index, first in enumerate(around):
            if first.sha256 not in here:
                continue
            linked = 0
            for second in around[index + 1 : index + 1 + LOOKED_AHEAD]:
                if link := self._link(first, second, visits):
                    yield link
                    linked += 1
                    if linked == _LINKED_AHEAD:
                        break

    def _link(self, first: Shot, second: Shot, visits: _Visits) -> Link | None:
        metres = _metres_between(first, second)
        if metres > REACH_METRES:
            return None
        radius = metres + math.hypot(_error(first), _error(second))
        strength = math.log10(_CITY_SQUARE_METRES / (math.pi * radius**2))
        pause, by_clocks = _pause(first, second), _by_clocks(first, second)
        words = f"{counted(round(metres), 'metre')} apart"
        if pause is not None and pause <= _SAME_HOURS:
            others = visits.on_day[day_of(first)]
            words += f" and {counted(round(pause / 60), 'minute')}"
            if by_clocks is None or by_clocks > _SAME_HOURS:
                strength = min(strength, _CORRECTED_AT_MOST)
                words += corrected(first, second)
        else:
            others = visits.ever
            strength -= _OTHER_TIME
            words += ", at unknown times" if pause is None else f", {pause / _DAY:.1f} days apart"
        strength -= math.log10(others)
        if others > 1:
            words += f"; {counted(others, 'visit is', 'visits are')} held from here"
        if strength < _WORTH_SAYING:
            return None
        a, b = sorted((first.sha256, second.sha256))
        return Link(a, b, self.name, round(min(strength, self.cap), 2), words, self.version)


class _Visits(NamedTuple):
    """How popular a place is: cameras there on each day, and cameras times days in all."""

    on_day: Mapping[int, int]
    ever: int

    @classmethod
    def of(cls, cells: Iterable[Collection[Visit]]) -> _Visits:
        visits = {one for visited in cells for one in visited}
        return cls(Counter(day for day, _ in visits), len(visits))


def _cells(placed: Sequence[Shot]) -> dict[Cell, list[Shot]]:
    cells: dict[Cell, list[Shot]] = defaultdict(list)
    for shot in placed:
        cells[cell_of(shot)].append(shot)
    return cells


def _pause(first: Shot, second: Shot) -> float | None:
    """Seconds between two times, in UTC where both tell it; None where they share no clock."""
    if first.utc is not None and second.utc is not None:
        return abs(first.utc - second.utc)
    return _by_clocks(first, second)


def _by_clocks(first: Shot, second: Shot) -> float | None:
    """Seconds between two times of one clock, nothing corrected; None where they share none."""
    if first.gps_taken is not None and second.gps_taken is not None:
        return abs(first.gps_taken - second.gps_taken)
    if first.taken is not None and second.taken is not None and first.clock == second.clock:
        return abs(first.taken - second.taken)
    return None


def _error(shot: Shot) -> float:
    return min(max(shot.error_metres, _ERROR_METRES), _ERROR_AT_MOST)


def _metres_between(first: Shot, second: Shot) -> float:
    """Along the great circle."""
    phi_1, phi_2 = math.radians(first.latitude or 0.0), math.radians(second.latitude or 0.0)
    half_phi = (phi_2 - phi_1) / 2
    half_lambda = math.radians((second.longitude or 0.0) - (first.longitude or 0.0)) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lambda) ** 2
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(chord)))
