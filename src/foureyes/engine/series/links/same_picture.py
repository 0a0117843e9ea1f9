"""Two media show one picture: a copy, an edit, a turned or mirrored one, a still of a clip.

It rests on PDQ alone, and only on what matching has already found within its radius. A clip that shares
one passing frame with another is a hint, not a link: title cards and logos do that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from foureyes.engine.model import Link, Linkable, MediaKind, NearPair
from foureyes.engine.series.links.base import LinkEvidence

_TURNED = (
    "",
    ", rotated by 90 degrees",
    ", rotated by 180 degrees",
    ", rotated by 270 degrees",
    ", flipped top to bottom",
    ", mirrored",
    ", mirrored on a diagonal",
    ", mirrored on a diagonal",
)

_BITS = 256
_RADIUS = 31
_AT_RADIUS = 4.0
"""Strength at 31 bits. Chance says far more (unrelated pairs of quality 50 are 128 bits apart with deviation
8); what limits it is pictures alike by make, such as forms and screens."""
_SHARED_FRAMES = 0.1
"""Two clips of one scene share frames all along; a tenth of the shorter one is well below any re-encoding
or cut, and well above one title card in a minute of film."""
_SHARED_AT_LEAST = 2
_PASSING_FRAME = 2.5
"""Strength where two clips share less: shown to people, and joins only with other evidence."""


class SamePicture:
    """Member of the link family."""

    name = "same-picture"
    version = 1
    group = "pixels"
    cap = 6.0

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """One link for each two media of which any frames match."""
        matches: dict[tuple[str, str], list[NearPair]] = defaultdict(list)
        for pair in evidence.near:
            if pair.a != pair.b and pair.a in evidence.media and pair.b in evidence.media:
                matches[min(pair.a, pair.b), max(pair.a, pair.b)].append(pair)
        for a, b in sorted(matches):
            yield self._link(evidence.media[a], evidence.media[b], matches[a, b])

    def _link(self, a: Linkable, b: Linkable, pairs: Sequence[NearPair]) -> Link:
        best = min(pairs, key=lambda pair: (pair.distance_bits, pair.at_a, pair.at_b, pair.orientation))
        strength = self.cap - (self.cap - _AT_RADIUS) * best.distance_bits / _RADIUS
        words = f"{best.distance_bits} of {_BITS} bits differ{_TURNED[best.orientation]}"
        videos = [side for side in (a, b) if side.kind is MediaKind.VIDEO]
        if len(videos) == 1:
            at = best.at_a if videos[0].sha256 == best.a else best.at_b
            words = f"still matches the clip at {_clock(at)}: {words}"
        elif videos:
            shared = min(len({pair.at_a for pair in pairs}), len({pair.at_b for pair in pairs}))
            shorter = max(1, min(a.frames, b.frames))
            words = f"clips share {shared} of {shorter} frames, from {_clock(best.at_a)}: {words}"
            if shared < min(shorter, max(_SHARED_AT_LEAST, _SHARED_FRAMES * shorter)):
                strength = _PASSING_FRAME
        return Link(a.sha256, b.sha256, self.name, round(strength, 2), words, self.version)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
