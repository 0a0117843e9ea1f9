"""Says why two media are in one series, hop by hop, or what comes nearest to linking them.

It tells stored reasons and rulings only, and never makes a new one up.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence

from foureyes.engine.model import Decision, DecisionKind, Explanation, Hop, Link, Series
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series.grouping import LINKED

LinksOf = Callable[[str], Iterable[Link]]

_STRONGEST = 6.0
_SEARCHED_AT_MOST = 500
"""Members of a series whose links are looked through for what is nearest to linking it to another."""


def explain(
    a: str,
    b: str,
    series: Sequence[Series],
    links_of: LinksOf,
    decisions: Sequence[Decision],
    *,
    nearest_bits: int | None = None,
) -> Explanation:
    """Why `a` and `b` are together, by the path of strong reasons; else what is nearest to linking them.

    Args:
        a: SHA-256 of a media.
        b: SHA-256 of another.
        series: All series as they stand.
        links_of: All links of one media, linked into a series or not.
        decisions: All rulings; withdrawn ones are passed over.
        nearest_bits: How far the nearest fingerprints of the two are apart, where somebody measured it.
    """
    if a == b:
        return Explanation(a, b, together=True, hops=(), sentence="They are one file: the same bytes.")
    home = {member: one for one in series for member in one.members if member in {a, b}}
    for one in series:
        members = set(one.members)
        if {a, b} <= members:
            hops = _path(a, b, members, links_of, decisions)
            return Explanation(a, b, together=True, hops=hops, sentence=_together(one, hops))
    return _not_together(a, b, home.get(a), home.get(b), links_of, decisions, nearest_bits)


def _path(
    a: str, b: str, members: set[str], links_of: LinksOf, decisions: Sequence[Decision]
) -> tuple[Hop, ...]:
    """The path of least doubt inside the series: few hops, each with strong reasons."""
    queue: list[tuple[float, str, int, tuple[Hop, ...]]] = [(0.0, a, 0, ())]
    pushed = 0
    done: set[str] = set()
    binding = [one for one in rulings.in_force(decisions) if one.kind is not DecisionKind.DOES_NOT_BELONG]
    while queue:
        doubt, here, _, hops = heapq.heappop(queue)
        if here == b:
            return hops
        if here in done:
            continue
        done.add(here)
        for hop in _hops_from(here, members - done, links_of, binding):
            pushed += 1
            heapq.heappush(queue, (doubt + _doubt(hop), hop.b, pushed, (*hops, hop)))
    return ()


def _hops_from(here: str, members: set[str], links_of: LinksOf, binding: Sequence[Decision]) -> list[Hop]:
    """Every member that a reason or a ruling leads to from here, by SHA-256."""
    links: dict[str, list[Link]] = {}
    for link in links_of(here):
        other = link.b if link.a == here else link.a
        if other in members:
            links.setdefault(other, []).append(link)
    ruled: dict[str, tuple[Decision, ...]] = {}
    for decision in binding:
        if here in decision.media or here in decision.anchors:
            for other in members & {*decision.media, *decision.anchors}:
                if other not in ruled and (found := rulings.together(binding, here, other)):
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
    a: str,
    b: str,
    home_a: Series | None,
    home_b: Series | None,
    links_of: LinksOf,
    decisions: Sequence[Decision],
    nearest_bits: int | None,
) -> Explanation:
    """Rulings first, then the strongest reason between the two or between their series."""
    where = " and ".join(one.id if one else "no series" for one in (home_a, home_b))
    said = [f"They are not together ({where})."]
    said += [
        f"{one.officer} ruled them apart on {one.at:%d.%m.%Y}: {one.kind.value} ({one.reason})."
        for one in rulings.apart(decisions, a, b)
    ]
    nearest = _nearest(a, b, home_a, home_b, links_of)
    hops: tuple[Hop, ...] = ()
    if nearest is not None:
        hops = (Hop(nearest.a, nearest.b, (nearest,)),)
        between = "" if {nearest.a, nearest.b} == {a, b} else " between their series"
        said.append(
            f"The nearest reason{between} is {nearest.kind}, {nearest.evidence} "
            f"(strength {nearest.strength:.1f}; {LINKED:.0f} links)."
        )
    if nearest_bits is not None:
        said.append(
            f"Their nearest fingerprints differ in {nearest_bits} of 256 bits (31 count as one picture)."
        )
    if nearest is None and nearest_bits is None:
        said.append("Nothing that is known links them.")
    return Explanation(a, b, together=False, hops=hops, sentence=" ".join(said))


def _nearest(a: str, b: str, home_a: Series | None, home_b: Series | None, links_of: LinksOf) -> Link | None:
    """The strongest link between the two, else between their series (looked for from the smaller one)."""
    direct = [link for link in links_of(a) if b in {link.a, link.b}]
    if direct:
        return _strongest_first(direct)[0]
    sides = sorted(
        (home_a.members if home_a else (a,), home_b.members if home_b else (b,)),
        key=len,
    )
    far = set(sides[1])
    found = [
        link
        for member in sides[0][:_SEARCHED_AT_MOST]
        for link in links_of(member)
        if link.a in far or link.b in far
    ]
    return _strongest_first(found)[0] if found else None


def _strongest_first(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda link: (-link.strength, link.kind, link.a, link.b))
