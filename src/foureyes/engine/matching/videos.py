"""What two media share of their frames, one of them a film at least: how much, and where they run in step.

A frame stands for the time until the next one, so a match says that two stretches of time may be one; the
shift that most matches agree on is where one film lies in the other. Never decides what a share is worth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.matching.orientations import Index
from foureyes.engine.model import SharedFrames, SharedStretch

STRETCHES = 4
"""Told at most, the longest first: a film cut together from another has more, and four say so."""
IN_STEP = 2
"""Frames that a stretch needs: one alone runs in step with anything."""
PAUSE_SECONDS = 4.0
"""Within a stretch, frames that match lie no further apart: two steps of the cadence at which films are
looked at, so one frame that chance or an overlay spoils does not cut it."""


class Timeline(NamedTuple):
    """Rows of all media, those of one media side by side and in order of time."""

    start: Index
    """Where the rows of each media begin; one longer than there are media."""
    begin: NDArray[np.floating]
    """(n,): seconds."""
    end: NDArray[np.floating]
    """(n,): when the next frame begins; of the last one, when its film ends."""
    counts: NDArray[np.bool_]
    """(n,): whether a row that matches nothing speaks against sharing: not if too plain, nor if a title."""

    @classmethod
    def made(
        cls,
        owner: Index,
        at_seconds: NDArray[np.floating],
        counts: NDArray[np.bool_],
        seconds: NDArray[np.floating],
    ) -> Timeline:
        """From rows sorted by media, then time, and how long each media is.

        Where that is not known (0), the last frame stands for the mean step of its film.
        """
        begin = np.asarray(at_seconds, np.float64)
        start = np.r_[0, np.flatnonzero(np.diff(owner)) + 1, len(owner)].astype(np.int64)
        end = np.r_[begin[1:], 0.0]
        last, size = start[1:] - 1, np.diff(start)
        step = np.where(size > 1, (begin[last] - begin[start[:-1]]) / np.maximum(1, size - 1), 0.0)
        end[last] = np.where((size > 1) & (seconds > begin[last]), seconds, begin[last] + step)
        return cls(start, begin, end, counts)

    def of(self, media: int, seen: Index) -> tuple[int, float]:
        """Frames of a media that can be compared, and the seconds they stand for (0 for a picture).

        A title counts in neither, unless it is `seen` in this other film, which is then a copy.
        """
        counts = self.counts[self.start[media] : self.start[media + 1]].copy()
        counts[seen - self.start[media]] = True
        return int(counts.sum()), float(self.lasts(np.flatnonzero(counts) + self.start[media]).sum())

    def lasts(self, rows: Index) -> NDArray[np.floating]:
        """Seconds that rows stand for."""
        return np.asarray(self.end[rows] - self.begin[rows])


def shared_frames(a: Index, b: Index, media_a: int, media_b: int, line: Timeline) -> SharedFrames:
    """What two media share, from all their matching rows.

    Args:
        a: rows of `media_a`.
        b: rows of `media_b` that match them, of the same length.
        media_a: number of the one media.
        media_b: number of the other.
        line: the rows of all media.
    """
    rows_a, rows_b = np.unique(a), np.unique(b)
    (of_a, seconds_a), (of_b, seconds_b) = line.of(media_a, rows_a), line.of(media_b, rows_b)
    return SharedFrames(
        seen_a=len(rows_a),
        of_a=of_a,
        seen_b=len(rows_b),
        of_b=of_b,
        share_a=_share(rows_a, of_a, seconds_a, line),
        share_b=_share(rows_b, of_b, seconds_b, line),
        seconds_a=round(seconds_a, 3),
        seconds_b=round(seconds_b, 3),
        stretches=tuple(_stretches(a, b, line)),
    )


def _share(rows: Index, of: int, seconds: float, line: Timeline) -> float:
    """Of the time that can be compared; of the frames, where they take no time."""
    part = float(line.lasts(rows).sum()) / seconds if seconds > 0 else len(rows) / of
    return round(min(1.0, part), 4)


def _stretches(a: Index, b: Index, line: Timeline) -> list[SharedStretch]:
    """Shift by shift, the one that most frames agree on first, until too few are left."""
    found: list[SharedStretch] = []
    left = np.ones(len(a), bool)
    while len(found) < STRETCHES:
        low = line.begin[b] - line.end[a]
        high = line.end[b] - line.begin[a]
        shift = _agreed_shift(low[left], high[left], a[left])
        agree = left & (low <= shift) & (shift <= high)
        if len(np.unique(a[agree])) < IN_STEP or len(np.unique(b[agree])) < IN_STEP:
            break
        found += _runs(a[agree], b[agree], shift, line)
        left &= ~(np.isin(a, a[agree]) | np.isin(b, b[agree]))
        if not left.any():
            break
    longest = sorted(found, key=lambda one: (-one.frames, one.a_from, one.b_from))
    return longest[:STRETCHES]


def _agreed_shift(low: NDArray[np.floating], high: NDArray[np.floating], rows: Index) -> float:
    """The shift in seconds inside most of the intervals [low, high], counting each row once."""
    order = np.lexsort((low, rows))
    low, high, rows = low[order], high[order], rows[order]
    # Intervals of one row that overlap or touch count as one, so a still shot does not outvote a moving one.
    reach = high.copy()
    fresh = np.ones(len(rows), bool)
    for i in range(1, len(rows)):
        if rows[i] == rows[i - 1] and low[i] <= reach[i - 1]:
            fresh[i] = False
            reach[i] = max(reach[i - 1], high[i])
    begins = np.flatnonzero(fresh)
    low, high = low[begins], reach[np.r_[begins[1:], len(rows)] - 1]
    marks = np.concatenate([low, high])
    step = np.concatenate([np.ones(len(low), np.int64), -np.ones(len(high), np.int64)])
    order = np.lexsort((-step, marks))
    height = np.cumsum(step[order])
    best = np.flatnonzero(height == height.max())
    ends = marks[order][np.minimum(best + 1, len(marks) - 1)]
    middles = (marks[order][best] + ends) / 2
    width = ends - marks[order][best]
    return float(middles[np.lexsort((np.abs(middles), -width))[0]])


def _runs(a: Index, b: Index, shift: float, line: Timeline) -> list[SharedStretch]:
    """Matches in step, cut where they pause."""
    begin = np.maximum(line.begin[a], line.begin[b] - shift)
    end = np.minimum(line.end[a], line.end[b] - shift)
    order = np.lexsort((end, begin))
    begin, end, rows_a, rows_b = begin[order], end[order], a[order], b[order]
    reach = np.maximum.accumulate(end)
    cut = np.flatnonzero(begin[1:] > reach[:-1] + PAUSE_SECONDS) + 1
    found = []
    for part in np.split(np.arange(len(order)), cut):
        if min(len(np.unique(rows_a[part])), len(np.unique(rows_b[part]))) >= IN_STEP:
            first, last = float(begin[part[0]]), float(end[part].max())
            frames = len(np.unique(rows_a[part]))
            times = [round(one, 3) for one in (first, last, first + shift, last + shift)]
            found.append(SharedStretch(times[0], times[1], times[2], times[3], frames))
    return found
