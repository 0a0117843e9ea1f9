"""Two media show one surface: a wall, a table, a room, from another place, cropped or under an overlay.

It rests on matched points that agree with one movement of the camera. What lies at the same place of both
pictures around different contents (a player's frame, a logo, a form) is no view and links nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.model import Link, ViewPair, counted
from foureyes.engine.series.calibration import Calibration
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.shots import two_bodies

AGREES_IN_FULL = 0.5
"""Of the cells that could agree. Chance fits are scattered among places that do not: of 3,000 pairs of
unrelated pictures those that fitted at all agreed in 18 to 31 %, true views mostly in more than 50 %."""
SMALL_SHARE = 0.08
"""Of either picture, and of what both would show: a poster, a logo or a screen in the background is one
thing, not one place."""
FULL_SHARE = 0.2
"""From here on points count in full. Views that overlap at their edges share less of either picture, but
nearly all of what both could show."""
OF_A_THING = 3.5
"""Strength at most where the surface is small in both: shown, and linking only with other evidence."""

OF_A_PATTERN = 2.7
"""Strength at most where SIFT does not find what XFeat finds (stripes, checks and bricks fit everywhere), and
where windows or forms of one kind would fit as well. What it came to among 20,000 look-alikes; and with all
that traces of one maker say (1.2) no link: what one program draws comes in that program's files."""


class SameView:
    """Member of the link family."""

    name = "same-view"
    version = 4
    group = "scene"
    cap = 4.9
    """Less than joins two grown groups by one pair (5.0): a splice, a collage or a poster shows surfaces of
    two series. Two members on either side must bear it out."""

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """One link for each two media in which enough points agree."""
        best: dict[tuple[str, str], Link] = {}
        for view in evidence.signals.views:
            if view.a not in evidence.media or view.b not in evidence.media:
                continue
            strength = self.strength(view, evidence.calibration)
            held = best.get((view.a, view.b))
            if strength > 0 and (held is None or strength > held.strength):
                said = words(view) + two_bodies(evidence.shots[view.a], evidence.shots[view.b])
                best[view.a, view.b] = Link(view.a, view.b, self.name, strength, said, self.version)
        for key in sorted(best):
            yield best[key]

    def strength(self, view: ViewPair, calibration: Calibration) -> float:
        """log10 of the likelihood ratio; 0 for what is fixed in place."""
        if view.fixed:
            return 0.0
        worth = min(self.cap, calibration.strength(self.name, score(view)))
        if view.alone or view.unsure:
            return min(worth, OF_A_PATTERN)
        larger = max(view.share_a, view.share_b, view.covers)
        if larger >= FULL_SHARE or worth <= OF_A_THING:
            return worth
        share = max(0.0, (larger - SMALL_SHARE) / (FULL_SHARE - SMALL_SHARE))
        return round(OF_A_THING + (worth - OF_A_THING) * share, 2)


def score(view: ViewPair) -> float:
    """Points that agree, for less where most of the surface between them does not: what is calibrated."""
    return view.inliers * min(1.0, view.agrees / AGREES_IN_FULL)


def words(view: ViewPair) -> str:
    """Such as: 84 points agree over 61 % of one and 40 % of the other, mirrored."""
    parts = [
        f"{counted(view.inliers, 'point agrees', 'points agree')} over {_percent(view.share_a)} of one and "
    ]
    parts.append(f"{_percent(view.share_b)} of the other")
    if view.mirrored:
        parts.append(", mirrored")
    if view.hidden:
        parts.append(f", without {counted(view.hidden, 'hidden region')} ({view.hidden_why})")
    if view.at_a or view.at_b:
        parts.append(f", at {_clock(view.at_a)} and {_clock(view.at_b)}")
    if view.moments > 1:
        parts.append(f", and {view.moments - 1} more in step")
    if view.small:
        parts.append(" (by a thumbnail: the original is not at hand)")
    return "".join(parts)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %" if share >= 0.01 else "under 1 %"  # noqa: PLR2004 - one per cent


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
