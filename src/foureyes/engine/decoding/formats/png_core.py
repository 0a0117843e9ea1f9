"""A PNG without its metadata: the chunks that make pixels, and nothing else.

Text and colour profiles of a PNG are compressed, and a bomb among them makes Pillow give up the whole
picture. Hiding a picture behind a bad comment must not work. Decompresses nothing.
"""

from __future__ import annotations

_SIGNATURE_BYTES = 8
_CHUNKS_AT_MOST = 200_000
_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})


def without_metadata(data: memoryview) -> bytes:
    """The same PNG with only the chunks that pixels need, as far as its chunks can be followed."""
    kept = [data[:_SIGNATURE_BYTES]]
    at = _SIGNATURE_BYTES
    for _ in range(_CHUNKS_AT_MOST):
        if at + 12 > len(data):
            break
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if bytes(data[at + 4 : at + 8]) in _NEEDED:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
