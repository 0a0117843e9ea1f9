"""Finds what to ask people first: links on which many media hang and of which the evidence is not sure.

Reads links, series and rulings that stand; proposes nothing that joins or parts by itself. What a ruling
binds already is not asked again.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from foureyes.engine.model import Decision, Link, Question, QuestionKind, Series
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series import grouping, joints
from foureyes.engine.series.grouping import LINKED, PROPOSED
from foureyes.engine.series.hubs import Edge, without_hubs

LEAST_BITS = 0.2
"""Surer than this, 97 in 100 (strength 5.5), is not asked about: an answer would tell little that is new."""
SERIES_AT_MOST = 200
"""Joints of one series that are told of, the most worth first; more open up when these are answered."""
COPY_KIND = "same-picture"


def chance(strength: float) -> float:
    """How likely a pair with this evidence belongs together: even odds at LINKED, as grouping takes it."""
    return 1.0 / (1.0 + math.pow(10.0, min(max(LINKED - strength, -300.0), 300.0)))


def bits(strength: float) -> float:
    """What an answer about a pair with this evidence tells: 1 at even odds, near 0 where it is sure."""
    likely = chance(strength)
    return -sum(one * math.log2(one) for one in (likely, 1.0 - likely) if one > 0.0)


def questions(
    series: Sequence[Series], links: Iterable[Link], decisions: Sequence[Decision], *, loners: bool = False
) -> list[Question]:
    """What to ask about these series and between them, the most worth first; the same in any order of links.

    Args:
        series: with members; their own `links` are not looked at.
        links: all there are, inside series, between them and of media of none.
        decisions: rulings; withdrawn ones are passed over.
        loners: ask also about two media of which neither is in a series.
    """
    home = {sha256: one.id for one in series for sha256 in one.members}
    inside: dict[str, list[Link]] = defaultdict(list)
    across: list[Link] = []
    for link in links:
        here, there = home.get(link.a), home.get(link.b)
        if here is not None and here == there:
            inside[here].append(link)
        elif loners or here is not None or there is not None:
            across.append(link)
    found = [
        question
        for one in series
        for question in weak_joints(one.id, one.members, inside.get(one.id, ()), decisions)
    ]
    members = {one.id: one.members for one in series}
    found += _between(across, home, members, rulings.in_force(decisions))
    return sorted(
        (one for one in found if one.uncertainty >= LEAST_BITS), key=lambda one: (-one.worth, one.key)
    )


def open_still(asked: Iterable[Question], decisions: Iterable[Decision]) -> list[Question]:
    """Those questions on which no ruling in force says anything yet, in their order."""
    force = rulings.in_force(decisions)
    return [
        one
        for one in asked
        if not rulings.together(force, one.a, one.b) and not rulings.apart(force, one.a, one.b)
    ]


def nearly(
    links: Iterable[Link], members: Mapping[str, Sequence[str]], decisions: Sequence[Decision]
) -> list[Question]:
    """What nearly belongs to a series, the most worth first: other series, and media of none.

    Args:
        links: of the series' members.
        members: of this series and of all that those links lead to, by id.
        decisions: rulings; withdrawn ones are passed over.
    """
    home = {sha256: one for one, held in members.items() for sha256 in held}
    across = [one for one in links if home.get(one.a) != home.get(one.b)]
    found = _between(across, home, members, rulings.in_force(decisions))
    return sorted(found, key=lambda one: (-one.worth, one.key))


def weak_joints(
    series_id: str, members: Sequence[str], links: Iterable[Link], decisions: Iterable[Decision]
) -> list[Question]:
    """Where members hang on the rest by one link or a few weak ones, the most worth first; sure ones too.

    What people ruled together is no weak joint.
    """
    held, edges = _edges(members, links)
    names = sorted(members)
    numbers = {sha256: number for number, sha256 in enumerate(names)}
    ruled = [(numbers[a], numbers[b]) for a, b in rulings.pairs_together(set(members), decisions)]
    tree, found = joints.weak_joints(len(names), edges, ruled)
    found.sort(key=lambda one: (-one.size * bits(one.strength), one.few, one.rest))
    asked = []
    for one in found[:SERIES_AT_MOST]:
        a, b = names[one.few], names[one.rest]
        asked.append(
            Question(
                kind=QuestionKind.JOINT,
                a=a,
                b=b,
                links=_strongest_first(held.get((min(a, b), max(a, b)), ())),
                strength=one.strength,
                pairs=len(one.crossing),
                few=tuple(names[node] for node in tree.part(one)),
                others=len(names) - one.size,
                series=series_id,
                home=series_id,
                uncertainty=bits(one.strength),
                change=1.0 - chance(one.strength),
            )
        )
    return asked


def _edges(
    members: Sequence[str], links: Iterable[Link]
) -> tuple[dict[tuple[str, str], list[Link]], list[Edge]]:
    """Links by pair, and the joint strength of each, without those of media that lost the right to link."""
    held: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for link in links:
        held[min(link.a, link.b), max(link.a, link.b)].append(link)
    names = sorted(members)
    numbers = {sha256: number for number, sha256 in enumerate(names)}
    copies = {pair for pair, found in held.items() if any(one.kind == COPY_KIND for one in found)}

    def is_copy(a: int, b: int) -> bool:
        return (names[min(a, b)], names[max(a, b)]) in copies

    edges = grouping.edges_of((link for found in held.values() for link in found), numbers)
    hubs = without_hubs(edges, len(names), is_copy, least=LINKED, grown=grouping.SMALL).media
    return held, [edge for edge in edges if not hubs & {*edge[1:]} or is_copy(*edge[1:])]


def _between(
    links: Sequence[Link],
    home: Mapping[str, str],
    members: Mapping[str, Sequence[str]],
    force: Sequence[Decision],
) -> Iterator[Question]:
    """Groups with links between them that did not join, and that no ruling keeps apart.

    Hubs are not asked about: they are linked to everything, and a negative ruling is what they need.
    """
    ends = sorted({end for link in links for end in (link.a, link.b)})
    held, edges = _edges(ends, links)
    groups: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge[0] >= PROPOSED:
            left, right = (home.get(ends[number], ends[number]) for number in edge[1:])
            groups[min(left, right), max(left, right)].append(edge)
    for near in groups.values():
        pairs = [(ends[a], ends[b]) for _, a, b in near]
        if not any(rulings.apart(force, a, b) for a, b in pairs):
            a, b = _ordered(*pairs[0], home, members)  # edges come strongest first
            yield _between_question(near[0][0], (a, b), held[pairs[0]], len(near), home, members)


def _ordered(
    a: str, b: str, home: Mapping[str, str], members: Mapping[str, Sequence[str]]
) -> tuple[str, str]:
    """The media of the smaller group first."""

    def size(sha256: str) -> tuple[int, str]:
        return (len(members[home[sha256]]) if sha256 in home else 1, home.get(sha256, ""))

    return (a, b) if size(a) <= size(b) else (b, a)


def _between_question(
    strength: float,
    pair: tuple[str, str],
    links: Sequence[Link],
    count: int,
    home: Mapping[str, str],
    members: Mapping[str, Sequence[str]],
) -> Question:
    a, b = pair
    return Question(
        kind=QuestionKind.BETWEEN,
        a=a,
        b=b,
        links=_strongest_first(links),
        strength=strength,
        pairs=count,
        few=tuple(sorted(members[home[a]])) if a in home else (a,),
        others=len(members[home[b]]) if b in home else 1,
        series=home.get(b, ""),
        home=home.get(a),
        uncertainty=bits(min(strength, LINKED)),  # linked and not joined: something speaks against it
        change=chance(min(strength, LINKED)),
    )


def _strongest_first(links: Iterable[Link]) -> tuple[Link, ...]:
    return tuple(sorted(links, key=lambda link: (-link.strength, link.kind, link.a, link.b)))
