"""Sessions of officers: when they began, when they were last seen, and how they end at once.

Django's row of a session is what lets it live; ours says whose it is. Ending one deletes both and says so to
the apps above, which then refuse the links to media that it was given.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.accounts import signals
from foureyes.workbench.accounts.models import Officer, OpenSession

SEEN_EVERY_SECONDS = 60
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_seen: dict[str, float] = {}
"""Session to the time at which this process last wrote that it was seen."""


def begin(request: HttpRequest, officer: Officer) -> None:
    """Note the session in which an officer just signed in."""
    browser = "".join(sign for sign in request.META.get("HTTP_USER_AGENT", "") if sign.isprintable())[:200]
    key = request.session.session_key
    OpenSession.objects.update_or_create(
        key=key, defaults={"officer": officer, "browser": browser, "seen_at": timezone.now()}
    )


def seen(key: str) -> None:
    """Note that a session is used; writes once a minute at most."""
    now = timezone.now()
    if now.timestamp() - _seen.get(key, 0.0) < SEEN_EVERY_SECONDS:
        return
    if len(_seen) > 10_000:  # noqa: PLR2004 - sessions that ended long ago
        _seen.clear()
    _seen[key] = now.timestamp()
    OpenSession.objects.filter(key=key).update(seen_at=now)


def forget(key: str) -> None:
    """The session was signed out."""
    OpenSession.objects.filter(key=key).delete()


def renamed(old: str, new: str) -> None:
    """The session goes on under another key: after a change of password."""
    OpenSession.objects.filter(key=old).update(key=new)


def open_sessions(officer: Officer) -> list[OpenSession]:
    """Sessions of an officer that still live, the one seen last first. Forgets those that do not."""
    known = list(officer.sessions.order_by("-seen_at", "-id"))
    alive = set(
        Session.objects.filter(
            session_key__in=[one.key for one in known], expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    officer.sessions.exclude(key__in=alive).delete()
    return [one for one in known if one.key in alive]


@transaction.atomic
def end(officer: Officer, numbers: Iterable[int], *, by: Officer | None = None) -> int:
    """End these sessions of an officer at once; gives how many there were.

    Args:
        officer: Whose sessions they are; others of the numbers are left alone.
        numbers: Ids of `OpenSession`.
        by: The administrator who ends them; None where the officer does.
    """
    ended = list(officer.sessions.filter(pk__in=list(numbers)))
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    for one in ended:
        store.delete(one.key)
        one.delete()
        signals.session_ended.send(OpenSession, officer=officer, key=one.key, by=by)
    return len(ended)


def end_all(officer: Officer, *, but: str = "", by: Officer | None = None) -> int:
    """End every session of an officer, but the one with this key."""
    return end(officer, officer.sessions.exclude(key=but).values_list("pk", flat=True), by=by)


def spoken(browser: str) -> str:
    """What a browser says of itself, in two words."""
    name = next((word for sign, word in BROWSERS if sign in browser), "")
    system = next((word for sign, word in SYSTEMS if sign in browser), "")
    if name and system:
        return _("%(browser)s on %(system)s") % {"browser": name, "system": system}
    return name or system or _("a browser that does not say which")
