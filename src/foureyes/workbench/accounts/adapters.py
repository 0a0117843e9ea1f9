"""How django-allauth behaves here: our stages, our words, secrets encrypted, no account ever made by it."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect

from foureyes.workbench.accounts import bound, signals
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.queries import active_officer, is_locked
from foureyes.workbench.accounts.sealing import seal, unseal

REFUSED_BY_OPENID = "openid_refused"
"""Key in the session: the sign-in page says it once."""


class OfficerAdapter(DefaultAccountAdapter):  # type: ignore[misc] # untyped
    """Sign-in of officers who exist already."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: administrators make officers."""
        del request
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: our pages say what happened."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: officers have no address, and no mail leaves."""

    def get_login_stages(self) -> list[str]:
        """The password, then the second factor."""
        return ["foureyes.workbench.accounts.stages.SecondFactorStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Never by allauth: our views ask `recent.require_recent_sign_in`, which keeps the form."""
        del app, kwargs
        return False


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # untyped
    """Second factors. Their secrets lie encrypted in the database, under a key made of the secret key."""

    def encrypt(self, text: str) -> str:
        """Encrypted text."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The text again.

        Raises:
            SecretUnreadable: the secret key was changed since.
        """
        return unseal(encrypted_text)


class OpenIDAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # untyped
    """Sign-in by OpenID Connect, of active officers who exist already."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: administrators make officers."""
        del request, sociallogin
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        """Nobody: what the server says of a person, hostile or not, is no officer of ours."""
        del request, data
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find the officer whom the configured claim names; refuse where there is none, or another subject.

        Raises:
            ImmediateHttpResponse: back to the sign-in page, which says that it was refused.
        """
        claims = sociallogin.account.extra_data.get("id_token", {})
        untrusted_name = claims.get(settings.FOUREYES_OPENID.get("claim", ""))
        name = untrusted_name if isinstance(untrusted_name, str) else ""
        officer = active_officer(name) if name else None
        identity = bound.identity_in(claims)
        refused = officer is None or identity is None or officer.is_program or is_locked(name)
        if officer is None or identity is None or refused or not bound.fits(officer, identity):
            with transaction.atomic():
                signals.sign_in_refused.send(Officer, name=name, why="openid")
            request.session[REFUSED_BY_OPENID] = True
            raise ImmediateHttpResponse(redirect("accounts:sign-in"))
        sociallogin.user = officer
