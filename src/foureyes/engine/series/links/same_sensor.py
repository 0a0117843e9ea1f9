"""Two media bear the noise of one sensor: the correlation of what their pictures lack in smoothness.

It tells bodies of one model apart, and yet never links alone: cameras of today process pictures in ways that
leave traces which all of a model share. Worth less for makers of which that was measured, and for pictures
of which much is dark or overexposed.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.model import Link
from foureyes.engine.series.links.base import LinkEvidence

_SHARED_TRACES = ("samsung", "huawei", "canon", "nikon", "fujifilm", "fuji")
"""Makers of which pictures of different bodies correlate (Iuliani, Fontani and Piva, "A leak in PRNU based
source identification", 2020, arXiv 2009.04878)."""
_CAP_OF_THOSE = 2.0
_ENOUGH_PIXELS = 1_200_000
"""Half of what is compared. With fewer that are neither dark nor full, the strength falls as they do."""
_WORTH_SAYING = 0.5


class SameSensor:
    """Member of the link family."""

    name = "same-sensor"
    version = 1
    group = "sensor"
    cap = 3.0

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """One link for each pair that was compared and of which the peak says something."""
        for pair in evidence.signals.sensors:
            if pair.a not in evidence.media or pair.b not in evidence.media:
                continue
            makers = {evidence.shots[one].maker.casefold() for one in (pair.a, pair.b)}
            shared = any(maker.startswith(_SHARED_TRACES) for maker in makers)
            strength = min(evidence.calibration.strength(self.name, pair.pce), self.cap)
            strength = min(strength, _CAP_OF_THOSE) if shared else strength
            strength = round(strength * min(1.0, pair.pixels / _ENOUGH_PIXELS), 2)
            if strength >= _WORTH_SAYING:
                words = (
                    f"one sensor: the peak of its noise is {pair.pce:.0f} times the rest "
                    f"({pair.pixels / 1e6:.1f} megapixels compared)"
                )
                if shared:
                    words += "; cameras of this maker share traces, so it counts for less"
                yield Link(pair.a, pair.b, self.name, strength, words, self.version)
