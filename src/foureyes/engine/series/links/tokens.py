"""Numbers for texts, the same on every machine and day: what is kept of traits is compared by them."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

NONE = 0
"""Of what is not stated."""
_REMEMBERED = 1 << 16
"""Texts of which the number is at hand: models, folders and serials are stated again and again."""


@lru_cache(_REMEMBERED)
def token(*parts: str) -> int:
    """A number of 64 bits for some texts; none for empty ones.

    Of ten million texts one shares the number of one that is asked for in a million corpora.
    """
    return anew(*parts) if any(parts) else NONE


def anew(*parts: str) -> int:
    """The same of texts that are hardly stated twice."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little", signed=True) or 1
