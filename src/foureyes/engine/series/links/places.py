"""Squares of the earth that shots fall into, and the days on which somebody was there. Never a name."""

from __future__ import annotations

import math

from foureyes.engine.series.links.shots import Shot
from foureyes.engine.series.links.tokens import token

REACH_METRES = 150.0
_CELL_DEGREES = REACH_METRES / 111_320.0
_DAY = 86_400.0

Cell = tuple[int, int]
Visit = tuple[int, int]
"""A day, and the number of a model of camera that was there on it."""


def cell_of(shot: Shot) -> Cell:
    """Squares at least as wide as the reach; their width in degrees of longitude grows towards the poles."""
    row = math.floor((shot.latitude or 0.0) / _CELL_DEGREES)
    return row, math.floor((shot.longitude or 0.0) * _narrowing(row) / _CELL_DEGREES)


def nine(cell: Cell) -> list[Cell]:
    """The cell and those around it; two to either side where the rows' widths differ."""
    return _around(cell, 0)


def seen_from(cell: Cell) -> list[Cell]:
    """The cells that have this one among their nine."""
    return [one for one in _around(cell, 4) if cell in nine(one)]


def by_time(shot: Shot) -> tuple[bool, float, str]:
    """The order of shots of a place."""
    moment = _moment(shot)
    return moment is None, moment or 0.0, shot.sha256


def day_of(shot: Shot) -> int:
    """The day in UTC where that is told, else by the camera's clock; -1 where neither says."""
    moment = _moment(shot)
    return -1 if moment is None else int(moment // _DAY)


def visit_of(shot: Shot) -> Visit:
    """What a shot adds to the visits of its cell."""
    return day_of(shot), token(shot.model.casefold())


def _around(cell: Cell, further: int) -> list[Cell]:
    row, column = cell
    middle = (column + 0.5) / _narrowing(row)
    around = []
    for line in (row - 1, row, row + 1):
        there = math.floor(middle * _narrowing(line))
        reach = further + (1 if _narrowing(line) == _narrowing(row) else 2)
        around += [(line, there + step) for step in range(-reach, reach + 1)]
    return around


def _narrowing(row: int) -> float:
    """At most the cosine of any latitude of the row, the same for all rows of one degree."""
    return max(math.cos(math.radians(min(math.floor(abs(row + 0.5) * _CELL_DEGREES) + 1, 90))), 0.01)


def _moment(shot: Shot) -> float | None:
    return shot.taken if shot.utc is None else shot.utc
