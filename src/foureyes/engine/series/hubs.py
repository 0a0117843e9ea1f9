"""Finds media that link what nothing else connects: logos, title cards, collages, compilations.

They lose the right to link; what they show is told, never hidden. A stack of copies counts as one media.
Knows edges and numbers, not pictures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from foureyes.engine.series.constrained import ConstrainedGroups

HUB_DEGREE = 24
"""More links than this from one media to others that nothing else connects: a logo, a title card."""
CONNECTS_AT_MOST = 2
"""Grown groups that one media may hold together all by itself. A chain of views does so with two; three are a
collage, a compilation or a picture that everybody has, and are left to a person."""

Edge = tuple[float, int, int]
Copies = Callable[[int, int], bool]
"""Whether two media are linked as copies of one picture or film."""
Near = Mapping[int, set[int]]


class Hubs(NamedTuple):
    """Media that lost the right to link, and the edges that are left."""

    media: frozenset[int]
    """Hubs, with all their copies."""
    connectors: frozenset[int]
    """Media that hold together what nothing else does, with their copies: a person is asked about them."""
    edges: list[Edge]


def without_hubs(
    edges: list[Edge],
    count: int,
    is_copy: Copies,
    *,
    least: float,
    grown: int,
    composites: Collection[int] = (),
) -> Hubs:
    """Take its links from each media that links far too much which nothing else connects.

    Copies of one picture are exempt: thousands of them hang on their first one, and are one stack.

    Args:
        edges: the strongest first.
        count: of media, 0 to count - 1.
        is_copy: between copies, links stand.
        least: strength from which an edge links.
        grown: media of a group that is not joined to another lightly.
        composites: media that are known to show several others side by side.
    """
    stacks = ConstrainedGroups(count)
    linking = [(a, b) for strength, a, b in edges if strength >= least]
    for a, b in linking:
        if is_copy(a, b):
            stacks.join(a, b)
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in linking:
        left, right = stacks.root(a), stacks.root(b)
        if left != right:
            near[left].add(right)
            near[right].add(left)
    hubs = _hubs(near, count)
    shown = {stacks.root(one) for one in composites} - hubs
    left_over = {one: others - hubs - shown for one, others in near.items() if one not in hubs | shown}
    rest = _joined(left_over, count) if shown else stacks
    split = {one for one in shown if len(_around(near.get(one, ()), rest)) > 1}
    for one in shown - split:
        left_over[one] = near.get(one, set()) - hubs - split
        for other in left_over[one]:
            left_over.setdefault(other, set()).add(one)
    connectors = split | set(_connecting(left_over, stacks, grown))
    if not hubs and not connectors:
        return Hubs(frozenset(), frozenset(), edges)
    barred = hubs | connectors
    roots = [stacks.root(item) for item in range(count)]
    kept = [
        edge
        for edge in edges
        if roots[edge[1]] == roots[edge[2]] or not barred & {roots[edge[1]], roots[edge[2]]}
    ]
    return Hubs(
        frozenset(item for item, root in enumerate(roots) if root in hubs),
        frozenset(item for item, root in enumerate(roots) if root in connectors),
        kept,
    )


def _hubs(near: Near, count: int) -> set[int]:
    busy = {one for one, others in near.items() if len(others) > HUB_DEGREE}
    if not busy:
        return set()
    rest = _joined({one: others - busy for one, others in near.items() if one not in busy}, count)
    return {one for one in busy if len(_around(near[one], rest)) > HUB_DEGREE}


def _joined(near: Near, count: int) -> ConstrainedGroups:
    groups = ConstrainedGroups(count)
    for one, others in near.items():
        for other in others:
            groups.join(one, other)
    return groups


def _around(others: Iterable[int], groups: ConstrainedGroups) -> set[int]:
    return {groups.root(other) for other in others}


def _connecting(near: Near, stacks: ConstrainedGroups, grown: int) -> Iterable[int]:
    """Stacks without which more than `CONNECTS_AT_MOST` grown groups fall apart.

    Cut vertices by one walk (Hopcroft and Tarjan 1973), each with the media that its branches hold.
    """
    walk = _Walk(near, stacks)
    for start in sorted(near):
        if start not in walk.order:
            walk.from_(start)
    for one, branches in walk.branches.items():
        beyond = walk.whole[one] - sum(branches) - stacks.size(one)
        if sum(size >= grown for size in (*branches, beyond)) > CONNECTS_AT_MOST:
            yield one


class _Walk:
    """Depth first over all that is linked; `branches` are what falls off where a stack is taken out."""

    def __init__(self, near: Near, stacks: ConstrainedGroups) -> None:
        self._near, self._stacks = near, stacks
        self.order: dict[int, int] = {}
        self.branches: dict[int, list[int]] = defaultdict(list)
        self.whole: dict[int, int] = {}
        """Media of the connected part that each stack with branches is in."""

    def from_(self, start: int) -> None:
        """Walk over one connected part."""
        low, below, path = {start: len(self.order)}, {start: self._stacks.size(start)}, [start]
        self.order[start] = len(self.order)
        waiting = {start: iter(sorted(self._near.get(start, ())))}
        part = []
        while path:
            here = path[-1]
            ahead = next(waiting[here], None)
            if ahead is None:
                path.pop()
                part.append(here)
                del waiting[here]
                if path:
                    self._back(path[-1], here, low, below)
            elif ahead not in self.order:
                self.order[ahead] = low[ahead] = len(self.order)
                below[ahead] = self._stacks.size(ahead)
                waiting[ahead] = iter(sorted(self._near.get(ahead, ())))
                path.append(ahead)
            else:
                low[here] = min(low[here], self.order[ahead])
        for one in part:
            if one in self.branches:
                self.whole[one] = below[start]

    def _back(self, above: int, here: int, low: dict[int, int], below: dict[int, int]) -> None:
        """From a stack to the one it was reached from: does what hangs below fall off without that one?"""
        low[above] = min(low[above], low[here])
        below[above] += below[here]
        if low[here] >= self.order[above]:
            self.branches[above].append(below[here])
