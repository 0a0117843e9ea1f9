"""Two media come from one camera at work on one thing: its serial, or its model in a run of shots.

A serial names the camera, not the series: the longer the pause, the less it says. Without a serial only
shots in close succession count, and the more often the model occurs in the corpus, the closer they must be.
Facts are claims: what many pictures state to the second was stamped on them, and links nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from foureyes.engine.model import Link
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.shots import Shot, shot_of

HOUR = 3600.0
DAY = 24 * HOUR
YEAR = 365 * DAY

_SAME_DAY = 12 * HOUR
_SAME_WEEK = 7 * DAY
_SERIAL_SAME_DAY = 5.0
_SERIAL_SAME_WEEK = 4.0
_SERIAL_LATER = 2.5
"""One body months apart is one camera, yet rarely one session: it links only with other evidence."""

_PAUSE = 30.0
"""Median pause in seconds between shots of one scene: density of a pause g is p / (p + g)^2 (Lomax), which
has the heavy tail of pauses between photographs. A person walks out of a place (160 m) in two minutes."""
_RUN_BREAK = HOUR
_LATEST_PAUSE = 2 * HOUR
_NUMBERS = 10_000
"""File numbers run from 1 to 9999 (DCF): a number near another's by chance is so much the rarer."""
_FASTEST = 0.02
"""Seconds a shot of the fastest bursts (50 a second): more shots than that between two are impossible."""
_STAMPED = 60
"""Above so many media of one camera in one second (a burst of 50 a second fits), the facts are copied."""
_LINKED_AHEAD = 2
"""Each shot is linked with the next two, so that no run hangs on a single link."""
_LOOKED_AHEAD = 8
"""Among so many later shots: those of other bodies of the same model lie between."""
_WORTH_SAYING = 1.0


class SameCamera:
    """Member of the link family."""

    name = "same-camera"
    version = 1
    group = "sensor"
    cap = 5.0

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links along each camera's shots in the order of time."""
        shots = [shot for media in evidence.media.values() if (shot := shot_of(media)).model]
        shots = _without_stamped(shots)
        found: dict[tuple[str, str], Link] = {}
        for link in (*self._by_serial(shots), *self._by_run(shots)):
            found.setdefault((link.a, link.b), link)
        yield from (found[pair] for pair in sorted(found))

    def _by_serial(self, shots: Sequence[Shot]) -> Iterator[Link]:
        for (serial, _), same in sorted(_cameras_of_serials(shots).items()):
            ordered = sorted(same, key=lambda shot: (shot.taken is None, shot.taken or 0.0, shot.sha256))
            for first, second in _neighbours(ordered):
                strength, words = _serial_strength(first, second)
                yield self._link(first, second, strength, f"{first.camera}, body serial {serial}, {words}")

    def _by_run(self, shots: Sequence[Shot]) -> Iterator[Link]:
        """Shots of one model in close succession, where no serial decides."""
        runs: dict[tuple[str, ...], list[Shot]] = defaultdict(list)
        for shot in shots:
            if shot.taken is not None:
                runs[shot.maker.casefold(), shot.model.casefold(), shot.clock].append(shot)
        for _, same in sorted(runs.items()):
            ordered = sorted(same, key=lambda shot: (shot.taken or 0.0, shot.number or 0, shot.sha256))
            sessions_a_second = _sessions_a_second(ordered)
            for first, second in _neighbours(ordered, _may_be_one):
                strength, words = _run_strength(first, second, sessions_a_second)
                if strength >= _WORTH_SAYING:
                    yield self._link(first, second, strength, f"{first.camera}, {words}")

    def _link(self, first: Shot, second: Shot, strength: float, words: str) -> Link:
        a, b = sorted((first.sha256, second.sha256))
        return Link(a, b, self.name, round(min(strength, self.cap), 2), words, self.version)


def _without_stamped(shots: Sequence[Shot]) -> list[Shot]:
    """Leave out shots whose camera and second far too many share: EXIF copied onto foreign pictures."""
    count = Counter(_stamp(shot) for shot in shots)
    return [shot for shot in shots if shot.taken is None or count[_stamp(shot)] <= _STAMPED]


def _stamp(shot: Shot) -> tuple[str, str, str, float | None]:
    return shot.model, shot.serial, shot.clock, None if shot.taken is None else math.floor(shot.taken)


def _cameras_of_serials(shots: Sequence[Shot]) -> dict[tuple[str, str], list[Shot]]:
    """Shots by serial and model; a serial that several models state is a default, and names none."""
    cameras: dict[tuple[str, str], list[Shot]] = defaultdict(list)
    for shot in shots:
        if shot.serial:
            cameras[shot.serial, shot.model.casefold()].append(shot)
    models = Counter(serial for serial, _ in cameras)
    return {key: same for key, same in cameras.items() if models[key[0]] == 1}


def _neighbours(ordered: Sequence[Shot], fits: object = None) -> Iterator[tuple[Shot, Shot]]:
    """Each shot with the next two that fit."""
    for index, first in enumerate(ordered):
        linked = 0
        for second in ordered[index + 1 : index + 1 + _LOOKED_AHEAD]:
            if callable(fits) and not fits(first, second):
                continue
            yield first, second
            linked += 1
            if linked == _LINKED_AHEAD:
                break


def _serial_strength(first: Shot, second: Shot) -> tuple[float, str]:
    if first.taken is None or second.taken is None or first.clock != second.clock:
        return _SERIAL_LATER, "at unknown times"
    pause = abs(second.taken - first.taken)
    if pause <= _SAME_DAY:
        return _SERIAL_SAME_DAY, f"{_lasting(pause)} apart"
    if pause <= _SAME_WEEK:
        return _SERIAL_SAME_WEEK, f"{_lasting(pause)} apart"
    return _SERIAL_LATER, f"{_lasting(pause)} apart"


def _may_be_one(first: Shot, second: Shot) -> bool:
    """Whether nothing stated speaks against one body; two equal serials are judged elsewhere."""
    if first.serial and second.serial:
        return False
    return all(not one or not other or one == other for one, other in _stated(first, second))


def _stated(first: Shot, second: Shot) -> tuple[tuple[str, str], ...]:
    return (first.lens, second.lens), (first.firmware, second.firmware)


def _sessions_a_second(ordered: Sequence[Shot]) -> float:
    """How often this model starts a run somewhere in the corpus; spread over a year at least."""
    times = [shot.taken or 0.0 for shot in ordered]
    starts = 1 + sum(after - before > _RUN_BREAK for before, after in pairwise(times))
    return starts / max(YEAR, times[-1] - times[0])


def _run_strength(first: Shot, second: Shot, sessions_a_second: float) -> tuple[float, str]:
    """How much likelier the pause is inside one scene than between two runs of two cameras."""
    pause = (second.taken or 0.0) - (first.taken or 0.0)
    if pause > _LATEST_PAUSE:
        return 0.0, ""
    words = f"{_lasting(pause)} apart"
    between, bonus = 1, 0.0
    if first.number is not None and second.number is not None and first.numbering == second.numbering:
        between = (second.number - first.number) % _NUMBERS
        if not between or between * _FASTEST > pause + 1 or 2 * between > _NUMBERS:
            return 0.0, ""
        bonus = math.log10(_NUMBERS / (2 * between))
        words += f", file numbers {first.number} and {second.number}"
    pause_each = pause / between
    density = _PAUSE / (_PAUSE + pause_each) ** 2
    return math.log10(density / sessions_a_second) + bonus, words


def _lasting(seconds: float) -> str:
    for size, word in ((DAY, "day"), (HOUR, "hour"), (60.0, "minute")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {word}s"
    whole = int(seconds)
    return f"{whole} second" if whole == 1 else f"{whole} seconds"
