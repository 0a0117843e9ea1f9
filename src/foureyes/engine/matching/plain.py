"""Pictures too plain for PDQ: the stricter matcher that they go to instead.

Below quality 50 unrelated pictures meet within 31 bits, so two of them pair only where size, thumbnail and
hash all agree: the same pixels in other bytes. One colour, and what very many share, pairs nothing. Whatever
it passes over it counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.orientations import LEAST_QUALITY, Index, first_of
from foureyes.engine.model import NearPair, counted

PLAIN_RADIUS = 8
"""Bits. Equal pixels differ in none; two shots of one evenly lit wall in 16 to 24 (`docs/videos.md`)."""
SHARED_BY_MANY = 32
"""More media than this with one thumbnail: an icon, an empty page. They link nothing."""


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
                f"Of {self.media:,} media with nothing PDQ can compare, "
                f"{counted(paired, 'has', 'have')} the size "
                f"and thumbnail of another and {'is' if paired == 1 else 'are'} linked by that; "
                f"{counted(self.blank, 'blank one')} and "
                f"{self.shared_by_many:,} whose thumbnail more than {SHARED_BY_MANY} share link nothing; "
                f"{counted(alone, 'is', 'are')} like no other"
            )


def plain_rows(sha256: NDArray[np.uint8], quality: NDArray[np.integer]) -> Index:
    """First row of each media of which every row is below quality 50."""
    words = np.ascontiguousarray(sha256).view(">u8").reshape(-1, 4)
    order = np.lexsort((np.arange(len(words)), words[:, 3], words[:, 2], words[:, 1], words[:, 0]))
    begins = first_of(*(words[order, word] for word in range(4)))
    media = np.cumsum(begins) - 1
    fit = np.bincount(media, weights=np.asarray(quality)[order] >= LEAST_QUALITY)
    return np.asarray(order[begins][fit == 0], np.int64)


def plain_pairs(
    sha256: NDArray[np.uint8],
    marks: NDArray[np.int64],
    *,
    is_blank: Callable[[str], bool],
    upright: Callable[[Sequence[str]], NDArray[np.uint8]],
) -> PlainMedia:
    """Pairs of plain media with equal pixels.

    Args:
        sha256: uint8, shape (n, 32): media of which no picture or frame can be compared, each once.
        marks: shape (n, 4): width and height of each, bytes and CRC-32 of its thumbnail; 0 bytes for none.
        is_blank: whether the thumbnail of a media shows one colour; asked once for each group of equals.
        upright: PDQ of media, uint8 of shape (m, 32) in their order; a film's is that of its first frame.
            Asked once, for those that may pair.
    """
    names = [bytes(row).hex() for row in sha256]
    groups, blank, many = [], 0, 0
    for group in _groups(names, marks):
        if len(group) > SHARED_BY_MANY:
            many += len(group)
        elif is_blank(group[0]):
            blank += len(group)
        else:
            groups.append(group)
    asked = [name for group in groups for name in group]
    hashes = dict(zip(asked, upright(asked), strict=True)) if asked else {}
    pairs = [pair for group in groups for pair in _with_first(group, hashes)]
    return PlainMedia(sorted(pairs, key=lambda pair: (pair.a, pair.b)), len(names), blank, many)


def _groups(names: Sequence[str], marks: NDArray[np.int64]) -> Iterator[list[str]]:
    """Two media or more of one size and one thumbnail, by SHA-256."""
    if not len(marks):
        return
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    _, number, count = np.unique(marks, axis=0, return_inverse=True, return_counts=True)
    for row in np.flatnonzero((count[number.reshape(-1)] > 1) & (marks[:, 2] > 0)).tolist():
        alike[tuple(marks[row].tolist())].append(names[row])
    for mark in sorted(alike):
        yield sorted(alike[mark])


def _with_first(group: Sequence[str], hashes: Mapping[str, NDArray[np.uint8]]) -> Iterator[NearPair]:
    first = group[0]
    for other in group[1:]:
        bits = int(np.bitwise_count(hashes[first] ^ hashes[other]).sum(dtype=np.int64))
        if bits <= PLAIN_RADIUS:
            yield NearPair(first, other, bits, plain=True)
