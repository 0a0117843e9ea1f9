"""What officers read and know, and who is found by it."""

from __future__ import annotations

import pytest

from workbench import cast  # noqa: F401 - sets Django up

# isort: split
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from foureyes.workbench.accounts.actions import say_what_they_know
from foureyes.workbench.accounts.models import Officer, OfficerLanguage, OfficerSkill
from foureyes.workbench.accounts.queries import known_words, officers_who
from foureyes.workbench.accounts.words import LANGUAGES, in_one_spelling, language_name

pytest_plugins = ["workbench.stage"]


def test_officers_are_found_by_language_or_skill_in_any_spelling(ida: Officer, otto: Officer) -> None:
    say_what_they_know(ida, ["PL", "nl"], ["Trains", "car  number\nplates"])
    say_what_they_know(otto, ["pl"], ["wallpaper"])
    assert officers_who(["pl"]) == [ida, otto]
    assert officers_who(["TRAINS"]) == [ida]
    assert officers_who(["Car Number  Plates", "Wallpaper"]) == [ida, otto]
    assert officers_who(["ships"]) == officers_who([]) == officers_who([" "]) == []
    assert known_words() == [
        ("language", "nl"),
        ("language", "pl"),
        ("skill", "car number plates"),
        ("skill", "trains"),
        ("skill", "wallpaper"),
    ]


def test_what_is_no_longer_said_is_gone_and_what_stays_stays(ida: Officer) -> None:
    say_what_they_know(ida, ["pl", "nl"], ["trains"])
    kept = ida.languages.get(code="nl").pk
    say_what_they_know(ida, ["nl", "fr"], [])
    assert {one.code for one in ida.languages.all()} == {"nl", "fr"}
    assert ida.languages.get(code="nl").pk == kept
    assert not ida.skills.exists()


def test_officers_who_left_are_not_asked(ida: Officer, otto: Officer) -> None:
    say_what_they_know(ida, ["pl"], [])
    say_what_they_know(otto, ["pl"], ["ships"])
    Officer.objects.filter(pk=otto.pk).update(is_active=False)
    assert officers_who(["pl", "ships"]) == [ida]
    assert known_words() == [("language", "pl")]


def test_a_line_end_after_it_is_no_part_of_a_name_or_a_country(ida: Officer) -> None:
    """`$` in a pattern stands before a last line end as well."""
    ida.username = "ida\n"
    with pytest.raises(ValidationError, match="only"):
        ida.clean_fields()
    ida.unit.country = "N\n"
    with pytest.raises(ValidationError, match="ISO 3166-1"):
        ida.unit.clean_fields()
    with pytest.raises(DatabaseError), transaction.atomic():
        OfficerLanguage.objects.create(officer=ida, code="en\n")


@pytest.mark.parametrize(
    ("languages", "skills"),
    [
        (["xx"], []),
        (["polish"], []),
        ([], [" "]),
        ([], ["x" * 41]),
        ([], ["a\x00b"]),
        ([], [f"word {number}" for number in range(61)]),
    ],
)
def test_a_malformed_profile_changes_nothing(ida: Officer, languages: list[str], skills: list[str]) -> None:
    say_what_they_know(ida, ["pl"], ["trains"])
    with pytest.raises(ValidationError):
        say_what_they_know(ida, languages, skills)
    assert known_words() == [("language", "pl"), ("skill", "trains")]


def test_the_database_itself_refuses_doubles_and_malformed_words(ida: Officer) -> None:
    say_what_they_know(ida, ["pl"], ["trains"])
    for row in (
        OfficerLanguage(officer=ida, code="pl"),
        OfficerLanguage(officer=ida, code="PL"),
        OfficerLanguage(officer=ida, code=""),
        OfficerSkill(officer=ida, word="trains"),
        OfficerSkill(officer=ida, word=""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@given(st.text(max_size=60))
def test_one_spelling_is_stable(word: str) -> None:
    try:
        once = in_one_spelling(word)
    except ValidationError:
        return
    assert in_one_spelling(once) == once


def test_languages_have_names() -> None:
    assert len(LANGUAGES) == 183
    assert language_name("pl") == "Polish"
    assert language_name("aa") == "aa"
