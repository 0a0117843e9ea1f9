"""Local features of media that are held: read from the catalogue, else made of the original and kept.

The original is decoded in the cage once more, at the size that features want; where it is not at hand, a
picture's thumbnail is looked at instead, and nothing of that is kept. Never compares anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from foureyes.engine import decoding
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.decoding import ContentType, Family
from foureyes.engine.errors import OriginalAway
from foureyes.engine.fingerprints import local
from foureyes.engine.model import Fault, Fingerprint, Frame, LocalFeatures, Media, MediaKind
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.caged_threads import CagedThreads
from foureyes.engine.steps.originals import original

SIDE = 640
"""Longer side at which features are made: what XFeat was measured at."""
METHODS = ("xfeat", "sift")
FILM_FRAMES = 12
"""Frames of a film that are looked at unasked, evenly; more where a candidate names its second."""
NEAR_SECONDS = 0.75
"""A frame so near to the second asked for is the one that is meant."""
MADE_AT_ONCE = 20
"""Media whose features are made between two commits."""

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
Wanted = Mapping[str, frozenset[float]]
"""The seconds of each media (SHA-256) that are to be compared; those of a picture are not looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One picture, or one frame of a film, as comparing wants it."""

    sha256: str
    at_seconds: float
    xfeat: LocalFeatures
    sift: LocalFeatures
    small: bool = False
    """Made of the thumbnail."""


@dataclass(slots=True)
class Shelf:
    """Looks of the media of one batch. A context manager: it owns caged workers."""

    catalogue: Catalogue
    settings: EngineSettings
    stop: threading.Event = field(default_factory=threading.Event)
    """Once it is set, no further look is made: what is brought is what there is."""
    away: set[str] = field(default_factory=set)
    """Media that nothing could be looked at of."""
    small: set[str] = field(default_factory=set)
    """Media of which only the thumbnail could be looked at."""
    _looks: dict[str, list[Look]] = field(default_factory=dict)
    _threads: CagedThreads[decoding.Decoder] = field(init=False)

    def __enter__(self) -> Self:
        self._threads = CagedThreads(lambda: caged(self.settings), self.settings.workers)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.__exit__(kind, error, trace)

    def bring(
        self, wanted: Wanted, *, frames: int = FILM_FRAMES, told: Callable[[int, int], None] = lambda *_: None
    ) -> None:
        """Put the looks of these media on the shelf, and take all others off it.

        Args:
            wanted: media with the seconds that are asked for.
            frames: of a film, so many around each second asked for.
            told: of how many media looks were made, and of how many they are missing.
        """
        self._looks = {
            sha256: held for sha256, held in self._looks.items() if sha256 in wanted and not _film(held)
        }
        for look in kept_looks(self.catalogue, [one for one in wanted if one not in self._looks]):
            self._looks.setdefault(look.sha256, []).append(look)
        missing = [one for one, times in sorted(wanted.items()) if self._lacks(one, times)]
        media = self.catalogue.media_many(missing)
        for first in range(0, len(missing), MADE_AT_ONCE):
            some = [media[one] for one in missing[first : first + MADE_AT_ONCE] if one in media]
            made = self.each(
                lambda one: self._made(one, wanted[one.digests.sha256]),
                some,
                partial(_tell, told, first, len(missing)),
            )
            self._keep([look for looks in made for look in looks])
        for sha256, held in self._looks.items():
            if _film(held):
                near = {id(look): look for at in wanted[sha256] for look in self.of(sha256, at, frames)}
                self._looks[sha256] = list(near.values())

    def each(
        self,
        work: Callable[[_Given], _Made],
        given: Iterable[_Given],
        told: Callable[[int], None] = lambda _: None,
    ) -> list[_Made]:
        """Do the same with each of many things, in threads that keep their caged workers."""
        return self._threads.each(work, given, told)

    def of(self, sha256: str, at_seconds: float, count: int = 1) -> list[Look]:
        """The looks nearest to a second; of a picture the one there is."""
        held = sorted(self._looks.get(sha256, ()), key=lambda look: abs(look.at_seconds - at_seconds))
        return held[:count]

    def all_of(self, sha256: str) -> list[Look]:
        """Every look of a media that is on the shelf."""
        return self._looks.get(sha256, [])

    def _lacks(self, sha256: str, times: Iterable[float]) -> bool:
        held = self._looks.get(sha256, [])
        if not held or sha256 in self.small:
            return not held and sha256 not in self.away
        return _film(held) and any(not _near(at, [look.at_seconds for look in held]) for at in times)

    def _made(self, media: Media, times: frozenset[float]) -> list[Look]:
        """Looks of one media that are not on the shelf yet, in a thread."""
        if self.stop.is_set():
            return []
        sha256 = media.digests.sha256
        frames, small = self._frames(media), False
        if not frames and media.kind is MediaKind.PICTURE and (thumbnail := self.catalogue.thumbnail(sha256)):
            frames, small = [Frame(simplejpeg.decode_jpeg(thumbnail, colorspace="RGB"))], True
        held = [look.at_seconds for look in self._looks.get(sha256, ())]
        chosen = [one for one in _chosen(frames, times) if not held or not _near(one.at_seconds, held)]
        if not chosen and not held:
            self.away.add(sha256)
        if small:
            self.small.add(sha256)
        return [look_of(sha256, frame.pixels, frame.at_seconds, small=small) for frame in chosen]

    def _frames(self, media: Media) -> list[Frame]:
        if media.kind is None:
            return []
        family = Family.VIDEO if media.kind is MediaKind.VIDEO else Family.PICTURE
        try:
            with original(self.catalogue, media.digests.sha256, self.settings) as untrusted_fd:
                decoded = self._threads.worker().decode(untrusted_fd, ContentType(family, media.format))
        except OriginalAway:
            return []
        return [] if isinstance(decoded, Fault) else list(decoded.frames)

    def _keep(self, made: Sequence[Look]) -> None:
        owned: list[tuple[str, Fingerprint]] = []
        for look in made:
            self._looks.setdefault(look.sha256, []).append(look)
            if not look.small:
                owned += [(look.sha256, local.packed(one, 100)) for one in (look.xfeat, look.sift)]
        if owned and self.catalogue.writable:
            self.catalogue.record_fingerprints(owned)


def _tell(told: Callable[[int, int], None], before: int, total: int, some: int) -> None:
    told(before + some, total)


def caged(settings: EngineSettings) -> decoding.Decoder:
    """A decoder that gives pictures at the size that features want; films as they were taken in."""
    return decoding.Decoder(replace(settings, decoding=replace(settings.decoding, side_pixels=SIDE)))


def look_of(sha256: str, pixels: NDArray[np.uint8], at_seconds: float, *, small: bool = False) -> Look:
    """A look at pixels, as it will be read from the catalogue again.

    A thumbnail is enlarged twice: descriptors of XFeat stand 8 pixels apart.
    """
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    cv2.setNumThreads(1)
    if small:
        pixels = np.asarray(cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    made = [
        local.packed(maker(pixels, SIDE, local.KEYPOINTS, at_seconds), 100)
        for maker in (local.xfeat, local.sift)
    ]
    features = [
        local.unpacked(one.kind, np.frombuffer(one.value, np.uint8), round(at_seconds, 3)) for one in made
    ]
    return Look(sha256, round(at_seconds, 3), features[0], features[1], small)


def kept_looks(catalogue: Catalogue, owners: Sequence[str]) -> list[Look]:
    """Looks that the catalogue holds of some media, those with both kinds of features."""
    if not owners:
        return []
    found: list[dict[tuple[str, float], LocalFeatures]] = []
    for method in METHODS:
        table = catalogue.fingerprints(method, local.VERSION, owners=owners)
        found.append(
            {
                (bytes(owner).hex(), float(at)): local.unpacked(method, value, float(at))
                for owner, at, value in zip(table.sha256, table.at_seconds, table.values, strict=True)
            }
        )
    both = sorted(found[0].keys() & found[1].keys())
    return [Look(key[0], key[1], found[0][key], found[1][key]) for key in both]


def _film(held: Sequence[Look]) -> bool:
    return len(held) > 1 or held[0].at_seconds > 0


def _near(at_seconds: float, others: Iterable[float]) -> bool:
    return any(abs(at_seconds - one) <= NEAR_SECONDS for one in others)


def _chosen(frames: Sequence[Frame], times: Iterable[float]) -> list[Frame]:
    """Of a film some frames evenly, and those nearest to the seconds asked for; of a picture its one."""
    if len(frames) <= 1:
        return list(frames)
    at = np.array([frame.at_seconds for frame in frames])
    even = np.unique(np.round(np.linspace(0, len(frames) - 1, FILM_FRAMES)).astype(int))
    asked = {int(np.abs(at - one).argmin()) for one in times}
    return [frames[number] for number in sorted({*even.tolist(), *asked})]
