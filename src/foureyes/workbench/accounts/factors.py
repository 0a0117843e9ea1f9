"""Second factors of officers: added, tried, removed, and the recovery codes that stand in for a lost one.

django-allauth holds them and knows WebAuthn and TOTP; here they are counted, locked, recorded and kept
from being used twice. A code or key is never logged, and a secret is shown only while it is being set up.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret, get_totp_secret, validate_totp_code
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from qrcode.main import QRCode

from foureyes.workbench.accounts import signals
from foureyes.workbench.accounts.held import KINDS, factor_is_required, has_factor, second_factors
from foureyes.workbench.accounts.lockout import count_failure, is_locked_out
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.sealing import SecretUnreadable

MALFORMED = (
    ValidationError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)
"""What the readers of WebAuthn raise at answers that no browser gives (a test makes up such answers)."""
USED_CODES = "used_codes"
"""In the data of an app's factor: the codes that were used last, none of which is good again."""
USED_KEPT = 5
"""While one code is good (three steps of 30 seconds), five codes are at most."""
SHOWN = "shown"
"""In the data of recovery codes: the officer said that they were kept; they are never shown again."""


class FactorRefused(Exception):
    """A code or key that does not fit, or a name that is locked."""


@transaction.atomic
def try_code(officer: Officer, untrusted_code: str) -> Authenticator | None:
    """The officer's app or recovery codes that this code fits; each code fits once."""
    held = Authenticator.objects.select_for_update().filter(user=officer)
    for one in held.exclude(type=Authenticator.Type.WEBAUTHN).order_by("type"):
        fits = _fits_codes if one.type == Authenticator.Type.RECOVERY_CODES else _fits_app
        with suppress(SecretUnreadable):
            if fits(one, untrusted_code):
                return one
    return None


def _fits_codes(codes: Authenticator, untrusted_code: str) -> bool:
    return bool(codes.wrap().validate_code(untrusted_code))


def _fits_app(app: Authenticator, untrusted_code: str) -> bool:
    # allauth keeps used codes in a cache of this process; several processes share the database only.
    code = normalize_user_code(untrusted_code)
    used = app.data.get(USED_CODES, [])
    if code in used or not app.wrap().validate_code(code):
        return False
    app.data[USED_CODES] = [*used, code][-USED_KEPT:]
    app.save(update_fields=["data"])
    return True


def try_key(officer: Officer, credential: object) -> Authenticator | None:
    """The officer's security key that signed this session's challenge."""
    try:
        webauthn.parse_authentication_response(credential)
        found: Authenticator = webauthn.complete_authentication(officer, credential)
    except MALFORMED:
        return None
    return found


def use(request: HttpRequest, officer: Officer, *, code: str, credential: object, where: str) -> str:
    """Use a second factor, a code or a security key; gives its kind.

    Args:
        request: Whose session it is for.
        officer: Whose factor it must be.
        code: From an app, or a recovery code; empty where a key is given.
        credential: What the browser got from a security key, decoded from JSON; None where a code is given.
        where: `sign-in` or `again`, for the record.

    Raises:
        FactorRefused: it does not fit, or the name is locked. The failure was counted and recorded.
    """
    if is_locked_out(officer):
        raise FactorRefused
    found = try_key(officer, credential) if credential is not None else try_code(officer, code)
    if found is None:
        with transaction.atomic():
            count_failure(officer)
            signals.second_factor_refused.send(Officer, officer=officer, where=where)
        raise FactorRefused
    found.user = officer
    post_authentication(request, found, reauthenticated=where == "again")
    return KINDS[found.type]


def new_app_secret() -> str:
    """The secret of the app that is being set up in this session; the same until it is done."""
    return str(get_totp_secret(regenerate=False))


def app_address(officer: Officer, secret: str) -> str:
    """What an authenticator app reads from the picture."""
    return str(get_adapter().build_totp_url(officer, secret))


def qr_path(text: str) -> tuple[str, int]:
    """A QR code as the path of an SVG, one unit to a module, and its width."""
    code = QRCode(border=4)
    code.add_data(text)
    code.make(fit=True)
    rows: list[list[bool]] = code.get_matrix()
    path = "".join(f"M{x},{y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return path, len(rows)


@transaction.atomic
def add_app(request: HttpRequest, officer: Officer, code: str) -> None:
    """Make the app that is being set up a second factor, in place of an app that was one.

    Raises:
        FactorRefused: the code is not the app's.
    """
    secret = new_app_secret()
    if not validate_totp_code(secret, normalize_user_code(code)):
        raise FactorRefused
    first = not has_factor(officer)
    Authenticator.objects.filter(user=officer, type=Authenticator.Type.TOTP).delete()
    app = TOTP.activate(officer, secret).instance
    app.data[USED_CODES] = [normalize_user_code(code)]
    app.save(update_fields=["data"])
    clear_totp_secret(request)
    _added(officer, "app", first=first)


def key_options(officer: Officer) -> dict[str, Any]:
    """What the browser is asked for to make a new security key known."""
    options: dict[str, Any] = webauthn.begin_registration(officer, passwordless=False)
    return options


def signing_options(officer: Officer) -> dict[str, Any]:
    """What the browser is asked for to use a security key."""
    options: dict[str, Any] = webauthn.begin_authentication(officer)
    return options


@transaction.atomic
def add_key(officer: Officer, name: str, credential: object) -> None:
    """Make a security key a second factor.

    Raises:
        FactorRefused: it did not sign this session's challenge.
    """
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except MALFORMED as error:
        raise FactorRefused from error
    first = not has_factor(officer)
    webauthn.WebAuthn.add(officer, name or str(_("Security key")), credential)
    _added(officer, "key", first=first)


def _added(officer: Officer, kind: str, *, first: bool) -> None:
    signals.second_factor_added.send(Officer, officer=officer, kind=kind)
    if first:
        make_codes(officer)


@transaction.atomic
def remove(officer: Officer, number: int) -> bool:
    """Take a second factor away; with the last one go the recovery codes. Whether there was such a one.

    Raises:
        FactorRefused: it is the last one, and one is required.
    """
    held = second_factors(user=officer)
    found = held.filter(pk=number).first()
    if found is None:
        return False
    last = held.count() == 1
    if last and factor_is_required():
        raise FactorRefused
    found.delete()
    signals.second_factor_removed.send(Officer, officer=officer, kind=KINDS[found.type])
    if last:
        Authenticator.objects.filter(user=officer).delete()
    return True


@transaction.atomic
def remove_all(officer: Officer) -> int:
    """Take every second factor away, recovery codes too; gives how many factors there were."""
    held = Authenticator.objects.filter(user=officer)
    count = held.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    held.delete()
    return int(count)


@transaction.atomic
def make_codes(officer: Officer) -> None:
    """New recovery codes in place of the old ones."""
    Authenticator.objects.filter(user=officer, type=Authenticator.Type.RECOVERY_CODES).delete()
    made = RecoveryCodes.activate(officer)
    signals.recovery_codes_made.send(Officer, officer=officer, count=len(made.generate_codes()))


def codes_to_keep(officer: Officer) -> list[str]:
    """Recovery codes that the officer has not yet said to have kept; empty afterwards, for good."""
    held = _codes_of(officer)
    return [] if held is None or held.data.get(SHOWN) else _unused(held)


def codes_left(officer: Officer) -> int:
    """How many recovery codes were not used."""
    held = _codes_of(officer)
    return 0 if held is None else len(_unused(held))


@transaction.atomic
def codes_were_kept(officer: Officer) -> None:
    """Show the recovery codes no more."""
    held = Authenticator.objects.select_for_update().filter(
        user=officer, type=Authenticator.Type.RECOVERY_CODES
    )
    for one in held:
        one.data[SHOWN] = True
        one.save(update_fields=["data"])


def _unused(held: Authenticator) -> list[str]:
    with suppress(SecretUnreadable):
        return list(held.wrap().get_unused_codes())
    return []


def _codes_of(officer: Officer) -> Authenticator | None:
    found: Authenticator | None = Authenticator.objects.filter(
        user=officer, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    return found
