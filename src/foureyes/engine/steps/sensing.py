"""Asks sensors about pairs that something else brings near: pixels at full size out of the cage, compared.

Only originals are asked, a few of each body, and each question once: outcomes and fingerprints are kept.
Never decides what a peak is worth, and keeps no pixel.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.decoding import CannotRender, ContentType, Family, Renderer
from foureyes.engine.errors import CageError, OriginalAway, UsageError
from foureyes.engine.fingerprints import sensor as noise
from foureyes.engine.matching import sensor
from foureyes.engine.model import (
    Comparison,
    FactName,
    Fingerprint,
    Link,
    Linkable,
    Origin,
    Progress,
    SensorPair,
)
from foureyes.engine.series import LinkEvidence
from foureyes.engine.series.bodies import Asked, asked
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.originals import original

KIND, VERSION = noise.Sensor.name, noise.Sensor.version
LEAST_QUALITY = 30
"""Per cent of usable pixels below which a picture has nothing to say."""
ASKED_AT_MOST = 2_000
"""New questions in one linking: a quarter of an hour of one processor. The others follow in the next, for
what was answered is kept."""
_MORE = 2
"""A question is asked again where so many times more pictures can speak on its weaker side."""
_KEPT_AT_ONCE = 16
"""Fingerprints written at once: 38 MB."""
_PATTERNS_HELD = 4
"""Bodies whose pattern is held: 47 MB each. Questions of one body follow each other often."""


def pairs(
    catalogue: Catalogue,
    settings: EngineSettings,
    given: LinkEvidence,
    links: Iterable[Link],
    progress: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Sequence[SensorPair]:
    """What sensors say of the pairs that are worth asking about, those asked before too.

    Where no cage can be built, nothing new is asked: what was kept is told, and linking goes on.

    Args:
        catalogue: open for writing: what comes is kept. Else it is only told.
        settings: how the cage is built.
        given: all media, as links are made from them.
        links: what was proposed of other kinds.
        progress: hears how many were asked.
        stop: once it is set, the question that is in flight is the last; the next linking asks the others.
    """
    questions = asked(given, links, noise.SIDE)
    before = catalogue.compared(KIND, VERSION, {(one.a, one.b) for one in questions})
    new = [one for one in questions if _is_new(one, before.get((one.a, one.b)))][:ASKED_AT_MOST]
    told = {pair: _told(outcome) for pair, outcome in before.items()}
    if new:
        with closing(_Sensors(catalogue, settings, given)) as sensors, suppress(CageError):
            for done, one in enumerate(new):
                if stop is not None and stop.is_set():
                    break
                progress(Progress("sensors", done, files_total=len(new)))
                outcome = sensors.compare(one)
                if outcome is not None:
                    told[one.a, one.b] = _told(outcome)
    return [told[pair] for pair in sorted(told) if told[pair].pixels]


def kept(catalogue: Catalogue) -> list[SensorPair]:
    """All that sensors ever said of what is held."""
    return [one for one in map(_told, catalogue.comparisons(KIND, VERSION)) if one.pixels]


class _Sensors:
    """Fingerprints and patterns, made as they are needed."""

    def __init__(self, catalogue: Catalogue, settings: EngineSettings, given: LinkEvidence) -> None:
        self._catalogue, self._settings, self._given = catalogue, settings, given
        self._renderer = Renderer(settings)
        self._patterns: OrderedDict[tuple[str, ...], sensor.Pattern | None] = OrderedDict()
        self._away: set[str] = set()
        self._unkept: list[tuple[str, Fingerprint]] = []

    def compare(self, question: Asked) -> Comparison | None:
        """The outcome, kept; None where an original is away, so that it is asked again when that is back."""
        one, other = self._pattern(question.of_a), self._pattern(question.of_b)
        if one is None or other is None:
            if self._away & {*question.of_a, *question.of_b}:
                return None
            return self._kept(Comparison(question.a, question.b, KIND, VERSION, 0.0))
        detail = {
            "a": one.pictures,
            "b": other.pictures,
            "pixels": min(one.pixels, other.pixels),
            "could": [len(question.of_a), len(question.of_b)],
        }
        score = round(sensor.pce(one, other), 1)
        return self._kept(
            Comparison(question.a, question.b, KIND, VERSION, score, json.dumps(detail).encode())
        )

    def close(self) -> None:
        """Keep what is not kept yet, and end the worker."""
        self._keep()
        self._renderer.close()

    def _kept(self, outcome: Comparison) -> Comparison:
        if self._catalogue.writable:
            self._catalogue.record_comparisons([outcome])
        return outcome

    def _pattern(self, media: tuple[str, ...]) -> sensor.Pattern | None:
        """What these say together; None where none of them says anything."""
        if media not in self._patterns:
            values = self._values(media)
            self._patterns[media] = sensor.pattern_of(values) if values else None
            while len(self._patterns) > _PATTERNS_HELD:
                self._patterns.popitem(last=False)
        self._patterns.move_to_end(media)
        return self._patterns[media]

    def _values(self, media: Sequence[str]) -> list[NDArray[np.uint8]]:
        """Fingerprints of those that say enough: kept ones, and new ones."""
        self._keep()
        table = self._catalogue.fingerprints(KIND, VERSION, owners=media)
        found = {
            bytes(owner).hex(): (value, int(quality))
            for owner, value, quality in zip(table.sha256, table.values, table.quality, strict=True)
        }
        for one in media:
            if one not in found and (made := self._made(self._given.media[one])) is not None:
                found[one] = (np.frombuffer(made.value, np.uint8), made.quality)
        return [found[one][0] for one in media if one in found and found[one][1] >= LEAST_QUALITY]

    def _made(self, media: Linkable) -> Fingerprint | None:
        try:
            with original(self._catalogue, media.sha256, self._settings) as untrusted_fd:
                luma = middle(self._renderer, untrusted_fd, media)
        except OriginalAway:
            self._away.add(media.sha256)
            return None
        except (CannotRender, UsageError):
            return None
        if luma is None:
            return None
        value, quality = noise.Sensor().make(luma)
        made = Fingerprint(KIND, VERSION, value, quality)
        self._unkept.append((media.sha256, made))
        if len(self._unkept) >= _KEPT_AT_ONCE:
            self._keep()
        return made

    def _keep(self) -> None:
        if self._unkept and self._catalogue.writable:
            self._catalogue.record_fingerprints(self._unkept)
        self._unkept = []


def middle(renderer: Renderer, untrusted_fd: int, media: Linkable) -> NDArray[np.uint8] | None:
    """The middle of a picture as its sensor recorded it, in luminance; None where it is smaller or not whole.

    Raises CannotRender.
    """
    size, bands = renderer.picture(untrusted_fd, ContentType(Family.PICTURE, media.format))
    whole = (size.width, size.height) == (size.full_width, size.full_height) and not size.partial
    plane = np.zeros((size.height, size.width), np.uint8)
    for band in bands:
        if band.level == 0 and whole:
            plane[band.row : band.row + band.pixels.shape[0]] = noise.luma_of(band.pixels)
    lying = as_recorded(plane, _orientation(media))
    top, left = ((side - noise.SIDE) // 2 for side in lying.shape)
    if not whole or min(top, left) < 0:
        return None
    return np.ascontiguousarray(lying[top : top + noise.SIDE, left : left + noise.SIDE])


def as_recorded(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Upright pixels turned back to how the sensor gave them, for an EXIF orientation of 1 to 8."""
    pixels = upright[::-1] if orientation in (3, 4, 7, 8) else upright
    pixels = pixels[:, ::-1] if orientation in (2, 3, 6, 7) else pixels
    return pixels.T if orientation >= 5 else pixels  # noqa: PLR2004 - 5 to 8 swap the sides


def _orientation(media: Linkable) -> int:
    """As the JPEG's own EXIF states it: the decoder has turned by it."""
    stated = [
        one.value for one in media.facts if one.name is FactName.ORIENTATION and one.origin is Origin.EXIF
    ]
    return stated[0] if stated and isinstance(stated[0], int) else 1


def _is_new(question: Asked, before: Comparison | None) -> bool:
    """Whether it was never asked, or many more can speak now."""
    if before is None:
        return True
    if not before.detail:
        return False
    could = min(json.loads(before.detail)["could"])
    return min(len(question.of_a), len(question.of_b)) >= _MORE * max(1, int(could))


def _told(outcome: Comparison) -> SensorPair:
    pixels = int(json.loads(outcome.detail)["pixels"]) if outcome.detail else 0
    return SensorPair(outcome.a, outcome.b, outcome.score, pixels)
