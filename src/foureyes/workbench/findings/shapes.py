"""Where in a picture a region lies: read from what a page sent, checked, and written as a Media Fragment.

Positions are whole millionths of the picture as it is displayed (upright): what is checked is exactly what is
stored. A box is written as the W3C's Media Fragments URI says (`xywh=percent:10,20,30,40`), a polygon, for
which that has no word, as `polygon=percent:10,20 30,20 30,40`. Nothing here knows pixels.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext as _

from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import WHOLE

CORNERS_AT_MOST = 200
HUNDRED = 100
WRITTEN = re.compile(r"(xywh|polygon)=percent:([-+0-9.,eE naifNAIF]{1,20000})")
TIME = re.compile(r"(?:(\d{1,4}):)?(?:(\d{1,6}):)?(\d{1,7}(?:[.,]\d{1,6})?)")
LONGEST_MS = 1_000 * 60 * 60 * 24 * 365

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """A box, or a polygon with the box around it, in millionths of the picture."""

    left: int
    top: int
    width: int
    height: int
    points: tuple[Point, ...] = ()
    """Corners of a polygon; empty for a box."""

    def __str__(self) -> str:
        """As a Media Fragment."""
        if self.points:
            return "polygon=percent:" + " ".join(f"{_percent(x)},{_percent(y)}" for x, y in self.points)
        return "xywh=percent:" + ",".join(map(_percent, (self.left, self.top, self.width, self.height)))


EVERYWHERE = Shape(0, 0, WHOLE, WHOLE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A moment or a stretch of a film, in milliseconds."""

    from_ms: int
    to_ms: int

    def __str__(self) -> str:
        """As a Media Fragment."""
        if self.from_ms == self.to_ms:
            return f"t={self.from_ms / 1000:g}"
        return f"t={self.from_ms / 1000:g},{self.to_ms / 1000:g}"


def shape_of(untrusted_text: str) -> Shape:
    """The shape that a page sent; the whole picture where it sent none.

    Raises:
        NotDone: it is no shape, or lies outside the picture; says in words which.
    """
    text = untrusted_text.strip()
    if not text:
        return EVERYWHERE
    found = WRITTEN.fullmatch(text)
    if not found:
        raise NotDone(
            _("The region is not understood: write a box as xywh=percent:left,top,width,height, or draw it.")
        )
    numbers = [_numbers(part) for part in found[2].split()]
    if found[1] == "xywh":
        return _box(numbers)
    return _polygon(numbers)


def stretch_of(
    untrusted_from: str, untrusted_to: str, *, is_video: bool, duration: float | None
) -> Stretch | None:
    """When in a film; None for a picture, or where nothing was said.

    Raises:
        NotDone: it is no time, ends before it begins, or lies beyond the film's end.
    """
    if not untrusted_from.strip() and not untrusted_to.strip():
        return None
    if not is_video:
        raise NotDone(_("A picture has no time: leave both times empty."))
    begins = _milliseconds(untrusted_from or "0")
    ends = _milliseconds(untrusted_to) if untrusted_to.strip() else begins
    if ends < begins:
        raise NotDone(_("The stretch ends before it begins."))
    if duration is not None and ends > math.ceil(duration * 1000):
        raise NotDone(
            _("The film ends at %(end)s seconds: the region lies beyond that.") % {"end": f"{duration:.1f}"}
        )
    return Stretch(begins, ends)


def _box(numbers: Sequence[Sequence[float]]) -> Shape:
    if len(numbers) != 1 or len(numbers[0]) != 4:  # noqa: PLR2004 - left, top, width, height
        raise NotDone(_("A box has four numbers: left, top, width and height, in per cent."))
    left, top, right, bottom = _edges(numbers[0])
    if right <= left or bottom <= top:
        raise NotDone(_("The box has no area: make it wider and higher."))
    _inside([(left, top), (right, bottom)])
    return Shape(left, top, right - left, bottom - top)


def _edges(box: Sequence[float]) -> tuple[int, int, int, int]:
    left, top, width, height = box
    if width < 0 or height < 0:
        raise NotDone(_("A box has no negative width or height."))
    return _millionths(left), _millionths(top), _millionths(left + width), _millionths(top + height)


def _polygon(numbers: Sequence[Sequence[float]]) -> Shape:
    if any(len(one) != 2 for one in numbers):  # noqa: PLR2004 - x and y
        raise NotDone(_("Each corner has two numbers, in per cent."))
    if len(numbers) > CORNERS_AT_MOST:
        raise NotDone(
            _("A polygon has at most %(most)d corners; this has %(count)d.")
            % {"most": CORNERS_AT_MOST, "count": len(numbers)}
        )
    corners = _without_repeats([(_millionths(x), _millionths(y)) for x, y in numbers])
    _inside(corners)
    if len(corners) < 3:  # noqa: PLR2004 - a triangle
        raise NotDone(_("A polygon has at least three different corners."))
    if _crosses_itself(corners):
        raise NotDone(_("The outline crosses or touches itself: draw it around the thing once."))
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return Shape(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), tuple(corners))


def _numbers(untrusted_part: str) -> list[float]:
    try:
        numbers = [float(one) for one in untrusted_part.split(",")]
    except ValueError as error:
        raise NotDone(_("The region holds something that is no number.")) from error
    # A thousandfold of the picture is nonsense already, and larger numbers would overflow below.
    if not all(math.isfinite(one) and abs(one) < HUNDRED * 1000 for one in numbers):
        raise NotDone(_("The region holds something that is no number of a place in the picture."))
    return numbers


def _inside(points: Sequence[Point]) -> None:
    if any(not 0 <= x <= WHOLE or not 0 <= y <= WHOLE for x, y in points):
        raise NotDone(
            _("The region lies outside the picture: every part of it must lie between 0 and 100 per cent.")
        )


def _without_repeats(points: Sequence[Point]) -> list[Point]:
    """Without a corner that repeats the one before it, as a double click leaves."""
    kept = [one for place, one in enumerate(points) if place == 0 or one != points[place - 1]]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def _crosses_itself(corners: Sequence[Point]) -> bool:
    """Whether two edges that are no neighbours meet, or two neighbours fold back on each other. Exact."""
    edges = list(pairwise([*corners, corners[0]]))
    count = len(edges)
    for one in range(count):
        (a, b), (_same, c) = edges[one], edges[(one + 1) % count]
        if _turn(a, b, c) == 0 and _dot(a, b, c) <= 0:
            return True
        for two in range(one + 2, count - (one == 0)):
            if _meet(*edges[one], *edges[two]):
                return True
    return False


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    first, second = _side(_turn(a, b, c)), _side(_turn(a, b, d))
    third, fourth = _side(_turn(c, d, a)), _side(_turn(c, d, b))
    if first != second and third != fourth:
        return True
    ends = ((first, a, c, b), (second, a, d, b), (third, c, a, d), (fourth, c, b, d))
    return any(side == 0 and _between(low, it, high) for side, low, it, high in ends)


def _turn(a: Point, b: Point, c: Point) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _dot(a: Point, b: Point, c: Point) -> int:
    """Positive where the way from `b` to `c` goes on in the direction from `a` to `b`."""
    return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])


def _side(turn: int) -> int:
    return (turn > 0) - (turn < 0)


def _between(low: Point, it: Point, high: Point) -> bool:
    return min(low[0], high[0]) <= it[0] <= max(low[0], high[0]) and min(low[1], high[1]) <= it[1] <= max(
        low[1], high[1]
    )


def _millionths(percent: float) -> int:
    return round(percent * WHOLE / HUNDRED)


def _percent(millionths: int) -> str:
    return f"{millionths * HUNDRED / WHOLE:.4f}".rstrip("0").rstrip(".")


def _milliseconds(untrusted_text: str) -> int:
    found = TIME.fullmatch(untrusted_text.strip())
    if not found:
        raise NotDone(_("A time is written in seconds, or as minutes:seconds."))
    # One colon gives minutes, two give hours and minutes.
    first, second, seconds = found[1], found[2], float(found[3].replace(",", "."))
    hours, minutes = (int(first or 0), int(second)) if second else (0, int(first or 0))
    total = round((hours * 3600 + minutes * 60 + seconds) * 1000)
    if total > LONGEST_MS:
        raise NotDone(_("No film is that long."))
    return total
