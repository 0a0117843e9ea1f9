"""Made-up rows of fingerprints: films of frames, each frame named by a number that fixes its bits."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching import NearMedia, near_media


class Rows(NamedTuple):
    """What the catalogue holds of some media."""

    sha256: NDArray[np.uint8]
    values: NDArray[np.uint8]
    quality: NDArray[np.int16]
    at_seconds: NDArray[np.float64]

    def near(self) -> NearMedia:
        return near_media(*self)

    def backwards(self) -> Rows:
        """The last row first."""
        return Rows(self.sha256[::-1], self.values[::-1], self.quality[::-1], self.at_seconds[::-1])


def sha(name: object) -> str:
    return hashlib.sha256(str(name).encode()).hexdigest()


def frame(look: int, bits_off: int = 0, seed: int = 0) -> NDArray[np.uint8]:
    """Eight hashes of one look, so many bits of each flipped."""
    value = np.random.default_rng(look).integers(0, 256, (8, 32), dtype=np.uint8)
    flips = np.zeros(256, np.uint8)
    flips[np.random.default_rng([seed, 77]).permutation(256)[:bits_off]] = 1
    return np.asarray((value ^ np.packbits(flips)).reshape(-1))


def rows(media: dict[object, list[tuple[int, float]]], *, bits_off: dict[object, int] | None = None) -> Rows:
    """Media by name, each a list of (look, second)."""
    off = bits_off or {}
    flat = [(name, look, at) for name, frames in media.items() for look, at in frames]
    return Rows(
        np.stack([np.frombuffer(bytes.fromhex(sha(name)), np.uint8) for name, _, _ in flat]),
        np.stack([frame(look, off.get(name, 0)) for name, look, _ in flat]),
        np.full(len(flat), 90, np.int16),
        np.array([at for _, _, at in flat], np.float64),
    )


def film(looks: range | list[int], step: float = 1.0, start: float = 0.0) -> list[tuple[int, float]]:
    return [(look, start + step * number) for number, look in enumerate(looks)]
