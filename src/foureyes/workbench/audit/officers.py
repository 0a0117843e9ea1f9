"""Makes officers and records it in the same transaction: `accounts` stands below the record and cannot."""

from __future__ import annotations

import getpass
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction

from foureyes.workbench.accounts import officers
from foureyes.workbench.accounts.actions import make_first_officer, make_officer, unit_named
from foureyes.workbench.accounts.models import FIRST_ROLES, Officer, Role
from foureyes.workbench.accounts.queries import anyone_yet, holding_unit, officer_named
from foureyes.workbench.audit.actions import Did, append


@transaction.atomic
def first_officer(username: str, password: str) -> Officer:
    """The first officer, in an unnamed unit that holds the workspace.

    Raises:
        django.core.exceptions.ValidationError: the name is malformed, or the password too weak.
    """
    officer = make_first_officer(username, password)
    append(officer, Did.OFFICER_MADE, f"officer:{officer.username}", {"where": "terminal"})
    return officer


@transaction.atomic
def another_officer(
    username: str,
    password: str,
    agency: str,
    country: str,
    *,
    holding: bool,
    roles: Collection[str] = (),
    must_change_password: bool = False,
) -> tuple[Officer, bool]:
    """An officer of a unit that is made where it is new, and whether it was.

    Args:
        username: Unique in this workspace.
        password: At least 12 characters.
        agency: Name of the unit.
        country: Two letters, or empty.
        holding: The unit holds the workspace: for the first officer, and for nobody after that.
        roles: Values of `Role`; where none is named, an expert, and the first officer all of `FIRST_ROLES`.
        must_change_password: The password is an initial one.

    Raises:
        django.core.exceptions.ValidationError: the name is taken or malformed, the password too weak, the
            unit malformed, or `holding` does not fit.
    """
    if holding and (held := holding_unit()) is not None:
        raise ValidationError(f"The unit {held} holds the workspace already; name it to make officers of it.")
    if not holding and not anyone_yet():
        raise ValidationError(
            "There is no officer yet. Say --holds-workspace to make the first one of the unit that holds the "
            "workspace and sees all of it."
        )
    unit, new = unit_named(agency, country, holding=holding)
    given = sorted(set(roles)) or sorted(FIRST_ROLES if holding else (Role.EXPERT,))
    officer = make_officer(username, password, unit, roles=given, must_change_password=must_change_password)
    detail: dict[str, str | int | list[str]] = {
        "where": "terminal",
        "account": _account(),
        "unit": str(unit),
        "new-unit": "yes" if new else "no",
        "roles": [str(role) for role in given],
    }
    append(officer, Did.OFFICER_MADE, f"officer:{officer.username}", detail)
    return officer, new


@transaction.atomic
def roles_at_terminal(username: str, roles: Collection[str] | None) -> list[str]:
    """The roles of an officer, in order; None changes nothing, others are given exactly.

    Raises:
        django.core.exceptions.ValidationError: no such officer, an unknown role, or the last administrator.
    """
    officer = _known(username)
    if roles is not None:
        come, gone = officers.set_roles(officer, roles)
        if come or gone:
            detail: dict[str, str | int | list[str]] = {
                "where": "terminal",
                "account": _account(),
                "given": come,
                "taken": gone,
            }
            append(officer, Did.ROLES_CHANGED, f"officer:{username}", detail)
    return sorted(officer.roles)


@transaction.atomic
def reset_at_terminal(username: str) -> int:
    """Unlock an officer and take every second factor away; gives how many there were.

    Raises:
        django.core.exceptions.ValidationError: no such officer.
    """
    officer = _known(username)
    officers.unlock(officer)
    count = officers.reset_factors(officer)
    detail: dict[str, str | int | list[str]] = {
        "where": "terminal",
        "account": _account(),
        "count": count,
    }
    append(officer, Did.SECOND_FACTOR_RESET, f"officer:{username}", detail)
    return count


def _known(username: str) -> Officer:
    found = officer_named(username)
    if found is None:
        raise ValidationError(f"There is no officer {username}.")
    return found


def _account() -> str:
    """Who is at the terminal, as the machine knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in the machine's list: a container, say
        return ""
