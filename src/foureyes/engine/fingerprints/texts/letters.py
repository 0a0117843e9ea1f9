"""What one line of text says: the network's choice for each strip of it, told once where it repeats (CTC)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

HEIGHT = 48
"""Pixels that the network wants a line to be high."""
_WIDTH_STEP = 64
"""Lines are filled up to a multiple of this: few shapes, so that memory for each is had once."""
_WIDEST = 1600


def alphabet(listed: str) -> tuple[str, ...]:
    """Characters by the network's numbers, from the list in its file: nothing, those listed, the space."""
    return ("", *listed.split("\n"), " ")


def batch(line: Pixels) -> NDArray[np.float32]:
    """One line as the network wants it; a long one is squeezed."""
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    wide = min(_WIDEST, max(HEIGHT, round(HEIGHT * line.shape[1] / line.shape[0])))
    seen = np.asarray(cv2.resize(line, (wide, HEIGHT)))[:, :, ::-1].astype(np.float32) / 127.5 - 1
    whole = np.zeros((1, 3, HEIGHT, -(-wide // _WIDTH_STEP) * _WIDTH_STEP), np.float32)
    whole[0, :, :, :wide] = seen.transpose(2, 0, 1)
    return whole


def told(chances: NDArray[np.float32], characters: Sequence[str]) -> tuple[str, float]:
    """The text, and how sure each of its letters is at the mean; `chances` are (strips, characters)."""
    best = chances.argmax(axis=1)
    fresh = np.append(True, best[1:] != best[:-1]) & (best != 0)
    if not fresh.any():
        return "", 0.0
    sure = chances[np.arange(len(best)), best][fresh]
    return "".join(characters[one] for one in best[fresh].tolist()), float(sure.mean())
