"""Notices changes by which somebody may see more or less, and sign-outs: open channels ask `access` again.

Catches what is saved and deleted one by one; bulk changes are announced by who makes them, or noticed within
`hub.ASKED_AGAIN_SECONDS`.
"""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat, TakesPart
from foureyes.workbench.accounts import signals
from foureyes.workbench.accounts.models import Officer, RoleHeld, Unit
from foureyes.workbench.live import actions

DECIDE_RIGHTS: tuple[type[Model], ...] = (Assignment, Edition, Placed, Seat, TakesPart, RoleHeld, Unit)
OF_OFFICERS = frozenset({"is_active", "unit"})
"""What of an officer decides; signing in saves others."""


@receiver(post_save)
@receiver(post_delete)
def _changed(sender: type[Model], update_fields: frozenset[str] | None = None, **_: object) -> None:
    of_officer = sender is Officer and (update_fields is None or not OF_OFFICERS.isdisjoint(update_fields))
    if of_officer or sender in DECIDE_RIGHTS:
        actions.tell_rights_changed()


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, **_: object) -> None:
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        with transaction.atomic():
            actions.tell_session_ended(session.session_key)


@receiver(signals.session_ended)
def _session_ended(key: str, **_: object) -> None:
    actions.tell_session_ended(key)


@receiver(signals.rights_changed)
def _rights_changed(**_: object) -> None:
    actions.tell_rights_changed()
