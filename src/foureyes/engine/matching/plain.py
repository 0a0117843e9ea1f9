"""Pictures too plain for PDQ: the stricter matcher that they go to instead.

Below quality 50 unrelated pictures meet within 31 bits, so two of them pair only where size, thumbnail and
hash all agree: the same pixels in other bytes. One colour, and what very many share, pairs nothing. Whatever
it passes over it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.orientations import LEAST_QUALITY, Index, first_of
from foureyes.engine.model import NearPair

PLAIN_RADIUS = 8
"""Bits. Equal pixels differ in none; two shots of one evenly lit wall in 16 to 24 (`docs/videos.md`)."""
SHARED_BY_MANY = 32
"""More media than this with one thumbnail: an icon, an empty page. They link nothing."""


class PlainTable(NamedTuple):
    """Media of which no picture or frame can be compared by PDQ; arrays of one length n."""

    sha256: NDArray[np.uint8]
    """(n, 32)."""
    values: NDArray[np.uint8]
    """(n, 32): upright hash of the picture, of a film's first frame."""
    width: NDArray[np.int64]
    height: NDArray[np.int64]
    thumbnail_length: NDArray[np.int64]
    """Bytes; 0 where there is none."""
    thumbnail_crc: NDArray[np.int64]


class PlainMedia(NamedTuple):
    """What the stricter matcher found, and what it passed over; counts are of media."""

    pairs: list[NearPair]
    """a < b, sorted; each group by its first media."""
    media: int
    """All that came to it."""
    blank: int
    """Of one colour, and of one size and thumbnail with another."""
    shared_by_many: int

    def notes(self) -> Iterator[str]:
        """What became of them, in words."""
        if self.media:
            paired = len({one for pair in self.pairs for one in (pair.a, pair.b)})
            alone = self.media - paired - self.blank - self.shared_by_many
            yield (
                f"Of {self.media:,} media with nothing PDQ can compare, {paired:,} have the size and "
                f"thumbnail of another and are linked by that; {self.blank:,} blank ones and "
                f"{self.shared_by_many:,} whose thumbnail more than {SHARED_BY_MANY} share link nothing; "
                f"{alone:,} are like no other"
            )


def plain_rows(sha256: NDArray[np.uint8], quality: NDArray[np.integer]) -> Index:
    """First row of each media of which every row is below quality 50."""
    words = np.ascontiguousarray(sha256).view(">u8").reshape(-1, 4)
    order = np.lexsort((np.arange(len(words)), words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    begins = first_of(*(words[order, word] for word in range(4)))
    media = np.cumsum(begins) - 1
    fit = np.bincount(media, weights=np.asarray(quality)[order] >= LEAST_QUALITY)
    return np.asarray(order[begins][fit == 0], np.int64)


def plain_pairs(table: PlainTable, is_blank: Callable[[str], bool]) -> PlainMedia:
    """Pairs of plain media with equal pixels.

    Args:
        table: the media, each once.
        is_blank: whether the thumbnail of a media shows one colour; asked once for each group of equals.
    """
    marks = np.stack(
        [table.width, table.height, table.thumbnail_length, table.thumbnail_crc], axis=1
    ).reshape(-1, 4)
    names = [bytes(row).hex() for row in table.sha256]
    order = np.lexsort((np.array(names, dtype=object), *marks.T)) if names else np.empty(0, np.int64)
    pairs: list[NearPair] = []
    blank = many = 0
    for group in _groups(marks, order):
        if len(group) > SHARED_BY_MANY:
            many += len(group)
        elif is_blank(names[group[0]]):
            blank += len(group)
        else:
            pairs += _with_first(group, names, table.values)
    pairs.sort(key=lambda pair: (pair.a, pair.b))
    return PlainMedia(pairs, len(names), blank, many)


def _groups(marks: NDArray[np.int64], order: Index) -> Iterator[list[int]]:
    """Two media or more of one size and one thumbnail, by SHA-256."""
    ordered = marks[order]
    begins = np.flatnonzero(first_of(*ordered.T))
    for begin, end in pairwise([*begins.tolist(), len(order)]):
        if end - begin > 1 and ordered[begin, 2] > 0:
            yield order[begin:end].tolist()


def _with_first(group: list[int], names: list[str], values: NDArray[np.uint8]) -> Iterator[NearPair]:
    first, rest = group[0], group[1:]
    apart = np.bitwise_count(values[rest] ^ values[first]).sum(axis=1, dtype=np.int64)
    for other, bits in zip(rest, apart.tolist(), strict=True):
        if bits <= PLAIN_RADIUS:
            yield NearPair(names[first], names[other], bits, plain=True)
