from __future__ import annotations

import pytest

from foureyes.engine.decoding.facts import FACT_KINDS, fact_is_sound, sound
from foureyes.engine.model import Fact, FactName, FactValue, Origin


def tidied(name: FactName, value: FactValue) -> list[Fact]:
    return list(sound([Fact(name, value, Origin.EXIF)]))


@pytest.mark.parametrize(
    ("untrusted", "clean"),
    [
        ("  Canon\0\0 ", "Canon"),
        ("two\r\nlines", "two lines"),
        ("a\u202egpj.exe", "a gpj.exe"),
        ("half \ud800 of a pair", "half   of a pair"),
        ("x" * 2000, "x" * 1000),
    ],
)
def test_text_is_cleaned_and_cut(untrusted: str, clean: str) -> None:
    assert tidied(FactName.DESCRIPTION, untrusted) == [Fact(FactName.DESCRIPTION, clean, Origin.EXIF)]


def test_nothing_said_is_no_fact() -> None:
    assert tidied(FactName.OWNER, "\0 \0") == []


def test_whole_numbers_become_floats_where_floats_are_said() -> None:
    (fact,) = tidied(FactName.LATITUDE, 48)
    assert isinstance(fact.value, float)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (FactName.LATITUDE, 90.01),
        (FactName.LONGITUDE, float("nan")),
        (FactName.ALTITUDE, float("inf")),
        (FactName.ORIENTATION, 0),
        (FactName.ORIENTATION, "6"),
        (FactName.FILE_NUMBER, 2**63),
        (FactName.SOFTWARE, 7),
        (FactName.FRAME_COUNT, True),
    ],
)
def test_what_is_out_of_range_is_told_and_not_kept(name: FactName, value: FactValue) -> None:
    assert [fact.name for fact in tidied(name, value)] == [FactName.METADATA_FAULT]


def test_a_file_cannot_speak_for_its_source() -> None:
    claim = Fact(FactName.CASE_NUMBER, "7", Origin.SOURCE)
    assert not fact_is_sound(claim)
    assert [fact.name for fact in sound([claim])] == [FactName.METADATA_FAULT]


def test_every_name_has_a_form() -> None:
    assert set(FACT_KINDS) == set(FactName)
