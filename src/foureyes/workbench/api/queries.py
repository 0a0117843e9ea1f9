"""Reads of tokens for administrators, and of editions for programs. The viewer comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from foureyes.workbench.access.models import Edition
from foureyes.workbench.access.rules import Action, open_editions, require_ever
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.api.models import Token


@dataclass(frozen=True, slots=True)
class TokensPage:
    """All tokens, and the units that a token can be made for."""

    tokens: Sequence[Token]
    units: Sequence[Unit]


def tokens_page(viewer: object) -> TokensPage:
    """Tokens of all units, those that still open something first.

    Raises:
        django.http.Http404: not for this viewer.
    """
    require_ever(viewer, Action.ADMINISTER)
    rows = list(Token.objects.select_related("unit", "officer", "made_by", "revoked_by").order_by("-made_at"))
    now = timezone.now()
    rows.sort(key=lambda token: token.revoked_at is not None or token.expires_at <= now)
    return TokensPage(rows, list(Unit.objects.order_by("agency", "country")))


def editions_of(viewer: Officer) -> list[Edition]:
    """Editions that are open today and in which the viewer has a seat."""
    return list(Edition.objects.filter(id__in=open_editions(viewer)).order_by("id"))
