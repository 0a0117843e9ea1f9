"""What decoders share about pixels: how far to reduce, how to turn upright, how to become RGB.

Reductions are by whole factors only, so that whoever compares the reduced picture with a full one knows
exactly which pixels went into which: reduced pixel j holds the full pixels j*f to (j+1)*f - 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.model import Fault, FaultCode
from foureyes.engine.settings import DecodingSettings

Pixels = NDArray[np.uint8]

SHORT_SIDE_SHARE = 0.5
"""Shorter side that a reduced picture keeps at least, in parts of `side_pixels`."""
_SIXTEEN_BITS = 0xFFFF
_SHOWN_AT_LEAST = 0.05
"""Share of a damaged picture that must differ from its first and from its last pixel."""


def refuse_flood(width: int, height: int, settings: DecodingSettings) -> None:
    """Check the size that a header declares, before anything is decoded.

    Raises:
        CannotDecode: too many pixels, or none.
    """
    if width <= 0 or height <= 0:
        raise CannotDecode(FaultCode.DAMAGED, "the header declares no pixels")
    if width * height > settings.pixels_at_most:
        raise CannotDecode(FaultCode.TOO_MANY_PIXELS, f"the header declares {width} x {height} pixels")


def reduction(width: int, height: int, settings: DecodingSettings) -> int:
    """The largest whole factor that leaves enough for the fingerprint: see docs/decisions/0002."""
    short, long = sorted((width, height))
    enough = int(min(short / (settings.side_pixels * SHORT_SIDE_SHARE), long / settings.side_pixels * 4 / 3))
    factor = max(1, enough)
    most, side = settings.kept_pixels_at_most, settings.kept_side_at_most
    while _reduced(width, factor) * _reduced(height, factor) > most or long > factor * side:
        factor += 1
    return factor


def _reduced(side: int, factor: int) -> int:
    return -(-side // factor)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Pixels as they are to be seen, for an EXIF orientation of 1 to 8."""
    if orientation >= 5:  # noqa: PLR2004  5 to 8 swap the sides
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height as seen, for an EXIF orientation of 1 to 8."""
    return (height, width) if orientation >= 5 else (width, height)  # noqa: PLR2004  as above


def box(seen: Pixels, factor: int) -> Pixels:
    """Mean of whole blocks of factor x factor pixels."""
    return np.asarray(Image.fromarray(seen).reduce(factor))


def refuse_blank(seen: Pixels, fault: Fault | None) -> None:
    """Check that a picture read in part shows anything: what is missing is filled with one colour.

    Raises:
        CannotDecode: next to nothing of it was there, with the words of the fault.
    """
    if fault is None:
        return
    shown = min(float((seen != filling).any(axis=2).mean()) for filling in (seen[0, 0], seen[-1, -1]))
    if shown < _SHOWN_AT_LEAST:
        raise CannotDecode(fault.code, f"{fault.detail.partition(':')[0]}: no pixels before the data ends")


def to_rgb(image: Image.Image, factor: int = 1) -> Pixels:
    """RGB pixels of a loaded Pillow image of any mode, reduced by a whole factor.

    Transparency is laid over white, as most viewers show it. Samples of more than 8 bits keep their upper
    8; floating point and 32-bit samples are stretched from their least to their greatest value.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = _eight_bits(image)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode in ("1", "PA", "HSV", "LAB", "YCbCr", "RGBX"):
        image = image.convert("RGBA" if image.mode == "PA" else "RGB")
    if factor > 1:
        image = Image.Image.reduce(image, factor)
    if image.mode in ("LA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        image = _over_white(image)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _over_white(image: Image.Image) -> Image.Image:
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    samples = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((samples >> 8).astype(np.uint8))
    finite = np.isfinite(samples)
    least, most = (float(samples[finite].min()), float(samples[finite].max())) if finite.any() else (0.0, 0.0)
    if image.mode == "I" and least >= 0 and most <= _SIXTEEN_BITS:
        return Image.fromarray((samples >> 8).astype(np.uint8))
    scaled = (np.where(finite, samples, least).astype(np.float32) - least) * (255 / max(most - least, 1e-9))
    return Image.fromarray(scaled.astype(np.uint8))
