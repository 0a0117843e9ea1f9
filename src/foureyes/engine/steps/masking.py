"""Which regions of which media do not count when views are verified, such as persons.

A name stands for the regions of a media: what was compared with others left out is compared anew. Never says
what a region shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import HiddenRegion

NEAR_SECONDS = 0.75
"""A region of one moment counts for frames so near to it: who looks once a second covers all of a film."""
WHYS_TOLD = 3


@dataclass(frozen=True, slots=True)
class Masks:
    """Regions that do not count, of those of some media that have any."""

    regions: Mapping[str, Sequence[HiddenRegion]] = field(default_factory=dict)

    def at(self, sha256: str, at_seconds: float) -> list[HiddenRegion]:
        """Those of a picture, or of a film at a second."""
        return [one for one in self.regions.get(sha256, ()) if _counts(one, at_seconds)]

    def named(self, pair: tuple[str, str]) -> list[str]:
        """A short name of the regions of each of two media; nothing where neither has any."""
        own = [_name(self.regions.get(one, ())) for one in pair]
        return own if any(own) else []


def masks_of(catalogue: Catalogue, sha256s: Collection[str]) -> Masks:
    """The regions in force of some media."""
    return Masks(catalogue.hidden_of(sha256s))


def whys(regions: Collection[HiddenRegion]) -> str:
    """What is in regions, in words: person, screen."""
    said = sorted({one.why for one in regions})
    return ", ".join(said[:WHYS_TOLD]) + (" and others" if len(said) > WHYS_TOLD else "")


def _counts(region: HiddenRegion, at_seconds: float) -> bool:
    return region.at_seconds is None or abs(region.at_seconds - at_seconds) <= NEAR_SECONDS


def _name(regions: Sequence[HiddenRegion]) -> str:
    if not regions:
        return ""
    at = [-1.0 if one.at_seconds is None else one.at_seconds for one in regions]
    text = json.dumps(sorted({(*one.box, second) for one, second in zip(regions, at, strict=True)}))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
