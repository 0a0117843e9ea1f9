"""Camera raws by LibRaw (rawpy): the preview that the camera put in, which is the picture as it was shown.

A raw without a usable preview is developed at half its size. Pixels of the sensor are never compared: two
programs develop them differently, the preview is the same everywhere.
"""

from __future__ import annotations

import io
import os
from typing import Any

from PIL import Image

from foureyes.engine.decoding.formats import pixels
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.jpeg import decode_jpeg
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, FaultCode, Frame, MediaKind
from foureyes.engine.settings import DecodingSettings

_EXIF_OF_FLIP = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's turn of a picture as an EXIF orientation."""


class RawDecoder:
    """See the module."""

    name = "raw"
    version = 1
    formats = frozenset(
        {
            *("3fr", "arw", "cr2", "cr3", "crw", "dng", "erf", "iiq", "kdc", "mef"),
            *("mos", "mrw", "nef", "orf", "pef", "raf", "raw", "rw2", "srw", "x3f"),
        }
    )

    def prepare(self) -> None:
        """Import LibRaw; its parallel loops stay within one thread, as the cage wants."""
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        import rawpy  # noqa: PLC0415  heavy libraries load in prepare

        rawpy.RawPy().close()

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """One upright frame of the embedded preview; width and height are those of the raw picture."""
        import rawpy  # noqa: PLC0415  loaded in prepare

        with rawpy.RawPy() as raw:
            try:
                raw.open_buffer(io.BytesIO(untrusted.data))
                sizes = raw.sizes
            except rawpy.LibRawError as error:
                raise CannotDecode(FaultCode.DAMAGED, f"raw: {type(error).__name__}") from error
            pixels.refuse_flood(sizes.width, sizes.height, settings)
            turn = _EXIF_OF_FLIP.get(sizes.flip, 1)
            frame, fault = _preview(raw, rawpy, turn, settings) or (_developed(raw, rawpy, settings), None)
        size = pixels.upright_size(sizes.width, sizes.height, turn)
        return Decoded(MediaKind.PICTURE, untrusted.content.format, *size, (frame,), (), fault)


def _preview(raw: Any, rawpy: Any, turn: int, settings: DecodingSettings) -> tuple[Frame, Any] | None:
    """The embedded preview, or None where there is none that can be decoded."""
    try:
        thumb = raw.extract_thumb()
        if thumb.format == rawpy.ThumbFormat.JPEG:
            decoded = decode_jpeg(memoryview(thumb.data), settings, orientation=turn)
            return decoded.frames[0], decoded.fault
    except (rawpy.LibRawError, CannotDecode):
        return None
    height, width = thumb.data.shape[:2]
    image = Image.fromarray(thumb.data)
    seen = pixels.to_rgb(image, pixels.reduction(width, height, settings))
    return Frame(pixels.upright(seen, turn)), None


def _developed(raw: Any, rawpy: Any, settings: DecodingSettings) -> Frame:
    """The sensor's picture at half size, already upright."""
    try:
        seen = raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
    except rawpy.LibRawError as error:
        raise CannotDecode(FaultCode.UNSUPPORTED, "raw: no preview, and LibRaw cannot develop it") from error
    height, width = seen.shape[:2]
    return Frame(pixels.to_rgb(Image.fromarray(seen), pixels.reduction(width, height, settings)))


DECODER = RawDecoder()
