"""Kernels of the join: which rows of near keys are within the radius, each pair from one start only.

Rows are uint64 of shape (n, 4). Knows nothing of families, permutations or what a row stands for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.popcount import COPIED, copy_eight, ones32, ones64, signed, unsigned
from foureyes.engine.matching.ring import RING_BYTES, WORD_BITS, Masks
from foureyes.engine.matching.sorting import ROOM, Sorted
from foureyes.engine.running.compiled import compiled

Words = NDArray[np.uint64]
Short = NDArray[np.uint32]
Index = NDArray[np.int64]
Found = tuple[Index, Index, Index]
Waiting = tuple[Index, int]
Caught = tuple[Index, Index, Index, int]

_RUN = 4096
"""Words gathered before they are compared: they stay in the first cache."""
_LONG = 4 * COPIED
"""Buckets of more rows are compared where they lie."""
_LANES = 32
_PART = 64
_SLICE = 1 << 14
"""Of an over-full bucket, `_PART` rows meet so many others before what they found is settled."""
_SETTLED = 1 << 13


class Side(NamedTuple):
    """One side of a join: its rows, and their order by key."""

    rows: Words
    order: Sorted


class Keep(NamedTuple):
    """Which near pairs are passed over, so that thousands of near rows do not make their square."""

    dense: int
    """Pairs of two rows that have more pairs than this already; 0 keeps all."""
    degree: Index
    """Pairs of each row so far, counted by the join; read only where `dense` is given."""
    family: Index
    """Pairs of two rows of one family; empty keeps all."""


Join = tuple[Side, Side, Masks, int, bool, int, int, Keep]
"""Both sides, masks, key, whether they are one, start, radius, what is kept."""


class Gathered(NamedTuple):
    """Small buckets side by side in one run, and large ones that stay where they lie."""

    word: Short
    begin: Index
    """Where each gathered bucket lies in its order."""
    end: Index
    long_begin: Index
    long_end: Index


@compiled
def compare_all(left: Words, right: Words, radius: int, itself: bool) -> Found:
    """Every pair within `radius`; with `itself`, only a < b."""
    a, b, distance, count = _room(1024)
    for i in range(len(left)):
        first = i + 1 if itself else 0
        for j in range(first, len(right)):
            apart = _distance(left, i, right, j)
            if apart <= radius:
                if count == len(a):
                    a, b, distance = _more(a), _more(b), _more(distance)
                a[count], b[count], distance[count] = i, j, apart
                count += 1
    return a[:count], b[:count], distance[:count]


@compiled
def compare_keys(
    left: Side,
    right: Side,
    masks: Masks,
    first: int,
    last: int,
    itself: bool,
    turn: int,
    radius: int,
    keep: Keep,
) -> Found:
    """Pairs whose first good start is `turn`, with a left key from `first` to before `last`."""
    gathered = _gathering()
    waiting, caught = (np.empty((_SETTLED, 2), np.int64), 0), _room(1024)
    key = first
    while True:
        key = _next_near(left.order, right.order, masks, key, last, itself, gathered)
        if key == last:
            break
        join = (left, right, masks, key, itself, turn, radius, keep)
        waiting, caught = _around(join, gathered, waiting, caught)
        key += 1
    waiting, caught = _settled(left, right, itself, turn, radius, keep, waiting, caught)
    return caught[0][: caught[3]], caught[1][: caught[3]], caught[2][: caught[3]]


@compiled
def _next_near(
    left: Sorted, right: Sorted, masks: Masks, first: int, last: int, itself: bool, into: Gathered
) -> int:
    """The next key, some row of which may be near to another; nearly all of the work is here.

    Each bucket is compared with all its neighbours, gathered into runs that are long enough for vectors.
    """
    starts, words, run, limits = left.start, left.word, into.word, masks.limit
    groups = len(limits)
    for key in range(first, last):
        begin, end = signed(starts[key]), signed(starts[key + 1])
        if begin == end:
            continue
        if itself and _near_inside(words, begin, end, masks.inside):
            return key
        group = 0
        while group < groups:
            limit = limits[group]
            group, filled, _, large = _gather(key, group, masks, right, itself, into)
            if large > 0:
                return key
            for i in range(begin, end):
                if _nearest(words[i], run, 0, filled) <= limit:
                    return key
    return last


@compiled
def _near_inside(words: Short, begin: int, end: int, limit: int) -> bool:
    """Whether two rows of one bucket may be near."""
    if end - begin > _LONG:
        return True
    best = np.uint32(WORD_BITS)
    for i in range(unsigned(begin), unsigned(end)):
        word = words[i]
        for j in range(i + unsigned(1), unsigned(end)):
            best = min(best, np.uint32(ones32(np.uint32(word ^ words[j]))))
    return signed(best) <= limit


@compiled
def _around(join: Join, gathered: Gathered, waiting: Waiting, caught: Caught) -> tuple[Waiting, Caught]:
    """All pairs of one bucket with itself and its neighbours."""
    left, right, masks, key, itself, turn, radius, keep = join
    end = signed(left.order.start[key + 1])
    for part in range(signed(left.order.start[key]), end, _PART):
        stop = min(part + _PART, end)
        if itself:
            for low in range(part, end, _SLICE):
                bounds = (low, min(low + _SLICE, end), masks.inside)
                waiting = _look(left.order, part, stop, right.order, bounds, True, waiting)
                if waiting[1] > _SETTLED:
                    waiting, caught = _settled(left, right, itself, turn, radius, keep, waiting, caught)
        group = 0
        while group < len(masks.limit):
            limit = masks.limit[group]
            group, filled, small, large = _gather(key, group, masks, right.order, itself, gathered)
            for i in range(part, stop):
                if _nearest(left.order.word[i], gathered.word, 0, filled) <= limit:
                    waiting = _look_into(left.order, i, right.order, gathered, small, limit, waiting)
            if large:
                waiting, caught = _look_along(join, (part, stop), gathered, large, limit, waiting, caught)
            if waiting[1] > _SETTLED:
                waiting, caught = _settled(left, right, itself, turn, radius, keep, waiting, caught)
    return waiting, caught


@compiled
def _gather(
    key: int, group: int, masks: Masks, order: Sorted, itself: bool, into: Gathered
) -> tuple[int, int, int, int]:
    """Bring the rows of the next groups of one limit into one run; also gives the group to go on with."""
    limits, tops, masks_begin, values = masks.limit, masks.top, masks.begin, masks.value
    words, starts, run = order.word, order.start, into.word
    small_begin, small_end, long_begin, long_end = into.begin, into.end, into.long_begin, into.long_end
    limit, groups = limits[group], len(tops)
    filled = small = large = 0
    while group < groups and limits[group] == limit and filled <= _RUN // 2 and large <= _RUN // 2:
        if not (itself and key & tops[group]):
            for mask in range(masks_begin[group], masks_begin[group + 1]):
                other = np.uint64(key) ^ np.uint64(values[mask])
                begin = signed(starts[other])
                end = signed(starts[other + np.uint64(1)])
                count = end - begin
                if count > _LONG:
                    long_begin[large], long_end[large] = begin, end
                    large += 1
                    continue
                copy_eight(run, filled, words, begin)
                copy_eight(run, filled + COPIED, words, begin + COPIED)
                for more in range(2 * COPIED, count, COPIED):
                    copy_eight(run, filled + more, words, begin + more)
                small_begin[small], small_end[small] = begin, end
                small += min(count, 1)
                filled += count
        group += 1
    return group, filled, small, large


@compiled
def _look_into(
    left: Sorted, i: int, right: Sorted, gathered: Gathered, small: int, limit: int, waiting: Waiting
) -> Waiting:
    """Find out which rows of the run one row is near to."""
    for place in range(small):
        bounds = (gathered.begin[place], gathered.end[place], limit)
        waiting = _look(left, i, i + 1, right, bounds, False, waiting)
    return waiting


@compiled
def _look_along(
    join: Join,
    part: tuple[int, int],
    gathered: Gathered,
    large: int,
    limit: int,
    waiting: Waiting,
    caught: Caught,
) -> tuple[Waiting, Caught]:
    """Compare a part of a bucket with large buckets where they lie."""
    left, right, _, _, itself, turn, radius, keep = join
    for place in range(large):
        end = gathered.long_end[place]
        for low in range(gathered.long_begin[place], end, _SLICE):
            bounds = (low, min(low + _SLICE, end), limit)
            waiting = _look(left.order, part[0], part[1], right.order, bounds, False, waiting)
            if waiting[1] > _SETTLED:
                waiting, caught = _settled(left, right, itself, turn, radius, keep, waiting, caught)
    return waiting, caught


@compiled
def _look(
    left: Sorted,
    first: int,
    last: int,
    right: Sorted,
    bounds: tuple[int, int, int],
    inside: bool,
    waiting: Waiting,
) -> Waiting:
    """Note each of the left rows with each right row within the bounds that is near so far."""
    pairs, held = waiting
    begin, end, limit = bounds
    left_words, words = left.word, right.word
    for i in range(first, last):
        low = max(begin, i + 1) if inside else begin
        word = left_words[i]
        if end - low > _LONG and _nearest(word, words, low, end - low) > limit:
            continue
        for j in range(low, end):
            if signed(ones32(np.uint32(word ^ words[j]))) <= limit:
                if held == len(pairs):
                    pairs = _more_pairs(pairs)
                pairs[held, 0], pairs[held, 1] = i, j
                held += 1
    return pairs, held


@compiled
def _nearest(word: int, words: Short, begin: int, count: int) -> int:
    """Fewest bits in which any of `count` words differs; of up to 31 words behind them too.

    Unsigned places keep the loop free of checks for negative ones, which would cost its vectors.
    """
    best, first = np.uint32(WORD_BITS), np.uint64(begin)
    for place in range(unsigned((count + _LANES - 1) // _LANES * _LANES)):
        best = min(best, np.uint32(ones32(np.uint32(word ^ words[first + place]))))
    return signed(best)


@compiled
def _settled(
    left: Side,
    right: Side,
    itself: bool,
    turn: int,
    radius: int,
    keep: Keep,
    waiting: Waiting,
    caught: Caught,
) -> tuple[Waiting, Caught]:
    """Compare whole rows of what waits; keep what is near and has no good start before this one."""
    pairs, held = waiting
    a, b, distance, count = caught
    sums, degree, family = np.empty(RING_BYTES + 1, np.int64), keep.degree, keep.family
    for at in range(held):
        i, j = signed(left.order.row[pairs[at, 0]]), signed(right.order.row[pairs[at, 1]])
        if len(family) > 0 and family[i] == family[j]:
            continue
        if keep.dense > 0 and degree[i] > keep.dense and degree[j] > keep.dense:
            continue
        apart = _distance(left.rows, i, right.rows, j)
        if apart > radius or first_good_start(left.rows, i, right.rows, j, radius, sums) != turn:
            continue
        if keep.dense > 0:
            degree[i] += 1
            degree[j] += 1
        if count == len(a):
            a, b, distance = _more(a), _more(b), _more(distance)
        if itself and j < i:
            i, j = j, i
        a[count], b[count], distance[count] = i, j, apart
        count += 1
    return (pairs, 0), (a, b, distance, count)


@compiled
def first_good_start(left: Words, i: int, right: Words, j: int, radius: int, sums: Index) -> int:
    """The first start from which every run of l bytes differs in at most radius·l/32 bits.

    Written with sums of 32 times the bits less the radius, a start is good where no later sum, once around
    the ring, is higher than its own. Two rows within the radius have one.
    """
    sums[0] = 0
    for place in range(RING_BYTES):
        word, shift = place // 8, np.uint64(56 - 8 * (place % 8))
        byte = ((left[i, word] ^ right[j, word]) >> shift) & np.uint64(255)
        sums[place + 1] = sums[place] + RING_BYTES * signed(ones64(byte)) - radius
    highest = sums[0]
    for start in range(RING_BYTES):
        highest = max(highest, sums[start])
        good = highest + sums[RING_BYTES] <= sums[start]
        for later in range(start + 1, RING_BYTES + 1):
            if not good:
                break
            good = sums[later] <= sums[start]
        if good:
            return start
    return -1


@compiled
def _distance(left: Words, i: int, right: Words, j: int) -> int:
    return signed(
        ones64(left[i, 0] ^ right[j, 0])
        + ones64(left[i, 1] ^ right[j, 1])
        + ones64(left[i, 2] ^ right[j, 2])
        + ones64(left[i, 3] ^ right[j, 3])
    )


@compiled
def _gathering() -> Gathered:
    return Gathered(
        np.zeros(_RUN + ROOM, np.uint32),
        np.zeros(_RUN, np.int64),
        np.zeros(_RUN, np.int64),
        np.zeros(_RUN, np.int64),
        np.zeros(_RUN, np.int64),
    )


@compiled
def _room(size: int) -> Caught:
    return np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64), 0


@compiled
def _more(values: Index) -> Index:
    """The same values with room for as many again."""
    larger = np.empty(2 * len(values), np.int64)
    larger[: len(values)] = values
    return larger


@compiled
def _more_pairs(pairs: Index) -> Index:
    larger = np.empty((2 * len(pairs), 2), np.int64)
    larger[: len(pairs)] = pairs
    return larger


@compiled
def unite(root: Index, a: Index, b: Index) -> None:
    """Join the trees of the rows of each pair; `root` names each row's parent, the least row its own."""
    for at in range(len(a)):
        i, j = a[at], b[at]
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        while root[j] != j:
            root[j] = root[root[j]]
            j = root[j]
        root[max(i, j)] = min(i, j)


@compiled
def distances(rows: Words, one: int, chosen: Index) -> Index:
    """Bits between one row and each of the chosen ones."""
    found = np.empty(len(chosen), np.int64)
    for at in range(len(chosen)):
        found[at] = _distance(rows, one, rows, chosen[at])
    return found
