"""Links to groups, precision first: a false series costs an officer more than a missed one.

Evidence of independent kinds adds up per pair; the strongest pairs join first. Groups of some size join only
on one strong reason or on several members' evidence, so a chain of weak links never holds thousands
together. Never undoes a person's ruling. The order of links does not matter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from foureyes.engine.model import Link
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.links import GROUP_OF

LINKED = 4.0
"""log10 of the likelihood ratio from which a pair is linked: with one true pair among ten thousand compared,
that is even odds from the weakest such pair alone, and bench/series.py measures what it comes to."""
STRONG = 5.0
"""One such reason may join groups of any size: a near copy, or one body serial on one day."""
SUPPORT = 4.2
"""What counts as a further member's evidence when groups join: more than the bare LINKED, which is what one
camera on one day gives to every pair of its pictures, the same evidence over and over."""
SMALL = 3
"""A group smaller than this, a stray picture or two, joins another by one link."""
SEVERAL = 2
"""Members on either side that must be linked when larger groups join."""
HUB_DEGREE = 24
"""More links than this from one media to others that nothing else connects: a logo, a title card."""

Edge = tuple[float, int, int]
Copies = Callable[[int, int], bool]
"""Whether two media are linked as copies of one still picture."""


class Hubs(NamedTuple):
    """Media that lost the right to link, and the edges that are left."""

    media: frozenset[int]
    edges: list[Edge]


def edges_of(links: Iterable[Link], numbers: Mapping[str, int]) -> list[Edge]:
    """Strength of each linked pair: the strongest link of each independent group, added. Strongest first."""
    best: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    for link in links:
        pair = sorted((numbers[link.a], numbers[link.b]))
        groups = best[pair[0], pair[1]]
        group = GROUP_OF.get(link.kind, link.kind)
        groups[group] = max(groups.get(group, 0.0), link.strength)
    edges = [(round(sum(groups.values()), 4), a, b) for (a, b), groups in best.items()]
    return sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))


def without_hubs(edges: list[Edge], count: int, is_copy: Copies) -> Hubs:
    """Take its links from each media that links far too many which nothing else connects.

    Copies of one picture are exempt: thousands of them hang on their first one, and are one stack.
    """
    linking = [(a, b) for strength, a, b in edges if strength >= LINKED and not is_copy(a, b)]
    degree = Counter(item for edge in linking for item in edge)
    busy = {item for item, links in degree.items() if links > HUB_DEGREE}
    if not busy:
        return Hubs(frozenset(), edges)
    rest = ConstrainedGroups(count)
    for strength, a, b in edges:
        if strength >= LINKED and not {a, b} & busy:
            rest.join(a, b)
    around: dict[int, set[int]] = defaultdict(set)
    for a, b in linking:
        for item, other in ((a, b), (b, a)):
            if item in busy:
                around[item].add(rest.root(other))
    hubs = frozenset(item for item in busy if len(around[item]) > HUB_DEGREE)
    kept = [edge for edge in edges if not hubs & {edge[1], edge[2]} or is_copy(edge[1], edge[2])]
    return Hubs(hubs, kept)


def grow(groups: ConstrainedGroups, edges: list[Edge]) -> None:
    """Join what the edges (strongest first) link, within what the groups' rulings allow."""
    for strength, a, b in edges:
        if strength >= STRONG or (strength >= LINKED and _small(groups, a, b)):
            groups.join(a, b)
    while _join_on_several(groups, edges):
        pass


def _join_on_several(groups: ConstrainedGroups, edges: list[Edge]) -> bool:
    """One round of joining groups that several members' links connect; whether any joined."""
    between: dict[tuple[int, int], list[Edge]] = defaultdict(list)
    for edge in edges:
        strength, a, b = edge
        left, right = groups.root(a), groups.root(b)
        if strength >= SUPPORT and left != right:
            between[min(left, right), max(left, right)].append(edge if left < right else (strength, b, a))
    ready = [
        (-found[0][0], left, right)
        for (left, right), found in between.items()
        if found[0][0] >= LINKED and (_several(found) or _small(groups, left, right))
    ]
    joined = [1 for _, a, b in sorted(ready) if not groups.together(a, b) and groups.join(a, b)]
    return bool(joined)


def _several(found: list[Edge]) -> bool:
    return min(len({edge[1] for edge in found}), len({edge[2] for edge in found})) >= SEVERAL


def _small(groups: ConstrainedGroups, a: int, b: int) -> bool:
    return min(groups.size(a), groups.size(b)) < SMALL
