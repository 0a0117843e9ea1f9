"""A join in pieces that need nothing of each other, for several processes or machines.

Each piece finds pairs that no other finds, and all together give what `near_pairs` gives. Starts no process.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.errors import UsageError
from foureyes.engine.matching.equal import Families
from foureyes.engine.matching.join import LINKING_RADIUS, check
from foureyes.engine.matching.pairs import Pairs
from foureyes.engine.matching.ring import BLOCKS, MOST_RADIUS, RING_BYTES, Share
from foureyes.engine.model import counted

Rows = NDArray[np.uint8]


@dataclass(frozen=True)
class Piece:
    """A part of a join: the left rows of some first bytes, from some starts on the ring."""

    first_start: int
    end_start: int
    first_block: int = 0
    end_block: int = BLOCKS


def join_pieces(rows_count: int, radius: int = LINKING_RADIUS, pieces: int = RING_BYTES) -> list[Piece]:
    """About so many pieces of near equal work: 32 starts dealt out, or each start cut in equal parts.

    Raises:
        UsageError: a count below one, or a radius out of range 0 to 63.
    """
    if pieces < 1 or rows_count < 0:
        raise UsageError(f"a join of {counted(rows_count, 'row')} has no {counted(pieces, 'piece')}")
    if not 0 <= radius <= MOST_RADIUS:
        raise UsageError(f"a join in pieces has a radius of 0 to {MOST_RADIUS} bits, not {radius}")
    if pieces <= RING_BYTES:
        edges = np.linspace(0, RING_BYTES, pieces + 1).round().astype(int).tolist()
        return [Piece(a, b) for a, b in pairwise(edges)]
    parts = min(BLOCKS, -(-pieces // RING_BYTES))
    edges = np.linspace(0, BLOCKS, parts + 1).round().astype(int).tolist()
    return [Piece(start, start + 1, a, b) for start in range(RING_BYTES) for a, b in pairwise(edges)]


def join_piece(
    rows: Rows,
    others: Rows | None,
    piece: Piece,
    radius: int = LINKING_RADIUS,
    *,
    threads: int | None = 1,
) -> Pairs:
    """The pairs of one piece, in order, rows numbered as in `rows` and `others`; as `near_pairs` otherwise.

    Args:
        rows: uint8, shape (n, 32): all rows, whatever the piece.
        others: uint8, shape (m, 32), or None for a self-join.
        piece: one of `join_pieces`.
        radius: bits, 0 to 63, the same for all pieces.
        threads: how many cores may work; None for all.

    Raises:
        UsageError: an array of another shape or type, or a radius out of range.
    """
    from foureyes.engine.matching.starts import join_from, ring_of  # noqa: PLC0415 - Numba takes 0.5 s

    check(rows, radius)
    share = Share(range(piece.first_start, piece.end_start), range(piece.first_block, piece.end_block))
    left = Families.of(rows)
    ring = ring_of(rows, left.representative, threads)
    if others is not None:
        check(others, radius)
        right = Families.of(others)
        found = join_from(
            ring, ring_of(others, right.representative, threads), radius, share, threads=threads
        )
        return left.expand_cross(right, found)
    found = join_from(ring, None, radius, share, threads=threads)
    return left.expand_self(found, equal=_owned(ring, share))


def _owned(ring: NDArray[np.uint64], share: Share) -> NDArray[np.bool_]:
    """The families whose own pairs are this piece's: of its blocks, if it has the first start."""
    blocks = (ring[:, 0] >> np.uint64(56)).astype(np.int64)
    return (0 in share.turns) & (blocks >= share.blocks.start) & (blocks < share.blocks.stop)
