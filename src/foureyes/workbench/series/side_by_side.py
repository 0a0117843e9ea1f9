"""Reads two to six media that are looked at side by side, and why each pair is together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from django.http import Http404

from foureyes.workbench.access.rules import Action, SeriesAsked, may
from foureyes.workbench.library.holdings import turned
from foureyes.workbench.library.queries import LookedAt, looked_at
from foureyes.workbench.series.matched import Moment
from foureyes.workbench.series.queries import Why, why

LEAST, MOST = 2, 6
ASKED = re.compile(r"([0-9a-f]{16,64})(?:@([0-9]{1,6}(?:\.[0-9]{1,6})?))?")
"""A mark, and of a film the second at which it is shown."""


class WrongNumber(Exception):
    """Fewer than two or more than six different media; `count` is how many."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(frozen=True, slots=True)
class Side:
    """One of the media."""

    looked_at: LookedAt
    at_seconds: float
    turn: tuple[int, int] | None
    """How it lies on the first: quarters clockwise, mirrored before; None where it is another picture."""
    may_decide: bool
    """Whether the viewer may rule on its series."""

    @property
    def moment(self) -> Moment:
        """As matched points are asked for."""
        return Moment(self.looked_at, self.at_seconds)

    @property
    def milliseconds(self) -> int:
        """Of the frame of a film."""
        return round(self.at_seconds * 1000)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the page shows."""

    sides: Sequence[Side]
    pairs: Sequence[Why]
    set_aside: str
    """SHA-256 of one that a hash list sets aside; empty where there is none."""


def compared(viewer: object, untrusted: Sequence[str]) -> Compared:
    """Media for a viewer who may see every one of them.

    Raises:
        django.http.Http404: one of them is not there, or not for this viewer.
        WrongNumber: fewer than two different ones, or more than six.
    """
    asked = [_asked(one) for one in dict.fromkeys(untrusted)]
    if not LEAST <= len(asked) <= MOST:
        raise WrongNumber(len(asked))
    media = [(looked_at(viewer, mark), seconds) for mark, seconds in asked]
    first = media[0][0].sha256
    sides = [
        Side(
            one,
            seconds,
            (0, 0) if one.sha256 == first else turned(first, one.sha256),
            _may_decide(viewer, one),
        )
        for one, seconds in media
    ]
    aside = next((one.sha256 for one, _ in media if one.set_aside), "")
    pairs = [found for a, b in combinations(media, 2) if (found := _why(viewer, a[0], b[0])) is not None]
    return Compared(sides, pairs, aside)


def moments(viewer: object, untrusted: Sequence[str]) -> tuple[Moment, Moment]:
    """Two different media, each for a viewer who may see it and that no list sets aside.

    Raises:
        django.http.Http404: it is not so.
    """
    asked = [_asked(one) for one in untrusted]
    found = [Moment(looked_at(viewer, mark), seconds) for mark, seconds in asked]
    if len({one.sha256 for one in found}) != LEAST or any(one.looked_at.set_aside for one in found):
        raise Http404
    return found[0], found[1]


def _asked(untrusted: str) -> tuple[str, float]:
    found = ASKED.fullmatch(untrusted)
    if found is None:
        raise Http404
    return found[1], float(found[2] or 0)


def _may_decide(viewer: object, one: LookedAt) -> bool:
    return one.series is not None and may(viewer, Action.DECIDE, SeriesAsked(one.series.id))


def _why(viewer: object, a: LookedAt, b: LookedAt) -> Why | None:
    """None where the reason leads over media that are not the viewer's, and for two moments of one film."""
    if a.sha256 == b.sha256:
        return None
    try:
        return why(viewer, a.sha256, b.sha256)
    except Http404:
        return None
