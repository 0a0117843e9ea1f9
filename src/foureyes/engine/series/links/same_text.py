"""Two media bear the same text: a sign, a label, a name laid over the picture. Never enough alone.

It is worth what it is rare, and what it is long: `PARKING` stands everywhere, and what a site writes over
all of its pictures says nothing of who is in them. It reads nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from foureyes.engine.model import Corners, Link, TextPair, counted
from foureyes.engine.series.links.base import LinkEvidence

LETTER = 0.15
"""log10 that a letter is worth, beyond those that two texts share by chance."""
SPREAD = 4.0
"""log10 of the holders of which two are of one series no likelier than any other two: a mark of a site."""
LAID_OVER = 1.4
"""Strength at most of what stands at one place of both frames: programs, sites and cameras write so. With a
likeness of two rooms (2.5 at most) it does not link them."""
_WORTH_SAYING = 0.3
_SHOWN = 60


class SameText:
    """Member of the link family."""

    name = "same-text"
    version = 1
    group = "text"
    cap = 2.4
    """A link needs 4: something of another kind must agree, and more than hints. Labels of one product stand
    in many kitchens. It is enough to ask a person."""

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """A link for each pair of held media that shares a text worth saying."""
        for pair in evidence.signals.texts:
            if pair.a not in evidence.media or pair.b not in evidence.media:
                continue
            worth = evidence.calibration.strength(self.name, score(pair, len(evidence.media)))
            strength = min(worth, LAID_OVER if pair.fixed else self.cap)
            if strength >= _WORTH_SAYING:
                yield Link(pair.a, pair.b, self.name, round(strength, 2), words(pair), self.version)


def score(pair: TextPair, media: int) -> float:
    """What is calibrated: the least of what its length, its rarity and the number of its holders are worth.

    Of `h` pictures with one text, two taken at random are of one series about as often as a series' size over
    `h`; from ten thousand on that is nothing to go by, however large the corpus is.
    """
    holders = max(2, pair.holders)
    rarity = math.log10(max(1.0, media / holders))
    return max(0.0, min(LETTER * pair.letters, rarity, SPREAD - math.log10(holders)))


def words(pair: TextPair) -> str:
    """Such as: both bear the text "Sea View": upper left of one, middle of the other (2 pictures have it)."""
    shown = "".join(one if one.isprintable() else "?" for one in pair.text)
    if len(shown) > _SHOWN:
        shown = f"{shown[: _SHOWN - 1]}…"
    parts = [f'both bear the text "{shown}"']
    if pair.others:
        parts.append(f" and {counted(pair.others, 'more line')}")
    one, other = _where(pair.place_a, pair.at_a), _where(pair.place_b, pair.at_b)
    if pair.fixed:
        parts.append(f": at the same place of both frames, {one}")
    else:
        parts.append(f": {one} of one, {other} of the other")
    parts.append(f" ({counted(pair.holders, 'picture has', 'pictures have')} it)")
    return "".join(parts)


def _where(place: Corners, at_seconds: float) -> str:
    x = sum(corner[0] for corner in place) / len(place)
    y = sum(corner[1] for corner in place) / len(place)
    down, across = ("upper", "", "lower")[_third(y)], ("left", "", "right")[_third(x)]
    named = f"{down or 'middle'} {across}".strip() if across else (f"{down} middle".strip())
    return f"{named} at {at_seconds:.0f} s" if at_seconds > 0 else named


def _third(share: float) -> int:
    return min(2, max(0, int(share * 3)))
