"""JPEG XL by libjxl (imagecodecs): bare codestreams and containers, still or moving.

libjxl applies the orientation itself. The size is read from the codestream's first bits before libjxl is
asked for anything, so that a flood of pixels is refused unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.decoding.formats import pixels
from foureyes.engine.decoding.formats.base import CannotDecode
from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, FaultCode, Frame, MediaKind
from foureyes.engine.settings import DecodingSettings

_CODESTREAM = b"\xff\x0a"
_BOXES_AT_MOST = 200
_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_BYTE = 8


class JpegXlDecoder:
    """See the module."""

    name = "jxl"
    version = 1
    formats = frozenset({"jxl"})

    def prepare(self) -> None:
        """Import libjxl, and decode a pixel so that all of it is loaded."""
        import imagecodecs  # noqa: PLC0415  heavy libraries load in prepare

        pixel = imagecodecs.jpegxl_encode(np.zeros((8, 8, 3), np.uint8), numthreads=1)
        imagecodecs.jpegxl_decode(pixel, numthreads=1)

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """One upright frame, the first of an animation."""
        import imagecodecs  # noqa: PLC0415  loaded in prepare

        pixels.refuse_flood(*stated_size(untrusted.data), settings)
        try:
            samples = imagecodecs.jpegxl_decode(bytes(untrusted.data), index=0, numthreads=1)
        except (imagecodecs.JpegxlError, ValueError) as error:
            raise CannotDecode(FaultCode.DAMAGED, f"jxl: {type(error).__name__}") from error
        height, width = samples.shape[:2]
        factor = pixels.reduction(width, height, settings)
        frame = Frame(pixels.to_rgb(_as_image(samples), factor))
        return Decoded(MediaKind.PICTURE, "jxl", width, height, (frame,))


def stated_size(data: memoryview) -> tuple[int, int]:
    """Width and height as the codestream's header states them (before orientation).

    Raises:
        CannotDecode: there is no codestream.
    """
    if bytes(data[:2]) == _CODESTREAM:
        return _size_header(data[2:16])
    for kind, body in _boxes(data):
        start = body if kind == b"jxlc" else body[4:]
        if kind in (b"jxlc", b"jxlp") and bytes(start[:2]) == _CODESTREAM:
            return _size_header(start[2:16])
    raise CannotDecode(FaultCode.DAMAGED, "jxl: no codestream")


@dataclass(slots=True)
class _Bits:
    """Reads little-endian bits, as JPEG XL packs them."""

    value: int
    at: int = 0

    def take(self, count: int) -> int:
        piece = (self.value >> self.at) & ((1 << count) - 1)
        self.at += count
        return piece

    def side(self) -> int:
        """A size: one of four lengths of number, plus one."""
        return 1 + self.take((9, 13, 18, 30)[self.take(2)])


def _size_header(start: memoryview) -> tuple[int, int]:
    bits = _Bits(int.from_bytes(bytes(start), "little"))
    small = bits.take(1)
    height = (1 + bits.take(5)) * _BYTE if small else bits.side()
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio - 1]
        return height * across // down, height
    return ((1 + bits.take(5)) * _BYTE if small else bits.side()), height


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Top-level boxes: kind and content."""
    at = 0
    for _ in range(_BOXES_AT_MOST):
        if at + _BYTE > len(data):
            return
        size, kind, head = int.from_bytes(data[at : at + 4]), bytes(data[at + 4 : at + 8]), _BYTE
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 2 * _BYTE
        end = at + size if size else len(data)
        if end < at + head:
            return
        yield kind, data[at + head : end]
        at = end


def _as_image(samples: NDArray[Any]) -> Image.Image:
    """Decoded samples of any depth as an 8-bit picture."""
    if samples.dtype == np.uint16:
        samples = (samples >> 8).astype(np.uint8)
    elif samples.dtype != np.uint8:
        samples = (np.nan_to_num(samples.astype(np.float32)).clip(0, 1) * 255).astype(np.uint8)
    if samples.ndim == 3 and samples.shape[2] == 1:  # noqa: PLR2004  a grey picture with an axis for its one band
        samples = samples[:, :, 0]
    return Image.fromarray(samples)


DECODER = JpegXlDecoder()
