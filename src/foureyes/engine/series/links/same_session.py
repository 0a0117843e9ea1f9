"""Two media came in one sitting: by clocks brought to UTC, by moments, counters and times of their files.

Where both state one camera and one clock, `same_camera` has said what time says. Times of different cameras,
and of films and stills, are compared in UTC where satellites or stated zones tell it. Moments in names are a
phone's own; counters mean something in one folder only; times of files are mostly those of the last copy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import chain, pairwise

from foureyes.engine.model import Link, Linkable, counted
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.corpus import name_clock
from foureyes.engine.series.links.neighbours import pairs
from foureyes.engine.series.links.shots import Shot, corrected
from foureyes.engine.series.links.traces import counter_of

_PAUSE = 30.0
"""Median pause between shots of one scene, as `same_camera` has it."""
_SCENE = 15 * 60.0
_COUNTED = {1: 0.8, 2: 0.7, 3: 0.6, 4: 0.5}
"""What it says that so many numbers lie between two names of one folder. A judgement: on a full card every
shot has a next one, which is of the same sitting more often than not."""
_BY_UTC = ((60.0, 1.0), (_SCENE, 0.6))
"""What it says that two clocks, brought to UTC, are within so many seconds of each other. A judgement, far
under what chance would say (a quarter of an hour of some years): who was there with whom is not known, and a
zone may be stated wrongly."""
_FILE_TIMES_AT_MOST = 0.8
_PATHS_AT_MOST = 8
"""Of a media that lies in thousands of places, the first ones are looked at."""
_SECOND = 1e9
_WORTH_SAYING = 0.5


class SameSession:
    """Member of the link family."""

    name = "same-session"
    version = 2
    group = "time"
    cap = 1.5

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links between files next to each other in a folder, and from one moment in a name to the next."""
        clocks = {one: name_clock(media) for one, media in evidence.media.items()}
        rates, gaps = evidence.corpus.naming_sessions, evidence.corpus.gaps
        done: set[tuple[str, str]] = set()
        for a, b in chain(_by_clock(clocks), pairs(evidence)):
            one, other = evidence.shots[a], evidence.shots[b]
            if (a, b) in done or not evidence.asks(a, b):
                continue
            done.add((a, b))
            if one.model and other.model and one.taken and other.taken:
                strength, words = _by_utc(one, other)
                if strength:
                    yield Link(a, b, self.name, strength, words, self.version)
                continue
            media = (evidence.media[a], evidence.media[b])
            said = [
                self._by_names(clocks[a], clocks[b], rates),
                _by_number(*media),
                _by_file_times(*media, gaps),
            ]
            strength, words = max(said)
            if strength >= _WORTH_SAYING:
                yield Link(a, b, self.name, round(min(strength, self.cap), 2), words, self.version)

    def _by_names(
        self, one: tuple[str, float] | None, other: tuple[str, float] | None, rates: Mapping[str, float]
    ) -> tuple[float, str]:
        """How much likelier the pause is inside a scene than between two that have nothing in common."""
        if one is None or other is None or one[0] != other[0]:
            return 0.0, ""
        pause = abs(one[1] - other[1])
        if pause > _SCENE:
            return 0.0, ""
        strength = math.log10(_PAUSE / (_PAUSE + pause) ** 2 / rates[one[0]])
        return min(
            strength, self.cap
        ), f"the moments in their names are {counted(round(pause), 'second')} apart"


def _by_utc(one: Shot, other: Shot) -> tuple[float, str]:
    """What it says that two cameras, or two clocks of one, were at work within minutes."""
    if (one.maker, one.model, one.clock) == (other.maker, other.model, other.clock):
        return 0.0, ""
    if one.utc is None or other.utc is None:
        return 0.0, ""
    pause = abs(one.utc - other.utc)
    strength = next((strength for at_most, strength in _BY_UTC if pause <= at_most), 0.0)
    return strength, f"{counted(round(pause), 'second')} apart{corrected(one, other)}"


def _by_clock(clocks: dict[str, tuple[str, float] | None]) -> Iterator[tuple[str, str]]:
    """Each moment in a name with the next of its pattern."""
    ordered = sorted((clock, sha256) for sha256, clock in clocks.items() if clock is not None)
    for (one, first), (other, second) in pairwise(ordered):
        if one[0] == other[0] and other[1] - one[1] <= _SCENE:
            yield min(first, second), max(first, second)


def _by_number(one: Linkable, other: Linkable) -> tuple[float, str]:
    """Numbers of one folder and pattern that follow each other. The same number elsewhere says nothing."""
    if not set(one.folders) & set(other.folders):
        return 0.0, ""
    for path in one.paths[:_PATHS_AT_MOST]:
        for second in other.paths[:_PATHS_AT_MOST]:
            first, next_one = counter_of(path), counter_of(second)
            if first and next_one and first[0] == next_one[0] and _folder(path) == _folder(second):
                strength = _COUNTED.get(abs(first[1] - next_one[1]), 0.0)
                return strength, f"file numbers {first[1]} and {next_one[1]} in one folder"
    return 0.0, ""


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _by_file_times(one: Linkable, other: Linkable, gaps: Mapping[str, float]) -> tuple[float, str]:
    """How much nearer two times of files are than those of their folder: nothing where all were copied."""
    if one.modified_ns is None or other.modified_ns is None or one.folders[:1] != other.folders[:1]:
        return 0.0, ""
    pause = abs(one.modified_ns - other.modified_ns) / _SECOND
    gap = gaps.get(one.folders[0], 0.0) if one.folders else 0.0
    if gap <= 0:
        return 0.0, ""
    strength = min(math.log10(gap / max(pause, _PAUSE)), _FILE_TIMES_AT_MOST)
    return strength, f"the times of their files are {counted(round(pause), 'second')} apart"
