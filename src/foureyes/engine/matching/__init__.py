"""Near pairs of fingerprints, exact and fast. It must not know media, files or series."""

from __future__ import annotations

from foureyes.engine.matching.join import BITS, LINKING_RADIUS, near_pairs
from foureyes.engine.matching.listed import (
    DigestHits,
    PictureHits,
    digest_hits,
    linking_rows,
    picture_hits,
)
from foureyes.engine.matching.media import NearMedia, near_media, nearest_bits
from foureyes.engine.matching.orientations import LEAST_QUALITY, OrientationPairs, orientation_pairs

__all__ = [
    "BITS",
    "LEAST_QUALITY",
    "LINKING_RADIUS",
    "DigestHits",
    "NearMedia",
    "OrientationPairs",
    "PictureHits",
    "digest_hits",
    "linking_rows",
    "near_media",
    "near_pairs",
    "nearest_bits",
    "orientation_pairs",
    "picture_hits",
]
