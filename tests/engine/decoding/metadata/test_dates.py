"""Times keep exactly what was stated: no zone is guessed, no fraction invented, zeros are no time."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.decoding.metadata.dates import packed_time, stated_time, utc_time


@pytest.mark.parametrize(
    ("written", "fraction", "zone", "expected"),
    [
        ("2022:08:14 11:12:32", "", "", "2022-08-14T11:12:32"),
        ("2022:08:14 11:12:32", "5", "", "2022-08-14T11:12:32.500000"),
        ("2022:08:14 11:12:32", "054 ", "-05:00", "2022-08-14T11:12:32.054000-05:00"),
        ("2022:08:14 11:12:32", "", "Z", "2022-08-14T11:12:32+00:00"),
        ("2022-08-14T11:12:32.25+0300", "", "", "2022-08-14T11:12:32.250000+03:00"),
        ("2022/08/14 11:12", "", "", "2022-08-14T11:12:00"),
        ("2022:08:14 11:12:32", "ab", "nonsense", "2022-08-14T11:12:32"),
        ("2022:08:14 11:12:32", "", "+25:00", "2022-08-14T11:12:32"),
    ],
)
def test_forms(written: str, fraction: str, zone: str, expected: str) -> None:
    assert stated_time(written, fraction, zone) == expected


@pytest.mark.parametrize(
    "written",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2022:13:01 00:00:00", "2022:02:30 00:00:00", "2022:08:14",
     "2022:08:14 24:00:00", "2022:08:14 11:61:00", "1066:10:14 09:00:00", "", "yesterday"],
)  # fmt: skip
def test_what_is_no_time(written: str) -> None:
    assert stated_time(written) is None


def test_two_fields_of_iptc() -> None:
    assert packed_time("20220814", "111232+0300") == "2022-08-14T11:12:32+03:00"
    assert packed_time("20220814", "111232") == "2022-08-14T11:12:32"
    assert packed_time("20220814", "") is None
    assert packed_time("00000000", "000000") is None


def test_time_of_satellites() -> None:
    assert utc_time("2018:06:07", [(1, 1), (20, 1), (11, 1)]) == "2018-06-07T01:20:11Z"
    assert utc_time("2018:06:07", [(1, 1), (20, 1), (1150, 100)]) == "2018-06-07T01:20:11.500000Z"
    assert utc_time("2018:06:07", [(1, 0), (20, 1), (11, 1)]) is None
    assert utc_time("2018:06:07", [(25, 1), (20, 1), (11, 1)]) is None
    assert utc_time("0000:00:00", [(1, 1), (20, 1), (11, 1)]) is None
    assert utc_time("2018:06:07", None) is None


@given(st.text(max_size=70), st.text(max_size=8), st.text(max_size=8))
def test_any_text_is_a_time_or_none(written: str, fraction: str, zone: str) -> None:
    moment = stated_time(written, fraction, zone)
    assert moment is None or datetime.fromisoformat(moment)


@given(st.datetimes(min_value=datetime(1826, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 - local time
def test_every_moment_survives(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert stated_time(whole.strftime("%Y:%m:%d %H:%M:%S").rjust(19, "0")) == whole.isoformat()
