"""Making officers, signing in and out, preferences. Sign-ins are recorded by `audit`, which listens."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import (
    FIRST_ROLES,
    Officer,
    OfficerLanguage,
    OfficerSkill,
    Role,
    Unit,
)
from foureyes.workbench.accounts.words import WORDS_AT_MOST, in_one_spelling, language_code

DEFAULT_AGENCY = "This unit"


@transaction.atomic
def make_officer(
    username: str,
    password: str,
    unit: Unit,
    full_name: str = "",
    roles: Iterable[str] = (Role.EXPERT,),
) -> Officer:
    """A new officer of a unit, an expert unless roles are named.

    Raises:
        django.core.exceptions.ValidationError: the name is taken or malformed, the password too weak.
    """
    candidate = Officer(username=username, unit=unit, full_name=full_name)
    candidate.clean_fields(exclude=["password"])
    candidate.validate_unique()
    validate_password(password, candidate)
    return Officer.objects.make(username, password, unit, full_name, roles)


@transaction.atomic
def make_first_officer(
    username: str, password: str, agency: str = DEFAULT_AGENCY, country: str = ""
) -> Officer:
    """The first officer, and the unit that holds the workspace.

    Raises:
        django.core.exceptions.ValidationError: as `make_officer`.
    """
    unit, _ = Unit.objects.get_or_create(
        holds_workspace=True, defaults={"agency": agency, "country": country.upper()}
    )
    return make_officer(username, password, unit, roles=FIRST_ROLES)


@transaction.atomic
def unit_named(agency: str, country: str = "", *, holding: bool = False) -> tuple[Unit, bool]:
    """The unit of this agency and country, and whether it was made just now.

    Args:
        agency: Its name, exactly as other officers of it were given.
        country: Two letters of ISO 3166-1, or empty.
        holding: Mark a new unit as the one that holds the workspace.

    Raises:
        django.core.exceptions.ValidationError: the name is empty, too long or unprintable, the country is
            not two letters.
    """
    agency, country = agency.strip(), country.strip().upper()
    if not agency.isprintable():
        raise ValidationError("The name of a unit is one line of printable text.")
    known = Unit.objects.filter(agency=agency, country=country).first()
    if known is not None:
        return known, False
    unit = Unit(agency=agency, country=country, holds_workspace=holding)
    unit.full_clean()
    unit.save()
    return unit, True


def sign_in(request: HttpRequest, username: str, password: str) -> Officer | None:
    """Open a session, or None where name and password do not fit or the account is locked."""
    officer = auth.authenticate(request, username=username, password=password)
    if not isinstance(officer, Officer):
        return None
    with transaction.atomic():
        auth.login(request, officer)
    return officer


def sign_out(request: HttpRequest) -> None:
    """End the session; links to media that it was given die with it."""
    with transaction.atomic():
        auth.logout(request)


def choose_theme(officer: Officer, theme: str) -> None:
    """Keep how the pages look for this officer; an unknown word changes nothing."""
    if theme in Officer.Theme.values:
        officer.theme = theme
        officer.save(update_fields=["theme"])


@transaction.atomic
def say_what_they_know(officer: Officer, languages: Iterable[str], skills: Iterable[str]) -> None:
    """Put these languages and skills in place of those that the profile held.

    Args:
        officer: Whose profile it is.
        languages: Codes of ISO 639-1.
        skills: Short words; spelling is made one.

    Raises:
        django.core.exceptions.ValidationError: a code is unknown, a word empty or too long, or too many.
    """
    codes = {language_code(word) for word in languages}
    words = {in_one_spelling(word) for word in skills}
    if max(len(codes), len(words)) > WORDS_AT_MOST:
        raise ValidationError(
            _("At most %(most)s languages and as many skills."), params={"most": WORDS_AT_MOST}
        )
    officer.languages.exclude(code__in=codes).delete()
    officer.skills.exclude(word__in=words).delete()
    OfficerLanguage.objects.bulk_create(
        [OfficerLanguage(officer=officer, code=code) for code in sorted(codes)], ignore_conflicts=True
    )
    OfficerSkill.objects.bulk_create(
        [OfficerSkill(officer=officer, word=word) for word in sorted(words)], ignore_conflicts=True
    )
