"""Held media against hash lists: by SHA-256, SHA-1 and MD5, and by PDQ within 31 bits in eight orientations.

Exact: no hit is missed. Only compares; what a hit causes is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.catalogue import HeldList, MediaPage
from foureyes.engine.matching.join import LINKING_RADIUS, near_pairs
from foureyes.engine.matching.orientations import LEAST_QUALITY
from foureyes.engine.model import Digest

Index = NDArray[np.int64]
_EXACT = (Digest.SHA256, Digest.SHA1, Digest.MD5)
_ORIENTATIONS = 8


class DigestHits(NamedTuple):
    """One list's hits among a page of media: arrays of one length, one for each media that was hit."""

    row: Index
    """Row of the page."""
    by: Index
    """Which of SHA-256, SHA-1, MD5 it was, 0 to 2: the surest."""
    record: Index
    """The last record of the list that holds that digest."""


class PictureHits(NamedTuple):
    """Fingerprints near a listed picture: arrays of one length, the nearest one for each row and list."""

    row: Index
    """Row of the fingerprints."""
    listed: Index
    """Row of the listed pictures."""
    distance: Index
    """Bits that differ, at most the radius."""
    orientation: Index
    """Which of the eight hashes of the held picture met the listed one, 0 to 7."""


def digest_hits(page: MediaPage, held: HeldList, dead: NDArray[np.bool_] | None) -> DigestHits:
    """Media of a page whose digests are on a list; records that are `dead` count for nothing."""
    rows, records, kinds = [], [], []
    for number, kind in enumerate(_EXACT):
        file = held.digests(kind.value)
        if file is not None:
            found = file.find(getattr(page, kind.value))
            standing = slice(None) if dead is None else ~dead[found.record]
            rows.append(found.row[standing])
            records.append(found.record[standing])
            kinds.append(np.full(len(rows[-1]), number))
    if not rows:
        return DigestHits(*(np.empty(0, np.int64) for _ in range(3)))
    row, record, by = np.concatenate(rows), np.concatenate(records), np.concatenate(kinds)
    order = np.lexsort((-record, by, row))
    order = order[_first_of(row[order])]
    return DigestHits(row[order], by[order], record[order])


def picture_hits(
    values: NDArray[np.uint8],
    quality: NDArray[np.integer],
    listed: NDArray[np.uint8],
    lists: NDArray[np.integer] | None = None,
    *,
    radius: int = LINKING_RADIUS,
) -> PictureHits:
    """Fingerprints of which any of the eight hashes is within the radius of a listed picture.

    Args:
        values: uint8, shape (n, 256): eight hashes a row, the upright one first.
        quality: shape (n,), 0 to 100; rows below 50 take no part.
        listed: uint8, shape (m, 32): upright.
        lists: shape (m,), which list each listed picture is of; all of one, if not given.
        radius: bits.

    Raises:
        UsageError: an array of another shape or type.
    """
    fit = np.flatnonzero(np.asarray(quality) >= LEAST_QUALITY)
    owner = np.zeros(len(listed), np.int64) if lists is None else np.asarray(lists)
    turned = np.ascontiguousarray(values[fit]).reshape(-1, values.shape[1] // _ORIENTATIONS)
    near = near_pairs(turned, np.ascontiguousarray(listed), radius=radius)
    row, orientation = fit[near.a // _ORIENTATIONS], near.a % _ORIENTATIONS
    order = np.lexsort((near.b, orientation, near.distance, owner[near.b], row))
    order = order[_first_of(row[order], owner[near.b][order])]
    return PictureHits(row[order], near.b[order], near.distance[order], orientation[order])


def rows_of(sha256: NDArray[np.uint8], media: Collection[str]) -> Index:
    """Rows of a column of SHA-256, shape (n, 32), that name some media: by 64 bits first, and then surely."""
    heads = np.fromiter((int(one[:16], 16) for one in media), np.uint64, len(media))
    rows = np.flatnonzero(np.isin(np.ascontiguousarray(sha256[:, :8]).view(">u8").ravel(), heads))
    surely = [sha256[row].tobytes().hex() in media for row in rows]
    return np.asarray(rows[np.array(surely, bool)], np.int64)


def _first_of(*sorted_keys: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Where a run of equal keys begins."""
    first = np.zeros(len(sorted_keys[0]), bool)
    first[:1] = True
    for key in sorted_keys:
        first[1:] |= key[1:] != key[:-1]
    return first
