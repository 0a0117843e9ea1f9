"""Near vectors to pairs of media: copies stand as one, films by their nearest frames, hubs held down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.scenes.neighbours import Neighbours
from foureyes.engine.matching.scenes.scale import SHIPPED, Scale
from foureyes.engine.model import ScenePair

INCOMING_AT_MOST = 40
"""Media that name one media among their nearest, of which pairs are made: the nearest ones. Some vectors are
near thousands (a page of text, a dark room); more pairs of them would cost much and say little."""


class ScenePairs(NamedTuple):
    """Candidates, and what was held down."""

    pairs: list[ScenePair]
    """a < b, each pair of media once, sorted."""
    hubs: int = 0
    """Media that look like very many others."""
    left_out: int = 0
    """Pairs of those that are not given."""


class Stacks:
    """Pictures that are copies of one another, known by the first of them by SHA-256."""

    def __init__(self, copies: Iterable[tuple[str, str]]) -> None:
        """`copies`: pairs of media that are the same picture."""
        self._first: dict[str, str] = {}
        for a, b in copies:
            one, two = sorted((self.first(a), self.first(b)))
            if one != two:
                self._first[two] = one

    def first(self, sha256: str) -> str:
        """The media that stands for this one; itself where it has no copies."""
        path = []
        while (above := self._first.get(sha256)) is not None:
            path.append(sha256)
            sha256 = above
        for below in path:
            self._first[below] = sha256
        return sha256

    def others(self) -> set[str]:
        """All media that another one stands for."""
        return set(self._first)


def media_pairs(
    near: Neighbours,
    owner: NDArray[np.int64],
    at_seconds: NDArray[np.float64],
    names: Sequence[str],
    model: str,
    of: NDArray[np.bool_] | None = None,
    scale: Scale = SHIPPED,
) -> ScenePairs:
    """Pairs of media of which one has the other among its nearest, by their nearest two vectors.

    Args:
        near: of each row its nearest rows.
        owner: (n,), the number of the media that each row is of: its place in `names`.
        at_seconds: (n,), when in its film a row is.
        names: SHA-256 of the media, sorted.
        model: kind of the vectors.
        of: (m,): only pairs that touch one of these media are given; of all, if None. Counts are of all.
        scale: what cosines of these vectors mean.
    """
    row, slot = np.nonzero(near.rows >= 0)
    other, near_by = near.rows[row, slot].astype(np.int64), near.cosine[row, slot]
    best = _best_of_media(owner[row], owner[other], near_by, at_seconds[row] + at_seconds[other])
    row, other, near_by = row[best], other[best], near_by[best]
    kept, hubs = _without_crowds(owner[row], owner[other], near_by)
    left_out = int(np.count_nonzero(~kept))
    if of is not None:
        kept &= of[owner[row]] | of[owner[other]]
    found: dict[tuple[str, str], ScenePair] = {}
    for here, there, value in zip(
        row[kept].tolist(), other[kept].tolist(), near_by[kept].tolist(), strict=True
    ):
        cosine = round(value, 4)
        said = cosine, model, None if scale == SHIPPED else scale.as_shipped(cosine)
        pair = _pair(names, owner, at_seconds, (here, there), said)
        found[pair.a, pair.b] = min(found.get((pair.a, pair.b), pair), pair, key=_nearest_first)
    return ScenePairs([found[key] for key in sorted(found)], hubs, left_out)


def _best_of_media(
    owner: NDArray[np.int64], other: NDArray[np.int64], cosine: NDArray[np.float32], at: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Of each media and each other one, the place of the nearest two vectors; the earliest of equals."""
    sequence = np.lexsort((at, -cosine, other, owner))
    first = np.ones(len(sequence), bool)
    first[1:] = (np.diff(owner[sequence]) != 0) | (np.diff(other[sequence]) != 0)
    return sequence[first]


def _without_crowds(
    source: NDArray[np.int64], target: NDArray[np.int64], cosine: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], int]:
    """Which are among the nearest that name their target, and how many targets had more."""
    sequence = np.lexsort((source, -cosine, target))
    ordered = target[sequence]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    counts = np.diff(np.append(starts, len(ordered)))
    place = np.arange(len(ordered)) - np.repeat(starts, counts)
    kept = np.zeros(len(target), bool)
    kept[sequence] = place < INCOMING_AT_MOST
    return kept, int(np.count_nonzero(counts > INCOMING_AT_MOST))


def _pair(
    names: Sequence[str],
    owner: NDArray[np.int64],
    at_seconds: NDArray[np.float64],
    rows: tuple[int, int],
    said: tuple[float, str, float | None],
) -> ScenePair:
    a, b = sorted(rows, key=lambda row: names[int(owner[row])])
    cosine, model, as_shipped = said
    return ScenePair(
        names[int(owner[a])],
        names[int(owner[b])],
        cosine,
        float(at_seconds[a]),
        float(at_seconds[b]),
        model,
        as_shipped=as_shipped,
    )


def _nearest_first(pair: ScenePair) -> tuple[float, float, float]:
    return (-pair.cosine, pair.at_a, pair.at_b)
