"""Near fingerprints told as near media: what the catalogue holds in, what links are made of out.

Media are only names here. Never decides whether two media belong together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.join import LINKING_RADIUS
from foureyes.engine.matching.orientations import orientation_pairs
from foureyes.engine.model import NearPair


class NearMedia(NamedTuple):
    """Pairs of media, and what took no part in them; both counts are for reports."""

    pairs: list[NearPair]
    """a < b, sorted."""
    poor_quality: int
    """Pictures and frames whose fingerprint says too little to be compared."""
    left_out: int
    """Pairs of copies not given, because others hold their media together already."""


def near_media(
    sha256: NDArray[np.uint8],
    values: NDArray[np.uint8],
    quality: NDArray[np.integer],
    at_seconds: NDArray[np.floating],
    *,
    radius: int = LINKING_RADIUS,
) -> NearMedia:
    """Pairs of media with a near picture or frame, in any orientation.

    Args:
        sha256: uint8, shape (n, 32): the media of each row; a video has several rows.
        values: uint8, shape (n, 256).
        quality: shape (n,), 0 to 100.
        at_seconds: shape (n,), when in its video a row is.
        radius: bits, 0 to 255.

    The order of rows does not matter. What is left out of thousands of copies, see `orientation_pairs`.
    """
    if len(sha256) == 0:
        return NearMedia([], 0, 0)
    words = np.ascontiguousarray(sha256).view(">u8").reshape(-1, 4)
    order = np.lexsort((at_seconds, words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    words, at = words[order], np.asarray(at_seconds)[order]
    owners = np.r_[0, np.cumsum((words[1:] != words[:-1]).any(axis=1))]
    found = orientation_pairs(values[order], np.asarray(quality)[order], owners, radius=radius)
    hexadecimal = [bytes(row).hex() for row in np.asarray(sha256)[order]]
    pairs = [
        NearPair(hexadecimal[a], hexadecimal[b], distance, orientation, float(at[a]), float(at[b]))
        for a, b, distance, orientation in zip(*(part.tolist() for part in found[:4]), strict=True)
    ]
    return NearMedia(pairs, found.poor_quality, found.left_out)


def nearest_bits(upright: NDArray[np.uint8], turned: NDArray[np.uint8]) -> int | None:
    """Bits of 256 between the nearest of two media's fingerprints, (n, 256) and (m, 256), in any orientation.

    None where either has none.
    """
    if not len(upright) or not len(turned):
        return None
    differing = upright[:, None, None, :32] ^ turned.reshape(1, len(turned), 8, 32)
    return int(np.bitwise_count(differing).sum(axis=-1, dtype=np.int64).min())
