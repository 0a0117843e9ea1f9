"""Records sign-ins, second factors and sessions, which `accounts` announces: it stands below us."""

from __future__ import annotations

from collections.abc import Mapping

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from foureyes.workbench.accounts import signals
from foureyes.workbench.accounts.bound import Identity
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append, append_named


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: Officer, **_: object) -> None:
    records = get_authentication_records(request, user)
    ways = [str(record.get("type") or record["method"]) for record in records]
    with transaction.atomic():
        append(user, Did.SIGNED_IN, f"officer:{user.username}", {"by": ways} if ways else {})


@receiver(user_logged_out)
def _signed_out(user: Officer | None, **_: object) -> None:
    if user is not None:
        with transaction.atomic():
            append(user, Did.SIGNED_OUT, f"officer:{user.username}")


@receiver(user_login_failed)
def _refused(credentials: Mapping[str, object], **_: object) -> None:
    _record_refused(str(credentials.get("username", "")), {})


@receiver(signals.sign_in_refused)
def _refused_by_openid(name: str, why: str, **_: object) -> None:
    _record_refused(name, {"by": why})


def _record_refused(untrusted_name: str, detail: Mapping[str, str]) -> None:
    tried = "".join(sign for sign in untrusted_name if sign.isprintable())[:60]
    with transaction.atomic():
        append_named(tried, "", Did.SIGN_IN_REFUSED, [(f"officer:{tried}", detail)])


@receiver(signals.openid_bound)
def _openid_bound(officer: Officer, identity: Identity, **_: object) -> None:
    said = {"issuer": identity.issuer, "subject": identity.subject}
    append(officer, Did.OPENID_BOUND, f"officer:{officer.username}", said)


@receiver(signals.second_factor_added)
def _factor_added(officer: Officer, kind: str, **_: object) -> None:
    append(officer, Did.SECOND_FACTOR_ADDED, f"officer:{officer.username}", {"kind": kind})


@receiver(signals.second_factor_removed)
def _factor_removed(officer: Officer, kind: str, **_: object) -> None:
    append(officer, Did.SECOND_FACTOR_REMOVED, f"officer:{officer.username}", {"kind": kind})


@receiver(signals.second_factor_refused)
def _factor_refused(officer: Officer, where: str, **_: object) -> None:
    append(officer, Did.SECOND_FACTOR_REFUSED, f"officer:{officer.username}", {"where": where})


@receiver(signals.recovery_codes_made)
def _codes_made(officer: Officer, count: int, **_: object) -> None:
    append(officer, Did.RECOVERY_CODES_MADE, f"officer:{officer.username}", {"count": count})


@receiver(signals.password_changed)
def _password_changed(officer: Officer, **_: object) -> None:
    append(officer, Did.PASSWORD_CHANGED, f"officer:{officer.username}")


@receiver(signals.identity_confirmed)
def _confirmed(officer: Officer, way: str, **_: object) -> None:
    append(officer, Did.IDENTITY_CONFIRMED, f"officer:{officer.username}", {"by": way})


@receiver(signals.session_ended)
def _session_ended(officer: Officer, by: Officer | None, **_: object) -> None:
    append(by or officer, Did.SESSION_ENDED, f"officer:{officer.username}")
