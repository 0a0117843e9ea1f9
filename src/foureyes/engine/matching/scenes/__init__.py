"""Near neighbours of scene vectors: candidates for a closer look, never a verdict."""

from __future__ import annotations

from foureyes.engine.matching.scenes.approximate import EXACT_ROWS, forget, search_for
from foureyes.engine.matching.scenes.exact import FLOOR, KEPT, Table
from foureyes.engine.matching.scenes.held import forget_neighbours, held_neighbours, keep_neighbours
from foureyes.engine.matching.scenes.neighbours import Neighbours, brought_up
from foureyes.engine.matching.scenes.pairing import INCOMING_AT_MOST, ScenePairs, Stacks, media_pairs
from foureyes.engine.matching.scenes.scale import LIKELY, SHIPPED, Scale
from foureyes.engine.matching.scenes.vectors import held_vectors

__all__ = [
    "EXACT_ROWS",
    "FLOOR",
    "INCOMING_AT_MOST",
    "KEPT",
    "LIKELY",
    "SHIPPED",
    "Neighbours",
    "Scale",
    "ScenePairs",
    "Stacks",
    "Table",
    "brought_up",
    "forget",
    "forget_neighbours",
    "held_neighbours",
    "held_vectors",
    "keep_neighbours",
    "media_pairs",
    "search_for",
]
