"""Groups part by part: what no link and no ruling connects is grown for itself, and anew only if it changed.

The result is that of growing everything at once (a property test compares them), since neither links nor
rulings reach beyond a part. Links, ids and names are not its business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Decision, DecisionKind
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series import grouping
from foureyes.engine.series.bridges import weak_bridges
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.hubs import Edge


class Part(NamedTuple):
    """Media that links and rulings connect, and those links and rulings."""

    members: tuple[str, ...]
    """SHA-256, rising."""
    edges: tuple[Edge, ...]
    """Between places in `members`, the strongest first."""
    decisions: tuple[Decision, ...]


class Grown(NamedTuple):
    """What became of a part."""

    groups: tuple[tuple[str, ...], ...]
    overruled: tuple[Decision, ...]
    """Rulings that contradict a later one."""
    bridged: bool
    """Whether large groups of it hung on each other by too little."""


Parts = dict[str, tuple[Part, Grown]]
"""By the first member of each."""


def regroup(
    names: Sequence[str],
    edges: Sequence[Edge],
    decisions: Sequence[Decision],
    before: Mapping[str, tuple[Part, Grown]],
) -> Parts:
    """Every part of two media and more, grown within all rulings; those that stand as `before` are not grown.

    Args:
        names: SHA-256 of all media, rising.
        edges: between places in `names`, the strongest first.
        decisions: rulings; withdrawn ones are passed over.
        before: what an earlier call gave.
    """
    grown: Parts = {}
    for part in _parts(names, edges, decisions):
        known = before.get(part.members[0])
        grown[part.members[0]] = known if known is not None and known[0] == part else (part, _grow(part))
    return grown


def _parts(names: Sequence[str], edges: Sequence[Edge], decisions: Sequence[Decision]) -> Iterator[Part]:
    linking = [edge for edge in edges if edge[0] >= grouping.LINKED]
    ruled = _ruled(names, decisions)
    pairs = [(a, b) for _, a, b in linking]
    pairs += [(held[0], other) for _, held in ruled for other in held[1:]]
    if not pairs:
        return
    part_of = _components(len(names), pairs)
    own: dict[int, tuple[set[int], list[Edge], list[Decision]]] = defaultdict(lambda: (set(), [], []))
    for edge in linking:
        members, inside, _ = own[part_of[edge[1]]]
        members.update(edge[1:])
        inside.append(edge)
    for decision, held in ruled:
        members, _, bound = own[part_of[held[0]]]
        members.update(held)
        bound.append(decision)
    for items, inside, bound in own.values():
        ordered = sorted(items)
        place = {item: number for number, item in enumerate(ordered)}
        yield Part(
            tuple(names[item] for item in ordered),
            tuple((strength, place[a], place[b]) for strength, a, b in inside),
            tuple(bound),
        )


def _ruled(names: Sequence[str], decisions: Iterable[Decision]) -> list[tuple[Decision, list[int]]]:
    """Rulings in force about media that are held, with the places of those."""
    force = [one for one in rulings.in_force(decisions) if one.kind is not DecisionKind.NEGATIVE]
    named = {sha256 for one in force for sha256 in (*one.media, *one.anchors)}
    if not named:
        return []
    numbers = {sha256: number for number, sha256 in enumerate(names) if sha256 in named}
    found = []
    for one in force:
        held = sorted({numbers[sha256] for sha256 in (*one.media, *one.anchors) if sha256 in numbers})
        if held:
            found.append((one, held))
    return found


def _components(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    from scipy.sparse import coo_array  # noqa: PLC0415 -- a third of a second that other commands save
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 -- as above

    ends: NDArray[np.int64] = np.array(pairs, np.int64)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    labels: list[int] = connected_components(graph, directed=False)[1].tolist()
    return labels


def _grow(part: Part) -> Grown:
    """Groups grown within all rulings, without weak bridges between large groups."""
    numbers = {sha256: number for number, sha256 in enumerate(part.members)}
    ruled = [(numbers[a], numbers[b]) for a, b in rulings.pairs_together(numbers, part.decisions)]
    edges, bridged = list(part.edges), False
    while True:
        groups, overruled = _bound(part.decisions, numbers, edges)
        grouping.grow(groups, edges)
        weak = weak_bridges(groups, edges, ruled)
        if not weak:
            break
        edges, bridged = [edge for edge in edges if edge not in weak], True
    members = tuple(tuple(part.members[number] for number in group) for group in groups.groups())
    return Grown(members, tuple(overruled), bridged)


def _bound(
    decisions: Sequence[Decision], numbers: Mapping[str, int], edges: list[Edge]
) -> tuple[ConstrainedGroups, list[Decision]]:
    """Groups bound by rulings, and the rulings that are overruled.

    Where media were ruled to belong, a first grouping without those rulings shows what the series they were
    added to has become.
    """
    first = ConstrainedGroups(len(numbers))
    core = rulings.core_of(first)
    if any(one.kind is DecisionKind.BELONGS for one in decisions):
        others = [one for one in decisions if one.kind is not DecisionKind.BELONGS]
        rulings.apply(others, numbers, first, core)
        grouping.grow(first, edges)
    groups = ConstrainedGroups(len(numbers))
    return groups, rulings.apply(decisions, numbers, groups, core)
