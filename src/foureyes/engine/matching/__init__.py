"""Near pairs of fingerprints, exact and fast. It must not know media, files or series."""

from __future__ import annotations

from foureyes.engine.matching.families import DENSE, NearFamilies, near_families
from foureyes.engine.matching.join import BITS, LINKING_RADIUS, near_pairs
from foureyes.engine.matching.media import NearMedia, near_media, nearest_bits
from foureyes.engine.matching.orientations import LEAST_QUALITY, OrientationPairs, orientation_pairs
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.pieces import Piece, join_piece, join_pieces

__all__ = [
    "BITS",
    "DENSE",
    "LEAST_QUALITY",
    "LINKING_RADIUS",
    "NearFamilies",
    "NearMedia",
    "OrientationPairs",
    "Pairs",
    "Piece",
    "join_piece",
    "join_pieces",
    "near_families",
    "near_media",
    "near_pairs",
    "nearest_bits",
    "orientation_pairs",
]
