"""The link graph of a series: its tree of strongest links laid out, with every other link.

The viewer comes first. The layout is computed here, from the tree alone and without chance: the same series
always looks the same.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from foureyes.engine import pipeline
from foureyes.engine.model import Link, Question
from foureyes.workbench.access.rules import Action
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.reach import MARK_LENGTH
from foureyes.workbench.series.reach import series_for

NODES_AT_MOST = 2_000
"""More than these are folded, surest links first: a canvas stays quick and a person sees anything at all."""
FOLDS = (9.0, 6.0, 5.0, 4.2, 0.0)
"""Strengths from which linked media are folded into one node, tried in this order."""
KEPT_AT_MOST = 8
JOINTS_LISTED = 20
WEAK = 5.5
"""Links below this are drawn longer the weaker they are: what hangs on little stands apart."""


@dataclass(frozen=True, slots=True)
class Node:
    """One media, or several that sure links fold into one."""

    marks: tuple[str, ...]
    """The one that stands for it first."""
    x: float
    y: float
    """From -1 to 1."""
    parent: int
    """Index of the node that it hangs on in the tree of strongest links, -1 for a root."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The strongest link of one kind between two nodes."""

    a: int
    b: int
    kind: str
    strength: float


@dataclass(frozen=True, slots=True)
class Graph:
    """Who hangs on what."""

    series_id: str
    name: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    kinds: Sequence[str]
    folded: int
    """Media that stand in another's node."""
    joints: Sequence[Question]
    """Where some media hang on the rest by little, the most worth first."""
    joints_in_all: int


def graph(viewer: object, series_id: str) -> Graph:
    """The link graph of one series.

    Raises:
        django.http.Http404: not there, or not for this viewer.
    """
    series = series_for(viewer, Action.VIEW, series_id)
    held = catalogue()
    joints = pipeline.open_questions(held, pipeline.weak_joints(held, series))
    nodes, edges = _drawn(series.members, series.links, (str(held.workspace.path), held.last_change()))
    return Graph(
        series_id=series.id,
        name=series.name,
        nodes=nodes,
        edges=edges,
        kinds=sorted({one.kind for one in edges}),
        folded=len(series.members) - len(nodes),
        joints=joints[:JOINTS_LISTED],
        joints_in_all=len(joints),
    )


def weak_pairs(shown: Graph) -> list[tuple[int, int]]:
    """Nodes between which a listed joint lies."""
    at = {mark: index for index, node in enumerate(shown.nodes) for mark in node.marks}
    pairs = ((at[one.a[:MARK_LENGTH]], at[one.b[:MARK_LENGTH]]) for one in shown.joints)
    return [(a, b) for a, b in pairs if a != b]


@lru_cache(maxsize=KEPT_AT_MOST)
def _drawn(
    members: tuple[str, ...], links: tuple[Link, ...], state: Hashable
) -> tuple[Sequence[Node], Sequence[Edge]]:
    """Made once for each revision of a series."""
    del state
    return draw(members, links)


def draw(
    members: Sequence[str], links: Sequence[Link], most: int = NODES_AT_MOST
) -> tuple[list[Node], list[Edge]]:
    """Nodes with their places, and edges: the same for the same series, whatever the order of its links."""
    names = sorted(members)
    home = _folded(names, links, most)
    groups: dict[int, list[int]] = defaultdict(list)
    for number in range(len(names)):
        groups[home[number]].append(number)
    order = sorted(groups)
    index = {root: at for at, root in enumerate(order)}
    edges = _edges(names, links, [index[home[number]] for number in range(len(names))])
    strongest: dict[tuple[int, int], float] = {}
    for edge in edges:
        pair = (edge.a, edge.b)
        strongest[pair] = max(strongest.get(pair, 0.0), edge.strength)
    parents, places = _laid_out(len(order), strongest)
    nodes = [
        Node(
            tuple(names[number][:MARK_LENGTH] for number in groups[root]),
            round(places[at][0], 4),
            round(places[at][1], 4),
            parents[at],
        )
        for at, root in enumerate(order)
    ]
    return nodes, edges


def _folded(names: Sequence[str], links: Sequence[Link], most: int) -> list[int]:
    """For each media the one whose node it is in: itself where nothing need be folded."""
    number = {name: at for at, name in enumerate(names)}
    home = list(range(len(names)))
    for least in FOLDS:
        if len(set(home)) <= most:
            break
        home = _joined(len(names), [(number[one.a], number[one.b]) for one in links if one.strength >= least])
    return home


def _joined(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    root = list(range(count))

    def find(item: int) -> int:
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    for a, b in pairs:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return [find(item) for item in range(count)]


def _edges(names: Sequence[str], links: Sequence[Link], node_of: Sequence[int]) -> list[Edge]:
    number = {name: at for at, name in enumerate(names)}
    best: dict[tuple[int, int, str], float] = {}
    for one in links:
        a, b = sorted((node_of[number[one.a]], node_of[number[one.b]]))
        if a != b:
            best[a, b, one.kind] = max(best.get((a, b, one.kind), 0.0), one.strength)
    return [Edge(a, b, kind, round(strength, 2)) for (a, b, kind), strength in sorted(best.items())]


def _laid_out(
    count: int, strongest: Mapping[tuple[int, int], float]
) -> tuple[list[int], list[tuple[float, float]]]:
    """Parents and places: each root in the middle of its part, what hangs on it in rings around it."""
    near = _tree(count, strongest)
    parents = [-1] * count
    places = [(0.0, 0.0)] * count
    trees = []
    seen: set[int] = set()
    for start in range(count):
        if start not in seen:
            order = _walk(_middle(_walk(start, near, parents), near, parents), near, parents)
            seen.update(order)
            trees.append(order)
    trees.sort(key=lambda order: (-len(order), order[0]))
    weight = 0
    for order in trees:
        share = 2 * math.pi * weight / count
        weight += len(order)
        _ring(order, near, parents, places, (share, 2 * math.pi * weight / count), alone=len(trees) == 1)
    return parents, list(zip(*(_filling([place[axis] for place in places]) for axis in (0, 1)), strict=True))


def _filling(values: Sequence[float]) -> list[float]:
    """From -1 to 1: the drawing fills its canvas whatever its shape."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    half = (high - low) / 2 or 1.0
    return [(one - (low + high) / 2) / half for one in values]


def _tree(count: int, strongest: Mapping[tuple[int, int], float]) -> dict[int, list[tuple[int, float]]]:
    """The tree of strongest links, as neighbours of each node."""
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    root = list(range(count))

    def find(item: int) -> int:
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    for (a, b), strength in sorted(strongest.items(), key=lambda item: (-item[1], item[0])):
        if find(a) != find(b):
            root[find(a)] = find(b)
            near[a].append((b, strength))
            near[b].append((a, strength))
    return near


def _walk(root: int, near: Mapping[int, Sequence[tuple[int, float]]], parents: list[int]) -> list[int]:
    """Nodes of a tree from its root outwards; notes what each hangs on."""
    parents[root] = -1
    order = [root]
    for node in order:
        for other, _ in near.get(node, ()):
            if other != parents[node]:
                parents[other] = node
                order.append(other)
    return order


def _middle(
    order: Sequence[int], near: Mapping[int, Sequence[tuple[int, float]]], parents: Sequence[int]
) -> int:
    """The node from which no branch holds more than half of the tree."""
    below = dict.fromkeys(order, 1)
    for node in reversed(order):
        if parents[node] >= 0:
            below[parents[node]] += below[node]

    def largest(node: int) -> int:
        branches = [below[other] for other, _ in near.get(node, ()) if other != parents[node]]
        return max([*branches, len(order) - below[node]])

    return min(order, key=lambda node: (largest(node), node))


def _ring(
    order: Sequence[int],
    near: Mapping[int, Sequence[tuple[int, float]]],
    parents: Sequence[int],
    places: list[tuple[float, float]],
    turn: tuple[float, float],
    *,
    alone: bool,
) -> None:
    """Places of one tree: every node has a share of the turn by what hangs on it, every link a length."""
    leaves = dict.fromkeys(order, 0.0)
    for node in reversed(order):
        leaves[node] = leaves[node] or 1.0
        if parents[node] >= 0:
            leaves[parents[node]] += leaves[node]
    span, far = {order[0]: turn}, {order[0]: 0.0 if alone else 3.0}
    for node in order:
        start, end = span[node]
        middle = (start + end) / 2
        places[node] = (far[node] * math.cos(middle), far[node] * math.sin(middle))
        for other, strength in near.get(node, ()):
            if other == parents[node]:
                continue
            width = (end - start) * leaves[other] / leaves[node]
            span[other] = (start, start + width)
            far[other] = far[node] + 1.0 + max(0.0, WEAK - strength)
            start += width
