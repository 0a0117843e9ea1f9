"""A score is worth what labelled pairs say: rising, bounded by what was seen, and right on average."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.series.fitting import Scored, Totals, cllr, fit, refit, reliability, value

MANY = Totals(100, 100_000)


def scored(true: list[float], false: list[float]) -> list[Scored]:
    return [*(Scored(one, true=True) for one in true), *(Scored(one, true=False) for one in false)]


def test_without_a_false_pair_the_curve_ends_at_what_was_looked_through() -> None:
    """A hundred true pairs above every false one of 100,000: at most 100,000 to 1, whatever the score."""
    knots = fit(scored([0.9] * 100, []), MANY, cap=9)
    assert value(knots, 0.9) == pytest.approx(5.0, abs=0.05)
    assert value(knots, 99.0) == value(knots, 0.9)
    assert value(fit(scored([0.9] * 100, []), MANY, cap=3), 0.9) == 3.0


def test_half_of_the_true_and_one_in_a_thousand_false_is_five_hundred_to_one() -> None:
    knots = fit(scored([0.8] * 50, [0.8] * 100), MANY, cap=9)
    assert value(knots, 0.8) == pytest.approx(2.7, abs=0.05)


def test_a_pair_may_stand_for_many() -> None:
    each = [Scored(0.8, true=True)] * 50 + [Scored(0.8, true=False)] * 100
    sample = [Scored(0.8, true=True)] * 50 + [Scored(0.8, true=False, weight=10)] * 10
    assert fit(each, MANY, cap=9) == fit(sample, MANY, cap=9)


def test_nothing_labelled_gives_no_curve() -> None:
    assert fit([], MANY, cap=6) == ()
    assert fit(scored([], [0.4]), MANY, cap=6) == ()
    assert fit(scored([0.4], []), Totals(1, 0), cap=6) == ()
    assert value((), 3.0) == 0.0


SCORES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60)


@given(SCORES, st.randoms(use_true_random=False))
def test_more_score_never_says_less(pairs: list[tuple[int, bool]], chance: random.Random) -> None:
    given_pairs = [Scored(score / 10, true) for score, true in pairs]
    knots = fit(given_pairs, MANY, cap=4)
    said = [value(knots, step / 20) for step in range(-5, 30)]
    assert said == sorted(said)
    assert max(said) <= 4.0
    assert len(knots) <= 8
    chance.shuffle(given_pairs)
    assert fit(given_pairs, MANY, cap=4) == knots


def test_what_was_fitted_costs_less_than_a_wrong_scale() -> None:
    chance = random.Random(5)
    pairs = scored([chance.gauss(3, 1) for _ in range(100)], [abs(chance.gauss(0, 1)) for _ in range(2000)])
    totals = Totals(100, 2000)
    knots = fit(pairs, totals, cap=6)
    fitted = [one._replace(score=value(knots, one.score)) for one in pairs]
    ten_times = [one._replace(score=10 * one.score) for one in pairs]
    assert cllr(fitted, totals) < 0.4
    assert cllr(ten_times, totals) > 1.0
    assert cllr([], totals) == pytest.approx(1.0)


def test_the_reliability_table_sets_what_is_said_beside_what_it_came_to() -> None:
    pairs = [Scored(1.5, true=True)] * 10 + [Scored(1.5, true=False)] * 100 + [Scored(5.5, true=True)] * 50
    low, high = reliability(pairs, MANY)
    assert (low.said, low.observed, low.true, low.false) == (1.5, 2.0, 10, 100)
    assert (high.said, high.observed, high.true, high.false) == (5.5, 4.7, 50, 0)


BEFORE = ((1.0, 1.0), (5.0, 5.0))


def test_a_few_labels_that_agree_move_nothing() -> None:
    pairs = scored([4.5] * 5, [])
    assert refit(BEFORE, pairs, MANY, cap=6) == BEFORE
    assert refit(BEFORE, [], MANY, cap=6) == BEFORE
    assert refit((), pairs, MANY, cap=6) == ()


def test_false_pairs_at_a_score_lower_it_and_all_below_it() -> None:
    moved = refit(BEFORE, scored([4.0] * 20, [4.0] * 200), MANY, cap=6)
    assert value(moved, 4.0) == pytest.approx(2.1, abs=0.2)
    assert value(moved, 3.0) <= value(moved, 4.0)
    assert value(moved, 5.0) == 5.0


def test_many_true_pairs_without_a_false_one_raise_a_timid_curve() -> None:
    timid = ((10.0, 0.0), (20.0, 0.5))
    moved = refit(timid, scored([30.0] * 90, []), MANY, cap=6)
    assert value(moved, 30.0) == pytest.approx(4.4, abs=0.15)
    assert value(moved, 10.0) == 0.0


@pytest.mark.parametrize("count", range(2, 40))
def test_pairs_of_one_score_move_the_curve_at_that_score(count: int) -> None:
    """Their mean is a hair beside it where they stand for shares of a pair."""
    shares = [1 / 3, 1 / 7 + 1 / 9, 0.1]
    pairs = [Scored(5.0, bool(n % 2), shares[n % 3] if n % 2 else 1.0) for n in range(count)]
    moved = refit(BEFORE, pairs, MANY, cap=6)
    assert [score for score, _ in moved] == [1.0, 5.0]


@given(SCORES, st.lists(st.sampled_from([1.0, 1 / 3, 1 / 7 + 1 / 9, 0.1]), min_size=60, max_size=60))
def test_a_moved_curve_rises_as_well(pairs: list[tuple[int, bool]], weights: list[float]) -> None:
    labelled = zip(pairs, weights, strict=False)
    moved = refit(
        BEFORE, [Scored(score / 2, true, weight) for (score, true), weight in labelled], MANY, cap=6
    )
    levels = [level for _, level in moved]
    assert levels == sorted(levels)
    assert [score for score, _ in moved] == sorted({score for score, _ in moved})
    assert max(levels) <= 6.0
