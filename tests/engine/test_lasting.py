"""Films that share a view for longer than a shot: which moments are compared, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest

from foureyes.engine.model import LocalFeatures
from foureyes.engine.steps.lasting import MOMENTS, in_step, moments
from foureyes.engine.steps.looks import Look

CELLS = np.zeros((16, 16), np.uint8)
NOTHING = LocalFeatures(
    "sift", 8, 8, np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), CELLS, CELLS
)


def film(name: str, seconds: float, count: int = 12) -> list[Look]:
    return [Look(name, round(float(at), 3), NOTHING, NOTHING) for at in np.linspace(0, seconds, count)]


def until(second: float) -> Callable[[Iterable[tuple[Look, Look]]], Sequence[bool]]:
    """Both show one view until a second of the first."""
    return lambda pairs: [one.at_seconds <= second for one, _ in pairs]


def test_moments_are_as_far_from_the_first_in_both() -> None:
    pairs = in_step(film("a", 22), film("b", 30, 16), (2.0, 6.0))
    assert 1 < len(pairs) <= MOMENTS
    assert all(abs(two.at_seconds - one.at_seconds - 4) <= 0.75 for one, two in pairs)
    assert 2.0 not in {one.at_seconds for one, _ in pairs}


@pytest.mark.parametrize(
    ("shared", "lasts"),
    [(60.0, True), (40.0, True), (5.0, False), (0.0, False)],
)
def test_a_shared_opening_is_less_than_a_shared_film(shared: float, lasts: bool) -> None:
    a, b = film("a", 60), film("b", 60)
    assert (moments(a, b, (0.0, 0.0), 60.0, until(shared)) > 1) is lasts


def test_one_second_of_a_film_of_hours_is_one_moment() -> None:
    long, clip = film("a", 10_800, 13), film("b", 20)
    assert moments(long, clip, (1800.0, 3.0), 20.0, until(99_999)) == 1


def test_a_film_that_cannot_be_looked_at_shares_one_moment() -> None:
    assert moments(film("a", 9), [], (1.0, 1.0), 9.0, until(9)) == 1
    assert moments([], film("b", 9), (1.0, 1.0), 9.0, until(9)) == 1
