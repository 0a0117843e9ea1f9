"""Pictures that show several others side by side: collages, contact sheets, pages of an album.

Told from where other pictures lie in them, whole and square to the edges. A room seen from afar shows its
details in perspective and is none. It judges no series.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from foureyes.engine.model import ViewPair

WHOLE = 0.5
"""Share of a picture that must be found in another one to be pasted there; points never span all of it."""
PART = 0.67
"""Share of the collage that one pasted picture covers at most."""
OVERLAP = 0.1
"""Share of the smaller of two pasted pictures that may lie on the other."""
SQUARE = 0.05
"""Shear, turn and perspective of a pasted picture at most, in shares of its size."""


class Placed(NamedTuple):
    """Where one picture lies in another one, 0 to 1 from the upper left."""

    left: float
    top: float
    right: float
    bottom: float
    at: float = 0.0
    """Second of the film that it was found in; 0 in a picture."""

    @property
    def area(self) -> float:
        """Share of the other picture."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


def composites(views: Iterable[ViewPair]) -> list[str]:
    """Media in which two others, or more, lie whole and side by side."""
    placed: dict[str, list[Placed]] = defaultdict(list)
    for view in views:
        if view.fixed or not view.points:
            continue
        if view.share_a >= WHOLE and view.share_b <= PART and _square(view.homography, forwards=True):
            placed[view.b].append(_box([(x, y) for _, _, x, y in view.points], view.at_b))
        if view.share_b >= WHOLE and view.share_a <= PART and _square(view.homography, forwards=False):
            placed[view.a].append(_box([(x, y) for x, y, _, _ in view.points], view.at_a))
    return sorted(
        media for media, boxes in placed.items() if any(_apart(a, b) for a, b in combinations(boxes, 2))
    )


def _box(points: Sequence[tuple[float, float]], at: float) -> Placed:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Placed(min(xs), min(ys), max(xs), max(ys), at)


def _apart(a: Placed, b: Placed) -> bool:
    if a.at != b.at:
        return False  # of a film two moments, not two halves
    shared = Placed(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom))
    return shared.area <= OVERLAP * min(a.area, b.area)


def _square(homography: Sequence[float], *, forwards: bool) -> bool:
    """Whether it only moves and scales, for whoever is pasted: `a` forwards, else `b`."""
    if len(homography) != 9:  # noqa: PLR2004 -- 3 x 3
        return True
    h = [one / homography[8] for one in homography] if homography[8] else list(homography)
    size = min(abs(h[0]), abs(h[4])) if forwards else max(abs(h[0]), abs(h[4]))
    turned, bent = max(abs(h[1]), abs(h[3])), max(abs(h[6]), abs(h[7]))
    return size > 0 and turned <= SQUARE * size and bent <= SQUARE
