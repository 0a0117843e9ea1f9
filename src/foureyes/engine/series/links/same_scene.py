"""Two media look like one scene to a network. Weak on purpose: hotel rooms look alike.

It proposes to a person and adds to other evidence; alone it never links. Never compares vectors itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from foureyes.engine.model import Link, ScenePair
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.shots import two_bodies

_WORTH_SAYING = 0.5
_REFUTED = 0.5
"""Of what a likeness says, where the two were compared point by point in vain. Not nothing: of 17 real pairs
of views 3 share too few points (reference: XFeat finds 14)."""


class SameScene:
    """Member of the link family."""

    name = "same-scene"
    version = 1
    group = "scene"
    cap = 2.5
    """A link needs 4: whatever the network says, something of another kind must agree, and say more than how
    files were written does (1.2)."""

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """A link for each pair of held media whose likeness is worth saying, by the surest of networks."""
        best: dict[tuple[str, str], Link] = {}
        for pair in evidence.signals.scenes:
            if pair.a in evidence.media and pair.b in evidence.media and (link := self._link(pair, evidence)):
                held = best.get((link.a, link.b))
                if held is None or link.strength > held.strength:
                    best[link.a, link.b] = link
        yield from best.values()

    def _link(self, pair: ScenePair, evidence: LinkEvidence) -> Link | None:
        strength = min(evidence.calibration.scene_strength(self.name, pair.model, pair.cosine), self.cap)
        if pair.refuted:
            strength *= _REFUTED
        if strength < _WORTH_SAYING:
            return None
        times = [f"at {at:.0f} s" for at in (pair.at_a, pair.at_b) if at > 0]
        words = f"look alike as scenes: {pair.cosine:.2f} of 1"
        if pair.as_shipped is not None:
            words += f" by {pair.model}"
        if times:
            words += f" ({' and '.join(times)})"
        if pair.refuted:
            words += "; no surface of one was found in the other"
        words += two_bodies(evidence.shots[pair.a], evidence.shots[pair.b])
        return Link(pair.a, pair.b, self.name, round(strength, 2), words, self.version)
