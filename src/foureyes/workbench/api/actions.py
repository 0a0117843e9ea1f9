"""Makes and revokes tokens, and says whose a secret is. A secret is shown once and kept nowhere."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.models import Seat, TakesPart
from foureyes.workbench.access.rules import Action, require_ever
from foureyes.workbench.accounts.models import Officer, Role, RoleHeld, Unit
from foureyes.workbench.api.models import Scope, Token
from foureyes.workbench.audit.actions import Did, append

PREFIX = "foureyes_"
SECRET_BYTES = 32
DAYS_AT_MOST = 366
PURPOSE_AT_MOST = 100
USED_STEP = timedelta(minutes=1)


class NotMade(Exception):
    """No token was made; the message says why."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that may speak now."""

    officer: Officer
    token: Token

    def holds(self, scope: Scope) -> bool:
        """Whether the token is for this."""
        return scope in self.token.scopes


@transaction.atomic
def make_token(
    viewer: object, unit_id: int, purpose: str, scopes: Sequence[str], days: int
) -> tuple[Token, str]:
    """A token for a program of a unit, and its secret, which is shown this once.

    The service officer gets a seat in every edition of today in which the unit takes part; a coordinator
    gives and takes further ones as for any officer.

    Raises:
        django.http.Http404: not for this viewer, or no such unit.
        NotMade: purpose, scopes or days make no sense.
    """
    by = require_ever(viewer, Action.ADMINISTER)
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise Http404
    purpose = " ".join(purpose.split())
    if not purpose or not purpose.isprintable() or len(purpose) > PURPOSE_AT_MOST:
        raise NotMade(
            _("Say in one line of at most 100 characters what the program is for. Nothing was made.")
        )
    if not set(scopes) <= set(Scope.values) or not 1 <= days <= DAYS_AT_MOST:
        raise NotMade(_("A token lasts 1 to 366 days and has the scopes of the list. Nothing was made."))
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token.objects.create(
        unit=unit,
        officer=_service_officer(unit, purpose),
        purpose=purpose,
        scopes=sorted({Scope.READ.value, *scopes}),
        secret_sha256=_hashed(secret),
        made_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    detail: dict[str, str | int | list[str]] = {
        "unit": str(unit),
        "purpose": purpose,
        "scopes": list(token.scopes),
        "expires": token.expires_at.isoformat(timespec="seconds"),
    }
    append(by, Did.TOKEN_MADE, f"officer:{token.officer.username}", detail)
    return token, secret


@transaction.atomic
def revoke_token(viewer: object, number: int) -> Token:
    """End a token: from the next request on it opens nothing.

    Raises:
        django.http.Http404: not for this viewer, or no such token.
    """
    by = require_ever(viewer, Action.ADMINISTER)
    token = Token.objects.select_for_update().filter(pk=number).first()
    if token is None:
        raise Http404
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = timezone.now(), by
        token.save(update_fields=["revoked_at", "revoked_by"])
        Officer.objects.filter(pk=token.officer_id).update(is_active=False)
        append(by, Did.TOKEN_REVOKED, f"officer:{token.officer.username}", {"purpose": token.purpose})
    return token


def caller_with(untrusted_secret: str) -> Caller | None:
    """Who speaks; None for a secret that is unknown, revoked or expired."""
    if not untrusted_secret.startswith(PREFIX):
        return None
    now = timezone.now()
    token = (
        Token.objects.select_related("officer__unit")
        .filter(
            secret_sha256=_hashed(untrusted_secret),
            revoked_at__isnull=True,
            expires_at__gt=now,
            officer__is_active=True,
        )
        .first()
    )
    if token is None:
        return None
    if token.used_at is None or now - token.used_at > USED_STEP:
        Token.objects.filter(pk=token.pk).update(used_at=now)
    return Caller(token.officer, token)


def _service_officer(unit: Unit, purpose: str) -> Officer:
    """An officer of the unit who has no password."""
    officer = Officer(username=f"program-{secrets.token_hex(4)}", full_name=f"Program: {purpose}", unit=unit)
    officer.set_unusable_password()
    officer.save()
    RoleHeld.objects.create(officer=officer, role=Role.EXPERT)
    today = timezone.now().date()
    editions = TakesPart.objects.filter(
        unit=unit, edition__opens__lte=today, edition__closes__gte=today, edition__closed_at__isnull=True
    ).values_list("edition_id", flat=True)
    Seat.objects.bulk_create(Seat(edition_id=edition, officer=officer) for edition in editions)
    return officer


def _hashed(secret: str) -> str:
    # 256 random bits need no slow hash: nobody tries them out.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
