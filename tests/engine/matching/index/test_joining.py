"""New rows meet each other a portion at a time: all of them, and few at once where they stand dense."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.index.joining import New

COPIES = 700


def test_dense_rows_meet_in_small_portions_and_none_is_left_out() -> None:
    values, dense = _scattered_and_dense()
    new = New.of(np.arange(len(values)), values, 31)
    portions = [set(one.tolist()) for one in new.portions]
    assert sorted(place for one in portions for place in one) == list(range(len(values)))
    assert [len(one) for one in portions if one & dense] == [512, COPIES - 512]
    assert all(one <= dense or not one & dense for one in portions)


def test_few_rows_meet_at_once() -> None:
    values, _ = _scattered_and_dense()
    assert [len(one) for one in New.of(np.arange(300), values[:300], 31).portions] == [300]


def _scattered_and_dense() -> tuple[NDArray[np.uint8], set[int]]:
    """A thousand strangers with edits of one picture among them, two or three bits from it."""
    draw = np.random.default_rng(3)
    values = draw.integers(0, 256, (1_000 + COPIES, 256), np.uint8)
    dense = draw.permutation(len(values))[:COPIES]
    picture = draw.integers(0, 256, 32, np.uint8)
    for place in dense:
        bits = np.unpackbits(picture)
        bits[draw.permutation(256)[:3]] ^= 1
        values[place, :32] = np.packbits(bits)
    return values, set(dense.tolist())
