"""PDQ: 256 bits that survive resizing and recompression, with its quality and eight orientations.

The published algorithm of Meta's ThreatExchange (`pdq/README.md` there), written anew so that every sum
is taken in the reference's order with the reference's precision: on the same pixels the bits are the same.
Never decodes a file: it sees pixels only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ORIENTATIONS = (
    "upright",
    "rotated by 90 degrees",
    "rotated by 180 degrees",
    "rotated by 270 degrees",
    "flipped top to bottom",
    "mirrored left to right",
    "mirrored on the falling diagonal",
    "mirrored on the rising diagonal",
)
"""What each 32 bytes of a value stand for, in the reference's order: the hash that the picture has after
it was so turned or mirrored (angles anticlockwise)."""

HASH_BYTES = 32
VALUE_BYTES = HASH_BYTES * len(ORIENTATIONS)
SMALLEST_SIDE = 5
"""Below this the reference gives 256 zero bits of quality 0."""

_SIDE = 16
_LOWER_MEDIAN = 127
"""The reference takes the lower of the two middle values of 256."""


class Pdq:
    """Member of the fingerprint family: 8 x 32 bytes per frame, the upright one first."""

    name = "pdq"
    version = 1
    value_bytes = VALUE_BYTES
    frames_at_most = None

    def make(self, pixels: NDArray[np.uint8], full_size: tuple[int, int] | None = None) -> tuple[bytes, int]:
        """See `pdq`."""
        return pdq(pixels, full_size)

    def alike(self, a: bytes, b: bytes) -> bool:
        """Whether the upright hashes differ in at most 2 bits: recompression alone moves more."""
        difference = int.from_bytes(a[:HASH_BYTES]) ^ int.from_bytes(b[:HASH_BYTES])
        return difference.bit_count() <= 2  # noqa: PLR2004 - the docstring says why


def pdq(pixels: NDArray[np.uint8], full_size: tuple[int, int] | None = None) -> tuple[bytes, int]:
    """Hash RGB pixels of shape (height, width, 3), uint8; gives 8 x 32 bytes and the quality, 0 to 100.

    `full_size`: height and width of the picture that `pixels` is a reduction of. The hash is then that of
    the full picture, as near as the pixels tell (0 bits off at the median, see `pdq_reduced`).

    Each 32 bytes read as hexadecimal are the text form that hash lists exchange. Quality below 50 means
    too few gradients: the reference discards such hashes, and so does linking.

    Raises:
        ValueError: the array has another shape or type.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:  # noqa: PLR2004 - RGB rows
        raise ValueError(f"PDQ needs uint8 pixels of shape (height, width, 3), not {pixels.shape}")
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        return bytes(VALUE_BYTES), 0
    from foureyes.engine.fingerprints.pdq_filter import dct_16  # noqa: PLC0415 - Numba takes 0.5 s

    small = _samples(np.ascontiguousarray(pixels), full_size)
    return _hashes(dct_16(small, _DCT, _DCT_TRANSPOSED)), quality_of(small)


def prepare() -> None:
    """Compile or load the kernels: 3 CPU seconds once per machine, then half a second per process.

    Called before worker processes are forked, it spares each of them that time.
    """
    flat = np.zeros((SMALLEST_SIDE, SMALLEST_SIDE, 3), np.uint8)
    pdq(flat)
    pdq(flat, (2 * SMALLEST_SIDE, 2 * SMALLEST_SIDE))


def _samples(pixels: NDArray[np.uint8], full_size: tuple[int, int] | None) -> NDArray[np.float32]:
    """64 x 64 luma values of the full picture, whether these are its own pixels or reduced ones."""
    from foureyes.engine.fingerprints.pdq_filter import reduce_to_64  # noqa: PLC0415 - Numba takes 0.5 s
    from foureyes.engine.fingerprints.pdq_reduced import sample_as_full  # noqa: PLC0415 - the same

    height, width = pixels.shape[:2]
    if full_size is None or full_size[0] <= height or full_size[1] <= width:
        return reduce_to_64(pixels)
    return sample_as_full(pixels, *full_size)


def quality_of(small: NDArray[np.float32]) -> int:
    """The reference's metric: how many significant steps of brightness 64 x 64 luma values have, 0 to 100."""
    down = ((small[:-1] - small[1:]) * np.float32(100)) / np.float32(255)
    across = ((small[:, :-1] - small[:, 1:]) * np.float32(100)) / np.float32(255)
    steps = int(np.abs(down.astype(np.int32)).sum()) + int(np.abs(across.astype(np.int32)).sum())
    return min(steps // 90, 100)


def _hashes(dct: NDArray[np.float32]) -> bytes:
    """Bits above the median of each orientation; turning a picture permutes and negates its DCT."""
    turned = dct.reshape(-1)[_PLACES] * _SIGNS
    median = np.partition(turned, _LOWER_MEDIAN, axis=1)[:, _LOWER_MEDIAN, None]
    return np.packbits((turned > median)[:, ::-1], axis=1).tobytes()


def _dct_matrix() -> NDArray[np.float32]:
    """Rows 1 to 16 of the 64-point DCT-II, in the reference's mixed precision."""
    frequency = np.arange(1, 17, dtype=np.float64)[:, None]
    place = 2 * np.arange(64, dtype=np.float64)[None, :] + 1
    scale = np.float64(np.float32(np.sqrt(2.0 / 64.0)))
    return (scale * np.cos((np.pi / 2.0 / 64.0) * frequency * place)).astype(np.float32)


def _orientations() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Per orientation, where each of 256 frequencies comes from and with which sign."""
    row, column = np.indices((_SIDE, _SIDE))
    here, across = row * _SIDE + column, column * _SIDE + row
    odd_row, odd_column, odd_both = row & 1, column & 1, (row + column) & 1
    places = (here, across, here, across, here, here, across, across)
    negative = (
        0 * row,
        1 - odd_row,
        odd_both,
        1 - odd_column,
        1 - odd_row,
        1 - odd_column,
        0 * row,
        odd_both,
    )
    return (
        np.stack([place.reshape(-1) for place in places]),
        np.stack([1.0 - 2.0 * sign.reshape(-1) for sign in negative]).astype(np.float32),
    )


_DCT = _dct_matrix()
_DCT_TRANSPOSED = np.ascontiguousarray(_DCT.T)
_PLACES, _SIGNS = _orientations()
