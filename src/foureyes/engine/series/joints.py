"""Finds the weak joints of a series: where some members hang on the rest by one link, or by a few weak ones.

Every edge of the tree of strongest links parts the series in two, and no link between the two parts is
stronger than it: that edge is what the joint is worth. It parts and joins nothing by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.grouping import SEVERAL, SUPPORT
from foureyes.engine.series.hubs import Edge

RULED = 99.0
"""Strength of what a person ruled together: no evidence is stronger."""


@dataclass(slots=True)
class Joint:
    """Two parts of a series and the links between them."""

    few: int
    """The node of the strongest link that lies in the smaller part."""
    rest: int
    """The other node of it."""
    strength: float
    size: int
    """Nodes of the smaller part."""
    below: bool
    """Whether the smaller part is what hangs below the edge in the tree."""
    crossing: list[Edge] = field(default_factory=list)
    """Every link between the parts, the strongest one first; its second node lies below."""

    @property
    def held_by_several(self) -> bool:
        """Whether several members of both parts are linked with more than bare evidence, as grouping asks.

        A part of one media is held by links to several others.
        """
        good = [(a, b) for strength, a, b in self.crossing if strength >= SUPPORT]
        above, below = {a for a, _ in good}, {b for _, b in good}
        few, rest = (below, above) if self.below else (above, below)
        return len(few) >= min(SEVERAL, self.size) and len(rest) >= SEVERAL


class Tree:
    """The tree of strongest links over nodes 0 to count - 1, one for each connected part."""

    def __init__(self, count: int, edges: Iterable[Edge]) -> None:
        self.near: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.others: list[Edge] = []
        groups = ConstrainedGroups(count)
        for strength, a, b in sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2])):
            if groups.together(a, b):
                self.others.append((strength, a, b))
            else:
                groups.join(a, b)
                self.near[a].append((b, strength))
                self.near[b].append((a, strength))
        self.parent = [-1] * count
        self.depth = [0] * count
        self.strength = [0.0] * count
        """Of the edge to the parent."""
        self.below = [1] * count
        """Nodes at and below each."""
        self.whole = [0] * count
        """Nodes of the connected part that each is in."""
        for root in range(count):
            if not self.whole[root]:
                self._hang(root)

    def _hang(self, root: int) -> None:
        order, seen = [root], {root}
        for node in order:
            for other, strength in self.near[node]:
                if other not in seen:
                    seen.add(other)
                    order.append(other)
                    self.parent[other], self.depth[other] = node, self.depth[node] + 1
                    self.strength[other] = strength
        for node in reversed(order):
            self.whole[node] = len(order)
            if node != root:
                self.below[self.parent[node]] += self.below[node]

    def joints(self) -> list[Joint]:
        """The joint at every edge of the tree, with all links that cross it."""
        made: dict[int, Joint] = {}
        for node, up in enumerate(self.parent):
            if up >= 0:
                made[node] = self._joint(node, up)
        for edge in self.others:
            self._cross(edge, made)
        return [made[node] for node in sorted(made)]

    def part(self, joint: Joint) -> list[int]:
        """The nodes of the smaller part, rising."""
        barred, seen, waiting = joint.rest, {joint.few}, [joint.few]
        while waiting:
            node = waiting.pop()
            for other, _ in self.near[node]:
                if other not in seen and not (node == joint.few and other == barred):
                    seen.add(other)
                    waiting.append(other)
        return sorted(seen)

    def _joint(self, node: int, up: int) -> Joint:
        size, rest = self.below[node], self.whole[node] - self.below[node]
        crossing = [(self.strength[node], up, node)]
        if size <= rest:
            return Joint(node, up, self.strength[node], size, below=True, crossing=crossing)
        return Joint(up, node, self.strength[node], rest, below=False, crossing=crossing)

    def _cross(self, edge: Edge, made: dict[int, Joint]) -> None:
        """Note a link at every joint between its two nodes: on the way up from each to where they meet."""
        strength, a, b = edge
        left, right = a, b
        while left != right:
            if self.depth[left] >= self.depth[right]:
                made[left].crossing.append((strength, b, a))
                left = self.parent[left]
            else:
                made[right].crossing.append((strength, a, b))
                right = self.parent[right]


def weak_joints(
    count: int, edges: Sequence[Edge], ruled: Iterable[tuple[int, int]]
) -> tuple[Tree, list[Joint]]:
    """The tree of strongest links, and its joints that are not held by several members or by a ruling."""
    tree = Tree(count, [*((RULED, a, b) for a, b in ruled), *edges])
    return tree, [one for one in tree.joints() if one.strength < RULED and not one.held_by_several]
