"""Pairs of media of which people said whether they belong together, and what each kind of link says of them.

Labels come from a list of groups, or from rulings. It judges no link, and labels nothing that nobody named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from foureyes.engine.model import Decision, DecisionKind, Link
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.fitting import Scored, Totals

Labels = Mapping[str, frozenset[str]]
"""By SHA-256, the groups that a media is known to be in; an empty set for one known to belong to nothing."""


def labels_of(decisions: Sequence[Decision]) -> dict[str, frozenset[str]]:
    """Groups that rulings in force speak of: who was ruled together is one, whoever was ruled out is another.

    The anchors of a ruling count as together: the officer had them before them as one series. Media of
    different groups count as apart, also where nobody compared them: somebody looked at both groups.
    """
    force = [one for one in rulings.in_force(decisions) if one.kind is not DecisionKind.NEGATIVE]
    names = sorted({sha256 for one in force for sha256 in (*one.media, *one.anchors)})
    numbers = {sha256: number for number, sha256 in enumerate(names)}
    groups = ConstrainedGroups(len(names))
    rulings.apply(force, numbers, groups, rulings.core_of(groups))
    for one in force:
        sides = [[numbers[sha256] for sha256 in side] for side in (one.anchors, one.media)]
        if one.kind is DecisionKind.DOES_NOT_BELONG:
            sides.pop()  # media that do not belong may still be of different series themselves
        for side in sides:
            for other in side[1:]:
                groups.join(side[0], other)
    return {sha256: frozenset([names[groups.root(number)]]) for sha256, number in numbers.items()}


def totals_of(labels: Labels) -> Totals:
    """Media that belong with another one, and pairs that do not belong together."""
    sizes = Counter(group for groups in labels.values() for group in groups)
    mated = sum(1 for groups in labels.values() if any(sizes[group] > 1 for group in groups))
    together = sum(size * (size - 1) // 2 for size in sizes.values())
    return Totals(true=mated, false=max(0, len(labels) * (len(labels) - 1) // 2 - together))


def scored_by(links: Iterable[Link], labels: Labels) -> dict[str, list[Scored]]:
    """By kind, every link between labelled media: its strength, and whether they belong together.

    A kind proposes a few links for each media, not all pairs of a series. So the true links of a media share
    the weight of one: what is counted is media that are linked to the rest of their series. False pairs
    count one each, among all that there are.
    """
    by_kind: dict[str, list[tuple[Link, bool]]] = defaultdict(list)
    for link in links:
        if link.a in labels and link.b in labels:
            by_kind[link.kind].append((link, bool(labels[link.a] & labels[link.b])))
    return {kind: _weighed(found) for kind, found in sorted(by_kind.items())}


def _weighed(found: Sequence[tuple[Link, bool]]) -> list[Scored]:
    mates = Counter(end for link, true in found if true for end in (link.a, link.b))
    return [
        Scored(link.strength, true, 1 / mates[link.a] + 1 / mates[link.b] if true else 1.0)
        for link, true in found
    ]
