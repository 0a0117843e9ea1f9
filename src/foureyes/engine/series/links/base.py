"""What every kind of link must offer, and what it is given to find them. Never groups and never decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from foureyes.engine.model import (
    Link,
    Linkable,
    NearPair,
    ScenePair,
    SensorPair,
    SoundPair,
    TextPair,
    ViewPair,
)
from foureyes.engine.series.calibration import Calibration, shipped
from foureyes.engine.series.links.corpus import Corpus
from foureyes.engine.series.links.shots import Shot


@dataclass(frozen=True, slots=True)
class Signals:
    """What the dearer signals found, of each a pair of media at most once, of scenes once a network."""

    scenes: Sequence[ScenePair] = ()
    views: Sequence[ViewPair] = ()
    sensors: Sequence[SensorPair] = ()
    sounds: Sequence[SoundPair] = ()
    texts: Sequence[TextPair] = ()

    def sorted(self) -> Signals:
        """The same in one order."""
        return Signals(
            sorted(self.scenes, key=lambda one: (one.a, one.b, one.model)),
            sorted(self.views, key=_pair),
            sorted(self.sensors, key=_pair),
            sorted(self.sounds, key=_pair),
            sorted(self.texts, key=_pair),
        )


NO_SIGNALS = Signals()


@dataclass(frozen=True, slots=True)
class LinkEvidence:
    """All that links are made from."""

    media: Mapping[str, Linkable]
    """By SHA-256, in rising order of it."""
    shots: Mapping[str, Shot]
    """What each media states of itself, read once; by SHA-256, in the same order."""
    near: Sequence[NearPair]
    """Fingerprints that matching found near each other; a < b, sorted."""
    file_order: Sequence[str] = ()
    """SHA-256 of media by folder and name."""
    signals: Signals = NO_SIGNALS
    """What the dearer signals found."""
    calibration: Calibration = field(default_factory=shipped)
    """What the scores of those are worth."""
    off: frozenset[str] = frozenset()
    """Kinds of links that are switched off."""
    corpus: Corpus = field(default_factory=Corpus)
    """Counts over all that is held: makers take none from `media`."""
    new: frozenset[str] | None = None
    """Where `media` are only what is around a batch: its media. Only links that touch one are asked for."""

    def asks(self, a: str, b: str) -> bool:
        """Whether a link between the two is asked for."""
        return self.new is None or a in self.new or b in self.new


class LinkMaker(Protocol):
    """One kind of link. The same evidence in any order gives the same links.

    A maker proposes about as many links as there are media, not as many as there are pairs: neighbours in
    time, or a family's first member with each other one.
    """

    @property
    def name(self) -> str:
        """`Link.kind` of what it proposes; never changes."""

    @property
    def version(self) -> int:
        """Raised whenever the same evidence would give other links."""

    @property
    def group(self) -> str:
        """Links of one group share evidence: of a pair, only the strongest in a group counts."""

    @property
    def cap(self) -> float:
        """No link of this kind is stronger (log10 of the likelihood ratio)."""

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links with 0 < strength <= cap and a < b, each pair at most once."""


def _pair(found: ViewPair | SensorPair | SoundPair | TextPair) -> tuple[str, str]:
    return (found.a, found.b)
