"""Kinds of links, one file each. They state reasons and their strength; they never group."""

from __future__ import annotations

from collections.abc import Iterable

from foureyes.engine.model import Link, Linkable, NearPair
from foureyes.engine.series.calibration import Calibration, shipped
from foureyes.engine.series.links.base import NO_SIGNALS, LinkEvidence, LinkMaker, Signals
from foureyes.engine.series.links.same_camera import SameCamera
from foureyes.engine.series.links.same_picture import SamePicture
from foureyes.engine.series.links.same_place_time import SamePlaceAndTime
from foureyes.engine.series.links.same_scene import SameScene
from foureyes.engine.series.links.shots import shot_of

LINKS: tuple[LinkMaker, ...] = (SamePicture(), SameCamera(), SamePlaceAndTime(), SameScene())
"""Every kind, in the order in which reasons are told."""

GROUP_OF = {maker.name: maker.group for maker in LINKS}
"""Which independent group a kind of link belongs to."""

__all__ = ["GROUP_OF", "LINKS", "NO_SIGNALS", "LinkEvidence", "LinkMaker", "Signals", "evidence", "propose"]


def evidence(
    linkable: Iterable[Linkable],
    near: Iterable[NearPair],
    signals: Signals = NO_SIGNALS,
    calibration: Calibration | None = None,
) -> LinkEvidence:
    """Bring what linking is given into one order, whatever order it came in."""
    media = {one.sha256: one for one in sorted(linkable, key=lambda one: one.sha256)}
    shots = {sha256: shot_of(one) for sha256, one in media.items()}
    ordered = sorted(near, key=lambda pair: (pair.a, pair.b, pair.at_a, pair.at_b))
    return LinkEvidence(media, shots, ordered, signals.sorted(), calibration or shipped())


def propose(given: LinkEvidence) -> tuple[Link, ...]:
    """Links of every kind."""
    return tuple(link for maker in LINKS for link in maker.propose(given))
