"""Makes the signed links to previews and revealed thumbnails; they end with their session and its rights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from foureyes.workbench.access.rules import scope_of
from foureyes.workbench.access.tokens import Kind, Material, Tokens, joined
from foureyes.workbench.accounts.signals import rights_changed, session_ended
from foureyes.workbench.library.ended import CHANNEL, named
from foureyes.workbench.library.models import CutLinks, EndedSession


@lru_cache(maxsize=4)
def _tokens_of(key: str, seconds: int) -> Tokens:
    return Tokens(key, seconds)


def tokens() -> Tokens:
    """The one maker and checker of links in this process."""
    return _tokens_of(settings.SECRET_KEY, settings.FOUREYES_MEDIA_TOKEN_SECONDS)


def link(request: HttpRequest, kind: Kind, name: str) -> str:
    """A link that opens this material for the session of the request, for a short time."""
    session = request.session.session_key or ""
    return tokens().path(Material(kind, name), session, _end_of_right(request.user))


def _end_of_right(viewer: object) -> int | None:
    """Unix time at which the viewer's rights may end by themselves, as editions do with their last day."""
    if scope_of(viewer).everything:
        return None
    tomorrow = timezone.now().astimezone(UTC).date() + timedelta(days=1)
    return int(datetime.combine(tomorrow, time.min, UTC).timestamp())


def batch_link(request: HttpRequest, sha256s: Sequence[str]) -> str:
    """A link to the thumbnails of several media in one answer, in this order."""
    return link(request, Kind.THUMBNAILS, joined(sha256s))


@receiver(session_ended)
def _end_links_of(key: str, **_: object) -> None:
    tokens().end_session(key)


def cut(keys: Iterable[str]) -> None:
    """Refuse, in every process, what these sessions were given until now; they may be given links anew."""
    now = timezone.now().timestamp()
    until = now + settings.FOUREYES_MEDIA_TOKEN_SECONDS
    rows = []
    for key in keys:
        tokens().end_links(key)
        rows.append(CutLinks(session=named(key), until=until))
    if not rows:
        return
    CutLinks.objects.filter(until__lt=now).delete()
    CutLinks.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["session"], update_fields=["until"]
    )
    _notify()


@receiver(rights_changed)
def _cut_links(keys: list[str], **_: object) -> None:
    cut(keys)


@receiver(user_logged_out)
def _end_links(request: HttpRequest, **_: object) -> None:
    if session := request.session.session_key:
        tokens().end_session(session)


@receiver(post_delete, sender=Session)
def _tell_all(instance: Session, **_: object) -> None:
    """However a session ends (sign-out, ended from a list, a new key at sign-in), no process honours it."""
    tokens().end_session(instance.session_key)
    now = timezone.now()
    EndedSession.objects.filter(until__lt=now).delete()
    until = now + timedelta(seconds=settings.FOUREYES_MEDIA_TOKEN_SECONDS + 1)
    EndedSession.objects.update_or_create(session=named(instance.session_key), defaults={"until": until})
    _notify()


def _notify() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")
