"""Makes officers and records it in the same transaction: `accounts` stands below the record and cannot."""

from __future__ import annotations

import getpass

from django.core.exceptions import ValidationError
from django.db import transaction

from foureyes.workbench.accounts.actions import make_first_officer, make_officer, unit_named
from foureyes.workbench.accounts.models import FIRST_ROLES, Officer, Role
from foureyes.workbench.accounts.queries import anyone_yet, holding_unit
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
    username: str, password: str, agency: str, country: str, *, holding: bool
) -> tuple[Officer, bool]:
    """An officer of a unit that is made where it is new, and whether it was.

    Args:
        username: Unique in this workspace.
        password: At least 12 characters.
        agency: Name of the unit.
        country: Two letters, or empty.
        holding: The unit holds the workspace: for the first officer, and for nobody after that.

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
    roles = FIRST_ROLES if holding else (Role.EXPERT,)
    officer = make_officer(username, password, unit, roles=roles)
    detail = {
        "where": "terminal",
        "account": _account(),
        "unit": str(unit),
        "new-unit": "yes" if new else "no",
    }
    append(officer, Did.OFFICER_MADE, f"officer:{officer.username}", detail)
    return officer, new


def _account() -> str:
    """Who is at the terminal, as the machine knows them; empty where it does not."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user in the machine's list: a container, say
        return ""
