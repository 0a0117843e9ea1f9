"""Tells the moments of real shots from metadata that was copied onto other pictures.

Edits of one exposure state one moment to its last digit, and so do foreign pictures that were given its
metadata. What tells them apart is how many different pictures state it; pixels are asked for nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from foureyes.engine.model import NearPair
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.links.shots import Shot

EXPOSURES_AT_MOST = 3
"""Different pictures that may state one moment: an exposure, a hard edit of it, a second one. More than that
(cameras that tell bursts apart state fractions or numbers) is metadata copied from one file to others."""

Moment = tuple[str, str, str, float | None, int | None]


def moment_of(shot: Shot) -> Moment:
    """Camera, clock, time in full and number: equal only for one exposure, or for copied metadata."""
    return shot.model, shot.serial, shot.clock, shot.taken, shot.number if shot.counted else None


def without_copied(shots: Iterable[Shot], near: Iterable[NearPair]) -> list[Shot]:
    """Leave out shots whose moment too many different pictures state."""
    same: dict[Moment, list[Shot]] = defaultdict(list)
    for shot in shots:
        same[moment_of(shot)].append(shot)
    crowded = {
        moment: here
        for moment, here in same.items()
        if len(here) > EXPOSURES_AT_MOST and here[0].taken is not None
    }
    if crowded:
        copied = _copied(crowded, near)
        return [shot for here in same.values() for shot in here if moment_of(shot) not in copied]
    return [shot for here in same.values() for shot in here]


def _copied(crowded: dict[Moment, list[Shot]], near: Iterable[NearPair]) -> set[Moment]:
    """Moments that more pictures state than one exposure has, copies of one picture counted once."""
    numbers = {
        shot.sha256: number for number, shot in enumerate(s for here in crowded.values() for s in here)
    }
    pictures = ConstrainedGroups(len(numbers))
    for pair in near:
        if pair.a in numbers and pair.b in numbers:
            pictures.join(numbers[pair.a], numbers[pair.b])
    return {
        moment
        for moment, here in crowded.items()
        if len({pictures.root(numbers[shot.sha256]) for shot in here}) > EXPOSURES_AT_MOST
    }
