"""What the stricter matcher of plain media is given: sizes, thumbnails and hashes out of the catalogue.

It reads thumbnails that the engine made itself, never a file that was taken in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foureyes.engine import fingerprints, matching
from foureyes.engine.catalogue import Catalogue


def plain_media(
    catalogue: Catalogue, sha256: NDArray[np.uint8], quality: NDArray[np.integer]
) -> matching.PlainMedia:
    """Pairs of media that have no fingerprint of quality 50 or more.

    Args:
        catalogue: where they are held.
        sha256: uint8, shape (n, 32): the media of each row of fingerprints.
        quality: shape (n,), 0 to 100.
    """
    plain = sha256[matching.plain_rows(sha256, quality)]
    return matching.plain_pairs(
        plain,
        catalogue.thumbnail_marks(plain),
        is_blank=lambda one: _is_blank(catalogue, one),
        upright=lambda some: _upright(catalogue, some),
    )


def _is_blank(catalogue: Catalogue, sha256: str) -> bool:
    media = catalogue.media(sha256)
    return media is None or not media.thumbnail or fingerprints.is_blank(media.thumbnail)


def _upright(catalogue: Catalogue, media: Sequence[str]) -> NDArray[np.uint8]:
    """(m, 32): the first fingerprint of each."""
    table = catalogue.fingerprints("pdq", width=32, owners=media)
    first: dict[str, int] = {}
    for row in np.argsort(table.at_seconds, kind="stable").tolist():
        first.setdefault(bytes(table.sha256[row]).hex(), row)
    return np.asarray(table.values[[first[one] for one in media]])
