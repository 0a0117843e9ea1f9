"""Which times are marked as doubtful: rules that see no media."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foureyes.workbench.series.moments import (
    STEADY,
    Doubt,
    Lane,
    Moment,
    file_moment,
    moment,
    offsets,
    with_doubts,
    with_offsets,
)

LATER = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
ZONES = st.integers(-48, 56).map(lambda quarters: timedelta(minutes=15 * quarters))
TIMES = st.datetimes(datetime(2001, 1, 2), datetime(2020, 1, 1))  # noqa: DTZ001 - zones are put in by the tests


def of(*moments: Moment | None, taken_in: float = LATER) -> list[set[Doubt]]:
    """Doubts of the moments of one media."""
    found = with_doubts([one for one in moments if one], [taken_in])
    return [set(one.doubts) for one in found]


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("2019-07-03T14:05:30", {Doubt.NO_ZONE}),
        ("2019-07-03T14:05:30+02:00", set()),
        ("2019-07-03T14:05:30Z", set()),
        ("1970-01-01T00:00:00Z", {Doubt.UNSET}),
        ("1980-01-01T00:00:00", {Doubt.UNSET, Doubt.NO_ZONE}),
        ("2000-01-01T00:12:07", {Doubt.UNSET, Doubt.NO_ZONE}),
        ("1904-01-01T00:00:00Z", {Doubt.UNSET}),
        ("1985-06-01T12:00:00Z", {Doubt.IMPOSSIBLE}),
        ("0001-01-01T00:00:00Z", {Doubt.IMPOSSIBLE}),
        ("2026-01-01T00:00:01Z", {Doubt.FUTURE}),
        ("2026-01-01T10:00:00", {Doubt.NO_ZONE}),
        ("2026-01-02T00:00:00", {Doubt.NO_ZONE, Doubt.FUTURE}),
    ],
)
def test_a_time_by_itself(text: str, doubts: set[Doubt]) -> None:
    assert of(moment(0, Lane.CAPTURED, text)) == [doubts]


@pytest.mark.parametrize("text", ["", "yesterday", "2019-13-01T00:00:00", "9" * 40])
def test_what_is_no_time_is_left_out(text: str) -> None:
    assert moment(0, Lane.CAPTURED, text) is None


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_file_time_is_a_moment_or_none(nanoseconds: int) -> None:
    made = file_moment(0, nanoseconds)
    assert made is None or made.zoned


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    made = moment(0, Lane.CAPTURED, text)
    if made is not None:
        assert len(of(made)) == 1


@given(when=TIMES, zone=ZONES, late=st.integers(-STEADY, STEADY))
def test_a_local_time_of_any_zone_agrees_with_gps(when: datetime, zone: timedelta, late: int) -> None:
    local = moment(0, Lane.CAPTURED, (when + zone + timedelta(seconds=late)).isoformat())
    utc = moment(0, Lane.GPS, f"{when.isoformat()}Z")
    assert all(Doubt.GPS_DISAGREES not in doubts for doubts in of(local, utc))


@given(when=TIMES, zone=ZONES, off=st.integers(STEADY + 1, 15 * 60 - STEADY - 1))
def test_a_clock_between_the_zones_disagrees_with_gps(when: datetime, zone: timedelta, off: int) -> None:
    local = moment(0, Lane.CAPTURED, (when + zone + timedelta(seconds=off)).isoformat())
    utc = moment(0, Lane.GPS, f"{when.isoformat()}Z")
    assert all(Doubt.GPS_DISAGREES in doubts for doubts in of(local, utc))


@given(when=TIMES, days=st.integers(1, 4000))
def test_a_file_older_than_its_capture_is_told(when: datetime, days: int) -> None:
    written = (when - timedelta(days=days)).replace(tzinfo=UTC)
    doubts = of(moment(0, Lane.CAPTURED, when.isoformat()), file_moment(0, int(written.timestamp()) * 10**9))
    assert Doubt.FILE_OLDER in doubts[0]
    newer = file_moment(0, int(when.replace(tzinfo=UTC).timestamp() + 86400 * days) * 10**9)
    assert Doubt.FILE_OLDER not in of(moment(0, Lane.CAPTURED, when.isoformat()), newer)[0]


@given(when=TIMES, zone=ZONES, off=st.integers(STEADY + 1, 7 * 60), count=st.integers(3, 8))
def test_a_camera_whose_clock_is_set_wrong_is_suspected(
    when: datetime, zone: timedelta, off: int, count: int
) -> None:
    pairs: list[Moment] = []
    for at in range(count):
        shot = when + timedelta(hours=at)
        local = moment(at, Lane.CAPTURED, (shot + zone + timedelta(seconds=off)).isoformat())
        utc = moment(at, Lane.GPS, f"{shot.isoformat()}Z")
        assert local is not None
        assert utc is not None
        pairs += [local, utc]
    found = offsets(pairs, ["A camera"] * count)
    assert [(one.camera, one.media) for one in found] == [("A camera", count)]
    assert abs(found[0].seconds - off) <= 1
    marked = with_offsets(pairs, ["A camera"] * count, found)
    assert [Doubt.OFFSET in one.doubts for one in marked] == [True, False] * count
    assert offsets(pairs, [""] * count) == []
    assert offsets(pairs[:4], ["A camera"] * count) == []
