"""Records sign-ins and sign-outs, which Django announces. `accounts` stands below and cannot call us."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append, append_named


@receiver(user_logged_in)
def _signed_in(user: Officer, **_: object) -> None:
    with transaction.atomic():
        append(user, Did.SIGNED_IN, f"officer:{user.username}")


@receiver(user_logged_out)
def _signed_out(user: Officer | None, **_: object) -> None:
    if user is not None:
        with transaction.atomic():
            append(user, Did.SIGNED_OUT, f"officer:{user.username}")


@receiver(user_login_failed)
def _refused(credentials: Mapping[str, object], **_: object) -> None:
    untrusted_name = str(credentials.get("username", ""))
    tried = "".join(sign for sign in untrusted_name if sign.isprintable())[:60]
    with transaction.atomic():
        append_named(tried, "", Did.SIGN_IN_REFUSED, [(f"officer:{tried}", {})])
