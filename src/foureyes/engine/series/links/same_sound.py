"""Two films share a stretch of sound: a recording cut twice, or one song behind both. A hint, never more.

Popular music is in many films of many people, so what several films of the corpus hold says less. Openings
are heard and seen at the same moment, which same-picture, same-view and same-scene tell already.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from foureyes.engine.model import Link, SoundPair, counted
from foureyes.engine.series.links.base import LinkEvidence

_BY_CHANCE = 0.35
"""Share of bits in which unrelated sounds differ: a sound counts for as many seconds as it is unlike that."""
_HALF, _LONG = 0.5, 15.0
"""Share of a film and seconds from which a stretch is no opening: its pictures are other evidence then."""
_AROUND = 3.0
"""Seconds around a stretch that count as the same moment."""
_WORTH_SAYING = 0.5
_DIGITS = 12
"""Of a SHA-256, as the command shows media."""

_Moments = Mapping[tuple[str, str], Sequence[tuple[float, float]]]


class SameSound:
    """Member of the link family."""

    name = "same-sound"
    version = 1
    group = "sound"
    cap = 1.4
    """With the strongest likeness of scenes (2.5) it stays under the 4 that link: a song behind two rooms
    that look alike joins nothing."""

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """A link for each two films whose sound is worth saying, and is no opening that is seen too."""
        copies = {(one.a, one.b) for one in evidence.near}
        moments = _seen(evidence)
        for pair in evidence.signals.sounds:
            key = (pair.a, pair.b)
            if pair.a not in evidence.media or pair.b not in evidence.media:
                continue
            seen_too = key in copies or _is_seen_too(pair, moments.get(key, ()))
            if seen_too and not (pair.share >= _HALF and pair.seconds >= _LONG):
                continue
            if (link := self._link(pair, evidence)) is not None:
                yield link

    def _link(self, pair: SoundPair, evidence: LinkEvidence) -> Link | None:
        strength = min(evidence.calibration.strength(self.name, score_of(pair)), self.cap)
        strength = round(strength - math.log10(max(1, pair.holders - 1)), 2)
        if strength < _WORTH_SAYING:
            return None
        words = (
            f"{counted(round(pair.seconds), 'second sounds', 'seconds sound')} the same: "
            f"{_span(pair.at_a, pair)} of {pair.a[:_DIGITS]} and "
            f"{_span(pair.at_b, pair)} of {pair.b[:_DIGITS]}; {pair.bit_error * 100:.0f} % of bits differ"
        )
        if pair.holders > 2:  # noqa: PLR2004 - these two
            words += f"; {pair.holders} films hold it, so it counts for less"
        return Link(pair.a, pair.b, self.name, strength, words, self.version)


def score_of(pair: SoundPair) -> float:
    """Seconds that sound the same, less the more bits differ: none where they do as by chance."""
    return pair.seconds * (1 - pair.bit_error / _BY_CHANCE)


def _seen(evidence: LinkEvidence) -> _Moments:
    """Where the pictures of two media were found to agree, in seconds of both."""
    moments: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for view in evidence.signals.views:
        moments[view.a, view.b].append((view.at_a, view.at_b))
    for scene in evidence.signals.scenes:
        moments[scene.a, scene.b].append((scene.at_a, scene.at_b))
    return moments


def _is_seen_too(pair: SoundPair, moments: Sequence[tuple[float, float]]) -> bool:
    return any(
        -_AROUND <= at_a - pair.at_a <= pair.seconds + _AROUND
        and -_AROUND <= at_b - pair.at_b <= pair.seconds + _AROUND
        for at_a, at_b in moments
    )


def _span(begin: float, pair: SoundPair) -> str:
    return f"{_clock(begin)}-{_clock(begin + pair.seconds)}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
