"""Few fingerprints against very many that pass by once, each looked at for some tens of nanoseconds.

Cut into 16 pieces of 16 bits, two rows within 31 bits differ by at most one bit in some piece. All keys
within one bit of the few's are written down; a bit per key says whether there is any. Exact up to 31 bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.running.compiled import compiled

FARTHEST = 31
"""16 pieces and one flip promise no more."""
MOST_FEW = 2_000
"""Up to so many, passing by is cheaper than sorting both sides, which takes about 1 microsecond for each of
the many (measured on a busy machine: 0.09 for 100 of the few, 0.4 for 1,000, 2.6 for 10,000)."""
_PIECES, _KEYS, _NEAR = 16, 1 << 16, 17

Values = NDArray[np.uint8]
Numbers = NDArray[np.int64]


def pass_by(few: Values, many: Values, radius: int) -> tuple[Numbers, Numbers, Numbers]:
    """Rows of (n, 32) and (m, 32) within the radius: (row of few, row of many, distance), each pair once."""
    few, many = np.ascontiguousarray(few), np.ascontiguousarray(many)
    order, start, any_there = _neighbourhoods(few)
    return _pass_by(few, few.view(np.uint64), many, many.view(np.uint64), order, start, any_there, radius)


@compiled
def _neighbourhoods(few: Values) -> tuple[NDArray[np.uint32], NDArray[np.uint32], Values]:
    """Rows by every key within one bit of theirs, where each key begins, and a bit per key: is there any."""
    start = np.zeros(_PIECES * _KEYS + 1, np.uint32)
    for row in range(len(few)):
        for piece in range(_PIECES):
            for near in range(_NEAR):
                start[_place(few, row, piece, near) + 1] += np.uint32(1)
    any_there = np.zeros(_PIECES * _KEYS // 8, np.uint8)
    for place in range(_PIECES * _KEYS):
        if start[place + 1]:
            any_there[place >> 3] |= np.uint8(1 << (place & 7))
        start[place + 1] += start[place]
    order = np.empty(_PIECES * _NEAR * len(few), np.uint32)
    at = start.copy()
    for row in range(len(few)):
        for piece in range(_PIECES):
            for near in range(_NEAR):
                place = _place(few, row, piece, near)
                order[at[place]] = row
                at[place] += np.uint32(1)
    return order, start, any_there


@compiled
def _pass_by(
    few: Values,
    few_words: NDArray[np.uint64],
    many: Values,
    many_words: NDArray[np.uint64],
    order: NDArray[np.uint32],
    start: NDArray[np.uint32],
    any_there: Values,
    radius: int,
) -> tuple[Numbers, Numbers, Numbers]:
    a, b, distance, count = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64), 0
    for row in range(len(many)):
        for piece in range(_PIECES):
            place = _place(many, row, piece, _NEAR - 1)
            if not (any_there[place >> 3] >> (place & 7)) & 1:
                continue
            for at in range(start[place], start[place + 1]):
                one = order[at]
                apart = 0
                for word in range(4):
                    apart += _bits(few_words[one, word] ^ many_words[row, word])
                if apart > radius or _met_before(few, one, many, row, piece):
                    continue
                if count == len(a):
                    a, b, distance = _wider(a), _wider(b), _wider(distance)
                a[count], b[count], distance[count] = one, row, apart
                count += 1
    return a[:count], b[:count], distance[:count]


@compiled
def _place(rows: Values, row: int, piece: int, near: int) -> int:
    """Place of a piece's key with bit `near` changed; of the key itself for 16.

    Bytes from far apart make a key: neighbouring bits of PDQ correlate.
    """
    key = int(rows[row, piece]) | int(rows[row, piece + _PIECES]) << 8
    return piece << 16 | key ^ ((1 << near) & (_KEYS - 1))


@compiled
def _met_before(few: Values, one: int, many: Values, row: int, piece: int) -> bool:
    """Whether an earlier piece differs by one bit at most and has told of this pair already."""
    for earlier in range(piece):
        low = few[one, earlier] ^ many[row, earlier]
        high = few[one, earlier + _PIECES] ^ many[row, earlier + _PIECES]
        if _bits(np.uint64(low) | np.uint64(high) << np.uint64(8)) <= 1:
            return True
    return False


@compiled
def _bits(word: np.uint64) -> int:
    """Population count in the form that LLVM turns into the processor's instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def _wider(values: Numbers) -> Numbers:
    """The same values with room for as many again."""
    larger = np.empty(2 * len(values), np.int64)
    larger[: len(values)] = values
    return larger
