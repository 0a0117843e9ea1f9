"""What cosines of a network mean: every network spreads its vectors in its own way. Compares nothing."""

from __future__ import annotations

from typing import NamedTuple

from foureyes.engine.matching.scenes.exact import FLOOR

LIKELY = 0.7
"""Cosine of the shipped network under which only the nearest of a media is verified: of the development set's
36 views between media that nothing else joins, none was less alike; one more, a box in a room, is at .56."""
_DIGITS = 4


class Scale(NamedTuple):
    """Two cosines of a network that mark the same as two of the shipped one."""

    floor: float = FLOOR
    """Below this nothing is a candidate."""
    likely: float = LIKELY
    """From here on a pair is worth verifying though it is not the nearest."""

    def as_shipped(self, cosine: float) -> float:
        """The cosine by which the shipped network would put a pair in the same place."""
        if cosine >= self.likely:
            above = (cosine - self.likely) / max(1.0 - self.likely, 1e-9)
            return round(LIKELY + (1.0 - LIKELY) * min(above, 1.0), _DIGITS)
        return round(FLOOR + (LIKELY - FLOOR) * (cosine - self.floor) / (self.likely - self.floor), _DIGITS)


SHIPPED = Scale()
