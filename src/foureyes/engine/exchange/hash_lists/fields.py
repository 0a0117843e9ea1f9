"""Kernels on the bytes of a list: hexadecimal digits to digests, slices to one block. Run in the cage.

Every index is checked against the length that it is given: a wrong one would read elsewhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.running.compiled import compiled

NOT_HEX = 255
HEX = np.full(256, NOT_HEX, np.uint8)
"""Value of each ASCII hexadecimal digit."""
HEX[48:58] = np.arange(10)
HEX[65:71] = HEX[97:103] = np.arange(10, 16)


@compiled
def hex_into(text: NDArray[np.uint8], start: int, end: int, out: NDArray[np.uint8], row: int) -> bool:
    """Write the digest that stands from `start` to `end` into a row of `out`, if it is one of that length."""
    size = out.shape[1]
    if end - start != 2 * size or start < 0 or end > len(text):
        return False
    wrong = np.uint8(0)
    for at in range(size):
        high = HEX[text[start + 2 * at]]
        low = HEX[text[start + 2 * at + 1]]
        wrong |= high | low
        out[row, at] = np.uint8((high << 4) | (low & 15))
    if wrong & 0xF0:
        for at in range(size):
            out[row, at] = 0
        return False
    return True


@compiled
def _gather(
    text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], out: NDArray[np.uint8]
) -> None:
    to = 0
    for row in range(len(starts)):
        start = max(starts[row], 0)
        size = min(ends[row], len(text)) - start
        for at in range(size):  # with nothing else in it the loop becomes one copy
            out[to + at] = text[start + at]
        to += max(size, 0)


def gathered(text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> bytes:
    """Give the slices of a text as one block."""
    out = np.empty(int((ends - starts).sum()), np.uint8)
    _gather(text, starts, ends, out)
    return out.tobytes()


def prepare() -> None:
    """Compile, while files may still be opened."""
    text = np.frombuffer(b"00", np.uint8)
    hex_into(text, 0, 2, np.zeros((1, 1), np.uint8), 0)
    gathered(text, np.zeros(1, np.int64), np.ones(1, np.int64))
