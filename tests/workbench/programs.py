"""A program that speaks to the API with a token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.test import Client

from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer, Role, Unit
from foureyes.workbench.api.actions import make_token
from foureyes.workbench.api.models import Scope, Token
from workbench.cast import PASSWORD

ALL = tuple(Scope.values)


def administrator(unit: Unit) -> Officer:
    """Somebody who may make tokens."""
    known = Officer.objects.filter(username="adam").first()
    return known or make_officer("adam", PASSWORD, unit, roles=(Role.ADMINISTRATOR,))


@dataclass
class Program:
    """One program: its token, and requests with it."""

    token: Token
    secret: str

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        key: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and what was said, as JSON where it is; paths are relative to the API's root."""
        sent = {
            "Authorization": f"Bearer {self.secret}",
            **({"Idempotency-Key": key} if key else {}),
            **(headers or {}),
        }
        data = b"" if body is None else json.dumps(body).encode()
        response = Client().generic(
            method, f"/api/1/{path}", data, content_type="application/json", headers=sent
        )
        is_json = "json" in response.headers["Content-Type"]
        return response.status_code, json.loads(response.content) if is_json else response.content


def program_of(unit: Unit, scopes: Sequence[str] = ALL, purpose: str = "counting series") -> Program:
    """A program of a unit."""
    return Program(*make_token(administrator(unit), unit.pk, purpose, scopes, 14))
