from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.series.calibration import Curve, from_json, shipped

CURVE = Curve((10.0, 20.0, 40.0), (0.0, 2.0, 5.0))


@pytest.mark.parametrize(
    ("score", "strength"), [(0, 0.0), (10, 0.0), (15, 1.0), (20, 2.0), (30, 3.5), (40, 5.0), (900, 5.0)]
)
def test_a_curve_is_straight_between_knots_and_flat_outside(score: float, strength: float) -> None:
    assert CURVE.at(score) == pytest.approx(strength)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_higher_score_is_never_worth_less(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert CURVE.at(low) <= CURVE.at(high)


def test_the_shipped_file_can_be_read() -> None:
    assert shipped().made
    assert shipped().strength("same-view", 0) == 0.0


def test_a_kind_without_a_curve_is_no_silent_nothing() -> None:
    with pytest.raises(KeyError):
        shipped().strength("same-mood", 1.0)


@pytest.mark.parametrize(
    "knots",
    [
        [],
        [[1, 0], [1, 2]],
        [[2, 0], [1, 2]],
        [[1, 3], [2, 1]],
        [[1, float("nan")]],
        [[1, 0], [2, float("inf")]],
        [[float("nan"), 0], [1, 2]],
    ],
)
def test_a_curve_that_does_not_rise_is_refused(knots: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="knots that rise"):
        from_json(json.dumps({"made": "now", "kinds": {"same-view": {"knots": knots}}}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "7",
        '{"made": "now", "kinds": []}',
        '{"made": "now", "kinds": {"same-view": [[1, 2]]}}',
        '{"made": "now", "kinds": {"same-view": {"knots": [[1]]}}}',
        '{"made": "now", "kinds": {"same-view": {"knots": 3}}}',
        '{"made": "now", "kinds": {"same-view": {"knots": [[1, null]]}}}',
        f'{{"made": "now", "kinds": {{"same-view": {{"knots": [[1{"0" * 400}, 2]]}}}}}}',
    ],
)
def test_what_is_no_calibration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"calibration says|Expecting|unpack"):
        from_json(text)
