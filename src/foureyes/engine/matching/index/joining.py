"""Near pairs of new rows: with each other, and with all that is held, turned or negative too.

Two rows are near when the upright fingerprint of either lies within the radius of any of the other's eight,
or of its complement, which is asked about from one side only: it is as far from either. Equal
fingerprints meet once, through the first row that has them. It reads runs and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.families import near_families
from foureyes.engine.matching.index.cutting import permuted
from foureyes.engine.matching.index.pair_files import NO_PAIRS, once, together
from foureyes.engine.matching.index.runs import Run
from foureyes.engine.matching.join import near_pairs
from foureyes.engine.matching.orientations import HASHES, INVERSE, RowPairs, questions_of, worth_keeping
from foureyes.engine.matching.ring import MOST_RADIUS

STORED_NEIGHBOURS = 256
"""Pairs kept of one row in one comparison, nearest first, beside those that hold everything together."""
_SLICE = 1 << 16
"""Rows compared at once."""
_DENSE_SLICE = 1 << 9
"""Of rows that have many near ones, so few at once: 20,000 copies meet in 10 million pairs before those are
thinned (some 250 MB), where all at once they would be 200 million."""
_JOIN_NANOSECONDS = 1_200
"""What the join costs for each row of either side, about (measured): it sorts all, looking up sorts none."""
_WORTH_THREADS = 1_000_000
"""Nanoseconds from which on sharing the work is worth starting threads, which take 0.1 ms."""

Values = NDArray[np.uint8]
Numbers = NDArray[np.int64]
Earlier = Callable[[int, int], tuple[Values, NDArray[np.integer]]]
"""Fingerprints (n, 256) and quality (n,) of rows of the catalogue, from a first one to before a last one."""


class New(NamedTuple):
    """New rows of good quality, with what of them is distinct."""

    numbers: Numbers
    values: Values
    first: Numbers
    """(n,): the first row with the same upright fingerprint."""
    upright: Numbers
    """Places of the distinct upright fingerprints."""
    portions: Sequence[Numbers]
    """Places of the distinct values, as many at once as memory bears: one upright fingerprint may come with
    several turned ones."""

    @classmethod
    def of(cls, numbers: Numbers, values: Values, radius: int) -> New:
        """Rows by their numbers in the catalogue, which rise, and their eight fingerprints (n, 256)."""
        upright, same = _distinct(values[:, :32])
        turned, _ = _distinct(values)
        return cls(
            numbers, values, numbers[upright][same], upright, _portions(values[:, :32], turned, radius)
        )


class Joined(NamedTuple):
    """Pairs, and how many more there were that are not kept."""

    pairs: RowPairs
    left_out: int


def new_pairs(
    new: New, runs: Sequence[Run], earlier: Iterator[tuple[Numbers, Values]], radius: int, workers: int
) -> Joined:
    """Pairs of the new rows with each other and with all rows before them.

    Args:
        new: the new rows.
        runs: all that is held.
        earlier: rows before the new ones, block by block, with all eight fingerprints; exhausted.
        radius: bits.
        workers: threads that look up.
    """
    star = new.first != new.numbers
    nought = np.zeros(int(star.sum()), np.int64)
    parts = [Joined(RowPairs(new.first[star], new.numbers[star], nought, nought), 0)]
    parts += _among(new, radius)
    for run in runs:
        parts += _with_run(new, run, radius, workers)
    with ThreadPoolExecutor(workers) as threads:
        while blocks := list(islice(earlier, workers)):
            for found in threads.map(lambda block: list(_with_turned(new, block, radius)), blocks):
                parts += found
    pairs = once(together([part.pairs for part in parts]))
    return Joined(pairs, sum(part.left_out for part in parts))


def _among(new: New, radius: int) -> Iterator[Joined]:
    upright = np.ascontiguousarray(new.values[new.upright, :32])
    rows_a = new.numbers[new.upright]
    for places in new.portions:
        rows_b = new.first[places]
        a, hashed, distance = near_pairs(upright, questions_of(new.values[places]), radius=radius)
        yield _kept(rows_a[a], rows_b[hashed // HASHES], distance, hashed % HASHES)


def _with_run(new: New, run: Run, radius: int, workers: int) -> Iterator[Joined]:
    """Any of the new ones' eight and their negatives, with the upright ones that are held."""
    for places in new.portions:
        questions = permuted(questions_of(new.values[places]))
        if len(questions) * run.nanoseconds(radius) > _JOIN_NANOSECONDS * (len(run.words) + len(questions)):
            asked, row, distance = near_pairs(_bytes(questions), _bytes(run.words), radius=radius)
        else:
            asked, row, distance = look_up(run, questions, radius, workers)
        yield _kept(run.first_numbers(row), new.first[places[asked // HASHES]], distance, asked % HASHES)


def _with_turned(new: New, block: tuple[Numbers, Values], radius: int) -> Iterator[Joined]:
    """The upright new ones, with the seven turned ones that are held."""
    numbers, values = block
    places, _ = _distinct(values[:, 32:])
    upright = np.ascontiguousarray(new.values[new.upright, :32])
    rows_a = new.numbers[new.upright]
    for some in _slices(places):
        turned = np.ascontiguousarray(values[some, 32:]).reshape(-1, 32)
        a, hashed, distance = _near(upright, turned, radius)
        yield _kept(rows_a[a], numbers[some[hashed // 7]], distance, hashed % 7 + 1)


def _near(few: Values, many: Values, radius: int) -> tuple[Numbers, Numbers, Numbers]:
    """(row of few, row of many, distance), by whatever costs less."""
    from foureyes.engine.matching.index import streaming  # noqa: PLC0415 - Numba takes 0.5 s

    if len(few) > streaming.MOST_FEW or radius > streaming.FARTHEST:
        return near_pairs(few, many, radius=radius)
    return streaming.pass_by(few, many, radius)


def look_up(
    run: Run, questions: NDArray[np.uint64], radius: int, workers: int
) -> tuple[Numbers, Numbers, Numbers]:
    """(question, row of the run, distance), the questions shared out among threads."""
    dear = len(questions) * run.nanoseconds(radius) > _WORTH_THREADS
    if workers < 2 or len(questions) < 2 or not dear:  # noqa: PLR2004 - two make a share each
        return run.near(questions, radius)
    size = -(-len(questions) // workers)
    shares = range(0, len(questions), size)
    with ThreadPoolExecutor(workers) as threads:
        found = list(threads.map(lambda at: run.near(questions[at : at + size], radius), shares))
    asked = np.concatenate([one.question + at for one, at in zip(found, shares, strict=True)])
    return asked, np.concatenate([one.row for one in found]), np.concatenate([one.distance for one in found])


def _kept(a: Numbers, b: Numbers, distance: Numbers, orientation: Numbers) -> Joined:
    """Pairs with a < b, each once, few enough; `orientation` is that of b as met by the upright a."""
    if not len(a):
        return Joined(NO_PAIRS, 0)
    orientation = np.where(a > b, INVERSE[orientation], orientation)
    pairs = once(RowPairs(np.minimum(a, b), np.maximum(a, b), distance, orientation).where(a != b))
    rows, compact = np.unique(np.concatenate([pairs.a, pairs.b]), return_inverse=True)
    ends = compact[: len(pairs.a)], compact[len(pairs.a) :]
    keep = worth_keeping(pairs._replace(a=ends[0], b=ends[1]), len(rows), STORED_NEIGHBOURS)
    return Joined(pairs.where(keep), int(len(keep) - keep.sum()))


def _distinct(values: Values) -> tuple[Numbers, Numbers]:
    """Place of the first of each distinct row, and for each row which of them it equals.

    Sorted by a 64-bit mix of each row, a tenth of the time of sorting the rows; what has another's mix and
    yet differs stands alone.
    """
    words = np.ascontiguousarray(values).view(np.uint64)
    odd = np.random.default_rng(1).integers(0, 2**63, words.shape[1], dtype=np.uint64) * np.uint64(2)
    _, first, same = np.unique(words @ (odd + np.uint64(1)), return_index=True, return_inverse=True)
    strange = np.flatnonzero((words != words[first[same]]).any(axis=1))
    same[strange] = len(first) + np.arange(len(strange))
    return np.concatenate([first, strange]), same


def _portions(upright: Values, places: Numbers, radius: int) -> list[Numbers]:
    """The places in slices: small ones of those that stand dense, for their pairs are many."""
    if len(places) <= _DENSE_SLICE or radius > MOST_RADIUS:
        return list(_slices(places))
    found = near_families(np.ascontiguousarray(upright[places]), radius=radius)
    dense = np.zeros(len(places), bool)
    dense[found.member] = True
    dense[found.equal.member] = np.repeat(dense[found.equal.representative], found.equal.size)
    return [*_slices(places[~dense]), *_slices(places[dense], _DENSE_SLICE)]


def _slices(places: Numbers, size: int = _SLICE) -> Iterator[Numbers]:
    for at in range(0, len(places), size):
        yield places[at : at + size]


def _bytes(words: NDArray[np.uint64]) -> Values:
    return np.ascontiguousarray(words).view(np.uint8).reshape(-1, 32)
