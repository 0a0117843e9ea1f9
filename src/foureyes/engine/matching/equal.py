"""Equal fingerprints brought together, so that a join meets each value once.

Knows nothing of near ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.pairs import Pairs

Rows = NDArray[np.uint8]
Index = NDArray[np.int64]

_FEW_ROWS = 20_000
"""Below this, sorting takes less time than importing Numba."""


@dataclass(frozen=True)
class Families:
    """Distinct rows, and which rows of the input are equal to each, in the order of their first rows."""

    member: Index
    """Rows of the input, those of one family side by side, rising inside a family."""
    start: Index
    """Where each family begins in `member`; one longer than there are families."""

    @classmethod
    def of(cls, rows: Rows) -> Families:
        """Bring equal rows of shape (n, 32) together."""
        first = _first_equal(rows)
        alone = first == np.arange(len(rows))
        if alone.all():
            return cls(np.arange(len(rows)), np.arange(len(rows) + 1))
        number = np.cumsum(alone) - 1
        family = number[first]
        member = np.argsort(family, kind="stable")
        return cls(member, np.append(0, np.cumsum(np.bincount(family))))

    def __len__(self) -> int:
        """How many distinct rows there are."""
        return len(self.start) - 1

    @property
    def representative(self) -> Index:
        """First row of each family."""
        return self.member[self.start[:-1]]

    @property
    def size(self) -> Index:
        """Rows of each family."""
        return np.diff(self.start)

    def expand_self(self, pairs: Pairs, equal: NDArray[np.bool_] | None = None) -> Pairs:
        """Pairs of families to pairs of rows a < b in order, with those inside all or chosen families."""
        across = self._across(self, pairs)
        a, b = self.inside(equal)
        across = across._replace(a=np.minimum(across.a, across.b), b=np.maximum(across.a, across.b))
        return Pairs.together([across, (a, b, np.zeros(len(a), np.int64))]).in_order()

    def expand_cross(self, others: Families, pairs: Pairs) -> Pairs:
        """Pairs of our families with others' to pairs of rows, in order."""
        return self._across(others, pairs).in_order()

    def _across(self, others: Families, pairs: Pairs) -> Pairs:
        """All members of one family with all members of the other."""
        if len(self) == len(self.member) and len(others) == len(others.member):
            return pairs
        high = others.size[pairs.b]
        count = self.size[pairs.a] * high
        pair = np.repeat(np.arange(len(count)), count)
        place = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        a = self.member[self.start[pairs.a][pair] + place // high[pair]]
        b = others.member[others.start[pairs.b][pair] + place % high[pair]]
        return Pairs(a, b, pairs.distance[pair])

    def inside(self, chosen: NDArray[np.bool_] | None = None) -> tuple[Index, Index]:
        """All pairs of equal rows, a < b, of all families or of chosen ones."""
        parts_a, parts_b = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        sizes = self.size if chosen is None else np.where(chosen, self.size, 0)
        for size in np.unique(sizes[sizes > 1]):
            begin = self.start[:-1][sizes == size, None]
            low, high = np.triu_indices(int(size), 1)
            parts_a.append(self.member[(begin + low).reshape(-1)])
            parts_b.append(self.member[(begin + high).reshape(-1)])
        return np.concatenate(parts_a), np.concatenate(parts_b)


def _first_equal(rows: Rows) -> Index:
    """Of each row, the first row that equals it."""
    if len(rows) >= _FEW_ROWS:
        from foureyes.engine.matching.sorting import first_equal  # noqa: PLC0415 - Numba takes 0.5 s to import

        return first_equal(np.ascontiguousarray(rows).view(np.uint64).reshape(-1, 4))
    values = np.ascontiguousarray(rows).view("V32").reshape(-1)
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return np.asarray(first[inverse.reshape(-1)], np.int64)
