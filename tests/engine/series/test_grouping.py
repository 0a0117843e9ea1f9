"""Precision first: what joins, what does not, and what no chain of weak links may do."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foureyes.engine.model import Link
from foureyes.engine.series import hubs
from foureyes.engine.series.bridges import weak_bridges
from foureyes.engine.series.constrained import ConstrainedGroups
from foureyes.engine.series.grouping import LINKED, SMALL, STRONG, edges_of, fused, grow, shares
from foureyes.engine.series.hubs import Copies, Edge, Hubs
from foureyes.engine.series.links import GROUP_OF


def grown(count: int, edges: list[Edge]) -> list[list[int]]:
    groups = ConstrainedGroups(count)
    grow(groups, sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2])))
    return groups.groups()


def without_hubs(edges: list[Edge], count: int, is_copy: Copies, composites: list[int] | None = None) -> Hubs:
    ordered = sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))
    return hubs.without_hubs(ordered, count, is_copy, least=LINKED, grown=SMALL, composites=composites or [])


def no_copies(_a: int, _b: int) -> bool:
    return False


def chain(first: int, last: int, strength: float = STRONG) -> list[Edge]:
    return [(strength, item, item + 1) for item in range(first, last)]


def test_independent_kinds_add_up_and_one_kind_does_not() -> None:
    numbers = {"a": 0, "b": 1}
    camera, place = Link("a", "b", "same-camera", 2.5, ""), Link("a", "b", "same-place-and-time", 2.0, "")
    assert edges_of([camera, place], numbers) == [(4.5, 0, 1)]
    assert edges_of([camera, Link("a", "b", "same-camera", 2.0, "")], numbers) == [(2.5, 0, 1)]


def test_a_pair_joins_from_the_threshold_on() -> None:
    assert grown(4, [(LINKED, 0, 1), (LINKED - 0.01, 2, 3)]) == [[0, 1]]


def test_a_stray_picture_joins_by_one_link() -> None:
    assert grown(7, [*chain(0, 5), (LINKED, 5, 6)]) == [list(range(7))]


def test_two_grown_groups_need_more_than_one_link() -> None:
    two = [*chain(0, 5), *chain(6, 11)]
    assert len(grown(12, [*two, (4.9, 5, 6)])) == 2
    assert len(grown(12, [*two, (4.9, 5, 6), (4.9, 5, 7)])) == 2
    assert len(grown(12, [*two, (4.9, 5, 6), (4.5, 4, 7)])) == 1
    assert len(grown(12, [*two, (STRONG, 5, 6)])) == 1


def test_a_stray_that_hangs_on_one_member_is_no_second_witness() -> None:
    """A compilation (3) of one film draws a still (7) of the other, whose versions it shows as well."""
    films = [*chain(0, 2), *chain(4, 6)]
    cut = [(STRONG, 2, 3), (4.6, 3, 7), (4.5, 3, 4), (4.4, 7, 4), (4.3, 7, 5)]
    assert grown(8, [*films, *cut]) == [[0, 1, 2, 3, 7], [4, 5, 6]]
    witness = (STRONG, 2, 7)
    assert grown(8, [*films, *cut, witness]) == [[0, 1, 2, 3, 4, 5, 6, 7]]


def test_one_camera_over_and_over_is_one_piece_of_evidence() -> None:
    """Every pair of two scenes of one body says the same: `LINKED`, and no more however often it is said."""
    two = [*chain(0, 5), *chain(6, 11)]
    assert len(grown(12, [*two, *((LINKED, a, b) for a in range(6) for b in range(6, 12))])) == 2


def test_five_thousand_in_a_run_become_one_series() -> None:
    run = [(4.6, item, item + step) for item in range(5200) for step in (1, 2) if item + step < 5200]
    assert [len(group) for group in grown(5200, run)] == [5200]


def test_a_run_becomes_one_series_in_whatever_order_its_names_fall() -> None:
    order = list(range(2000))
    random.Random(3).shuffle(order)
    run = [
        (STRONG, *sorted((order[item], order[item + step])))
        for item in range(2000)
        for step in (1, 2)
        if item + step < 2000
    ]
    assert [len(group) for group in grown(2000, run)] == [2000]


def test_a_thousand_groups_in_a_ring_of_single_weak_links_stay_apart() -> None:
    rings = [edge for ring in range(0, 4000, 4) for edge in chain(ring, ring + 3)]
    weak = [(4.2, ring + 3, (ring + 4) % 4000) for ring in range(0, 4000, 4)]
    assert max(len(group) for group in grown(4000, [*rings, *weak])) == 4


def test_a_title_card_loses_the_right_to_link() -> None:
    pairs = [(STRONG, n, n + 1) for n in range(1, 81, 2)]
    card = [(STRONG, 0, n) for n in range(1, 81, 2)]
    left = without_hubs([*pairs, *card], 81, no_copies)
    assert left.media == {0}
    assert sorted(left.edges) == sorted(pairs)


def test_a_picture_with_thousands_of_copies_is_no_hub() -> None:
    star = [(6.0, 0, n) for n in range(1, 3000)]
    assert without_hubs(star, 3000, lambda _a, _b: True) == (frozenset(), frozenset(), star)


def test_a_long_clip_whose_stills_belong_together_is_no_hub() -> None:
    stills = [(STRONG, n, n + 1) for n in range(1, 60)]
    clip = [(STRONG, 0, n) for n in range(1, 61)]
    assert without_hubs([*stills, *clip], 61, no_copies)[:2] == (frozenset(), frozenset())


def test_what_holds_three_grown_groups_together_alone_loses_the_right_to_link() -> None:
    groups = [edge for first in (1, 5, 9) for edge in chain(first, first + 3)]
    one = [(STRONG, 0, first) for first in (1, 5, 9)]
    left = without_hubs([*groups, *one], 13, no_copies)
    assert (left.media, left.connectors) == (frozenset(), {0})
    assert sorted(left.edges) == sorted(groups)
    two = without_hubs([*groups, *one[:2]], 13, no_copies)
    assert not two.connectors
    connected = without_hubs([*groups, *one, (STRONG, 2, 6), (STRONG, 6, 10)], 13, no_copies)
    assert not connected.connectors


def brute(edges: list[Edge], count: int) -> set[int]:
    """Items without which three groups of three and more fall apart."""
    found = set()
    for item in range(count):
        whole, without = ConstrainedGroups(count), ConstrainedGroups(count)
        for _, a, b in edges:
            whole.join(a, b)
            if item not in {a, b}:
                without.join(a, b)
        around = {
            without.root(other) for other in range(count) if other != item and whole.together(item, other)
        }
        if sum(without.size(root) >= SMALL for root in around) > hubs.CONNECTS_AT_MOST:
            found.add(item)
    return found


@given(
    st.lists(
        st.tuples(st.just(STRONG), st.integers(0, 15), st.integers(0, 15)).filter(
            lambda edge: edge[1] < edge[2]
        ),
        max_size=22,
        unique_by=lambda edge: edge[1:],
    )
)
@example(
    [(STRONG, 0, first) for first in (1, 4, 7)] + [edge for one in (1, 4, 7) for edge in chain(one, one + 2)]
)
def test_connectors_are_what_taking_them_out_shows(edges: list[Edge]) -> None:
    assert without_hubs(edges, 16, no_copies).connectors == brute(edges, 16)


def test_copies_of_one_picture_lose_the_right_to_link_together() -> None:
    """A picture that everybody has: each series holds a copy of it, linked to the others and to the series."""
    groups = [edge for first in (10, 20, 30) for edge in chain(first, first + 3)]
    copies = [(6.0, 0, 1), (6.0, 0, 2)]
    own = [(STRONG, copy, first) for copy, first in ((0, 10), (1, 20), (2, 30))]
    left = without_hubs([*groups, *copies, *own], 40, lambda a, b: (a, b) in {(0, 1), (0, 2)})
    assert left.connectors == {0, 1, 2}
    assert sorted(left.edges) == sorted([*groups, *copies])


def test_a_collage_of_two_pictures_joins_neither() -> None:
    sides = [(STRONG, 0, 1), (STRONG, 0, 2)]
    assert without_hubs(sides, 3, no_copies, [0]).connectors == {0}
    assert not without_hubs([*sides, (STRONG, 1, 2)], 3, no_copies, [0]).connectors
    assert without_hubs(sides[:1], 3, no_copies, [0]).edges == sides[:1]


def test_the_shares_of_a_pair_add_up_to_its_strength() -> None:
    kinds = (("same-camera", 2.5), ("same-camera", 4.0), ("same-place-and-time", 2.0), ("hearsay", 0.5))
    looks = [Link("a", "b", kind, strength, "") for kind, strength in kinds]
    assert shares(looks) == [0.0, 4.0, 2.0, 0.5]
    assert edges_of(looks, {"a": 0, "b": 1})[0][0] == sum(shares(looks))


def test_hints_alone_never_link() -> None:
    assert fused([1.5, 1.5, 1.5, 1.5]) < LINKED
    assert fused([2.5, 1.5]) == LINKED


def test_pixels_count_once_however_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"a": 0, "b": 1}
    monkeypatch.setitem(GROUP_OF, "same-view", "scene")
    looks = [
        Link("a", "b", kind, strength, "") for kind, strength in (("same-picture", 3.0), ("same-view", 3.5))
    ]
    assert edges_of(looks, numbers) == [(3.5, 0, 1)]


def test_a_text_adds_nothing_to_the_surface_that_it_stands_on() -> None:
    """Windows of one program and frames of one phone bear the same words: a form and its text are one thing."""
    form, words = Link("a", "b", "same-view", 3.0, ""), Link("a", "b", "same-text", 1.65, "")
    alike, owner = Link("a", "b", "same-scene", 2.3, ""), Link("a", "b", "same-owner", 1.5, "")
    for looks, strength in (
        ([form, words], 3.0),
        ([alike, words, form], 3.0),
        ([alike, words], 3.95),
        ([form, words, owner], 4.5),
        ([replace(form, strength=1.0), words], 1.65),
    ):
        assert edges_of(looks, {"a": 0, "b": 1}) == [(strength, 0, 1)]
        assert sum(shares(looks)) == pytest.approx(strength)


def bridges(count: int, edges: list[Edge], ruled: list[tuple[int, int]] | None = None) -> set[Edge]:
    ordered = sorted(edges, key=lambda edge: (-edge[0], edge[1], edge[2]))
    groups = ConstrainedGroups(count)
    grow(groups, ordered)
    return weak_bridges(groups, ordered, ruled or [])


def test_ten_times_the_media_ask_for_ten_times_the_odds() -> None:
    two = [(STRONG, first + n, first + n + step) for first in (0, 500) for n in range(498) for step in (1, 2)]
    weak = (STRONG, 499, 500)
    two += [(STRONG, 498, 499), (STRONG, 998, 999)]
    assert bridges(1000, [*two, weak]) == {weak}
    assert bridges(1000, [*two, (6.9, 499, 500)]) == {(6.9, 499, 500)}
    assert not bridges(1000, [*two, (7.1, 499, 500)])
    assert not bridges(1000, [*two, weak, (STRONG, 498, 501)])
    assert not bridges(1000, [*two, weak], [(3, 900)])


def test_a_small_group_may_hang_on_one_strong_reason() -> None:
    few = [(STRONG, n, n + step) for n in range(498) for step in (1, 2)] + chain(500, 540)
    assert not bridges(541, [*few, (STRONG, 300, 500)])


EDGES = st.lists(
    st.tuples(st.sampled_from([2.0, 3.9, 4.0, 4.3, 5.0, 6.0]), st.integers(0, 11), st.integers(0, 11)).filter(
        lambda edge: edge[1] < edge[2]
    ),
    max_size=40,
    unique_by=lambda edge: edge[1:],
)


@given(EDGES)
def test_groups_hold_only_what_links_reach(edges: list[Edge]) -> None:
    reach = ConstrainedGroups(12)
    for strength, a, b in edges:
        if strength >= LINKED:
            reach.join(a, b)
    for group in grown(12, edges):
        assert len({reach.root(item) for item in group}) == 1


@given(EDGES, st.permutations(range(40)))
def test_the_order_of_edges_does_not_matter(edges: list[Edge], order: list[int]) -> None:
    shuffled = [edges[place] for place in order if place < len(edges)]
    assert grown(12, edges) == grown(12, shuffled)


@pytest.mark.parametrize("strength", [LINKED, STRONG, 6.0])
def test_a_ruling_stands_against_any_strength(strength: float) -> None:
    groups = ConstrainedGroups(3)
    groups.keep_apart([0], [2])
    grow(groups, [(strength, 0, 1), (strength, 1, 2)])
    assert not groups.together(0, 2)
