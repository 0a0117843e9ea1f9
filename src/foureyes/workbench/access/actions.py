"""Administration: units, officers, their roles. Each change is asked of `rules`, recorded, and holds at once.

An administrator sees no media, cannot take the role from themselves, and cannot be the last to lose it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts import actions as accounts
from foureyes.workbench.accounts import bound, officers
from foureyes.workbench.accounts.models import Officer, Role, Unit
from foureyes.workbench.audit.actions import Did, append


@transaction.atomic
def make_unit(viewer: object, agency: str, country: str) -> Unit:
    """A new unit.

    Raises:
        django.http.Http404: the viewer is no administrator.
        django.core.exceptions.ValidationError: there is one of this name and country, or they are malformed.
    """
    by = require_ever(viewer, Action.ADMINISTER)
    unit, new = accounts.unit_named(agency, country)
    if not new:
        raise ValidationError(_("There is a unit of this name and country."))
    append(by, Did.UNIT_MADE, f"unit:{unit.pk}", {"unit": str(unit)})
    return unit


@transaction.atomic
def rename_unit(viewer: object, number: int, agency: str, country: str) -> Unit:
    """Give a unit another name or country.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such unit.
        django.core.exceptions.ValidationError: another unit has this name and country, or they are malformed.
    """
    by = require_ever(viewer, Action.ADMINISTER)
    unit = Unit.objects.select_for_update().filter(pk=number).first()
    if unit is None:
        raise Http404
    before = str(unit)
    unit.agency, unit.country = agency.strip(), country.strip().upper()
    if not unit.agency.isprintable():
        raise ValidationError(_("The name of a unit is one line of printable text."))
    unit.full_clean()
    unit.save(update_fields=["agency", "country"])
    append(by, Did.UNIT_RENAMED, f"unit:{unit.pk}", {"old": before, "new": str(unit)})
    return unit


@transaction.atomic
def make_officer(
    viewer: object, username: str, full_name: str, unit_number: int, roles: Iterable[str]
) -> tuple[Officer, str]:
    """A new officer, and the initial password that they must change at their first sign-in.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such unit.
        django.core.exceptions.ValidationError: the name is taken or malformed, or a role unknown.
    """
    by = require_ever(viewer, Action.ADMINISTER)
    unit = Unit.objects.filter(pk=unit_number).first()
    if unit is None:
        raise Http404
    password, wanted = officers.initial_password(), sorted(set(roles))
    made = accounts.make_officer(
        username, password, unit, " ".join(full_name.split()), wanted, must_change_password=True
    )
    append(by, Did.OFFICER_MADE, f"officer:{made.username}", {"unit": str(unit), "roles": wanted})
    return made, password


@transaction.atomic
def change_roles(viewer: object, username: str, roles: Iterable[str]) -> Officer:
    """Give an officer exactly these roles, at once.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
        django.core.exceptions.ValidationError: a role is unknown, it is one's own role of administrator that
            would go, or the last one.
    """
    by, officer = _both(viewer, username)
    wanted = set(roles)
    if officer == by and Role.ADMINISTRATOR not in wanted:
        raise ValidationError(_("You cannot take this role from yourself: another administrator can."))
    come, gone = officers.set_roles(officer, wanted)
    if come or gone:
        append(by, Did.ROLES_CHANGED, f"officer:{username}", {"given": come, "taken": gone})
    return officer


@transaction.atomic
def deactivate(viewer: object, username: str) -> Officer:
    """Let an officer sign in no more, and end every session of theirs.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
        django.core.exceptions.ValidationError: it is oneself, or the last administrator.
    """
    by, officer = _both(viewer, username)
    if officer == by:
        raise ValidationError(_("You cannot deactivate yourself: another administrator can."))
    if officers.set_active(officer, active=False, by=by):
        append(by, Did.OFFICER_DEACTIVATED, f"officer:{username}")
    return officer


@transaction.atomic
def activate(viewer: object, username: str) -> Officer:
    """Let an officer sign in again.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
        django.core.exceptions.ValidationError: it is a program, whose token stays revoked.
    """
    by, officer = _both(viewer, username)
    if officer.is_program:
        raise ValidationError(_("Its token was revoked for good: make a new one."))
    if officers.set_active(officer, active=True, by=by):
        append(by, Did.OFFICER_ACTIVATED, f"officer:{username}")
    return officer


@transaction.atomic
def unlock(viewer: object, username: str) -> Officer:
    """Let a name that failures locked try again.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
    """
    by, officer = _both(viewer, username)
    officers.unlock(officer)
    append(by, Did.OFFICER_UNLOCKED, f"officer:{username}")
    return officer


@transaction.atomic
def reset_factors(viewer: object, username: str) -> Officer:
    """Take a lost second factor away, with all others and the recovery codes; ends every session of theirs.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
        django.core.exceptions.ValidationError: it is oneself, who removes them on the own page.
    """
    by, officer = _both(viewer, username)
    if officer == by:
        raise ValidationError(_("Your own second factors are on your own page."))
    count = officers.reset_factors(officer, by=by)
    append(by, Did.SECOND_FACTOR_RESET, f"officer:{username}", {"count": count})
    return officer


@transaction.atomic
def unbind_openid(viewer: object, username: str) -> Officer:
    """Let another identity of the OpenID Connect server be the officer's: the next that signs in as them.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
    """
    by, officer = _both(viewer, username)
    if (was := bound.unbind(officer)) is not None:
        said = {"issuer": was.issuer, "subject": was.subject}
        append(by, Did.OPENID_UNBOUND, f"officer:{username}", said)
    return officer


@transaction.atomic
def set_initial_password(viewer: object, username: str) -> tuple[Officer, str]:
    """Give an officer a new initial password, and end every session of theirs.

    Raises:
        django.http.Http404: the viewer is no administrator, or there is no such officer.
        django.core.exceptions.ValidationError: it is oneself, who changes it on the own page; or a program.
    """
    by, officer = _both(viewer, username)
    if officer == by:
        raise ValidationError(_("Your own password is on your own page."))
    if officer.is_program:
        raise ValidationError(_("A program acts as them by its token: nobody signs in as them."))
    password = officers.set_initial_password(officer, by=by)
    append(by, Did.INITIAL_PASSWORD_SET, f"officer:{username}")
    return officer, password


def _both(viewer: object, username: str) -> tuple[Officer, Officer]:
    """The administrator, and the officer whom they change, held until the transaction ends."""
    by = require_ever(viewer, Action.ADMINISTER)
    # PostgreSQL locks no row of a joined table that may be missing: the unit is fetched by itself.
    officer = Officer.objects.select_for_update().filter(username=username).first()
    if officer is None:
        raise Http404
    return by, officer
