"""JPEG, decoded by libjpeg-turbo at a half, a quarter or an eighth of its size straight from the DCT.

A full-size picture is never made of a large JPEG. What libjpeg-turbo's plain interface does not take
(CMYK, odd colour forms) goes to Pillow's draft mode, which reduces in the same way.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from PIL import Image

from foureyes.engine.decoding import tiff_head
from foureyes.engine.decoding.formats import loading, pixels
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.formats.pixels import Pixels
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, Fault, FaultCode, Frame, MediaKind
from foureyes.engine.settings import DecodingSettings

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_APP1, _START_OF_SCAN, _END_OF_IMAGE = 0xE1, 0xDA, 0xD9
_STRAY_AT_MOST = 65_536
_SEGMENTS_AT_MOST = 2_000
_HARMLESS = (
    "extraneous bytes before marker",
    "Invalid SOS parameters",
    "Unknown Adobe",
    "Unknown JFIF",
    "thumbnail",
)
"""Complaints of libjpeg-turbo that cost no pixel; others mean that part of the picture is made up."""


@dataclass(frozen=True, slots=True)
class JpegHead:
    """What the segments before the first scan say."""

    width: int
    height: int
    precision: int
    components: int
    marker: int
    """Start-of-frame marker: baseline, progressive, arithmetic, lossless, ..."""
    orientation: int


class JpegDecoder:
    """See the module."""

    name = "jpeg"
    version = 1
    formats = frozenset({"jpeg"})

    def prepare(self) -> None:
        """Import libjpeg-turbo and decode eight pixels, so that the first file finds all warm."""
        import simplejpeg  # noqa: PLC0415  heavy libraries load in prepare

        simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(np.zeros((8, 8, 3), np.uint8)))
        Image.preinit()

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """One frame, upright, reduced by 1, 2, 4 or 8 (by more for pictures beyond about 30 megapixels)."""
        return decode_jpeg(untrusted.data, settings)


def decode_jpeg(data: memoryview, settings: DecodingSettings, *, orientation: int | None = None) -> Decoded:
    """Decode JPEG bytes wherever they came from: a file, or the preview inside a camera raw.

    Args:
        data: the JPEG.
        settings: sizes.
        orientation: used where the JPEG itself states none.

    Raises:
        CannotDecode: no pixel could be had.
    """
    head = read_head(data)
    pixels.refuse_flood(head.width, head.height, settings)
    factor = pixels.reduction(head.width, head.height, settings)
    seen, fault = _seen(data, head, factor)
    pixels.refuse_blank(seen, fault)
    turn = head.orientation if orientation is None or head.orientation > 1 else orientation
    width, height = pixels.upright_size(head.width, head.height, turn)
    frame = Frame(pixels.upright(seen, turn))
    return Decoded(MediaKind.PICTURE, "jpeg", width, height, (frame,), (), fault)


def read_head(data: memoryview) -> JpegHead:
    """Walk the segments up to the first scan.

    Raises:
        CannotDecode: there is no frame header.
    """
    at, size, orientation, frame = 2, len(data), 1, None
    for _ in range(_SEGMENTS_AT_MOST):
        at = _next_marker(data, at)
        if at + 3 > size or data[at] in (_START_OF_SCAN, _END_OF_IMAGE):
            break
        marker = data[at]
        if marker in _BARE_MARKERS:
            at += 1
            continue
        length = int.from_bytes(data[at + 1 : at + 3])
        body = data[at + 3 : at + 1 + length]
        if marker in _FRAME_MARKERS and frame is None and len(body) >= 6:  # noqa: PLR2004  precision to components
            frame = (marker, *struct.unpack_from(">BHHB", body))
        elif marker == _APP1 and orientation == 1 and bytes(body[:6]) == b"Exif\0\0":
            orientation = tiff_head.orientation_of(body[6:])
        at += 1 + length
    if frame is None:
        raise CannotDecode(FaultCode.DAMAGED, "jpeg: no frame header")
    marker, precision, height, width, components = frame
    return JpegHead(width, height, precision, components, marker, orientation)


def _next_marker(data: memoryview, at: int) -> int:
    """Where the next marker's code stands, past stray bytes and filling; the end where none is near."""
    near = bytes(data[at : at + _STRAY_AT_MOST])
    first = near.find(b"\xff")
    if first < 0:
        return len(data)
    return at + len(near) - len(near[first:].lstrip(b"\xff"))


def _seen(data: memoryview, head: JpegHead, factor: int) -> tuple[Pixels, Fault | None]:
    """Reduced pixels as stored, and a fault where part of them is made up."""
    if head.marker in _LOSSLESS:
        raise CannotDecode(FaultCode.UNSUPPORTED, "jpeg: lossless coding")
    if head.precision != 8:  # noqa: PLR2004  bits that cameras write
        raise CannotDecode(FaultCode.UNSUPPORTED, f"jpeg: {head.precision}-bit samples")
    if head.components not in (1, 3):
        return _draft(data, factor)
    from_dct = next(scale for scale in (8, 4, 2, 1) if scale <= factor)
    seen, fault = _turbo(data, head, from_dct)
    if seen is None:
        return _draft(data, factor)
    rest = factor // from_dct
    return (pixels.box(seen, rest) if rest > 1 else seen), fault


def _turbo(data: memoryview, head: JpegHead, scale: int) -> tuple[Pixels | None, Fault | None]:
    """Decode at 1/scale; None where libjpeg-turbo gives no pixel at all."""
    import simplejpeg  # noqa: PLC0415  loaded in prepare

    least = {"min_width": -(-head.width // scale), "min_height": -(-head.height // scale)}
    try:
        return simplejpeg.decode_jpeg(data, "RGB", **least), None
    except ValueError as error:
        complaint = str(error)
    try:
        seen = simplejpeg.decode_jpeg(data, "RGB", **least, strict=False)
    except ValueError:
        return None, None
    if any(words in complaint for words in _HARMLESS):
        return seen, None
    return seen, Fault(FaultCode.DAMAGED, f"jpeg: {loading.PARTLY}")


def _draft(data: memoryview, factor: int) -> tuple[Pixels, Fault | None]:
    """The same reduction by Pillow, which knows CMYK and YCCK."""
    with loading.view(data) as stream, loading.opened(stream, "jpeg", "JPEG") as image:
        image.draft(image.mode, (image.width // factor or 1, image.height // factor or 1))
        fault = loading.load(image)
        return pixels.to_rgb(image), fault


DECODER = JpegDecoder()
