"""People's rulings as constraints on groups: what must be together, and what may never be.

A ruling is relative to its anchors, the members of the series when it was made, so it means the same
whatever ids and groups become later. Of rulings that contradict each other the later holds, and the notes
say so. Withdrawn rulings have no effect. Nothing here weighs evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from foureyes.engine.model import Decision, DecisionKind
from foureyes.engine.series.constrained import ConstrainedGroups

Core = Callable[[Sequence[int]], int]
"""Of several anchors, the one that stands for the series today."""


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """Rulings that nobody has withdrawn, and that are not held, the latest first."""
    active = [decision for decision in decisions if decision.withdrawn_at is None and not decision.held]
    return sorted(active, key=lambda decision: (decision.at, decision.id), reverse=True)


def apply(
    decisions: Iterable[Decision], numbers: Mapping[str, int], groups: ConstrainedGroups, core: Core
) -> list[Decision]:
    """Bind `groups` by all rulings in force, the latest first; gives those that are overruled by a later one.

    `numbers` gives the number of each media in `groups`; media that are no longer held are passed over.
    """
    overruled = []
    for decision in in_force(decisions):
        media = sorted(numbers[one] for one in set(decision.media) if one in numbers)
        anchors = sorted(
            numbers[one] for one in set(decision.anchors) - set(decision.media) if one in numbers
        )
        if not _bind(decision.kind, media, anchors, groups, core):
            overruled.append(decision)
    return overruled


def notes_on(overruled: Iterable[Decision]) -> list[str]:
    """A note for each ruling that is overruled, the latest first."""
    return [
        f"decision {one.id} ({one.kind.value}, {one.officer}) contradicts a later one, which holds"
        for one in in_force(overruled)
    ]


def apart(decisions: Iterable[Decision], a: str, b: str) -> tuple[Decision, ...]:
    """Rulings in force that speak of these two as not belonging together."""
    return tuple(
        decision
        for decision in in_force(decisions)
        if decision.kind in {DecisionKind.DOES_NOT_BELONG, DecisionKind.SPLIT} and _parts(decision, a, b)
    )


def together(decisions: Iterable[Decision], a: str, b: str) -> tuple[Decision, ...]:
    """Rulings in force that say that these two belong together."""
    return tuple(decision for decision in in_force(decisions) if _binds(decision, a, b))


def pairs_together(media: Collection[str], decisions: Iterable[Decision]) -> set[tuple[str, str]]:
    """Pairs that stand for what people ruled together among these media, as few as hold it together."""
    pairs: set[tuple[str, str]] = set()
    for one in in_force(decisions):
        ruled = sorted(sha256 for sha256 in set(one.media) if sha256 in media)
        anchors = sorted(sha256 for sha256 in set(one.anchors) - set(one.media) if sha256 in media)
        if one.kind is DecisionKind.MERGE:
            everyone = sorted({*ruled, *anchors})
            pairs |= {(everyone[0], other) for other in everyone[1:]}
        elif one.kind is DecisionKind.BELONGS and ruled and anchors:
            pairs |= {(sha256, anchors[0]) for sha256 in ruled}
        elif one.kind is DecisionKind.SPLIT:
            pairs |= {(ruled[0], other) for other in ruled[1:]}
    return pairs


def core_of(groups: ConstrainedGroups) -> Core:
    """The anchor whose group holds most of the anchors; the first one of several such."""

    def core(anchors: Sequence[int]) -> int:
        held = Counter(groups.root(anchor) for anchor in anchors)
        return max(anchors, key=lambda anchor: (held[groups.root(anchor)], -anchor))

    return core


def _bind(
    kind: DecisionKind, media: list[int], anchors: list[int], groups: ConstrainedGroups, core: Core
) -> bool:
    """False where a later ruling stands against any part of this one."""
    if kind is DecisionKind.NEGATIVE:
        return True  # it speaks of pictures, not of groups: their links were never made
    if kind is DecisionKind.MERGE:
        everyone = sorted({*anchors, *media})
        return _join_all(everyone[0], everyone[1:], groups)
    if not media or not anchors:
        return True
    if kind is DecisionKind.BELONGS:
        return _join_all(core(anchors), media, groups)
    bound = groups.keep_apart(media, anchors)
    if kind is DecisionKind.SPLIT:
        return _join_all(media[0], media[1:], groups) and bound
    return bound


def _join_all(one: int, others: Iterable[int], groups: ConstrainedGroups) -> bool:
    """Join as many as rulings allow; whether that was all."""
    refused = [other for other in others if not groups.join(one, other)]
    return not refused


def _parts(decision: Decision, a: str, b: str) -> bool:
    ruled, rest = set(decision.media), set(decision.anchors) - set(decision.media)
    return (a in ruled and b in rest) or (b in ruled and a in rest)


def _binds(decision: Decision, a: str, b: str) -> bool:
    if decision.kind is DecisionKind.BELONGS:
        return _parts(decision, a, b)
    if decision.kind is DecisionKind.MERGE:
        return {a, b} <= {*decision.anchors, *decision.media}
    return decision.kind is DecisionKind.SPLIT and {a, b} <= set(decision.media)
