"""Kernels of the index: tables of rows by key, looking up what lies near, comparing everything.

Rows are uint64 of shape (n, 4). A table is two arrays: rows in the order of their key, and where each key
begins. Knows nothing of files, owners or why a row is asked about.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.running.compiled import compiled

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Rows = NDArray[np.uint32]
Found = tuple[Numbers, Rows, NDArray[np.uint8]]
"""Number of the question, row, distance."""

_BLOCK = 2048
"""Rows of a scan that stay in the cache (64 KB) while all questions are compared with them."""


@compiled
def table_of(words: Words, low: int, width: int) -> tuple[Rows, Rows]:
    """Rows sorted by the key of one chunk (counting sort), and where each key begins."""
    start = np.zeros((1 << width) + 1, np.uint32)
    for row in range(len(words)):
        start[_key(words, row, low, width) + 1] += np.uint32(1)
    for key in range(1 << width):
        start[key + 1] += start[key]
    order = np.empty(len(words), np.uint32)
    at = start.copy()
    for row in range(len(words)):
        key = _key(words, row, low, width)
        order[at[key]] = row
        at[key] += np.uint32(1)
    return order, start


@compiled
def look_up(
    words: Words,
    tables: Rows,
    order_at: Numbers,
    start_at: Numbers,
    low: Numbers,
    width: Numbers,
    flips: Numbers,
    masks: Rows,
    mask_begin: Numbers,
    questions: Words,
    radius: int,
) -> Found:
    """Rows within the radius of each question, each once, through the tables.

    Three passes over short lists, so that the processor has many cache misses in flight at once: where the
    buckets lie, which rows lie in them, how far those are.
    """
    question, row, distance, count = _room(64)
    begin, end = np.empty(len(masks), np.uint32), np.empty(len(masks), np.uint32)
    candidate = np.empty(1 << 14, np.uint32)
    for asked in range(len(questions)):
        for chunk in range(len(low)):
            key = _key(questions, asked, low[chunk], width[chunk])
            for probe in range(mask_begin[chunk], mask_begin[chunk + 1]):
                place = start_at[chunk] + (key ^ masks[probe])
                begin[probe], end[probe] = tables[place], tables[place + 1]
        for chunk in range(len(low)):
            first, last = mask_begin[chunk], mask_begin[chunk + 1]
            candidate, candidates = _in_buckets(
                tables, order_at[chunk], begin[first:last], end[first:last], candidate
            )
            for number in range(candidates):
                apart = _distance(questions, asked, words, candidate[number])
                if apart > radius or _seen(
                    questions, asked, words, candidate[number], chunk, low, width, flips
                ):
                    continue
                if count == len(row):
                    question, row, distance = _more(question, row, distance)
                question[count], row[count], distance[count] = asked, candidate[number], apart
                count += 1
    return question[:count], row[:count], distance[:count]


@compiled
def _in_buckets(tables: Rows, order_at: int, begin: Rows, end: Rows, room: Rows) -> tuple[Rows, int]:
    """Rows of all these buckets, in `room` or a wider one, and how many they are."""
    count = 0
    for bucket in range(len(begin)):
        needed = count + int(end[bucket]) - int(begin[bucket])
        if needed > len(room):
            room = _wider(room, needed)
        for place in range(begin[bucket], end[bucket]):
            room[count] = tables[order_at + place]
            count += 1
    return room, count


@compiled
def scan(words: Words, questions: Words, radius: int) -> Found:
    """Rows within the radius of each question, by comparing all.

    A block at a time for all questions, distances first: that loop has no branch and becomes vector code.
    """
    question, row, distance, count = _room(64)
    apart = np.empty(_BLOCK, np.uint64)
    for first in range(0, len(words), _BLOCK):
        block = words[first : first + _BLOCK]
        for asked in range(len(questions)):
            one, two, three, four = questions[asked]
            nearest = np.uint64(256)
            for place in range(len(block)):
                bits = (
                    _bits(block[place, 0] ^ one)
                    + _bits(block[place, 1] ^ two)
                    + _bits(block[place, 2] ^ three)
                    + _bits(block[place, 3] ^ four)
                )
                apart[place] = bits
                nearest = min(nearest, bits)
            if nearest > np.uint64(radius):
                continue
            for place in range(len(block)):
                if apart[place] <= np.uint64(radius):
                    if count == len(row):
                        question, row, distance = _more(question, row, distance)
                    question[count], row[count], distance[count] = asked, first + place, apart[place]
                    count += 1
    return question[:count], row[:count], distance[:count]


@compiled
def _key(words: Words, row: int, low: int, width: int) -> int:
    """Bits `low` to `low + width` of a row, over the border of two words where need be."""
    word, shift = low >> 6, low & 63
    bits = words[row, word] >> np.uint64(shift)
    if shift + width > 64:  # noqa: PLR2004 - bits of a word
        bits |= words[row, word + 1] << np.uint64(64 - shift)
    return int(bits & np.uint64((1 << width) - 1))


@compiled
def _seen(
    questions: Words,
    asked: int,
    words: Words,
    row: int,
    chunk: int,
    low: Numbers,
    width: Numbers,
    flips: Numbers,
) -> bool:
    """Whether an earlier chunk differs in so few bits that it has found this row already."""
    for earlier in range(chunk):
        differing = _key(questions, asked, low[earlier], width[earlier]) ^ _key(
            words, row, low[earlier], width[earlier]
        )
        if int(_bits(np.uint64(differing))) <= flips[earlier]:
            return True
    return False


@compiled
def _distance(left: Words, i: int, right: Words, j: int) -> int:
    return int(
        _bits(left[i, 0] ^ right[j, 0])
        + _bits(left[i, 1] ^ right[j, 1])
        + _bits(left[i, 2] ^ right[j, 2])
        + _bits(left[i, 3] ^ right[j, 3])
    )


@compiled
def _bits(word: np.uint64) -> np.uint64:
    """Population count in the form that LLVM turns into the processor's instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@compiled
def _room(size: int) -> tuple[Numbers, Rows, NDArray[np.uint8], int]:
    return np.empty(size, np.int64), np.empty(size, np.uint32), np.empty(size, np.uint8), 0


@compiled
def _wider(values: Rows, needed: int) -> Rows:
    larger = np.empty(max(2 * len(values), needed), np.uint32)
    larger[: len(values)] = values
    return larger


@compiled
def _more(question: Numbers, row: Rows, distance: NDArray[np.uint8]) -> Found:
    """The same found ones with room for as many again."""
    size = len(row)
    wider_question, wider_row = np.empty(2 * size, np.int64), np.empty(2 * size, np.uint32)
    wider_distance = np.empty(2 * size, np.uint8)
    wider_question[:size], wider_row[:size], wider_distance[:size] = question, row, distance
    return wider_question, wider_row, wider_distance
