"""The thing inside a region that a person marked (wallpaper, toy, bag), searched in what is held.

What may show it comes from a shortlist and from all media whose features are kept; on request from every
media there is. Each is verified by points. Nothing of the question is kept, and nothing is linked by it: so
regions that do not count for views, such as persons, are searched too. A bag is worn, and so is a print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import decoding
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.catalogue.hidden import box_of
from foureyes.engine.decoding import ContentType, Family
from foureyes.engine.errors import UsageError
from foureyes.engine.fingerprints import local
from foureyes.engine.model import Box, Fault, Media, MediaKind, Progress, RegionMatch, counted
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.ingesting import require_cage
from foureyes.engine.steps.looks import Look, Shelf, look_of
from foureyes.engine.steps.originals import original
from foureyes.engine.steps.viewing import Seen, best_view, notes_of

Pixels = NDArray[np.uint8]
Place = tuple[str, float]
Shortlist = Callable[[Pixels], Sequence[Place]]
"""Media (and seconds) that may show what pixels show, the likeliest first: by scene vectors, say."""

STAGE = "searching"
WANTED = 480
"""Longer side at which the region is looked at where the original gives it, and at half of that as well: a
thing is mostly smaller where it is found again."""
DECODED_AT_MOST = 2_400
LEAST_PIXELS = 24
"""Shorter side of a region in pixels of the original: less gives no places to be found again."""
LEAST_PLACES = 24
"""Keypoints of a region: fewer, and nothing that is found could be told from chance."""
AT_MOST = 5_000
"""Media with kept features that are compared unasked: half a minute of one core."""
AT_ONCE = 50


class RegionSearch(NamedTuple):
    """What was found, the most points first."""

    matches: tuple[RegionMatch, ...]
    compared: int
    """Media that were looked at."""
    held: int
    """Media there are."""
    notes: tuple[str, ...] = ()


def find_region(
    catalogue: Catalogue,
    sha256: str,
    box: Box,
    settings: EngineSettings,
    *,
    at_seconds: float = 0.0,
    everything: bool = False,
    shortlist: Shortlist | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> RegionSearch:
    """Media in which the thing inside a region is found again; see `pipeline.find_region`."""
    box_of(box)
    require_cage(settings)
    media = catalogue.media(sha256)
    if media is None or media.kind is None:
        raise UsageError("There is no such picture or film.")
    region = _cut(catalogue, media, box, settings, at_seconds)
    asked = _looks(sha256, region)
    total = _held(catalogue)
    places, left = _places(catalogue, region, everything=everything, shortlist=shortlist)
    found: list[RegionMatch] = []
    done = 0
    with Shelf(catalogue, settings) as shelf:
        while some := list(islice(places, AT_ONCE)):
            progress(Progress(STAGE, done, files_total=total if everything else None))
            found += _found_in(shelf, asked, [one for one in some if one[0] != sha256])
            done += len(some)
        notes = [*notes_of(shelf), *left]
    ordered = sorted(found, key=lambda one: (-one.inliers, one.sha256))
    return RegionSearch(tuple(ordered), done, total, tuple(notes))


def _held(catalogue: Catalogue) -> int:
    counts = catalogue.counts()
    return counts.pictures + counts.videos


def _cut(catalogue: Catalogue, media: Media, box: Box, settings: EngineSettings, at_seconds: float) -> Pixels:
    """The region's pixels, from the original, as large as is of use."""
    if at_seconds and media.kind is not MediaKind.VIDEO:
        raise UsageError("A picture has no seconds: only of a film can a moment be named.")
    left, top, right, bottom = box
    longest = max((right - left) * media.width, (bottom - top) * media.height)
    if min((right - left) * media.width, (bottom - top) * media.height) < LEAST_PIXELS:
        raise UsageError(f"The region is too small: it needs {LEAST_PIXELS} pixels of the picture each way.")
    wanted = WANTED * max(media.width, media.height) / max(longest, 1.0)
    frames = _decoded(catalogue, media, settings, int(min(max(wanted, WANTED), DECODED_AT_MOST)))
    pixels = min(frames, key=lambda frame: abs(frame[0] - at_seconds))[1]
    height, width = pixels.shape[:2]
    rows = slice(int(top * height), max(int(np.ceil(bottom * height)), int(top * height) + 1))
    columns = slice(int(left * width), max(int(np.ceil(right * width)), int(left * width) + 1))
    return np.ascontiguousarray(pixels[rows, columns])


def _decoded(
    catalogue: Catalogue, media: Media, settings: EngineSettings, side: int
) -> list[tuple[float, Pixels]]:
    film = media.kind is MediaKind.VIDEO
    asked = replace(settings.decoding, side_pixels=settings.decoding.side_pixels if film else side)
    content = ContentType(Family.VIDEO if film else Family.PICTURE, media.format)
    with (
        original(catalogue, media.digests.sha256, settings) as untrusted_fd,
        decoding.Decoder(replace(settings, decoding=asked)) as decoder,
    ):
        decoded = decoder.decode(untrusted_fd, content)
    if isinstance(decoded, Fault) or not decoded.frames:
        raise UsageError("The picture of this region cannot be decoded.")
    return [(frame.at_seconds, frame.pixels) for frame in decoded.frames]


def _looks(sha256: str, region: Pixels) -> list[Look]:
    """The region as it is (enlarged where it is small), and at half its size.

    Raises UsageError where there is too little in it to be found again.
    """
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    longer = max(region.shape[:2])
    whole = cv2.resize(region, None, fx=WANTED / longer, fy=WANTED / longer, interpolation=cv2.INTER_AREA)
    if longer < WANTED:
        whole = cv2.resize(region, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    half = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    looks = [
        look_of(sha256, np.asarray(one, np.uint8), 0.0) for one in (whole, half) if min(one.shape[:2]) > 1
    ]
    if max(max(len(one.xfeat), len(one.sift)) for one in looks) < LEAST_PLACES:
        raise UsageError("The region is too plain: it has too few corners and edges to be found again.")
    return looks


def _places(
    catalogue: Catalogue, region: Pixels, *, everything: bool, shortlist: Shortlist | None
) -> tuple[Iterator[Place], list[str]]:
    """What is to be looked at, and what people should know of what is not."""
    if everything:
        every = (one for one in catalogue.iterate_media() if one.kind is not None)
        return ((one.digests.sha256, 0.0) for one in every), []
    named = list(shortlist(region)) if shortlist else []
    kept = catalogue.fingerprints("xfeat", local.VERSION, width=8)
    owners = list(dict.fromkeys(bytes(one).hex() for one in kept.sha256))
    known = {sha256 for sha256, _ in named}
    more = [(one, 0.0) for one in owners if one not in known]
    left = len(more) - AT_MOST
    said = counted(left, "media with kept features was", "media with kept features were")
    notes = [f"{said} not looked at: ask for all"] if left > 0 else []
    return iter([*named, *more[:AT_MOST]]), notes


def _found_in(shelf: Shelf, asked: Sequence[Look], places: Iterable[Place]) -> list[RegionMatch]:
    wanted: dict[str, set[float]] = {}
    for sha256, at in places:
        wanted.setdefault(sha256, set()).add(at)
    shelf.bring({sha256: frozenset(times) for sha256, times in wanted.items()})
    best: dict[str, RegionMatch] = {}
    for sha256 in wanted:
        for look in shelf.all_of(sha256):
            for one in asked:
                seen = best_view(one, look)
                if seen and (sha256 not in best or best[sha256].inliers < seen.view.inliers):
                    best[sha256] = _match(seen, look)
    return list(best.values())


def _match(seen: Seen, look: Look) -> RegionMatch:
    corners = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], np.float64)
    moved = corners @ seen.view.homography.T
    depth = moved[:, 2:]
    if depth.min() * depth.max() > 0:
        ends = moved[:, :2] / depth
    else:  # the region's plane runs behind the camera: what was matched is what can be told
        low, high = seen.view.places[:, 2:].min(axis=0), seen.view.places[:, 2:].max(axis=0)
        ends = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    place = tuple((round(float(x), 4), round(float(y), 4)) for x, y in ends)
    return RegionMatch(look.sha256, seen.view.inliers, place, look.at_seconds, seen.view.mirrored, look.small)
