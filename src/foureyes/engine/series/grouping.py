"""Links to groups, precision first: a false series costs an officer more than a missed one.

Evidence of independent kinds adds up per pair; the strongest pairs join first. Groups of some size join only
on one strong reason or on several members' evidence, so a chain of weak links never holds thousands
together. Never undoes a person's ruling. The order of links does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from foureyes.engine.model import Link
from foureyes.engine.series import hubs
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.links import GROUP_OF

Edge = hubs.Edge
"""Strength of a pair, and the two by number."""

LINKED = 4.0
"""log10 of the likelihood ratio from which the machine links a pair. For true pairs as rare as one in ten
thousand that is even odds from the weakest such pair alone; docs/series.md has what it comes to, measured."""
PROPOSED = 2.0
"""From here on a person is asked: a hundred such pairs hold one true one at those odds."""
LEAD = 1.8
"""What one independent group of evidence must say by itself before the sum links: a handful of hints that all
follow from one folder is one hint. Without it a pair is proposed at most. A source that names a series says
1.9 and more; sessions, naming and traces of a maker say 1.5 at most."""
STRONG = 5.0
"""One such reason may join groups: a near copy, or one body serial on one day."""
SUPPORT = 4.2
"""What counts as a further member's evidence when groups join: more than the bare LINKED, which is what one
camera on one day gives to every pair of its pictures, the same evidence over and over."""
SMALL = 3
"""A group smaller than this, a stray picture or two, joins another by one link."""
SEVERAL = 2
"""Members on either side that must be linked when larger groups join."""
PIXELS, TEXT, VIEW = "pixels", "text", "same-view"
SAME_PIXELS = frozenset({PIXELS, "scene"})
"""Groups that look at the same pixels: hash, vector and matched points of one pair are one observation. So is
a text where a surface was matched: letters have most of a form's, a label's or a poster's points. Added to
what those are held to (3.0 for a form, 3.5 for a small thing) it linked windows and frames of one program."""


def edges_of(links: Iterable[Link], numbers: Mapping[str, int]) -> list[Edge]:
    """Strength of each linked pair: the strongest link of each independent group, added. Strongest first."""
    best: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    viewed = set()
    for link in links:
        one, two = numbers[link.a], numbers[link.b]
        pair = (one, two) if one < two else (two, one)
        groups = best[pair]
        group = independent(link.kind)
        if link.strength > groups.get(group, 0.0):
            groups[group] = link.strength
        if link.kind == VIEW:
            viewed.add(pair)
    for pair in viewed:
        groups = best[pair]
        groups[PIXELS] = max(groups[PIXELS], groups.pop(TEXT, 0.0))
    edges = [(fused(groups.values()), a, b) for (a, b), groups in best.items()]
    return sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))


def independent(kind: str) -> str:
    """The group of evidence that a kind of link adds to; what looks at the same pixels is one."""
    group = GROUP_OF.get(kind, "")
    return PIXELS if group in SAME_PIXELS else group or kind


def shares(links: Sequence[Link]) -> list[float]:
    """What each link of one pair adds to its strength; 0 for one that says what a stronger one says too."""
    best: dict[str, int] = {}
    viewed = any(link.kind == VIEW for link in links)
    for number, link in enumerate(links):
        group = independent(link.kind)
        group = PIXELS if viewed and group == TEXT else group
        if group not in best or link.strength > links[best[group]].strength:
            best[group] = number
    counted = set(best.values())
    return [link.strength if number in counted else 0.0 for number, link in enumerate(links)]


def fused(groups: Collection[float]) -> float:
    """The strength of a pair, of the strongest link in each independent group."""
    whole = sum(groups)
    if whole >= LINKED and max(groups) < LEAD:
        whole = LINKED - 0.01
    return round(whole, 4)


def grow(groups: ConstrainedGroups, edges: list[Edge]) -> None:
    """Join what the edges (strongest first) link, within what the groups' rulings allow.

    A stray that came to a grown group by one weak link speaks with the voice of the one that it hangs on,
    when several members are asked for: stills that a compilation draws from another film are no witnesses.
    """
    voice: dict[int, int] = {}
    for strength, a, b in edges:
        if strength >= STRONG:
            groups.join(a, b)
        elif strength >= LINKED and _small(groups, a, b):
            sizes = groups.size(a), groups.size(b)
            if groups.join(a, b) and max(sizes) >= SMALL and min(sizes) == 1:
                stray, host = (a, b) if sizes[0] == 1 else (b, a)
                voice[stray] = host
    while _join_on_several(groups, edges, voice):
        pass


def _join_on_several(groups: ConstrainedGroups, edges: list[Edge], voice: Mapping[int, int]) -> bool:
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
        if found[0][0] >= LINKED and (_several(found, voice) or _small(groups, left, right))
    ]
    joined = [1 for _, a, b in sorted(ready) if not groups.together(a, b) and groups.join(a, b)]
    return bool(joined)


def _several(found: list[Edge], voice: Mapping[int, int]) -> bool:
    """Whether several members on either side are linked, each voice counted once."""
    left = {voice.get(one, one) for _, one, _ in found}
    right = {voice.get(other, other) for _, _, other in found}
    return min(len(left), len(right)) >= SEVERAL


def _small(groups: ConstrainedGroups, a: int, b: int) -> bool:
    return min(groups.size(a), groups.size(b)) < SMALL
