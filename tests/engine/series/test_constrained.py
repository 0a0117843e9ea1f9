"""A group must never hold what a person ruled apart, whatever path leads there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.series.constrained import ConstrainedGroups

ITEMS = st.integers(0, 14)
SIDES = st.sets(ITEMS, min_size=1, max_size=4)


@given(st.lists(st.tuples(SIDES, SIDES), max_size=6), st.lists(st.tuples(ITEMS, ITEMS), max_size=60))
def test_no_order_of_joins_brings_sides_together(
    rulings: list[tuple[set[int], set[int]]], joins: list[tuple[int, int]]
) -> None:
    groups = ConstrainedGroups(15)
    kept = [ruling for ruling in rulings if groups.keep_apart(*ruling)]
    for a, b in joins:
        before = groups.together(a, b) or groups.may_join(a, b)
        assert groups.join(a, b) == before == groups.together(a, b)
        for left, right in kept:
            assert not {groups.root(one) for one in left} & {groups.root(one) for one in right}


@given(st.lists(st.tuples(ITEMS, ITEMS), max_size=40))
def test_without_rulings_groups_are_the_connected_parts(joins: list[tuple[int, int]]) -> None:
    groups = ConstrainedGroups(15)
    reach = {item: {item} for item in range(15)}
    for a, b in joins:
        assert groups.join(a, b)
        merged = reach[a] | reach[b]
        for item in merged:
            reach[item] = merged
    expected = sorted({tuple(sorted(part)) for part in reach.values() if len(part) > 1})
    assert [tuple(part) for part in groups.groups()] == expected
    assert all(groups.size(item) == len(reach[item]) for item in range(15))


def test_a_ruling_against_what_is_together_already_is_refused() -> None:
    groups = ConstrainedGroups(3)
    groups.join(0, 1)
    assert not groups.keep_apart([0], [1, 2])
    assert groups.join(1, 2)
