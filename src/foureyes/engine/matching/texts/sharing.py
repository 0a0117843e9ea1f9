"""Pairs of media that bear the same text, by pieces of five letters: an inverted index, then a closer look.

A piece that very many pictures have says nothing and brings no two together. One letter that was read wrong
does not hide a longer text. What a shared text is worth is not decided here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.texts.folding import folded
from foureyes.engine.model import Corners, TextLine, TextPair

PIECE = 5
HOLDERS_AT_MOST = 1000
"""Different pictures that have a piece, from which it is passed over: a site's mark, a player's button."""
ALL_PAIRS = 12
"""Holders up to which each is paired with each other; of more, each with the next two."""
_NEXT = 2
CHANCE = 7
"""Letters in a row that two short texts share by chance: what is longer counts, for what it is longer."""
BITS = 1.3
"""What each further letter of a run tells: the longest run by chance grows by a letter whenever there are
2 ** 1.3 times as many places for it. Of 4,186 pairs of pages of one documentation, 930 letters each, it
leaves 13 with 7 letters beyond chance and none with 14; without it 1,016 had 7 and 403 had 14."""
_PIECES_SHARED = CHANCE - PIECE + 2
_SAME_PLACE = 0.02
"""Of the frame: corners that lie no farther apart are at one place."""
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 1], np.uint64
)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in one media."""

    sha256: str
    lines: Sequence[TextLine]


@dataclass(frozen=True, slots=True)
class _Run:
    """Letters in a row that two lines share."""

    line_a: int
    line_b: int
    letters: int
    holders: int


def shared_texts(
    media: Iterable[Read], also: Iterable[tuple[str, str]] = (), new: Collection[str] | None = None
) -> list[TextPair]:
    """Pairs (a < b, sorted) that share more text than two texts do by chance.

    Args:
        media: what was read; of copies of one picture only one, or all of them count as holders.
        also: pairs (a < b) to be looked at whatever brings them together.
        new: media of which the pairs are asked for; of all, if not given.
    """
    index = _Index(sorted(media, key=lambda one: one.sha256))
    wanted = None if new is None else index.among(new)
    asked = {pair for pair in map(index.numbers, also) if pair is not None}
    if wanted is not None:
        asked = {(a, b) for a, b in asked if wanted[a] or wanted[b]}
    found = (index.pair(a, b) for a, b in sorted(index.candidates(wanted) | asked))
    return [pair for pair in found if pair is not None]


class _Index:
    """Pieces of all media, and who has them."""

    def __init__(self, media: Sequence[Read]) -> None:
        self._media = media
        self._number = {one.sha256: number for number, one in enumerate(media)}
        self._folded = [[folded(line.text) for line in one.lines] for one in media]
        self._letters = [sum(len(text) for text in lines) for lines in self._folded]
        pieces = [np.unique(_pieces(lines)) for lines in self._folded]
        owner = np.repeat(np.arange(len(media)), [len(one) for one in pieces])
        every = np.concatenate([*pieces, np.empty(0, np.uint64)])
        order = np.lexsort((owner, every))
        self._pieces, self._owner = every[order], owner[order]
        self._starts = np.flatnonzero(np.append(True, self._pieces[1:] != self._pieces[:-1])[: len(every)])
        self._counts = np.diff(np.append(self._starts, len(every)))

    def numbers(self, pair: tuple[str, str]) -> tuple[int, int] | None:
        """The two by number; None where nothing was read in one of them."""
        a, b = (self._number.get(one) for one in pair)
        return None if a is None or b is None else (a, b)

    def among(self, some: Collection[str]) -> NDArray[np.bool_]:
        """(media,): which are among some."""
        return np.array([one.sha256 in some for one in self._media], bool)

    def candidates(self, wanted: NDArray[np.bool_] | None = None) -> set[tuple[int, int]]:
        """Pairs that have some pieces in common that are not everywhere; of wanted media, if some are."""
        count = np.repeat(self._counts, self._counts)
        told = []
        for step in range(1, ALL_PAIRS):
            most = HOLDERS_AT_MOST if step <= _NEXT else ALL_PAIRS
            here = np.flatnonzero((self._pieces[:-step] == self._pieces[step:]) & (count[:-step] <= most))
            if wanted is not None:
                here = here[wanted[self._owner[here]] | wanted[self._owner[here + step]]]
            told.append(self._owner[here] * len(self._media) + self._owner[here + step])
        codes, times = np.unique(np.concatenate(told), return_counts=True)
        enough = codes[times >= _PIECES_SHARED].tolist()
        return {divmod(code, len(self._media)) for code in enough}

    def pair(self, a: int, b: int) -> TextPair | None:
        """What two media share, at its best; None where it is no more than chance gives."""
        chance = self.chance(a, b)
        runs = [run for run in self._runs(a, b) if run.letters > chance]
        letters = sum(run.letters - chance for run in runs)
        if letters <= 0:
            return None
        best = max(runs, key=lambda run: run.letters)
        one, other = self._media[a].lines[best.line_a], self._media[b].lines[best.line_b]
        return TextPair(
            self._media[a].sha256,
            self._media[b].sha256,
            text=one.text,
            letters=letters,
            holders=median_low([run.holders for run in runs]),
            place_a=one.place,
            place_b=other.place,
            others=len({run.line_a for run in runs}) - 1,
            fixed=_together(one.place, other.place),
            at_a=one.at_seconds,
            at_b=other.at_seconds,
        )

    def chance(self, a: int, b: int) -> int:
        """Letters in a row that two such texts share by chance: the more, the longer both are."""
        places = self._letters[a] * self._letters[b]
        return max(CHANCE, math.ceil(math.log2(max(1, places)) / BITS))

    def _runs(self, a: int, b: int) -> Iterator[_Run]:
        """Stretches longer than chance gives, of each line of `a` that says anew what no other one said."""
        where: dict[int, tuple[int, int]] = {}
        for number, text in enumerate(self._folded[b]):
            for at, piece in enumerate(_pieces([text]).tolist()):
                where.setdefault(piece, (number, at))
        said: set[str] = set()
        for number, text in enumerate(self._folded[a]):
            if text in said:
                continue
            said.add(text)
            pieces = _pieces([text])
            holders = self._holders(pieces).tolist()
            met = [
                (at, *where[piece], count)
                for at, (piece, count) in enumerate(zip(pieces.tolist(), holders, strict=True))
                if count <= HOLDERS_AT_MOST and piece in where
            ]
            for stretch in _stretches(met):
                letters = stretch[-1][0] - stretch[0][0] + PIECE
                if letters > CHANCE:
                    yield _Run(number, stretch[0][1], letters, median_low([one[3] for one in stretch]))

    def _holders(self, pieces: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Media that have each of some pieces, which all are held."""
        at = np.searchsorted(self._pieces, pieces)
        return self._counts[np.searchsorted(self._starts, at, side="right") - 1]


_Met = tuple[int, int, int, int]
"""Where a piece is in a line of `a`, the line of `b` and where it is in that, and how many have it."""


def _stretches(met: Sequence[_Met]) -> Iterator[list[_Met]]:
    """Pieces that follow one another in both lines; one letter may be read wrong, left out or added."""
    stretch = list(met[:1])
    for one, two in pairwise(met):
        near = two[0] - one[0] <= PIECE + 1 and two[1] == one[1]
        if near and abs((two[2] - two[0]) - (one[2] - one[0])) <= 1:
            stretch.append(two)
            continue
        yield stretch
        stretch = [two]
    if stretch:
        yield stretch


def _pieces(lines: Iterable[str]) -> NDArray[np.uint64]:
    """A number for each five letters in a row of each line."""
    made = [np.empty(0, np.uint64)]
    for line in lines:
        letters = np.frombuffer(line.encode("utf-32-le"), np.uint32).astype(np.uint64)
        if len(letters) >= PIECE:
            windows = np.lib.stride_tricks.sliding_window_view(letters + np.uint64(1), PIECE)
            mixed = (windows * _FACTORS).sum(axis=1, dtype=np.uint64)
            made.append((mixed ^ (mixed >> np.uint64(29))) * _FACTORS[1])
    return np.concatenate(made)


def _together(one: Corners, other: Corners) -> bool:
    return all(
        abs(left - right) <= _SAME_PLACE
        for a, b in zip(one, other, strict=True)
        for left, right in zip(a, b, strict=True)
    )
