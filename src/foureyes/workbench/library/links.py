"""Makes the signed links to previews and revealed thumbnails of this server, and ends them at sign-out."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from foureyes.workbench.access.tokens import Kind, Material, Tokens
from foureyes.workbench.accounts.signals import rights_changed, session_ended


@lru_cache(maxsize=4)
def _tokens_of(key: str, seconds: int) -> Tokens:
    return Tokens(key, seconds)


def tokens() -> Tokens:
    """The one maker and checker of links in this process."""
    return _tokens_of(settings.SECRET_KEY, settings.FOUREYES_MEDIA_TOKEN_SECONDS)


def link(request: HttpRequest, kind: Kind, name: str) -> str:
    """A link that opens this material for the session of the request, for a short time."""
    return tokens().path(Material(kind, name), request.session.session_key or "")


@receiver(session_ended)
def _end_links_of(key: str, **_: object) -> None:
    tokens().end_session(key)


@receiver(rights_changed)
def _end_links_of_all(keys: list[str], **_: object) -> None:
    for key in keys:
        tokens().end_links(key)


@receiver(user_logged_out)
def _end_links(request: HttpRequest, **_: object) -> None:
    if session := request.session.session_key:
        tokens().end_session(session)
