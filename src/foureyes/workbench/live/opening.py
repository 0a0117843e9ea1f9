"""Who opens a channel, and what they may hear: the session's officer, asked of `access`.

Asks the database: for threads, never for the event loop.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from foureyes.workbench.access.rules import (
    Action,
    FindingAsked,
    Scope,
    SeriesAsked,
    may_ever,
    scope_of_findings,
)
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.accounts.queries import must_first
from foureyes.workbench.live import queries
from foureyes.workbench.live.presence import Brief, brief

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ME = "me"
"""Instead of a series: everything that the officer sees, and what is for them alone."""
SERIES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
DOMAIN = b"foureyes live place 1"


@dataclass(frozen=True, slots=True)
class Opened:
    """What an officer may hear of what they asked for."""

    officer: Brief
    about: str
    """Id of a series, or `ME`."""
    scope: Scope
    place_hidden: bool

    def hears(
        self,
        series: str,
        to: str,
        handling_code: str = "",
        units: Collection[int] = (),
        concerned: Collection[str] = (),
    ) -> bool:
        """Whether an event of this series, for that officer or for all (empty), is for this channel.

        With a handling code it is told to those who may read what was written: that it exists says much.
        """
        if to and to != self.officer.username:
            return False
        if not series:
            return bool(to) or self.scope.everything
        about = SeriesAsked(series)
        asked = FindingAsked(about, handling_code, frozenset(units)) if handling_code else about
        if not all(map(self.scope.covers, (asked, *map(SeriesAsked, concerned)))):
            return False
        return bool(to) or self.about in {ME, series}


def opened(session: str, about: str) -> Opened | None:
    """What this session's officer may hear about a series, or `ME`; None for whoever may hear nothing."""
    officer = _officer(session)
    if officer is None or must_first(officer) or not (about == ME or SERIES.fullmatch(about)):
        return None
    scope = scope_of_findings(officer)
    if about != ME and not (may_ever(officer, Action.VIEW) and scope.covers(SeriesAsked(about))):
        return None
    return Opened(brief(officer), about, scope, queries.is_place_hidden(officer))


def session_in(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Key of the session that a request names; empty where it names none."""
    jar: SimpleCookie = SimpleCookie()
    for name, untrusted_value in headers:
        if name == b"cookie":
            try:
                jar.load(untrusted_value.decode("latin-1"))
            except CookieError:
                return ""
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def place_key(session: str, about: str, username: str) -> str:
    """What a page must know to say where its officer looks: bound to session, series and officer.

    It comes over the channel, which no other site can read: whoever has it is a page of ours.
    """
    message = f"{session}\n{about}\n{username}".encode("utf-8", "surrogateescape")
    key = hashlib.sha256(DOMAIN + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


def _officer(session: str) -> Officer | None:
    """The active officer of a session, as Django's own middleware would find them."""
    if not session:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    officer = get_user(request)
    return officer if isinstance(officer, Officer) and officer.is_active else None
