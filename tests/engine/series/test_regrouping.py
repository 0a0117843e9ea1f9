"""Growing only what changed gives what growing everything gives, whatever came and whoever ruled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.series.made_up import decision, group, media, members, near, sha, shot
from foureyes.engine.model import Decision, DecisionKind, Linkable, NearPair
from foureyes.engine.series import Memory, build, evidence, grouping
from foureyes.engine.series import decisions as rulings
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.hubs import Edge
from foureyes.engine.series.regrouping import Grown, Part, _grow, regroup

MANY = 14
KINDS = [DecisionKind.BELONGS, DecisionKind.DOES_NOT_BELONG, DecisionKind.MERGE, DecisionKind.SPLIT]
NUMBERS = st.integers(0, MANY - 1)
RULINGS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.lists(NUMBERS, min_size=1, max_size=3),
        st.lists(NUMBERS, min_size=1, max_size=4),
        st.booleans(),
    ),
    max_size=5,
)
EDGES = st.lists(
    st.tuples(st.sampled_from([2.0, 3.9, 4.0, 4.3, 5.0, 6.0]), NUMBERS, NUMBERS).filter(
        lambda edge: edge[1] < edge[2]
    ),
    max_size=24,
    unique_by=lambda edge: edge[1:],
)
NAMES = sorted(sha(name) for name in range(MANY))


def ruled(made: list[tuple[DecisionKind, list[int], list[int], bool]]) -> list[Decision]:
    return [
        decision(number, kind, media, anchors, withdrawn=withdrawn)
        for number, (kind, media, anchors, withdrawn) in enumerate(made, start=1)
    ]


def at_once(edges: list[Edge], decisions: list[Decision]) -> list[list[str]]:
    """Everything grown together, as one part."""
    numbers = {sha256: number for number, sha256 in enumerate(NAMES)}
    first = ConstrainedGroups(MANY)
    core = rulings.core_of(first)
    force = rulings.in_force(decisions)
    rulings.apply([one for one in force if one.kind is not DecisionKind.BELONGS], numbers, first, core)
    grouping.grow(first, edges)
    groups = ConstrainedGroups(MANY)
    rulings.apply(force, numbers, groups, core)
    grouping.grow(groups, edges)
    return [[NAMES[number] for number in group] for group in groups.groups()]


@given(EDGES, RULINGS)
def test_parts_give_what_all_at_once_gives(
    edges: list[Edge], made: list[tuple[DecisionKind, list[int], list[int], bool]]
) -> None:
    ordered = sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))
    parts = regroup(NAMES, ordered, ruled(made), {})
    found = sorted(list(one) for _, grown in parts.values() for one in grown.groups)
    assert found == at_once(ordered, ruled(made))


ARRIVALS = st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(0, 31)), max_size=10)


@settings(max_examples=60)
@given(st.lists(st.tuples(ARRIVALS, RULINGS), min_size=1, max_size=4))
def test_with_memory_it_is_as_without(
    steps: list[tuple[list[tuple[int, int, int]], list[tuple[DecisionKind, list[int], list[int], bool]]]],
) -> None:
    memory, held, pairs = Memory(), list[Linkable](), list[NearPair]()
    previous, made = (), list[tuple[DecisionKind, list[int], list[int], bool]]()
    for number, (arrived, rulings_made) in enumerate(steps):
        held += [
            shot(n, 400.0 * n, serial="8964244" if n % 3 else "") for n in range(number * 4, number * 4 + 4)
        ]
        known = {one.sha256 for one in held}
        pairs += [near(a, b, bits) for a, b, bits in arrived if a != b]
        made += rulings_made
        given_now = evidence(held, [one for one in pairs if {one.a, one.b} <= known])
        one, other = (
            build(given_now, ruled(made), previous, memory=memory),
            build(given_now, ruled(made), previous),
        )
        assert one == other
        again = build(given_now, ruled(made[:-1]), previous, memory=memory)
        assert again == build(given_now, ruled(made[:-1]), previous)
        previous = one.series


def test_only_what_changed_is_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    held = [media(n) for n in range(9)]
    pairs = [near(0, 1), near(3, 4), near(6, 7)]
    memory, grown = Memory(), list[tuple[str, ...]]()

    def counted(part: Part) -> Grown:
        grown.append(part.members)
        return _grow(part)

    monkeypatch.setattr("foureyes.engine.series.regrouping._grow", counted)
    first = build(evidence(held, pairs), (), (), memory=memory)
    assert len(grown) == 3
    grown.clear()
    more = build(evidence(held, [*pairs, near(4, 5)]), (), first.series, memory=memory)
    assert [set(one) for one in grown] == [set(group(3, 4, 5))]
    grown.clear()
    apart = [decision(1, DecisionKind.DOES_NOT_BELONG, [0], [1])]
    now = build(evidence(held, [*pairs, near(4, 5)]), apart, more.series, memory=memory)
    assert [set(one) for one in grown] == [set(group(0, 1))]
    assert members(now.series) == {group(3, 4, 5), group(6, 7)}
    kept = {one.id for one in first.series} & {one.id for one in now.series}
    assert len(kept) == 2
