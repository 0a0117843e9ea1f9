"""Finds weak bridges between large parts of one group: what a single reason must not hold together.

What joining wrongly costs grows with the media that it mixes, so ten times the media ask for ten times the
odds of a single reason. Several members' links need not: a run of 5,000 shots is linked two by two all along.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.grouping import LINKED, STRONG, SUPPORT
from foureyes.engine.series.hubs import Edge
from foureyes.engine.series.joints import Joint, weak_joints

LARGE = 50
"""Media of the smaller part from which on a bridge must be stronger than any one strong reason."""


def strong_enough(smaller: int) -> float:
    """What a single reason must say to hold together two parts, of which the smaller has so many media."""
    return STRONG if smaller < LARGE else STRONG + 1 + math.log10(smaller / LARGE)


def weak_bridges(
    groups: ConstrainedGroups, edges: Sequence[Edge], ruled: Iterable[tuple[int, int]]
) -> set[Edge]:
    """Edges that hold two large parts of a group together and are neither strong nor several enough for that.

    Args:
        groups: as they grew.
        edges: all that they grew from.
        ruled: pairs that stand for what people ruled together: no bridge of theirs is weak.
    """
    inside: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        root = groups.root(edge[1])
        if edge[0] >= LINKED and groups.size(root) >= 2 * LARGE and root == groups.root(edge[2]):
            inside[root].append(edge)
    held: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in ruled:
        held[groups.root(pair[0])].append(pair)
    return {edge for root in sorted(inside) for edge in _weak_in(inside[root], held[root])}


def _weak_in(edges: Sequence[Edge], ruled: Iterable[tuple[int, int]]) -> Iterable[Edge]:
    """Weak bridges of one group, in the numbers of all media."""
    items = sorted({item for edge in edges for item in edge[1:]} | {item for pair in ruled for item in pair})
    numbers = {item: number for number, item in enumerate(items)}
    own = [(strength, numbers[a], numbers[b]) for strength, a, b in edges]
    _, found = weak_joints(len(items), own, [(numbers[a], numbers[b]) for a, b in ruled])
    found = [one for one in found if one.size >= LARGE and _weak(one)]
    touched: set[int] = set()
    for joint in sorted(found, key=lambda one: (len(one.crossing), one.strength, one.few, one.rest)):
        ends = {item for _, *pair in joint.crossing for item in pair}
        if not ends & touched:  # a neighbour of a cut may well be held by more than it seemed
            touched |= ends
            for strength, a, b in joint.crossing:
                one, two = sorted((items[a], items[b]))
                yield strength, one, two


def _weak(joint: Joint) -> bool:
    """Whether it is one link and too little for its size. One media linked to several is no single reason."""
    single = sum(strength >= SUPPORT for strength, _, _ in joint.crossing) <= 1
    return single and joint.strength < strong_enough(joint.size)
