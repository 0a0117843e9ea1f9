"""Stretches that the sound tracks of two films share, found through an index of equal sub-fingerprints.

The cost grows with sound, not with pairs of films: only where two tracks hold two equal and telling
sub-fingerprints at one shift are they laid on each other, and what very many films hold is left out. Never
decides what a stretch is worth.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.orientations import Index

HOLDERS_AT_MOST = 64
"""Films that hold one sub-fingerprint, above which it is looked up no more: a jingle, a popular song."""
MATES_AT_MOST = 20
"""Films of which one is told that they share sound with it: a compilation is everybody's neighbour."""
VOTES = 2
"""Equal sub-fingerprints at one shift that make two tracks worth laying on each other."""
OF_ONE = 2
"""Places at which one film holds a sub-fingerprint that are looked up: a loop holds it a thousand times."""
SHIFTS = 3
"""Shifts that are tried of two films, the likeliest first."""
WINDOW = 16
"""Sub-fingerprints over which the error is smoothed: as many as one of them looks at."""
LIKE = 0.18
"""Share of bits up to which a window is one sound. Of re-encoded sounds 0.10 differ at most, of unrelated
ones 0.22 at least, wherever they are laid on each other (`bench/sound.py`)."""
LEAST = 16
"""Sub-fingerprints of a stretch at least: 4.6 seconds of sound. Less is told by chance."""
CHANGING = 0.5
"""Of a stretch, the share of sub-fingerprints that are different, at least: tones and hums have a few."""
AT_ONCE = 1 << 22
"""Sub-fingerprints that are looked up at once: half a gigabyte."""
_SPREAD = np.uint32(2_654_435_761)
"""Spreads sub-fingerprints evenly: some of their bits are nearly always the same."""
_BITS = 32
_PLACE_BITS = 24
_PLACES = 1 << _PLACE_BITS

Items = NDArray[np.uint32]


class Tracks(NamedTuple):
    """The sound of all films, one after the other."""

    items: Items
    """(n,)"""
    begins: Index
    """(films + 1,): where each begins."""

    @classmethod
    def of(cls, tracks: Sequence[Items]) -> Tracks:
        """From one array for each film."""
        begins = np.zeros(len(tracks) + 1, np.int64)
        begins[1:] = np.cumsum([len(one) for one in tracks])
        return cls(np.concatenate([np.empty(0, np.uint32), *tracks]), begins)

    def of_film(self, film: int) -> Items:
        """Sub-fingerprints of one film."""
        return self.items[self.begins[film] : self.begins[film + 1]]


class Stretch(NamedTuple):
    """One sound in two films."""

    a: int
    b: int
    """Numbers of the films, a < b."""
    at_a: int
    at_b: int
    """Its first sub-fingerprint in each."""
    length: int
    """In sub-fingerprints."""
    bit_error: float


class Shared(NamedTuple):
    """What all films share."""

    stretches: tuple[Stretch, ...]
    """Of each two films the longest one."""
    common: int
    """Films of which something was left out, because very many hold it."""


def shared(tracks: Tracks, new: Collection[int] | None = None) -> Shared:
    """The longest stretch of each two films that share any.

    With some `new` films only what tells of them what all tell: their own stretches, all stretches of those
    whom they share one with, and where one of those has more mates than are told of, all of theirs. What
    `nearest` keeps of the new ones, and how many `holders` each of it has, is the same then.
    """
    told = telling(tracks)
    if new is not None:
        return Shared(tuple(sorted(_told_of(tracks, told, new))), 0)
    pairs, shifts, common = _met(tracks, np.flatnonzero(told))
    voted = _voted(pairs, shifts, len(tracks.begins))
    laid = (_longest(tracks, a, b, likely) for a, b, likely in voted)
    return Shared(tuple(one for one in laid if one is not None), common)


def _told_of(tracks: Tracks, told: NDArray[np.bool_], new: Collection[int]) -> list[Stretch]:
    laid: dict[tuple[int, int], Stretch | None] = {}
    held: dict[int, set[int]] = {}
    waiting = set(new)
    while waiting:
        held |= {film: set() for film in waiting}
        for a, b, likely in _voted_of(tracks, told, waiting):
            if (a, b) not in laid:
                laid[a, b] = _longest(tracks, a, b, likely)
            if laid[a, b] is not None:
                for film, mate in ((a, b), (b, a)):
                    if film in waiting:
                        held[film].add(mate)
        open_ones = (film for film in waiting if film in new or len(held[film]) > MATES_AT_MOST)
        waiting = {mate for film in open_ones for mate in held[film]} - held.keys()
    return [one for one in laid.values() if one is not None]


def _voted_of(
    tracks: Tracks, told: NDArray[np.bool_], films: Collection[int]
) -> Iterator[tuple[int, int, list[int]]]:
    """As `_voted`, of pairs that touch some films: only what those hold is looked up."""
    asked = np.zeros(len(tracks.begins), bool)
    asked[list(films)] = True
    held = np.zeros(_PLACES, bool)
    for film in films:
        held[_place(tracks.of_film(film))] = True
    rows = [
        begin
        + np.flatnonzero(told[begin : begin + AT_ONCE] & held[_place(tracks.items[begin : begin + AT_ONCE])])
        for begin in range(0, len(tracks.items), AT_ONCE)
    ]
    pairs, shifts, _ = _met(tracks, np.concatenate([np.empty(0, np.int64), *rows]))
    mine = asked[pairs // len(tracks.begins)] | asked[pairs % len(tracks.begins)]
    return _voted(pairs[mine], shifts[mine], len(tracks.begins))


def _place(items: Items) -> Items:
    """Where a sub-fingerprint stands in a table of those that are held; several share a place."""
    return np.asarray((items * _SPREAD) >> np.uint32(_BITS - _PLACE_BITS))


def _longest(tracks: Tracks, a: int, b: int, likely: Sequence[int]) -> Stretch | None:
    laid = [one for shift in likely if (one := _laid(tracks, a, b, shift)) is not None]
    return max(laid, key=lambda one: (one.length * (LIKE - one.bit_error), -one.at_a), default=None)


def nearest(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Those of which neither film has `MATES_AT_MOST` better ones, the best first."""
    mates: Counter[int] = Counter()
    kept = []
    for one in sorted(stretches, key=lambda it: (-it.length * (LIKE - it.bit_error), it)):
        if max(mates[one.a], mates[one.b]) < MATES_AT_MOST:
            mates.update((one.a, one.b))
            kept.append(one)
    return kept


def holders(stretches: Sequence[Stretch], stack: Sequence[int]) -> list[int]:
    """Of each stretch, in how many stacks of films it is, two at least, as far as those that were found tell.

    Another stretch is of the same sound where the two overlap by half of the shorter one in a film of both.

    Args:
        stretches: all that `shared` found.
        stack: of each film a number that all copies of one film have.
    """
    of: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for one in stretches:
        of[one.a].append((one.at_a, one.at_a + one.length, stack[one.b]))
        of[one.b].append((one.at_b, one.at_b + one.length, stack[one.a]))
    spans = {film: np.array(held, np.int64) for film, held in of.items()}
    counts = []
    for one in stretches:
        here = [_overlapping(spans[one.a], one.at_a, one.length) | {stack[one.a]}]
        here.append(_overlapping(spans[one.b], one.at_b, one.length) | {stack[one.b]})
        counts.append(max(2, *map(len, here)))
    return counts


def _overlapping(spans: Index, begin: int, length: int) -> set[int]:
    over = np.minimum(spans[:, 1], begin + length) - np.maximum(spans[:, 0], begin)
    shorter = np.minimum(spans[:, 1] - spans[:, 0], length)
    return set(spans[2 * over >= shorter, 2].tolist())


def telling(tracks: Tracks) -> NDArray[np.bool_]:
    """(n,): whether a sub-fingerprint says something: new, and amid others that are new."""
    items, around = tracks.items, WINDOW // 2
    fresh = np.ones(len(items), bool)
    fresh[1:] = items[1:] != items[:-1]
    fresh[tracks.begins[:-1][tracks.begins[:-1] < len(items)]] = True
    told = np.zeros(len(items), bool)
    for begin in range(0, len(items), AT_ONCE):
        end = min(begin + AT_ONCE, len(items))
        first, last = max(0, begin - around), min(len(items), end + around)
        before = np.concatenate([[0], np.cumsum(fresh[first:last])])
        place = np.arange(begin, end)
        low, high = np.maximum(place - around, first), np.minimum(place + around, last)
        told[begin:end] = before[high - first] - before[low - first] >= CHANGING * WINDOW
    return np.asarray(told & fresh)


def _met(tracks: Tracks, told: Index) -> tuple[Index, Index, int]:
    """Two films each and the shift at which they hold one sub-fingerprint, once for each; and left-out films.

    `told`: places of sub-fingerprints; of each that is there all that are telling.

    Two films are one number: that of the first times the length of `begins`, and that of the second.
    """
    parts = len(told) // AT_ONCE + 1
    pairs: list[Index] = [np.empty(0, np.int64)]
    shifts: list[Index] = [np.empty(0, np.int64)]
    common = np.zeros(len(tracks.begins), bool)
    for part in range(parts):
        rows = told[tracks.items[told] * _SPREAD % np.uint32(parts) == part]
        rows, wide = _looked_up(tracks, rows)
        common[wide] = True
        for pair, shift in _meetings(tracks, rows):
            pairs.append(pair)
            shifts.append(shift)
    return np.concatenate(pairs), np.concatenate(shifts), int(common.sum())


def _looked_up(tracks: Tracks, rows: Index) -> tuple[Index, Index]:
    """Of some rows those that several films hold, equal ones side by side; films with what too many hold."""
    rows = rows[np.argsort(tracks.items[rows], kind="stable")]
    value = tracks.items[rows]
    film = np.searchsorted(tracks.begins, rows, side="right") - 1
    new_value = np.ones(len(rows), bool)
    new_value[1:] = value[1:] != value[:-1]
    new_film = new_value.copy()
    new_film[1:] |= film[1:] != film[:-1]
    group = np.cumsum(new_value) - 1
    films = np.bincount(group, weights=new_film)[group] if len(rows) else np.empty(0)
    begins = np.flatnonzero(new_film)
    rank = np.arange(len(rows)) - begins[np.cumsum(new_film) - 1] if len(rows) else rows
    wide = films > HOLDERS_AT_MOST
    return rows[(films > 1) & ~wide & (rank < OF_ONE)], np.unique(film[wide])


def _meetings(tracks: Tracks, rows: Index) -> Iterator[tuple[Index, Index]]:
    """Pairs of films and shifts of equal rows that stand so far apart, for every distance there is."""
    value = tracks.items[rows]
    film = np.searchsorted(tracks.begins, rows, side="right") - 1
    place = rows - tracks.begins[film]
    for apart in range(1, OF_ONE * HOLDERS_AT_MOST):
        one = np.flatnonzero(value[apart:] == value[:-apart])
        if len(one) == 0:
            return
        other = one + apart
        unlike = film[one] != film[other]  # rows of one value stand in order of films
        one, other = one[unlike], other[unlike]
        yield film[one] * len(tracks.begins) + film[other], place[other] - place[one]


def _voted(pair: Index, shift: Index, films: int) -> Iterator[tuple[int, int, list[int]]]:
    order = np.lexsort((shift, pair))
    pair, shift = pair[order], shift[order]
    first = np.ones(len(pair), bool)
    first[1:] = (pair[1:] != pair[:-1]) | (shift[1:] != shift[:-1])
    begins = np.flatnonzero(first)
    count = np.diff(np.append(begins, len(pair)))
    pair, shift = pair[begins], shift[begins]
    votes = count.copy()
    beside = np.flatnonzero((pair[1:] == pair[:-1]) & (shift[1:] == shift[:-1] + 1))
    votes[beside] += count[beside + 1]
    votes[beside + 1] += count[beside]
    enough = votes >= VOTES
    pair, shift, count, votes = pair[enough], shift[enough], count[enough], votes[enough]
    order = np.lexsort((shift, -count, -votes, pair))
    pair, shift = pair[order], shift[order]
    for part in np.split(np.arange(len(pair)), np.flatnonzero(np.diff(pair)) + 1):
        if len(part):
            a, b = divmod(int(pair[part[0]]), films)
            yield a, b, shift[part[:SHIFTS]].tolist()


def _laid(tracks: Tracks, a: int, b: int, shift: int) -> Stretch | None:
    """The longest run of like windows, with `b` moved by a shift."""
    one, other = tracks.of_film(a), tracks.of_film(b)
    begin, end = max(0, -shift), min(len(one), len(other) - shift)
    if end - begin < LEAST:
        return None
    items = one[begin:end]
    errors = np.bitwise_count(items ^ other[begin + shift : end + shift]).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(errors)])
    like = total[WINDOW:] - total[:-WINDOW] <= LIKE * _BITS * WINDOW
    edges = np.flatnonzero(np.diff(np.concatenate([[False], like, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    if len(runs) == 0:
        return None
    longest = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    first, last = _trimmed(errors, int(longest[0]), int(longest[1]) + WINDOW - 1)
    length = last - first
    if length < LEAST or len(np.unique(items[first:last])) < CHANGING * length:
        return None
    error = float(errors[first:last].mean()) / _BITS
    return Stretch(a, b, begin + first, begin + first + shift, length, round(error, 4))


def _trimmed(errors: Index, first: int, last: int) -> tuple[int, int]:
    """Without what is unlike at both ends."""
    good = np.flatnonzero(errors[first:last] <= LIKE * _BITS)
    return (first + int(good[0]), first + int(good[-1]) + 1) if len(good) else (first, first)
