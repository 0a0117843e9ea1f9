"""Says why two media are in one series, hop by hop, or what comes nearest to linking them.

It tells stored reasons and rulings only, and never makes a new one up.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from foureyes.engine.model import Decision, Explanation, Hop, Link, Series
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series.grouping import LINKED

_STRONGEST = 6.0
_SEARCHED_AT_MOST = 500
"""Members of a series whose links are looked through for what is nearest to linking it to another."""


class Identified(Protocol):
    """A series by its id."""

    @property
    def id(self) -> str:
        """Its id."""


class Held(Protocol):
    """What is known of links and series; the catalogue is this."""

    def series_of(self, sha256: str) -> Identified | None:
        """The series that a media is in, or None."""

    def series(self, series_id: str) -> Series | None:
        """One series with its members and the links between them."""

    def links_of(self, sha256: str) -> Sequence[Link]:
        """All links of one media, linked into a series or not."""

    def decisions(self) -> Sequence[Decision]:
        """Rulings; withdrawn ones are passed over."""


def explain(a: str, b: str, held: Held, *, nearest_bits: int | None = None) -> Explanation:
    """Why `a` and `b` are together, by the path of least doubt; else what is nearest to linking them.

    Args:
        a: SHA-256 of a media.
        b: SHA-256 of another.
        held: What is known.
        nearest_bits: How far the nearest fingerprints of the two are apart, where somebody measured it.
    """
    if a == b:
        return Explanation(a, b, together=True, hops=(), sentence="They are one file: the same bytes.")
    home_a, home_b = _home(a, held), _home(b, held)
    if home_a is not None and home_b is not None and home_a.id == home_b.id:
        hops = _path(a, b, home_a, held.decisions())
        return Explanation(a, b, together=True, hops=hops, sentence=_together(home_a, hops))
    return _not_together(a, b, home_a, home_b, held, nearest_bits)


def _home(sha256: str, held: Held) -> Series | None:
    found = held.series_of(sha256)
    return None if found is None else held.series(found.id)


def _path(a: str, b: str, series: Series, decisions: Sequence[Decision]) -> tuple[Hop, ...]:
    """The path of least doubt inside the series: few hops, each with strong reasons."""
    links: dict[str, list[Link]] = {}
    for link in series.links:
        links.setdefault(link.a, []).append(link)
        links.setdefault(link.b, []).append(link)
    queue: list[tuple[float, str, int, tuple[Hop, ...]]] = [(0.0, a, 0, ())]
    pushed = 0
    left = set(series.members)
    while queue:
        doubt, here, _, hops = heapq.heappop(queue)
        if here == b:
            return hops
        if here not in left:
            continue
        left.remove(here)
        for hop in _hops_from(here, left, links, decisions):
            pushed += 1
            heapq.heappush(queue, (doubt + _doubt(hop), hop.b, pushed, (*hops, hop)))
    return ()


def _hops_from(
    here: str, members: set[str], links_of: Mapping[str, Sequence[Link]], decisions: Sequence[Decision]
) -> list[Hop]:
    """Every member that a reason or a ruling leads to from here, by SHA-256."""
    links: dict[str, list[Link]] = {}
    for link in links_of.get(here, ()):
        other = link.b if link.a == here else link.a
        if other in members:
            links.setdefault(other, []).append(link)
    ruled: dict[str, tuple[Decision, ...]] = {}
    for decision in rulings.in_force(decisions):
        if here in decision.media or here in decision.anchors:
            for other in members & {*decision.media, *decision.anchors}:
                if other not in ruled and (found := rulings.together(decisions, here, other)):
                    ruled[other] = found
    return [
        Hop(here, other, tuple(_strongest_first(links.get(other, ()))), ruled.get(other, ()))
        for other in sorted({*links, *ruled})
    ]


def _doubt(hop: Hop) -> float:
    """A hop costs 1, and more the weaker its reasons are; a ruling leaves no doubt."""
    if hop.decisions:
        return 1.0
    return 1.0 + max(0.0, _STRONGEST - sum(link.strength for link in hop.links)) ** 2


def _together(series: Series, hops: tuple[Hop, ...]) -> str:
    if not hops:
        return f"Both are in {series.id} ({series.name}); the reasons stored do not connect them any more."
    steps = "one step" if len(hops) == 1 else f"{len(hops)} steps"
    weakest = min(hops, key=lambda hop: (len(hop.decisions), sum(link.strength for link in hop.links)))
    which = "" if len(hops) == 1 else "; the weakest"
    return f"Both are in {series.id} ({series.name}), {steps} apart{which}: {_words(weakest)}."


def _words(hop: Hop) -> str:
    said = [f"{one.officer} ruled: {one.kind.value} ({one.reason})" for one in hop.decisions]
    said += [f"{link.kind}, {link.evidence} (strength {link.strength:.1f})" for link in hop.links]
    return "; ".join(said)


def _not_together(
    a: str, b: str, home_a: Series | None, home_b: Series | None, held: Held, nearest_bits: int | None
) -> Explanation:
    """Rulings first, then the strongest reason between the two or between their series."""
    said = [f"They are not together: {_homes(home_a, home_b)}."]
    said += [
        f"{one.officer} ruled them apart on {one.at:%d.%m.%Y}: {one.kind.value} ({one.reason})."
        for one in rulings.apart(held.decisions(), a, b)
    ]
    nearest = _nearest((a, b), home_a.members if home_a else (a,), home_b.members if home_b else (b,), held)
    hops: tuple[Hop, ...] = ()
    if nearest is not None:
        same = [one for one in held.links_of(nearest.a) if {one.a, one.b} == {nearest.a, nearest.b}]
        hops = (Hop(nearest.a, nearest.b, tuple(_strongest_first(same))),)
        between = "" if {nearest.a, nearest.b} == {a, b} else " between their series"
        said.append(
            f"The nearest reason{between} is {nearest.kind}, {nearest.evidence} "
            f"(strength {nearest.strength:.1f}; {LINKED:.0f} links)."
        )
        if nearest.strength >= LINKED:
            said.append("Grown groups join only on several members' reasons, and never against a ruling.")
    if nearest_bits is not None:
        said.append(
            f"Their nearest fingerprints differ in {nearest_bits} of 256 bits (31 count as one picture)."
        )
    if nearest is None and nearest_bits is None:
        said.append("Nothing that is known links them.")
    return Explanation(a, b, together=False, hops=hops, sentence=" ".join(said))


def _homes(home_a: Series | None, home_b: Series | None) -> str:
    if home_a is None and home_b is None:
        return "neither is in a series"
    first, second = (f"in {one.id}" if one else "in no series" for one in (home_a, home_b))
    return f"one is {first}, the other {second}"


def _nearest(
    pair: tuple[str, str], members_a: Sequence[str], members_b: Sequence[str], held: Held
) -> Link | None:
    """The strongest link between the two, else between their series (looked for from the smaller one)."""
    direct = [link for link in held.links_of(pair[0]) if pair[1] in {link.a, link.b}]
    if direct:
        return _strongest_first(direct)[0]
    few, many = sorted((members_a, members_b), key=len)
    far = set(many)
    found = [
        link
        for member in few[:_SEARCHED_AT_MOST]
        for link in held.links_of(member)
        if link.a in far or link.b in far
    ]
    return _strongest_first(found)[0] if found else None


def _strongest_first(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda link: (-link.strength, link.kind, link.a, link.b))
