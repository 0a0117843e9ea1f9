"""Short-lived signed links to material, for the bare media route: no database is asked to check one.

A link names what it opens, until when, and is bound to the session that asked for it. It says that the
right was checked when it was made; it lasts `FOUREYES_MEDIA_TOKEN_SECONDS`, and no longer than that right.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "/m/"
DOMAIN = b"foureyes media link 1"


class Kind(StrEnum):
    """What a link opens. The first two hold no sharp pixel."""

    SERIES_PREVIEWS = "previews"
    MEDIA_PREVIEW = "preview"
    THUMBNAIL = "thumbnail"
    TILE = "tile"
    """Any one tile of a rendered picture or frame; the name is that of the rendering."""
    STRIP = "strip"
    """A strip of frames of a film."""
    FILM = "film"
    """A part of a film."""
    THUMBNAILS = "thumbnails"
    """Those of several media in one answer; the name is `joined` of their SHA-256s."""


KINDS = frozenset(Kind)
UNIX_TIME = re.compile(r"[0-9]{10,11}")


def joined(sha256s: Sequence[str]) -> str:
    """Several SHA-256s as one name: their bytes end to end, in base64 for addresses."""
    return base64.urlsafe_b64encode(bytes.fromhex("".join(sha256s))).decode().rstrip("=")


def parted(name: str) -> list[str]:
    """The SHA-256s of a name that `joined` made; empty for what is none."""
    try:
        together = base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return []
    return [] if len(together) % 32 else [together[at : at + 32].hex() for at in range(0, len(together), 32)]


@dataclass(frozen=True, slots=True)
class Material:
    """What is asked for: a kind, and the series id, SHA-256, or name of a rendering."""

    kind: Kind
    name: str


def good_until(path: str) -> int:
    """The time at which a link that `Tokens.opens` expires, in Unix seconds."""
    return int(path.rpartition("/")[2].partition(".")[0])


class Tokens:
    """Makes and checks links with one key. Sessions that were ended are refused at once."""

    def __init__(self, key: str, seconds: int, clock: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(DOMAIN + key.encode()).digest()
        self._seconds = seconds
        self._clock = clock
        self._ended: dict[str, float] = {}
        self._cut: dict[str, float] = {}
        self._lock = threading.Lock()

    def path(self, material: Material, session: str, not_after: int | None = None) -> str:
        """Absolute path that opens the material for this session until it, or the right to it, expires."""
        until = int(self._clock()) + self._seconds
        if not_after is not None:
            until = min(until, not_after)
        return f"{PREFIX}{material.kind}/{material.name}/{until}.{self._mac(material, until, session)}"

    def opens(self, path: str, session: str) -> Material | None:
        """What the path opens for this session now; None for anything that is not exactly right."""
        match path.removeprefix(PREFIX).split("/"):
            case [kind, name, token] if path.startswith(PREFIX) and session:
                pass
            case _:
                return None
        until_text, _, untrusted_mac = token.partition(".")
        if kind not in KINDS or not UNIX_TIME.fullmatch(until_text):
            return None
        material = Material(Kind(kind), name)
        good = self._mac(material, int(until_text), session)
        if not hmac.compare_digest(good.encode(), untrusted_mac.encode("utf-8", "replace")):
            return None
        if int(until_text) <= self._clock() or self._has_ended(session, int(until_text)):
            return None
        return material

    def end_session(self, session: str) -> None:
        """Refuse every link of this session from now on (sign-out)."""
        with self._lock:
            now = self._clock()
            self._ended = {name: until for name, until in self._ended.items() if until > now}
            self._ended[session] = now + self._seconds + 1

    def end_links(self, session: str) -> None:
        """Refuse what this session was given until now; it may be given links anew (its rights changed)."""
        with self._lock:
            now = self._clock()
            self._cut = {name: until for name, until in self._cut.items() if until > now}
            self._cut[session] = now + self._seconds

    def _has_ended(self, session: str, until: int) -> bool:
        return session in self._ended or until <= self._cut.get(session, 0.0)

    def _mac(self, material: Material, until: int, session: str) -> str:
        message = "\n".join([material.kind, material.name, str(until), session])
        return hmac.digest(self._key, message.encode("utf-8", "surrogateescape"), "sha256").hex()[:43]
