"""Near pairs of fingerprints, exact and fast. It must not know media, files or series."""

from __future__ import annotations

from foureyes.engine.matching.join import BITS, LINKING_RADIUS, near_pairs
from foureyes.engine.matching.listed import (
    DigestHits,
    PictureHits,
    digest_hits,
    picture_hits,
    rows_of,
)
from foureyes.engine.matching.media import NearMedia, media_pairs, near_media, nearest_bits
from foureyes.engine.matching.orientations import (
    LEAST_QUALITY,
    OrientationPairs,
    RowPairs,
    orientation_pairs,
    row_pairs,
)
from foureyes.engine.matching.plain import PlainMedia, plain_pairs, plain_rows

__all__ = [
    "BITS",
    "LEAST_QUALITY",
    "LINKING_RADIUS",
    "DigestHits",
    "NearMedia",
    "OrientationPairs",
    "PictureHits",
    "PlainMedia",
    "RowPairs",
    "digest_hits",
    "media_pairs",
    "near_media",
    "near_pairs",
    "nearest_bits",
    "orientation_pairs",
    "picture_hits",
    "plain_pairs",
    "plain_rows",
    "row_pairs",
    "rows_of",
]
