"""One OpenID Connect server whose officers may sign in. The signature of what it says is always checked.

It never makes an officer and never stands in for our own second factor. Off unless the settings name
a server.
"""

from __future__ import annotations

from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foureyes.workbench.accounts.bound import identity_in

PROVIDER = "openid"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Public keys only: with a shared secret, whoever holds it could speak for the server."""
LEEWAY_SECONDS = 30


def is_on() -> bool:
    """Whether the settings name a server."""
    return bool(settings.FOUREYES_OPENID)


class CheckedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc] # untyped
    """As django-allauth's, which trusts TLS alone for a token that it fetched itself; this one does not."""

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        try:
            keys = jwt.PyJWKSet.from_dict(answer.json())
            key = keys[jwt.get_unverified_header(id_token).get("kid", "")]
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("The identity token is not to be trusted") from error
        if identity_in(claims) is None:
            raise OAuth2Error("The identity token names no subject that can be kept")
        return claims


def begin(request: HttpRequest, onward: str) -> HttpResponseBase:
    """Send the browser to the server; it comes back with a code that only this session can use.

    Raises:
        requests.RequestException: the server does not answer.
    """
    provider = CheckedAdapter(request, PROVIDER).get_provider()
    provider.oauth2_adapter_class = CheckedAdapter
    answer: HttpResponseBase = provider.redirect(request, process="login", next_url=onward)
    return answer


def finish(request: HttpRequest) -> HttpResponseBase:
    """Exchange the code for a token, check it, and sign the officer in whom it names."""
    answer: HttpResponseBase = OAuth2CallbackView.adapter_view(CheckedAdapter(request, PROVIDER))(request)
    return answer
