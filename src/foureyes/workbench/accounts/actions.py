"""Making officers, signing in and out, preferences. Sign-ins are recorded by `audit`, which listens."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts import factors, recent, sessions, signals
from foureyes.workbench.accounts.lockout import forget_failures
from foureyes.workbench.accounts.models import (
    FIRST_ROLES,
    Officer,
    OfficerLanguage,
    OfficerSkill,
    Role,
    Unit,
)
from foureyes.workbench.accounts.stages import SecondFactorStage, give_up
from foureyes.workbench.accounts.words import WORDS_AT_MOST, in_one_spelling, language_code

DEFAULT_AGENCY = "This unit"


@transaction.atomic
def make_officer(
    username: str,
    password: str,
    unit: Unit,
    full_name: str = "",
    roles: Iterable[str] = (Role.EXPERT,),
    *,
    must_change_password: bool = False,
) -> Officer:
    """A new officer of a unit, an expert unless roles are named.

    Raises:
        django.core.exceptions.ValidationError: the name is taken or malformed, the password too weak, or a
            role unknown.
    """
    if unknown := set(roles) - set(Role.values):
        raise ValidationError(_("There is no role %(role)s."), params={"role": min(unknown)})
    candidate = Officer(username=username, unit=unit, full_name=full_name)
    candidate.clean_fields(exclude=["password"])
    candidate.validate_unique()
    validate_password(password, candidate)
    made = Officer.objects.make(username, password, unit, full_name, roles)
    if must_change_password:
        made.must_change_password = True
        made.save(update_fields=["must_change_password"])
    return made


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
        raise ValidationError(_("The name of a unit is one line of printable text."))
    known = Unit.objects.filter(agency=agency, country=country).first()
    if known is not None:
        return known, False
    unit = Unit(agency=agency, country=country, holds_workspace=holding)
    unit.full_clean()
    unit.save()
    return unit, True


def sign_in(request: HttpRequest, username: str, password: str, onward: str) -> HttpResponse | None:
    """Go on to the second factor or open a session; None where they do not fit, or the name is locked."""
    officer = auth.authenticate(request, username=username, password=password)
    if not isinstance(officer, Officer):
        return None
    if request.user.is_authenticated:
        sign_out(request)
    login = Login(user=officer, redirect_url=onward)
    with transaction.atomic():
        answer: HttpResponse = perform_password_login(request, {"username": username}, login)
    return answer


def finish_sign_in(stage: SecondFactorStage) -> HttpResponse:
    """Open the session of a sign-in whose second factor was given."""
    with transaction.atomic():
        answer: HttpResponse = stage.exit()
    return answer


def confirm_by_password(request: HttpRequest, officer: Officer, password: str) -> bool:
    """Whether this is the password of the officer who is signed in; a wrong one counts as at the sign-in."""
    if auth.authenticate(request, username=officer.username, password=password) != officer:
        return False
    recent.confirmed(request, officer, "password")
    return True


def confirm_by_factor(request: HttpRequest, officer: Officer, code: str, credential: object) -> bool:
    """Whether this code or key is the officer's who is signed in; a wrong one counts as at the sign-in."""
    try:
        kind = factors.use(request, officer, code=code, credential=credential, where="again")
    except factors.FactorRefused:
        return False
    recent.confirmed(request, officer, kind)
    forget_failures(officer)
    return True


def change_password(request: HttpRequest, officer: Officer, old: str, new: str) -> None:
    """Give the officer another password; ends every other session of theirs.

    Raises:
        django.core.exceptions.ValidationError: the old one does not fit, the new one is too weak or the same.
    """
    if auth.authenticate(request, username=officer.username, password=old) != officer:
        raise ValidationError(_("The present password does not fit."), code="old")
    if old == new:
        raise ValidationError(_("The new password is the present one."), code="new")
    validate_password(new, officer)
    before = request.session.session_key or ""
    with transaction.atomic():
        sessions.end_all(officer, but=before)
        officer.set_password(new)
        officer.must_change_password = False
        officer.save(update_fields=["password", "must_change_password"])
        auth.update_session_auth_hash(request, officer)
        sessions.renamed(before, request.session.session_key or "")
        signals.password_changed.send(Officer, officer=officer)
        signals.rights_changed.send(Officer, officer=officer, keys=[before])


def sign_out(request: HttpRequest) -> None:
    """End the session; links to media that it was given die with it."""
    give_up(request)
    with transaction.atomic():
        auth.logout(request)


def choose_theme(officer: Officer, theme: str) -> None:
    """Keep how the pages look for this officer; an unknown word changes nothing."""
    if theme in Officer.Theme.values:
        officer.theme = theme
        officer.save(update_fields=["theme"])


def choose_language(officer: Officer, language: str) -> None:
    """Keep in what language the pages speak to this officer; an unknown word changes nothing."""
    if language in Officer.Language.values:
        officer.language = language
        officer.save(update_fields=["language"])


@transaction.atomic
def describe(
    officer: Officer, full_name: str, language: str, languages: Iterable[str], skills: Iterable[str]
) -> None:
    """Keep what an officer says of themselves.

    Raises:
        django.core.exceptions.ValidationError: as `say_what_they_know`, or a name that is too long.
    """
    officer.full_name = " ".join(full_name.split())
    officer.language = language
    officer.clean_fields(exclude=["password", "username", "unit"])
    officer.save(update_fields=["full_name", "language"])
    say_what_they_know(officer, languages, skills)


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
