"""What is asked of people first: what hangs on one link, and what was linked and did not join."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from engine.series.made_up import decision, sha
from foureyes.engine.model import DecisionKind, Link, Question, QuestionKind, Series
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.series.questions import LEAST_BITS, bits, chance, open_still, questions, weak_joints


def link(a: int, b: int, strength: float = 5.0, kind: str = "same-camera") -> Link:
    one, two = sorted((sha(a), sha(b)))
    return Link(one, two, kind, strength, "because")


def ring(*names: int, strength: float = 5.0) -> list[Link]:
    return [link(one, two, strength) for one, two in zip(names, (*names[1:], names[0]), strict=True)]


def series_of(name: str, *names: int) -> Series:
    return Series(name, name, False, tuple(sorted(sha(one) for one in names)))


def few(question: Question) -> set[str]:
    return set(question.few)


A, B = range(5), range(10, 22)
TWO = series_of("S-1", *A, *B)
HELD = [*ring(*A), *ring(*B), link(4, 10, 4.1)]


def test_even_odds_at_the_threshold_of_linking() -> None:
    assert chance(LINKED) == 0.5
    assert bits(LINKED) == 1.0
    assert bits(LINKED + 1.6) < LEAST_BITS < bits(LINKED + 1.4)
    assert 0.0 <= bits(900.0) <= bits(-900.0) + 1.0


def test_a_weak_bridge_is_asked_about_with_all_that_hangs_on_it() -> None:
    (asked,) = questions([TWO], HELD, [])
    assert (asked.kind, asked.series, asked.home) == (QuestionKind.JOINT, "S-1", "S-1")
    assert few(asked) == {sha(one) for one in A}
    assert {asked.a, asked.b} == {sha(4), sha(10)}
    assert asked.others == 12
    assert asked.strength == 4.1
    assert [one.evidence for one in asked.links] == ["because"]


def test_two_weak_links_are_a_joint_and_two_good_ones_are_none() -> None:
    (asked,) = questions([TWO], [*HELD, link(0, 11, 4.0)], [])
    assert (asked.pairs, asked.strength) == (2, 4.1)
    assert questions([TWO], [*HELD[:-1], link(4, 10, 4.3), link(0, 11, 4.2)], []) == []
    # One media that links to many is one piece of evidence over and over.
    assert len(questions([TWO], [*HELD[:-1], link(4, 10, 4.3), link(4, 11, 4.2)], [])) == 1


def test_a_sure_bridge_is_told_of_but_not_asked() -> None:
    sure = [*HELD[:-1], link(4, 10, 9.0)]
    assert questions([TWO], sure, []) == []
    assert len(weak_joints("S-1", TWO.members, sure, [])) == 1


def test_a_ruling_settles_the_question() -> None:
    asked = questions([TWO], HELD, [])
    for kind in (DecisionKind.BELONGS, DecisionKind.SPLIT, DecisionKind.DOES_NOT_BELONG):
        ruled = [decision(1, kind, A, B)]
        assert open_still(asked, ruled) == []
    assert questions([TWO], HELD, [decision(1, DecisionKind.BELONGS, A, B)]) == []
    assert len(open_still(asked, [decision(1, DecisionKind.BELONGS, [0], [1])])) == 1


def test_series_that_nearly_join_are_asked_about() -> None:
    one, two = series_of("S-1", *A), series_of("S-2", *B)
    (asked,) = questions([one, two], HELD, [])
    assert asked.kind is QuestionKind.BETWEEN
    assert (asked.home, asked.series) == ("S-1", "S-2")
    assert few(asked) == {sha(name) for name in A}
    assert questions([one, two], HELD, [decision(1, DecisionKind.DOES_NOT_BELONG, A, B)]) == []


def test_a_loose_media_is_asked_about_and_two_are_not() -> None:
    one = series_of("S-1", *A)
    held = [*ring(*A), link(0, 99, 3.1), link(98, 99, 3.9), link(1, 97, 1.9)]
    (asked,) = questions([one], held, [])
    assert (asked.home, few(asked), asked.others) == (None, {sha(99)}, 5)


def test_most_worth_comes_first() -> None:
    three = series_of("S-1", *A, *B, 50)
    held = [*HELD, link(20, 50, 4.1)]
    sizes = [len(one.few) for one in questions([three], held, [])]
    assert sizes == [5, 1]


def brute(members: list[str], links: list[Link]) -> set[tuple[str, str]]:
    """Pairs without whose link their component falls apart."""
    pairs = {(one.a, one.b) for one in links}

    def parts(left: set[tuple[str, str]]) -> int:
        home = {one: one for one in members}
        for a, b in left:
            old, new = home[a], home[b]
            home = {one: new if where == old else where for one, where in home.items()}
        return len(set(home.values()))

    whole = parts(pairs)
    return {pair for pair in pairs if parts(pairs - {pair}) > whole}


PAIRS = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])


@given(
    st.lists(st.tuples(PAIRS, st.sampled_from([3.0, 4.0, 4.5, 6.0])), max_size=16),
    st.randoms(use_true_random=False),
)
def test_joints_are_what_taking_links_away_shows(
    pairs: list[tuple[tuple[int, int], float]], chance: random.Random
) -> None:
    made = (link(a, b, strength) for (a, b), strength in pairs)
    links = list({(one.a, one.b): one for one in made}.values())
    members = sorted(sha(name) for name in range(10))
    found = weak_joints("S-1", members, links, [])
    for one in found:
        crossing = [it for it in links if (it.a in one.few) != (it.b in one.few)]
        assert len(crossing) == one.pairs
        assert max(it.strength for it in crossing) == one.strength
        assert one.a in one.few
        assert one.b not in one.few
    single = {(min(one.a, one.b), max(one.a, one.b)) for one in found if one.pairs == 1}
    assert single == brute(members, links)
    chance.shuffle(links)
    assert weak_joints("S-1", members, links, []) == found


def test_five_thousand_in_a_chain_are_bounded() -> None:
    names = range(5000)
    chain = [link(name, name + 1, 4.5) for name in range(4999)]
    found = questions([series_of("S-1", *names)], chain, [])
    assert len(found) == 200
    assert len(found[0].few) == 2500
