"""What somebody else changes about an officer: roles, leave to sign in, a lost password or second factor.

Takes effect on running sessions at once. Asks no rights and records nothing: `access.actions` does, and
`audit.officers` for the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts import factors, lockout, sessions, signals
from foureyes.workbench.accounts.models import Officer, Role, RoleHeld


@transaction.atomic
def set_roles(officer: Officer, roles: Iterable[str]) -> tuple[list[str], list[str]]:
    """Give an officer exactly these roles, at once; gives those that came and those that went, in order.

    Raises:
        django.core.exceptions.ValidationError: a role is unknown, or nobody would administer any more.
    """
    wanted = set(roles)
    if unknown := wanted - set(Role.values):
        raise ValidationError(_("There is no role %(role)s."), params={"role": min(unknown)})
    _lock_administrators()
    held = set(officer.roles_held.values_list("role", flat=True))
    gone, come = held - wanted, wanted - held
    if Role.ADMINISTRATOR in gone:
        _keep_another_administrator(officer)
    officer.roles_held.filter(role__in=gone).delete()
    for role in sorted(come):
        RoleHeld.objects.create(officer=officer, role=role)
    officer.__dict__.pop("roles", None)
    _rights_changed(officer)
    return sorted(come), sorted(gone)


@transaction.atomic
def set_active(officer: Officer, *, active: bool, by: Officer | None = None) -> bool:
    """Let an officer sign in, or no longer: then every session of theirs ends. Whether that changed anything.

    Raises:
        django.core.exceptions.ValidationError: nobody would administer any more.
    """
    _lock_administrators()
    if not active and officer.roles_held.filter(role=Role.ADMINISTRATOR).exists():
        _keep_another_administrator(officer)
    changed = officer.is_active != active
    officer.is_active = active
    officer.save(update_fields=["is_active"])
    if not active:
        sessions.end_all(officer, by=by)
    return changed


@transaction.atomic
def set_initial_password(officer: Officer, *, by: Officer | None = None) -> str:
    """A new password that must be changed at the next sign-in; ends all sessions of the officer."""
    password = initial_password()
    officer.set_password(password)
    officer.must_change_password = True
    officer.save(update_fields=["password", "must_change_password"])
    sessions.end_all(officer, by=by)
    return password


def initial_password() -> str:
    """A password to be told to somebody: 79 bits, without letters that look alike."""
    return "-".join(get_random_string(4, "abcdefghjkmnpqrstuvwxyz23456789") for _group in range(4))


@transaction.atomic
def reset_factors(officer: Officer, *, by: Officer | None = None) -> int:
    """Take every second factor of an officer away and end all their sessions; gives how many there were."""
    count = factors.remove_all(officer)
    sessions.end_all(officer, by=by)
    return count


def unlock(officer: Officer) -> None:
    """Let a name that failures locked try again."""
    lockout.forget_failures(officer)


def _lock_administrators() -> None:
    # Two administrators who take each other's role away at once must not both succeed.
    list(RoleHeld.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))


def _keep_another_administrator(officer: Officer) -> None:
    others = RoleHeld.objects.filter(role=Role.ADMINISTRATOR, officer__is_active=True).exclude(
        officer=officer
    )
    if not others.exists():
        raise ValidationError(_("This is the last administrator: make another one first."))


def _rights_changed(officer: Officer) -> None:
    keys = list(officer.sessions.values_list("key", flat=True))
    signals.rights_changed.send(Officer, officer=officer, keys=keys)
