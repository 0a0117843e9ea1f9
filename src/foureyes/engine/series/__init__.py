"""Links to series, each with its reasons; people's decisions bind. It must not know pixels or files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from foureyes.engine.model import Decision, Link, Linkable, MediaKind, Series, counted
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series import grouping
from foureyes.engine.series.about import ABOUT, About, about
from foureyes.engine.series.bridges import LARGE
from foureyes.engine.series.composites import composites
from foureyes.engine.series.explain import explain
from foureyes.engine.series.grouping import LEAD, LINKED, SEVERAL, SMALL, STRONG, SUPPORT, shares
from foureyes.engine.series.hubs import CONNECTS_AT_MOST, HUB_DEGREE, Edge, Hubs, without_hubs
from foureyes.engine.series.identity import Named, identify
from foureyes.engine.series.links import (
    LINKS,
    ONE_FRAME,
    Columns,
    Corpus,
    LinkEvidence,
    Signals,
    Survey,
    evidence,
    propose,
)
from foureyes.engine.series.links.shots import FACTS
from foureyes.engine.series.naming import name_of
from foureyes.engine.series.questions import COPY_KIND, nearly, open_still, questions, weak_joints
from foureyes.engine.series.regrouping import Parts, regroup

__all__ = [
    "ABOUT",
    "FACTS",
    "LINKS",
    "RULES",
    "About",
    "Built",
    "Columns",
    "Corpus",
    "LinkEvidence",
    "Memory",
    "Signals",
    "Survey",
    "about",
    "build",
    "evidence",
    "explain",
    "nearly",
    "open_still",
    "propose",
    "questions",
    "shares",
    "weak_joints",
]

RULES = (LINKED, LEAD, STRONG, SUPPORT, SMALL, SEVERAL, HUB_DEGREE, CONNECTS_AT_MOST, LARGE, ONE_FRAME)
"""Numbers that grouping goes by: groups that grew by others are grown anew."""
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


class Told(NamedTuple):
    """What is told of a group: its links, and the machine's name for it."""

    members: tuple[str, ...]
    links: tuple[Link, ...]
    name: str


class Memory:
    """What a grouping leaves for the next one: parts that stand unchanged are not grown again.

    It changes nothing of the result, only what it costs.
    """

    def __init__(self) -> None:
        self._given: LinkEvidence | None = None
        self._links: tuple[Link, ...] = ()
        self._hubs = Hubs(frozenset(), frozenset(), [])
        self._parts: Parts = {}
        self.told: dict[str, Told] = {}
        """By first member, what was told of each group of the same evidence."""

    def linked(
        self, given: LinkEvidence, links: Sequence[Link] | None = None
    ) -> tuple[tuple[Link, ...], Hubs]:
        """Links and edges of some evidence; those of the very same evidence stand."""
        if self._given is not given:
            self._links = propose(given) if links is None else tuple(links)
            numbers = {sha256: number for number, sha256 in enumerate(given.media)}
            self._hubs = hubs_of(self._links, numbers, given)
            self._given, self.told = given, {}
        return self._links, self._hubs

    def grouped(self, names: Sequence[str], edges: Sequence[Edge], decisions: Sequence[Decision]) -> Parts:
        """All parts, those that changed grown anew."""
        self._parts = regroup(names, edges, decisions, self._parts)
        return self._parts


def build(
    given: LinkEvidence,
    decisions: Sequence[Decision],
    previous: Sequence[Series],
    given_ids: Collection[str] = (),
    memory: Memory | None = None,
    links: Sequence[Link] | None = None,
) -> Built:
    """Group all media into series, obeying every ruling in force; ids and names carry on from `previous`.

    `given_ids` are all that series ever had: no new series gets one of them. With the `memory` of an earlier
    call only what changed since is grown. With `links` none are proposed: those are all there are.
    """
    kept = memory or Memory()
    linked, hubs = kept.linked(given, links)
    names = list(given.media)
    grown = [one for _, one in kept.grouped(names, hubs.edges, decisions).values()]
    members = sorted(list(group) for one in grown for group in one.groups)
    named = identify(members, previous, given_ids)
    notes = rulings.notes_on(decision for one in grown for decision in one.overruled)
    notes += [WEAK_BRIDGES] if any(one.bridged for one in grown) else []
    notes += _without_right(names, hubs)
    notes += _lost(named)
    return Built(_series(members, named, linked, given, kept.told), linked, named.aliases, tuple(notes))


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
    if (more := len(shown) - NAMED_AT_MOST) > 0:
        said = counted(more, "more media links", "more media link")
        shown[NAMED_AT_MOST:] = [f"{said} what nothing else connects"]
    return shown


def _series(
    groups: Sequence[Sequence[str]],
    named: Named,
    links: Sequence[Link],
    given: LinkEvidence,
    told: dict[str, Told],
) -> tuple[Series, ...]:
    """Series of all groups; one that was told of before, with the same members, is not looked at again."""
    changed = [group for group in groups if group[0] not in told or told[group[0]].members != tuple(group)]
    group_of = {member: group[0] for group in changed for member in group}
    inside: dict[str, list[Link]] = {group[0]: [] for group in changed}
    for link in links if changed else ():
        if (first := group_of.get(link.a)) is not None and first == group_of.get(link.b):
            inside[first].append(link)
    for group in changed:
        own = inside[group[0]]
        told[group[0]] = Told(tuple(group), tuple(own), name_of(group, own, given))
    made = []
    for number, group in enumerate(groups):
        series_id, known = named.ids[number], told[group[0]]
        heir = named.heirs.get(series_id)
        name = heir.name if heir else known.name
        made.append(Series(series_id, name, heir is not None, known.members, known.links))
    return tuple(sorted(made, key=lambda one: one.id))


def _lost(named: Named) -> list[str]:
    carried = {series.id for series in named.heirs.values()}
    notes = [f"{old} is now part of {new}" for old, new in named.aliases.items() if old not in carried]
    for one in named.vanished:
        called = f" ({one.name})" if one.name else ""
        notes.append(f"{one.id}{called} holds nothing together any more")
    return notes
