"""Near pairs as arrays. Says nothing of how they are found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


class Pairs(NamedTuple):
    """Three arrays of one length: rows of the input, and in how many bits they differ."""

    a: Index
    b: Index
    distance: Index

    def where(self, choice: NDArray[np.bool_] | NDArray[np.integer]) -> Pairs:
        """The chosen pairs."""
        return Pairs(self.a[choice], self.b[choice], self.distance[choice])

    def in_order(self) -> Pairs:
        """The same pairs sorted by a, then b."""
        return self.where(np.lexsort((self.b, self.a)))

    @classmethod
    def together(cls, parts: Iterable[tuple[Index, Index, Index]]) -> Pairs:
        """Pairs of several parts, in their order."""
        every = [cls(*(np.zeros(0, np.int64),) * 3), *parts]
        return cls(*(np.concatenate(column) for column in zip(*every, strict=True)))
