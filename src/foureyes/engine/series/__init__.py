"""Links to series, each with its reasons; people's decisions bind. It must not know pixels or files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from foureyes.engine.model import Decision, DecisionKind, Link, Linkable, MediaKind, Series
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series import grouping
from foureyes.engine.series.about import ABOUT, About, about
from foureyes.engine.series.bridges import weak_bridges
from foureyes.engine.series.composites import composites
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.explain import explain
from foureyes.engine.series.grouping import shares
from foureyes.engine.series.hubs import Edge, Hubs, without_hubs
from foureyes.engine.series.identity import Named, identify
from foureyes.engine.series.links import LINKS, LinkEvidence, Signals, evidence, propose
from foureyes.engine.series.links.shots import FACTS
from foureyes.engine.series.naming import name_of
from foureyes.engine.series.questions import COPY_KIND, nearly, open_still, questions, weak_joints

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
    "nearly",
    "open_still",
    "questions",
    "shares",
    "weak_joints",
]

NAMED_AT_MOST = 20
"""Media that lost the right to link, named in one report; the rest is counted."""
WEAK_BRIDGES = (
    "some series of many media hang on each other by one reason: they stay apart until a person rules"
)


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
    hubs = hubs_of(links, numbers, given)
    groups, notes = _grown(decisions, numbers, hubs.edges)
    names = list(given.media)
    members = [[names[number] for number in group] for group in groups.groups()]
    named = identify(members, previous, given_ids)
    notes += _without_right(names, hubs)
    notes += _lost(named)
    return Built(_series(members, named, links, given), links, named.aliases, tuple(notes))


def _grown(
    decisions: Sequence[Decision], numbers: Mapping[str, int], edges: list[Edge]
) -> tuple[ConstrainedGroups, list[str]]:
    """Groups grown within all rulings, without weak bridges between large parts; and notes."""
    ruled = [(numbers[a], numbers[b]) for a, b in rulings.pairs_together(numbers, decisions)]
    bridges: list[str] = []
    while True:
        groups, notes = _ruled(decisions, numbers, edges)
        grouping.grow(groups, edges)
        weak = weak_bridges(groups, edges, ruled)
        if not weak:
            return groups, [*notes, *bridges]
        edges = [edge for edge in edges if edge not in weak]
        bridges = [WEAK_BRIDGES]


def _ruled(
    decisions: Sequence[Decision], numbers: Mapping[str, int], edges: list[Edge]
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


def hubs_of(links: Sequence[Link], numbers: Mapping[str, int], given: LinkEvidence) -> Hubs:
    """The edges of some links, without those of media that link what nothing else connects."""
    copies = {
        (numbers[one.a], numbers[one.b])
        for one in links
        if one.kind == COPY_KIND and _is_copy(given.media[one.a], given.media[one.b], one.strength)
    }
    return without_hubs(
        grouping.edges_of(links, numbers),
        len(numbers),
        lambda a, b: (a, b) in copies or (b, a) in copies,
        least=grouping.LINKED,
        grown=grouping.SMALL,
        composites=[numbers[one] for one in composites(given.signals.views) if one in numbers],
    )


def _is_copy(a: Linkable, b: Linkable, strength: float) -> bool:
    """Two stills, or two films of which one is half of the other at least."""
    films = [one for one in (a, b) if one.kind is MediaKind.VIDEO]
    return not films or (len(films) == 2 and strength >= grouping.STRONG)  # noqa: PLR2004 -- both


def _without_right(names: Sequence[str], hubs: Hubs) -> list[str]:
    """Media that lost the right to link, in words; of copies the first, with their number."""
    shown = [
        f"{names[one]} links too many that nothing else connects: its links do not count"
        for one in sorted(hubs.media)
    ]
    shown += [
        f"{names[one]} alone would hold several series together: its links do not count until a person rules"
        for one in sorted(hubs.connectors)
    ]
    if len(shown) > NAMED_AT_MOST:
        shown[NAMED_AT_MOST:] = [f"{len(shown) - NAMED_AT_MOST:,} more media link what nothing else connects"]
    return shown


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
