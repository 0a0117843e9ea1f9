"""Fits what a score is worth to labelled pairs: a rising curve from score to log10 of a likelihood ratio.

Pool adjacent violators, the least that can be assumed: more score never says less. A curve that stands is
moved only where labels speak against it. It keeps no pair, and decides no threshold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_KNOTS = 8
DIGITS = 6
"""Of a score in a curve: a mean of equal scores is that score, whatever their weights come to."""
LIKE_ENOUGH = 0.1
"""A knot that moves the curve by less (a quarter more or less likely) is left out."""
PRIOR_PAIRS = 1.0
"""One false pair above the best score and one true pair below the worst, as nobody saw all that there is: so
no score is infinitely strong, and a curve is never surer than the number of false pairs that it was shown."""
SURE = 0.95
"""How sure labels must be, on either side, to move a curve that stands."""
BINS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
"""Where the bins of a reliability table begin; the last one is open."""

Knots = tuple[tuple[float, float], ...]
"""(score, log10 of the likelihood ratio), rising in both."""


class Scored(NamedTuple):
    """A pair of which the truth is known, and what a kind of evidence said of it."""

    score: float
    true: bool
    weight: float = 1.0
    """Pairs that it stands for, where only some of many were looked at."""


class Totals(NamedTuple):
    """Weight of all pairs of which the truth is known, most of which no kind says anything about."""

    true: float
    false: float


class Bin(NamedTuple):
    """A line of a reliability table: what was said, and what it came to."""

    said: float
    """Mean strength of the pairs in it."""
    observed: float
    """log10 of how much likelier a true pair was to fall in here; where no false pair did, it is a floor."""
    true: int
    false: int


def fit(scored: Iterable[Scored], totals: Totals, *, cap: float, knots: int = MOST_KNOTS) -> Knots:
    """The curve of one kind, never above `cap`; empty where no true pair, or no pair at all, has a score.

    Args:
        scored: every labelled pair that the kind says something about, or a weighted sample.
        totals: of all labelled pairs, scored or not: a pair that no score was given to counts as below all.
        cap: log10 above which nothing is believed, however many pairs say so.
        knots: at most so many.
    """
    ordered = sorted(scored)
    return _few([(one.middle, min(one.level, cap)) for one in _blocks(ordered, totals)], knots)


def refit(before: Knots, scored: Iterable[Scored], totals: Totals, *, cap: float) -> Knots:
    """The curve `before`, moved only as far as labelled pairs contradict it, 19 times in 20.

    Few labels move little: a strength stands while it lies between what the counts leave possible. No false
    pair at all only raises a curve, and only up to what the number of false pairs looked through can show.
    """
    blocks = _blocks(sorted(scored), totals)
    places = sorted({round(score, DIGITS) for score, _ in before} | {one.middle for one in blocks})
    if not before or not blocks:
        return before
    moved = []
    for place in places:
        level = max([value(before, place), *(one.least for one in blocks if one.middle <= place)])
        level = min([level, cap, *(one.most for one in blocks if one.last >= place)])
        moved.append((place, level))
    return _few(moved, MOST_KNOTS)


def value(knots: Knots, score: float) -> float:
    """The curve at a score; level beyond its ends."""
    return float(np.interp(score, [one for one, _ in knots], [one for _, one in knots])) if knots else 0.0


def differ(one: Knots, other: Knots, *, cap: float) -> bool:
    """Whether two curves say something else anywhere, by more than is left out of a curve."""
    places = {score for score, _ in (*one, *other)}
    said = ((min(cap, value(one, place)), min(cap, value(other, place))) for place in places)
    return any(abs(first - second) > LIKE_ENOUGH for first, second in said)


def cllr(said: Iterable[Scored], totals: Totals) -> float:
    """Cost of log likelihood ratios (Brümmer): 0 is perfect, 1 says nothing; `score` is what is said.

    Pairs about which nothing is said count as told a ratio of 1.
    """
    costs, weights = [0.0, 0.0], [0.0, 0.0]
    for one in said:
        costs[one.true] += one.weight * _cost(-one.score if one.true else one.score)
        weights[one.true] += one.weight
    for true, total in ((False, totals.false), (True, totals.true)):
        costs[true] = (costs[true] + max(0.0, total - weights[true])) / max(total, weights[true], 1e-12)
    return (costs[0] + costs[1]) / 2


def reliability(said: Iterable[Scored], totals: Totals) -> tuple[Bin, ...]:
    """What was said beside what it came to, bin by bin; `score` is the strength that was said."""
    held: dict[float, list[Scored]] = {}
    for one in said:
        if one.score > BINS[0]:
            held.setdefault(max(edge for edge in BINS if edge < one.score), []).append(one)
    return tuple(_bin(held[edge], totals) for edge in sorted(held))


def _bin(pairs: Sequence[Scored], totals: Totals) -> Bin:
    true = sum(one.weight for one in pairs if one.true)
    false = sum(one.weight for one in pairs if not one.true)
    rates = max(true, PRIOR_PAIRS / 2) / totals.true, max(false, PRIOR_PAIRS) / totals.false
    weight = sum(one.weight for one in pairs)
    return Bin(
        said=round(sum(one.score * one.weight for one in pairs) / weight, 2),
        observed=round(math.log10(rates[0] / rates[1]), 2),
        true=sum(one.true for one in pairs),
        false=sum(not one.true for one in pairs),
    )


def _cost(log10_ratio: float) -> float:
    """log2 (1 + ratio), without overflow."""
    return float(np.logaddexp2(0.0, log10_ratio * math.log2(10.0)))


def _levels(ordered: Sequence[Scored], totals: Totals) -> NDArray[np.float64]:
    """log10 of the ratio at each scored pair: the isotonic fit of the labels at even odds."""
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 -- a third of a second, for two commands

    seen = {true: sum(one.weight for one in ordered if one.true is true) for true in (False, True)}
    unseen_true = max(0.0, totals.true - seen[True]) + PRIOR_PAIRS
    unseen_false = max(0.0, totals.false - seen[False])
    whole = {True: totals.true + PRIOR_PAIRS, False: totals.false + PRIOR_PAIRS}
    below = (unseen_true / whole[True], unseen_false / whole[False])
    weights = [one.weight / whole[one.true] for one in ordered]
    labels = np.array([below[0] / sum(below), *(float(one.true) for one in ordered), 0.0])
    weighed = np.array([sum(below), *weights, PRIOR_PAIRS / whole[False]])
    labels, weighed, spread = _ties_as_one(ordered, labels, weighed)
    shares = np.asarray(isotonic_regression(labels, weights=weighed).x)[1:-1][spread]
    shares = np.clip(shares, 1e-300, 1 - 1e-15)
    return np.log10(shares / (1 - shares))


def _ties_as_one(
    ordered: Sequence[Scored], labels: NDArray[np.float64], weighed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Pairs of one score become one point; gives the point of each pair too."""
    scores = np.array([one.score for one in ordered])
    distinct, spread = np.unique(scores, return_inverse=True)
    sums = np.bincount(spread, weighed[1:-1], len(distinct))
    hits = np.bincount(spread, weighed[1:-1] * labels[1:-1], len(distinct))
    return (
        np.concatenate([labels[:1], hits / sums, labels[-1:]]),
        np.concatenate([weighed[:1], sums, weighed[-1:]]),
        spread,
    )


class _Block(NamedTuple):
    """A stretch of scores that the fit cannot tell apart, and what its counts leave possible (log10)."""

    middle: float
    last: float
    level: float
    least: float
    most: float


def _blocks(ordered: Sequence[Scored], totals: Totals) -> list[_Block]:
    if not any(one.true for one in ordered) or totals.true <= 0 or totals.false <= 0:
        return []
    levels = _levels(ordered, totals)
    bounds = [0, *(np.flatnonzero(np.diff(levels) > 1e-12) + 1), len(ordered)]  # noqa: PLR2004 -- equal
    return [_block(ordered[first:last], float(levels[first]), totals) for first, last in pairwise(bounds)]


def _block(inside: Sequence[Scored], level: float, totals: Totals) -> _Block:
    weight = sum(one.weight for one in inside)
    middle = round(sum(one.score * one.weight for one in inside) / weight, DIGITS)
    true, false = (_limits(sum(one.weight for one in inside if one.true is which)) for which in (True, False))
    odds = math.log10(totals.false / totals.true)
    least = math.log10(true[0] / false[1]) + odds if true[0] > 0 else -math.inf
    most = math.log10(true[1] / false[0]) + odds if false[0] > 0 else math.inf
    return _Block(middle, inside[-1].score, level, least, most)


def _limits(count: float) -> tuple[float, float]:
    """Rates that leave the count possible, 19 times in 20 on either side (Garwood)."""
    from scipy.special import gammaincinv  # noqa: PLC0415 -- as above

    least = float(gammaincinv(count, 1 - SURE)) if count > 0 else 0.0
    return least, float(gammaincinv(count + 1, SURE))


def _few(points: Sequence[tuple[float, float]], most: int) -> Knots:
    """Leave out, one by one, the point that the line between its neighbours misses least."""
    kept = [(round(score, DIGITS), round(level, 3)) for score, level in points]
    while len(kept) > 2:  # noqa: PLR2004 -- two ends
        misses = [
            (abs(value((kept[at - 1], kept[at + 1]), kept[at][0]) - kept[at][1]), at)
            for at in range(1, len(kept) - 1)
        ]
        missed, at = min(misses)
        if missed > LIKE_ENOUGH and len(kept) <= most:
            break
        del kept[at]
    return tuple(kept)
