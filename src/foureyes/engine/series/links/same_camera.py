"""Two media come from one camera at work on one thing: its serial, or its model in a run of shots.

A serial names the camera, not the series: the longer the pause, the less it says. Without a serial only
shots in close succession count, and the more often the model occurs in the corpus, the closer they must be.
Facts are claims: one moment stated by many different pictures was copied onto them, and links nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from foureyes.engine.model import Link, counted
from foureyes.engine.series.links.base import LinkEvidence
from foureyes.engine.series.links.corpus import Run
from foureyes.engine.series.links.moments import moment_of, without_copied
from foureyes.engine.series.links.shots import Shot

HOUR = 3600.0
DAY = 24 * HOUR

_SAME_WEEK = 7 * DAY
_SERIAL_IN_SCENE = 5.0
_SERIAL_SAME_WEEK = 4.0
"""A body's other pictures of the week: enough for a stray picture, not for two grown series to become one
(`grouping.SMALL`): one camera, one day and three places are three series until a person says otherwise."""
_SERIAL_LATER = 2.5
"""One body months apart is one camera, yet rarely one session: it links only with other evidence."""
_LENS_SAME_WEEK = 3.0
_LENS_LATER = 2.0
_BEYOND_SCENE = 3.5
"""A run of shots without a serial that pauses longer than a scene: shown, not linked."""

_SCENE_PAUSE = 60.0
"""Seconds a shot between shots of one scene: in a minute a person walks 80 metres, into another room or
house. Shots between two, told by their numbers, share the time."""
_SCENE_GAP = 15 * 60.0
"""However many shots lie between that are not held, a quarter of an hour has room for another scene."""
_PAUSE = 30.0
"""Median pause in seconds between shots of one scene: the density of a pause g is p / (p + g)^2 (Lomax),
with the heavy tail of pauses between photographs."""
LATEST_PAUSE = 2 * HOUR
_NUMBERS = 10_000
"""File numbers run from 1 to 9999 (DCF): a number near another's by chance is so much the rarer."""
_FASTEST = 0.02
"""Seconds a shot of the fastest bursts (50 a second): more shots than that between two are impossible."""
_ONE_MOMENT = 4.0
"""Two pictures of one moment to its last digit: an edit of one exposure, or copied metadata."""
_LINKED_AHEAD = 2
"""Each shot is linked with the next two, so that no run hangs on a single link."""
LOOKED_AHEAD = 8
"""Among so many later shots: those of other bodies of the same model lie between."""
_WORTH_SAYING = 1.0

Fits = Callable[[Shot, Shot], bool]
Scenes = Mapping[str, str]
"""By SHA-256, the first shot of the scene."""


class SameCamera:
    """Member of the link family."""

    name = "same-camera"
    version = 2
    group = "sensor"
    cap = 5.0

    def propose(self, evidence: LinkEvidence) -> Iterator[Link]:
        """Links along each camera's shots in the order of time."""
        stated = (shot for shot in evidence.shots.values() if shot.model)
        shots = without_copied(stated, evidence.corpus.copied)
        found: dict[tuple[str, str], Link] = {}
        said = (
            self._by_serial(shots, evidence),
            self._by_run(shots, evidence),
            self._by_lens(shots, evidence),
        )
        for link in chain.from_iterable(said):
            pair = (link.a, link.b)
            if pair not in found or link.strength > found[pair].strength:
                found[pair] = link
        yield from (found[pair] for pair in sorted(found))

    def _by_serial(self, shots: Sequence[Shot], given: LinkEvidence) -> Iterator[Link]:
        for (serial, _), same in sorted(_cameras_of_serials(shots, given.corpus.models).items()):
            ordered = sorted(same, key=lambda shot: (shot.taken is None, shot.taken or 0.0, shot.sha256))
            scenes = _scenes(ordered)
            for first, second in _neighbours(ordered, given):
                strength, words = _serial_strength(first, second, scenes)
                yield self._link(first, second, strength, f"{first.camera}, body serial {serial}, {words}")

    def _by_run(self, shots: Sequence[Shot], given: LinkEvidence) -> Iterator[Link]:
        """Shots of one model in close succession, where no serial decides."""
        runs: dict[Run, list[Shot]] = defaultdict(list)
        for shot in shots:
            if shot.taken is not None:
                runs[shot.maker.casefold(), shot.model.casefold(), shot.clock].append(shot)
        for run, same in sorted(runs.items()):
            ordered = sorted(same, key=lambda shot: (shot.taken or 0.0, shot.number or 0, shot.sha256))
            scenes = _scenes(ordered)
            for first, second in _neighbours(ordered, given, _may_be_one):
                strength, words = _run_strength(first, second, given.corpus.sessions[run], scenes)
                if strength >= _WORTH_SAYING:
                    yield self._link(first, second, strength, f"{first.camera}, {words}")

    def _by_lens(self, shots: Sequence[Shot], given: LinkEvidence) -> Iterator[Link]:
        """One lens on bodies of which the serials do not say that they are one."""
        for serial, same in sorted(_lenses_of_serials(shots, given.corpus.lenses).items()):
            ordered = sorted(same, key=lambda shot: (shot.taken is None, shot.taken or 0.0, shot.sha256))
            for first, second in _neighbours(ordered, given):
                if first.serial and first.serial == second.serial:
                    continue
                strength, words = _lens_strength(first, second)
                yield self._link(first, second, strength, f"lens serial {serial}, {words}")

    def _link(self, first: Shot, second: Shot, strength: float, words: str) -> Link:
        a, b = sorted((first.sha256, second.sha256))
        return Link(a, b, self.name, round(min(strength, self.cap), 2), words, self.version)


def _cameras_of_serials(
    shots: Sequence[Shot], models: Mapping[str, int]
) -> dict[tuple[str, str], list[Shot]]:
    """Shots by serial and model; a serial that several models state is a default, and names none."""
    cameras: dict[tuple[str, str], list[Shot]] = defaultdict(list)
    for shot in shots:
        if shot.serial:
            cameras[shot.serial, shot.model.casefold()].append(shot)
    return {key: same for key, same in cameras.items() if models.get(key[0]) == 1}


def _lenses_of_serials(shots: Sequence[Shot], models: Mapping[str, int]) -> dict[str, list[Shot]]:
    """Shots by the serial of their lens; one that several models of lens state is a default."""
    lenses: dict[str, list[Shot]] = defaultdict(list)
    for shot in shots:
        if models.get(shot.lens_serial, 2) <= 1:
            lenses[shot.lens_serial].append(shot)
    return lenses


def _lens_strength(first: Shot, second: Shot) -> tuple[float, str]:
    """A lens is lent, sold and put on another body: less than a body says."""
    if first.taken is None or second.taken is None or first.clock != second.clock:
        return _LENS_LATER, "at unknown times"
    pause = abs(second.taken - first.taken)
    return (_LENS_SAME_WEEK if pause <= _SAME_WEEK else _LENS_LATER), f"{_lasting(pause)} apart"


def _neighbours(
    ordered: Sequence[Shot], given: LinkEvidence, fits: Fits | None = None
) -> Iterator[tuple[Shot, Shot]]:
    """Each shot with the next two that fit, as far as links are asked for."""
    for index, first in enumerate(ordered):
        linked = 0
        for second in ordered[index + 1 : index + 1 + LOOKED_AHEAD]:
            if fits and not fits(first, second):
                continue
            if given.asks(first.sha256, second.sha256):
                yield first, second
            linked += 1
            if linked == _LINKED_AHEAD:
                break


def _serial_strength(first: Shot, second: Shot, scenes: Scenes) -> tuple[float, str]:
    if first.taken is None or second.taken is None or first.clock != second.clock:
        return _SERIAL_LATER, "at unknown times"
    pause = second.taken - first.taken
    words = f"{_lasting(pause)} apart"
    if moment_of(first) == moment_of(second):
        return _ONE_MOMENT, "at the very same moment"
    if scenes[first.sha256] == scenes[second.sha256]:
        return _SERIAL_IN_SCENE, words
    return (_SERIAL_SAME_WEEK if pause <= _SAME_WEEK else _SERIAL_LATER), words


def _scenes(ordered: Sequence[Shot]) -> Scenes:
    """Cut each body's shots wherever one follows the last too late; gives a scene to each media.

    Two shots are of one scene only if no such cut lies between them, however near their numbers are.
    """
    scenes: dict[str, str] = {}
    latest: dict[tuple[str, str, str], Shot] = {}
    for shot in ordered:
        body = shot.serial, shot.lens, shot.firmware
        before = latest.get(body)
        follows = before is not None and _follows(before, shot)
        scenes[shot.sha256] = scenes[before.sha256] if before and follows else shot.sha256
        latest[body] = shot
    return scenes


def _follows(first: Shot, second: Shot) -> bool:
    """Whether the second shot comes so soon that the camera cannot well have left the scene."""
    if first.taken is None or second.taken is None:
        return False
    pause, between = second.taken - first.taken, _shots_between(first, second) or 1
    return pause <= min(_SCENE_GAP, _SCENE_PAUSE * max(between, 1))


def _shots_between(first: Shot, second: Shot) -> int | None:
    """By how much the number rose from the first to the second; None where numbers cannot say."""
    if first.number is None or second.number is None or first.numbering != second.numbering:
        return None
    if first.counted:
        return second.number - first.number
    return (second.number - first.number) % _NUMBERS


def _may_be_one(first: Shot, second: Shot) -> bool:
    """Whether nothing stated speaks against one body; two equal serials are judged elsewhere."""
    if first.serial and second.serial:
        return False
    return all(not one or not other or one == other for one, other in _stated(first, second))


def _stated(first: Shot, second: Shot) -> tuple[tuple[str, str], ...]:
    return (first.lens, second.lens), (first.firmware, second.firmware)


def _run_strength(first: Shot, second: Shot, sessions_a_second: float, scenes: Scenes) -> tuple[float, str]:
    """How much likelier the pause is inside one scene than between two runs of two cameras."""
    pause = (second.taken or 0.0) - (first.taken or 0.0)
    if pause > LATEST_PAUSE:
        return 0.0, ""
    if moment_of(first) == moment_of(second):
        return _ONE_MOMENT, "at the very same moment"
    words, bonus = f"{_lasting(pause)} apart", 0.0
    between = _shots_between(first, second)
    if between is not None:
        if not 0 < between * _FASTEST <= pause + 1 or 2 * between > _NUMBERS:
            return 0.0, ""
        bonus = math.log10(_NUMBERS / (2 * between))
        words += f", file numbers {first.number} and {second.number}"
    density = _PAUSE / (_PAUSE + pause / (between or 1)) ** 2
    strength = math.log10(density / sessions_a_second) + bonus
    one_scene = scenes[first.sha256] == scenes[second.sha256]
    return (strength if one_scene else min(strength, _BEYOND_SCENE)), words


def _lasting(seconds: float) -> str:
    for size, word in ((DAY, "day"), (HOUR, "hour"), (60.0, "minute")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {word}s"
    whole = int(seconds)
    return counted(whole, "second")
