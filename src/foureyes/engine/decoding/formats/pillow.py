"""PNG, APNG, WebP, GIF, BMP, TIFF, AVIF, JPEG 2000 and PSD by Pillow, one named format at a time.

Pillow is never left to guess a format, so none of its other parsers ever sees a hostile byte. Of several
pages (TIFF) the first is taken, of layers (PSD) the composite, of an animation frames at a cadence.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from importlib import import_module

from PIL import Image, features

from foureyes.engine.decoding.formats import loading, pixels, png_core
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, Fact, FactName, Fault, FaultCode, Frame, MediaKind, Origin
from foureyes.engine.settings import DecodingSettings

_PILLOW_NAMES = {
    "png": "PNG",
    "apng": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "avif": "AVIF",
    "jpeg2000": "JPEG2000",
    "psd": "PSD",
}
_PLUGINS = ("Png", "WebP", "Gif", "Bmp", "Tiff", "Avif", "Jpeg2K", "Psd", "Jpeg", "Mpo")
"""All that is ever loaded of Pillow's forty parsers; MPO because its JPEG plug-in asks for it."""
_CODECS = ("zlib", "jpg", "libtiff", "webp")
_MAY_MOVE = frozenset({"apng", "webp", "gif", "avif"})
_ORIENTATION = 0x0112
_SCANNED_AT_MOST = 5_000
"""Frames of an animation that are looked at."""
_REEL_BYTES_AT_MOST = 256 * 1024**2
"""Pixels of all frames kept of an animation: below what the cage lets out, and far below its memory."""
_UNSTATED_SECONDS = 0.1
"""How long browsers show a frame that states no duration."""


class PillowDecoder:
    """See the module."""

    name = "pillow"
    version = 1
    formats = frozenset(_PILLOW_NAMES)

    def prepare(self) -> None:
        """Import the plug-ins of our formats and the libraries behind them."""
        plugins = {name: import_module(f"PIL.{name}ImagePlugin") for name in _PLUGINS}
        plugins["Avif"].DEFAULT_MAX_THREADS = 1  # type: ignore[attr-defined]  # a module known only when it is loaded
        missing = [part for part in _CODECS if not features.check(part)]
        if missing:
            raise ImportError(f"Pillow without {missing}", name="a Pillow with PNG, JPEG, TIFF and WebP")

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """One upright frame; several for an animation, each at its own second."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.MAX_IMAGE_PIXELS = settings.pixels_at_most
            try:
                return _decoded(untrusted, settings)
            except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
                raise CannotDecode(
                    FaultCode.TOO_MANY_PIXELS, "the header declares too many pixels"
                ) from error


def _decoded(untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
    name = untrusted.content.format
    try:
        return _from_bytes(untrusted.data, name, settings)
    except CannotDecode as error:
        if _PILLOW_NAMES[name] != "PNG" or error.code is not FaultCode.DAMAGED:
            raise
        bare = png_core.without_metadata(untrusted.data)
        decoded = _from_bytes(memoryview(bare), name, settings)
        return replace(
            decoded, fault=decoded.fault or Fault(FaultCode.DAMAGED, "png: its metadata cannot be read")
        )


def _from_bytes(data: memoryview, name: str, settings: DecodingSettings) -> Decoded:
    with loading.view(data) as stream, loading.opened(stream, name, _PILLOW_NAMES[name]) as image:
        return _opened(image, name, settings)


def _opened(image: Image.Image, name: str, settings: DecodingSettings) -> Decoded:
    pixels.refuse_flood(*image.size, settings)
    factor = pixels.reduction(*image.size, settings)
    turn = _orientation(image)
    size = pixels.upright_size(*image.size, turn)
    if name in _MAY_MOVE and getattr(image, "is_animated", False):
        reel = _animation(image, factor, turn, settings)
        return Decoded(MediaKind.PICTURE, name, *size, tuple(reel.frames), reel.facts(), reel.fault)
    seen, fault = _still(image, factor)
    pixels.refuse_blank(seen, fault)
    return Decoded(MediaKind.PICTURE, name, *size, (Frame(pixels.upright(seen, turn)),), (), fault)


def _still(image: Image.Image, factor: int) -> tuple[pixels.Pixels, Fault | None]:
    if image.format == "JPEG2000":
        return _jpeg2000(image, factor)
    fault = loading.load(image)
    return pixels.to_rgb(image, factor), fault


def _jpeg2000(image: Image.Image, factor: int) -> tuple[pixels.Pixels, Fault | None]:
    """JPEG 2000 holds itself at halves of its size: only what is needed is decoded."""
    halvings = min(factor.bit_length() - 1, 5)
    image.reduce = halvings  # type: ignore[method-assign,assignment]  # what Pillow's own draft mode sets
    fault = loading.load(image)
    return pixels.to_rgb(image, max(1, factor >> halvings)), fault


@dataclass(slots=True)
class _Reel:
    """Frames kept of an animation; thinned to every second one whenever there are too many."""

    cadence: float
    at_most: int
    frames: list[Frame] = field(default_factory=list)
    seconds: float = 0.0
    count: int = 0
    fault: Fault | None = None

    def wants(self) -> bool:
        """Whether a frame is due."""
        return not self.frames or self.seconds >= self.frames[-1].at_seconds + self.cadence

    def keep(self, frame: Frame) -> None:
        self.frames.append(frame)
        if len(self.frames) > self.at_most:
            self.frames = self.frames[::2]
            self.cadence *= 2

    def facts(self) -> tuple[Fact, ...]:
        return (
            Fact(FactName.FRAME_COUNT, self.count, Origin.CONTAINER),
            Fact(FactName.DURATION, self.seconds, Origin.CONTAINER),
        )


def _animation(image: Image.Image, factor: int, turn: int, settings: DecodingSettings) -> _Reel:
    """Walk an animation from its start; what is damaged ends it, what came before stays."""
    frame_bytes = 3 * -(-image.width // factor) * -(-image.height // factor)
    at_most = min(settings.frames_at_most, max(1, _REEL_BYTES_AT_MOST // frame_bytes))
    reel = _Reel(settings.frame_seconds, at_most)
    while reel.count < _SCANNED_AT_MOST:
        try:
            image.seek(reel.count)
            image.load()
        except EOFError:
            break
        except loading.DECODER_ERRORS as error:
            detail = f"{type(error).__name__} in frame {reel.count + 1} of an animation"
            if not reel.frames:
                raise CannotDecode(FaultCode.DAMAGED, detail) from error
            reel.fault = Fault(FaultCode.DAMAGED, detail)
            break
        if reel.wants():
            reel.keep(Frame(pixels.upright(pixels.to_rgb(image, factor), turn), reel.seconds))
        reel.count += 1
        reel.seconds += _shown_seconds(image)
    return reel


def _shown_seconds(image: Image.Image) -> float:
    stated = image.info.get("duration", 0)
    seconds = float(stated) / 1000 if isinstance(stated, int | float) else 0.0
    return seconds if 0 < seconds < 3_600 else _UNSTATED_SECONDS  # noqa: PLR2004  more than an hour for a frame is a lie


def _orientation(image: Image.Image) -> int:
    """EXIF orientation as stated, 1 where there is none or none that can be read.

    Pillow turns a TIFF upright itself as it loads it: for TIFF there is nothing left to do.
    """
    if image.format == "TIFF":
        return 1
    try:
        stated = image.getexif().get(_ORIENTATION, 1)
    except (*loading.DECODER_ERRORS, RecursionError):
        return 1
    return stated if isinstance(stated, int) and 1 <= stated <= 8 else 1  # noqa: PLR2004  the eight of EXIF


DECODER = PillowDecoder()
