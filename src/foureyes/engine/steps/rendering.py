"""Renders a media for viewing: its original is opened, decoded in the cage, and what comes is cached.

Raw pixels are cut into JPEG tiles here, outside the cage; a rendered film passes through unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import simplejpeg

from foureyes.engine import decoding
from foureyes.engine.catalogue import Catalogue, films, tiles
from foureyes.engine.catalogue.renders import Renders
from foureyes.engine.decoding import TILE, Band, ContentType, Family, Pixels
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Media, MediaKind
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.originals import original

VERSION = 1
"""Raised when the same original would be rendered otherwise: older entries of the cache are left to age."""
JPEG_QUALITY = 90
STRIP_COLUMNS = 6
THOUSAND = 1000
NUMBER_AT_MOST = 10**9


class RenderKind(StrEnum):
    """What of a media is rendered."""

    TILES = "tiles"
    """A picture in tiles of all its levels."""
    FRAME = "frame"
    """One frame of a film, in tiles; the number is its millisecond."""
    OUTLINE = "outline"
    """What a film is, with a strip of frames."""
    PART = "part"
    """A part of a film as WebM; the number counts parts."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One thing that can be rendered."""

    sha256: str
    kind: RenderKind
    number: int = 0

    @property
    def name(self) -> str:
        """Of its entry in the cache."""
        return f"{self.sha256}-{self.kind}-{VERSION}-{self.number}"


SHA256 = re.compile(r"[0-9a-f]{64}")


def cache(catalogue: Catalogue, settings: EngineSettings) -> Renders:
    """The cache of this workspace."""
    return Renders(catalogue.workspace.renders, settings.rendering.cache_bytes)


def render(
    catalogue: Catalogue,
    renderer: decoding.Renderer,
    wanted: Rendition,
    settings: EngineSettings,
    tell: Callable[[float], None],
) -> None:
    """Render one thing into the cache; nothing is done where it is there.

    Args:
        catalogue: open for reading is enough.
        renderer: the caged worker that decodes.
        wanted: what.
        settings: how.
        tell: hears how far it is, 0 to 1, and may raise to cancel.

    Raises:
        UsageError: there is no such media, or this cannot be made of it.
        OriginalAway: its bytes are not at hand.
        CannotRender: the file gives no picture; says why.
        StorageFull: there is no room in the cache.
        CageError: no cage can be built on this machine.
    """
    held = cache(catalogue, settings)
    if held.has(wanted.name):
        return
    media = catalogue.media(wanted.sha256)
    if media is None:
        raise UsageError("There is no such media.")
    content = _content(media, wanted)
    with original(catalogue, wanted.sha256, settings) as untrusted_fd:
        if wanted.kind is RenderKind.OUTLINE:
            _outline(held, renderer, wanted, untrusted_fd, content)
        elif wanted.kind is RenderKind.PART:
            _part(held, renderer, wanted, untrusted_fd, content, settings, tell)
        else:
            _tiles(held, renderer, wanted, untrusted_fd, content, tell)


def _content(media: Media, wanted: Rendition) -> ContentType:
    """What sniffing found when the media was taken in; a film is not asked for as a picture."""
    film = media.kind is MediaKind.VIDEO
    if film is (wanted.kind is RenderKind.TILES) or not 0 <= wanted.number <= NUMBER_AT_MOST:
        raise UsageError("A picture is rendered in tiles, a film as an outline, in parts and frames.")
    return ContentType(Family.VIDEO if film else Family.PICTURE, media.format)


def _tiles(
    held: Renders,
    renderer: decoding.Renderer,
    wanted: Rendition,
    untrusted_fd: int,
    content: ContentType,
    tell: Callable[[float], None],
) -> None:
    size, bands = renderer.picture(untrusted_fd, content, wanted.number / THOUSAND)
    head = tiles.TileHead(size.width, size.height, size.full_width, size.full_height, TILE, size.partial)
    rows = sum(rows for _, rows in head.grids())
    with held.writing(wanted.name) as file:
        writer = tiles.TileWriter(file, head)
        for done, band in enumerate(bands, start=1):
            writer.add([_jpeg(tile) for tile in _cut(band)])
            tell(done / rows)
        writer.end()


def _cut(band: Band) -> Iterable[Pixels]:
    width = band.pixels.shape[1]
    return (band.pixels[:, left : left + TILE] for left in range(0, width, TILE))


def _outline(
    held: Renders, renderer: decoding.Renderer, wanted: Rendition, untrusted_fd: int, content: ContentType
) -> None:
    outline, strip = renderer.outline(untrusted_fd, content)
    times = tuple(at_seconds for at_seconds, _ in strip)
    sheet = _sheet([pixels for _, pixels in strip])
    with held.writing(wanted.name) as file:
        films.write_outline(file, films.OutlineFile(outline, STRIP_COLUMNS, times, _jpeg(sheet)))


def _sheet(frames: Sequence[Pixels]) -> Pixels:
    """Frames side by side, six in a row, each in the middle of its place, on black."""
    height = max(frame.shape[0] for frame in frames)
    width = max(frame.shape[1] for frame in frames)
    rows = -(-len(frames) // STRIP_COLUMNS)
    sheet = np.zeros((rows * height, STRIP_COLUMNS * width, 3), np.uint8)
    for number, frame in enumerate(frames):
        top = (number // STRIP_COLUMNS) * height + (height - frame.shape[0]) // 2
        left = (number % STRIP_COLUMNS) * width + (width - frame.shape[1]) // 2
        sheet[top : top + frame.shape[0], left : left + frame.shape[1]] = frame
    return sheet


def _part(
    held: Renders,
    renderer: decoding.Renderer,
    wanted: Rendition,
    untrusted_fd: int,
    content: ContentType,
    settings: EngineSettings,
    tell: Callable[[float], None],
) -> None:
    begin = wanted.number * settings.rendering.part_seconds
    part = renderer.part(untrusted_fd, content, begin, tell)
    with held.writing(wanted.name) as file:
        films.write_part(file, part.times.tolist(), part.untrusted_film)


def _jpeg(pixels: Pixels) -> bytes:
    """Without subsampling of colour: thin coloured lines and small print stay readable."""
    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=JPEG_QUALITY, colorspace="RGB", colorsubsampling="444"
    )
    return encoded
