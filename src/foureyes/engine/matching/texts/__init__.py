"""Which media bear the same text, of millions: an inverted index of what was read, never all pairs."""

from __future__ import annotations

from foureyes.engine.matching.texts.folding import folded
from foureyes.engine.matching.texts.sharing import HOLDERS_AT_MOST, Read, shared_texts

__all__ = ["HOLDERS_AT_MOST", "Read", "folded", "shared_texts"]
