"""HEIC and HEIF by libheif (pi-heif, which can only decode), always the primary picture.

libheif turns the picture upright by the container's own boxes; the EXIF orientation beside it says the same
thing once more and is therefore not applied.
"""

from __future__ import annotations

from foureyes.engine.decoding.formats import pixels
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, FaultCode, Frame, MediaKind
from foureyes.engine.settings import DecodingSettings


class HeifDecoder:
    """See the module."""

    name = "heif"
    version = 1
    formats = frozenset({"heic", "heif"})

    def prepare(self) -> None:
        """Import libheif with one thread and without auxiliary pictures: the primary one is all we take."""
        import pi_heif  # noqa: PLC0415  heavy libraries load in prepare

        pi_heif.options.DECODE_THREADS = 1
        pi_heif.options.THUMBNAILS = False
        pi_heif.options.DEPTH_IMAGES = False
        pi_heif.options.AUX_IMAGES = False

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """One upright frame of the primary picture, 10 and 12 bits brought to 8."""
        import pi_heif  # noqa: PLC0415  loaded in prepare

        try:
            opened = pi_heif.open_heif(bytes(untrusted.data), convert_hdr_to_8bit=True)
            width, height = opened.size
            pixels.refuse_flood(width, height, settings)
            image = opened[opened.primary_index].to_pillow()
        except (ValueError, EOFError, SyntaxError, RuntimeError, OSError, IndexError) as error:
            raise _refused(error) from error
        factor = pixels.reduction(image.width, image.height, settings)
        frame = Frame(pixels.to_rgb(image, factor))
        return Decoded(MediaKind.PICTURE, untrusted.content.format, image.width, image.height, (frame,))


def _refused(error: Exception) -> CannotDecode:
    """Code and words for what libheif raises; its own words can quote the file."""
    if isinstance(error, SyntaxError):
        return CannotDecode(FaultCode.UNSUPPORTED, "heif: a feature that libheif does not decode")
    if "security limit" in str(error).lower() or "image size" in str(error).lower():
        return CannotDecode(FaultCode.TOO_MANY_PIXELS, "heif: beyond the security limits of libheif")
    return CannotDecode(FaultCode.DAMAGED, f"heif: {type(error).__name__}")


DECODER = HeifDecoder()
