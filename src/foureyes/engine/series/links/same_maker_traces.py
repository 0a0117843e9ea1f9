"""Two media were made by one model of camera or program: their JPEGs are built alike, their names too.

By how rare that is among all that is held: what most have says nothing. It names a model at best, never a
device, so it never links alone; and where both state their camera, it says nothing that is not said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from foureyes.engine.model import Link, Linkable
from foureyes.engine.series.calibration import Calibration
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.corpus import Rarity
from foureyes.engine.series.links.neighbours import pairs
from foureyes.engine.series.links.traces import is_edited, naming_of, signature_of

_NAMES_AT_MOST = 0.8
"""Of names alone: anybody can give a file one."""
_WORTH_SAYING = 0.5


class SameMakerTraces:
    """Member of the link family."""

    name = "same-maker-traces"
    version = 1
    group = "file"
    cap = 1.2

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links between neighbours of one build or one pattern of names, not both of a stated camera."""
        builds, names = evidence.corpus.builds, evidence.corpus.namings
        built = _Read(evidence, signature_of)
        named = _Read(evidence, _naming)
        for a, b in pairs(evidence):
            if evidence.shots[a].model and evidence.shots[b].model:
                continue
            said: list[tuple[float, str]] = []
            if built[a] and built[a] == built[b]:
                strength, words = _worth(builds, built[a], evidence.calibration)
                who = "one program" if is_edited(evidence.media[a]) else "one model of camera or program"
                said.append((min(strength, self.cap), f"JPEGs built alike, as by {who} ({words})"))
            if named[a] and named[a] == named[b]:
                strength, words = _worth(names, named[a], evidence.calibration)
                said.append((min(strength, _NAMES_AT_MOST), f"names like {_shown(named[a])} ({words})"))
            strength = max((one for one, _ in said), default=0.0)
            if strength >= _WORTH_SAYING:
                words = "; ".join(text for one, text in said if one >= _WORTH_SAYING)
                yield Link(a, b, self.name, round(strength, 2), words, self.version)


class _Read(dict[str, str]):
    """A trace of each media that is asked about, read once."""

    def __init__(self, given: LinkEvidence, read: Callable[[Linkable], str]) -> None:
        super().__init__()
        self._given, self._read = given, read

    def __missing__(self, sha256: str) -> str:
        self[sha256] = trace = self._read(self._given.media[sha256])
        return trace


def _worth(among: Rarity, trace: str, calibration: Calibration) -> tuple[float, str]:
    """What it says to share a trace, and in words how many have it."""
    holders = among.holders[trace]
    strength = calibration.strength(SameMakerTraces.name, math.log10(among.every / holders))
    return strength, f"{holders:,} of {among.every:,} held"


def _naming(media: Linkable) -> str:
    return naming_of(media.paths[0]) if media.paths else ""


def _shown(pattern: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in pattern)
