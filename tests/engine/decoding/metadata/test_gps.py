"""Positions are places on earth or are rejected in words; nobody is moved to a default hemisphere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decoding.metadata.building import SRATIONAL, Entries, jpeg_with_exif, rational, stated, text, tiff
from foureyes.engine.decoding.metadata.gps import (
    Angle,
    NotAPlace,
    angle_of_fractions,
    angle_of_signed,
    angle_of_text,
    position,
)
from foureyes.engine.model import FactName


def _of_gps(gps: Entries) -> dict[FactName, list[object]]:
    return stated(jpeg_with_exif(tiff({0x010F: text("Acme")}, gps=gps)))  # type: ignore[return-value]  # values are of any kind


_PLACE: Entries = {
    1: text("S"),
    2: rational((23, 1), (31, 1), (213706, 10000)),
    3: text("W"),
    4: rational((47, 1), (30, 1), (161946, 10000)),
}


def test_degrees_minutes_and_seconds_with_letters() -> None:
    found = _of_gps(_PLACE)
    assert found[FactName.LATITUDE] == [pytest.approx(-23.52260294)]
    assert found[FactName.LONGITUDE] == [pytest.approx(-47.50449850)]
    assert FactName.GPS_REJECTED not in found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({1: None}, "the latitude has no compass letter"),
        ({3: text("")}, "the longitude has no compass letter"),
        ({1: text("Q")}, "the latitude's letter is not of the compass"),
        ({1: text("W")}, "the latitude has the other axis' letter"),
        ({2: None}, "there is no latitude"),
        ({4: None}, "there is no longitude"),
        ({2: rational((0, 0), (0, 0), (0, 0))}, "a number divides by zero"),
        ({2: rational((91, 1), (0, 1), (0, 1))}, "a latitude beyond 90 degrees"),
        ({4: rational((181, 1), (0, 1), (0, 1))}, "a longitude beyond 180 degrees"),
        ({2: rational((23, 1), (75, 1), (0, 1))}, "minutes or seconds are beyond sixty"),
        (
            {2: (SRATIONAL, ((-23, 1), (0, 1), (0, 1)))},
            "a number is negative or not finite beside a compass letter",
        ),
        ({2: text("here"), 1: text("N")}, "it is not written as degrees, minutes and seconds"),
        (
            {2: rational((0, 1), (0, 1), (0, 1)), 4: rational((0, 1), (0, 1), (0, 1))},
            "0, 0 is the null island: a receiver without a fix",
        ),
    ],
)
def test_what_is_no_place_is_rejected_in_words(change: dict[int, object], reason: str) -> None:
    gps = {tag: value for tag, value in (dict(_PLACE) | change).items() if value is not None}
    found = _of_gps(gps)  # type: ignore[arg-type]  # tags of any kind
    assert found[FactName.GPS_REJECTED] == [reason]
    assert FactName.LATITUDE not in found
    assert FactName.LONGITUDE not in found
    assert FactName.ALTITUDE not in found


def test_no_position_at_all_is_not_a_rejected_one() -> None:
    found = _of_gps({0: (1, bytes([2, 2, 0, 0]))})
    assert FactName.GPS_REJECTED not in found


def test_altitude_error_and_time_come_with_the_position() -> None:
    found = _of_gps(
        dict(_PLACE)
        | {
            5: (1, b"\1"),
            6: rational((125, 10)),
            7: rational((1, 1), (20, 1), (11, 1)),
            29: text("2018:06:07"),
            31: rational((65, 10)),
        }
    )
    assert found[FactName.ALTITUDE] == [-12.5]
    assert found[FactName.GPS_ERROR] == [6.5]
    assert found[FactName.GPS_TIME] == ["2018-06-07T01:20:11Z"]


@pytest.mark.parametrize(
    ("written", "letter", "degrees"),
    [
        ("12 deg 34'56.78\" N", "", 12.5824389),
        ("12 deg 34' 56.78\"", "S", 12.5824389),
        ("41, 53, 2.44", "N", 41.8840111),
        ("41,53.2N", "", 41.8866667),
        ("N41.5", "", 41.5),
        ("41.5\N{DEGREE SIGN}", "N", 41.5),
    ],
)
def test_odd_forms_of_text(written: str, letter: str, degrees: float) -> None:
    angle = angle_of_text(written, letter)
    assert angle.degrees == pytest.approx(degrees, abs=1e-6)
    assert angle.letter in ("N", "S")


def test_text_without_a_letter_is_no_place() -> None:
    with pytest.raises(NotAPlace, match="no compass letter"):
        position(angle_of_text("41, 53, 2.44"), angle_of_text("12, 29, 30", "E"))


def test_two_letters_contradict_each_other() -> None:
    with pytest.raises(NotAPlace, match="two compass letters"):
        angle_of_text("41,53.2N", "S")


def test_a_sign_counts_only_where_the_field_defines_it() -> None:
    with pytest.raises(NotAPlace):
        angle_of_text("-41.5", "N")
    assert angle_of_signed("-41.5", "N", "S") == Angle(41.5, "S")
    with pytest.raises(NotAPlace):
        angle_of_signed("nan", "N", "S")


@given(st.text(max_size=80), st.text(max_size=3))
def test_any_text_is_an_angle_or_no_place(written: str, letter: str) -> None:
    try:
        angle = angle_of_text(written, letter)
        north, east = position(angle, Angle(1.0, "E"))
    except NotAPlace:
        return
    assert -90 <= north <= 90
    assert east == 1.0


@given(
    st.lists(st.tuples(st.integers(-(2**31), 2**32), st.integers(-(2**31), 2**32)), max_size=4),
    st.sampled_from("NSEW?"),
)
def test_any_fractions_are_an_angle_or_no_place(parts: list[tuple[int, int]], letter: str) -> None:
    try:
        north, _ = position(angle_of_fractions(parts, letter), Angle(1.0, "W"))
    except NotAPlace:
        return
    assert -90 <= north <= 90
