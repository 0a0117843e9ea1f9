"""Fingerprints for the index: families of edits, turned copies, negatives and strangers, from a seed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.uint8]


class Rows(NamedTuple):
    values: Values
    quality: NDArray[np.int16]
    owners: Values
    at_seconds: NDArray[np.float64]

    def part(self, first: int, last: int) -> Rows:
        some = slice(first, last)
        return Rows(self.values[some], self.quality[some], self.owners[some], self.at_seconds[some])

    def earlier(self, first: int, last: int) -> tuple[Values, NDArray[np.int16]]:
        return self.values[first:last], self.quality[first:last]


def flipped(rng: np.random.Generator, value: Values, bits: int) -> Values:
    """The same picture again: each of its eight hashes moved by so many bits."""
    as_bits = np.unpackbits(value.reshape(8, 32), axis=1)
    for row in as_bits:
        row[rng.choice(256, bits, replace=False)] ^= 1
    return np.packbits(as_bits, axis=1).reshape(256)


def turned(value: Values) -> Values:
    """The eight hashes of the picture turned by 90 degrees: its upright one is the other's second."""
    return value.reshape(8, 32)[[1, 2, 3, 0, 6, 7, 5, 4]].reshape(256)


def negative(value: Values) -> Values:
    """The eight hashes of the picture with bright and dark exchanged."""
    return ~value


def rows(seed: int, count: int, *, spread: int = 40, poor: float = 0.1, equal: float = 0.1) -> Rows:
    """About a third are edits of earlier rows, some of them turned, some negatives, some equal."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, (count, 256), dtype=np.uint8)
    for number in range(1, count):
        if rng.random() < 0.4:
            like = values[rng.integers(0, number)]
            like = turned(like) if rng.random() < 0.4 else like
            like = negative(like) if rng.random() < 0.2 else like
            bits = 0 if rng.random() < equal else int(rng.integers(1, spread))
            values[number] = flipped(rng, like, bits)
    quality = np.where(rng.random(count) < poor, 49, 80).astype(np.int16)
    owners = rng.integers(0, 256, (count, 32), dtype=np.uint8)
    return Rows(values, quality, owners, rng.random(count))


def oracle(given: Rows, radius: int = 31) -> dict[tuple[int, int], int]:
    """Every near pair of good rows with its distance, by plain comparing of all."""
    found = {}
    good = np.flatnonzero(given.quality >= 50)
    values = given.values.reshape(-1, 8, 32)
    for place, a in enumerate(good):
        for b in good[place + 1 :]:
            there = np.bitwise_count(values[a, 0] ^ values[b]).sum(axis=1, dtype=int).min()
            back = np.bitwise_count(values[b, 0] ^ values[a]).sum(axis=1, dtype=int).min()
            exchanged = int(np.bitwise_count(values[a, 0] ^ ~values[b, 0]).sum())
            if min(there, back, exchanged) <= radius:
                found[int(a), int(b)] = int(min(there, back, exchanged))
    return found
