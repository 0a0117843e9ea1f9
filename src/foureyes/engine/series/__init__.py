"""Links to series, each with its reasons; people's decisions bind. It must not know pixels or files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from foureyes.engine.model import Decision, DecisionKind, Link, Linkable, MediaKind, Series
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series import grouping
from foureyes.engine.series.about import ABOUT, About, about
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.explain import explain
from foureyes.engine.series.identity import Named, identify
from foureyes.engine.series.links import LINKS, LinkEvidence, Signals, evidence, propose
from foureyes.engine.series.links.shots import FACTS
from foureyes.engine.series.naming import name_of
from foureyes.engine.series.questions import open_still, questions, weak_joints

__all__ = [
    "ABOUT",
    "FACTS",
    "LINKS",
    "About",
    "Built",
    "LinkEvidence",
    "Signals",
    "about",
    "build",
    "evidence",
    "explain",
    "open_still",
    "questions",
    "weak_joints",
]


class Built(NamedTuple):
    """What linking came to."""

    series: tuple[Series, ...]
    """By id."""
    links: tuple[Link, ...]
    """All reasons found, also those too weak to link: they explain what is nearest."""
    aliases: dict[str, str]
    """Earlier ids that are no more, to the ids that took their members."""
    notes: tuple[str, ...]
    """What people should know: contradicting rulings, media that lost the right to link, lost names."""


def build(
    given: LinkEvidence,
    decisions: Sequence[Decision],
    previous: Sequence[Series],
    given_ids: Collection[str] = (),
) -> Built:
    """Group all media into series, obeying every ruling in force; ids and names carry on from `previous`.

    `given_ids` are all that series ever had: no new series gets one of them.
    """
    links = propose(given)
    numbers = {sha256: number for number, sha256 in enumerate(given.media)}
    edges = grouping.edges_of(links, numbers)
    hubs = grouping.without_hubs(edges, len(numbers), _copies(given.media))
    groups, notes = _ruled(decisions, numbers, hubs.edges)
    grouping.grow(groups, hubs.edges)
    names = list(given.media)
    members = [[names[number] for number in group] for group in groups.groups()]
    named = identify(members, previous, given_ids)
    notes += [
        f"{names[hub]} links too many that nothing else connects: its links do not count"
        for hub in sorted(hubs.media)
    ]
    notes += _lost(named)
    return Built(_series(members, named, links, given), links, named.aliases, tuple(notes))


def _ruled(
    decisions: Sequence[Decision], numbers: Mapping[str, int], edges: list[grouping.Edge]
) -> tuple[ConstrainedGroups, list[str]]:
    """Groups bound by rulings, and notes on rulings that are overruled.

    Where media were ruled to belong, a first grouping without those rulings shows what the series they were
    added to has become.
    """
    first = ConstrainedGroups(len(numbers))
    core = rulings.core_of(first)
    if any(one.kind is DecisionKind.BELONGS for one in rulings.in_force(decisions)):
        others = [one for one in decisions if one.kind is not DecisionKind.BELONGS]
        rulings.apply(others, numbers, first, core)
        grouping.grow(first, edges)
    groups = ConstrainedGroups(len(numbers))
    notes = rulings.apply(decisions, numbers, groups, core)
    return groups, notes


def _copies(media: Mapping[str, Linkable]) -> grouping.Copies:
    """Whether two media, by number, are both still pictures."""
    still = [one.kind is not MediaKind.VIDEO for one in media.values()]
    return lambda a, b: still[a] and still[b]


def _series(
    groups: Sequence[Sequence[str]], named: Named, links: Sequence[Link], given: LinkEvidence
) -> tuple[Series, ...]:
    group_of = {member: number for number, group in enumerate(groups) for member in group}
    inside: list[list[Link]] = [[] for _ in groups]
    for link in links:
        if (number := group_of.get(link.a, -1)) >= 0 and number == group_of.get(link.b):
            inside[number].append(link)
    made = []
    for number, members in enumerate(groups):
        heir = named.heirs.get(named.ids[number])
        name = heir.name if heir else name_of(members, inside[number], given)
        made.append(Series(named.ids[number], name, heir is not None, tuple(members), tuple(inside[number])))
    return tuple(sorted(made, key=lambda one: one.id))


def _lost(named: Named) -> list[str]:
    carried = {series.id for series in named.heirs.values()}
    notes = [f"{old} is now part of {new}" for old, new in named.aliases.items() if old not in carried]
    notes += [f"{one.id} ({one.name}) holds nothing together any more" for one in named.vanished]
    return notes
