"""Near pairs of fingerprints, exact and fast, and their index. It must not know what makes a series."""

from __future__ import annotations

from foureyes.engine.matching.families import DENSE, NearFamilies, near_families
from foureyes.engine.matching.join import BITS, LINKING_RADIUS, near_pairs
from foureyes.engine.matching.listed import (
    DigestHits,
    PictureHits,
    digest_hits,
    picture_hits,
    rows_of,
)
from foureyes.engine.matching.media import (
    FoundMedia,
    NearMedia,
    found_media,
    media_pairs,
    near_media,
    nearest_bits,
    orientation_of,
)
from foureyes.engine.matching.orientations import (
    HASHES,
    LEAST_QUALITY,
    NEGATIVE,
    RowPairs,
    row_pairs,
)
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.pieces import Piece, join_piece, join_pieces
from foureyes.engine.matching.plain import PlainMedia, plain_pairs, plain_rows

__all__ = [
    "BITS",
    "DENSE",
    "HASHES",
    "LEAST_QUALITY",
    "LINKING_RADIUS",
    "NEGATIVE",
    "DigestHits",
    "FoundMedia",
    "NearFamilies",
    "NearMedia",
    "Pairs",
    "PictureHits",
    "Piece",
    "PlainMedia",
    "RowPairs",
    "digest_hits",
    "found_media",
    "join_piece",
    "join_pieces",
    "media_pairs",
    "near_families",
    "near_media",
    "near_pairs",
    "nearest_bits",
    "orientation_of",
    "picture_hits",
    "plain_pairs",
    "plain_rows",
    "row_pairs",
    "rows_of",
]
