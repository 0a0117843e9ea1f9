"""What every kind of fingerprint of pixels must offer. Knows no file format and no database."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class FingerprintMaker(Protocol):
    """One kind of fingerprint: the same pixels give the same value, on every machine.

    Only what a network makes may differ in its last digits from one kind of processor to another.
    """

    @property
    def name(self) -> str:
        """`Fingerprint.kind` of what it makes; never changes."""

    @property
    def version(self) -> int:
        """Raised whenever the same pixels would give another value."""

    @property
    def value_bytes(self) -> int:
        """Length of every value."""

    @property
    def frames_at_most(self) -> int | None:
        """Values made of one film at most, of the frames that differ most; None for all of its frames."""

    def make(self, pixels: NDArray[np.uint8], full_size: tuple[int, int] | None = None) -> tuple[bytes, int]:
        """Value and quality (0 to 100) of upright RGB pixels, shape (height, width, 3).

        `full_size`: height and width of the picture that the pixels are a reduction of, where it is larger.
        """

    def alike(self, a: bytes, b: bytes) -> bool:
        """Whether two values are so near that a video need not keep both."""
