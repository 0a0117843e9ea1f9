"""The bare ASGI route `/m/`: previews and revealed thumbnails for holders of a signed link.

It asks no database about rights (the link says they were checked) and answers 404 to everything that is
not exactly right. Nothing that it sends may stay in a cache.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

from foureyes.engine.errors import EngineError
from foureyes.workbench.access.tokens import PREFIX, Kind, Material
from foureyes.workbench.library import previews
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.library.links import tokens
from foureyes.workbench.library.reach import in_sight

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = logging.getLogger(__name__)

HEADERS = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"content-disposition", b"inline"),
]


def is_media(scope: Scope) -> bool:
    """Whether this request is for us."""
    return scope["type"] == "http" and str(scope["path"]).startswith(PREFIX)


async def media(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    del receive
    opened = _opened(scope)
    body = None if opened is None else await asyncio.to_thread(_body_or_none, opened)
    if opened is None or not body:
        await _answer(send, 404, b"text/plain", b"")
        return
    await _answer(send, 200, CONTENT_TYPES[opened.kind], b"" if scope["method"] == "HEAD" else body)


CONTENT_TYPES = {
    Kind.SERIES_PREVIEWS: b"application/octet-stream",
    Kind.MEDIA_PREVIEW: b"image/webp",
    Kind.THUMBNAIL: b"image/jpeg",
}


def _opened(scope: Scope) -> Material | None:
    if scope["method"] not in {"GET", "HEAD"}:
        return None
    return tokens().opens(str(scope["path"]), _session(scope["headers"]))


def _session(headers: Iterable[tuple[bytes, bytes]]) -> str:
    jar = SimpleCookie()
    for name, untrusted_value in headers:
        if name == b"cookie":
            try:
                jar.load(untrusted_value.decode("latin-1"))
            except CookieError:
                return ""
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def _body_or_none(material: Material) -> bytes | None:
    try:
        return _body(material)
    except EngineError as error:
        log.warning("%s: %s", error.code, error)
        return None


def _body(material: Material) -> bytes | None:
    held = catalogue()
    if material.kind is Kind.THUMBNAIL:
        return held.thumbnail(material.name)
    if material.kind is Kind.MEDIA_PREVIEW:
        return held.preview(material.name)
    series_id, _, revision = material.name.partition("@")
    series = held.series(series_id)
    members = () if series is None else in_sight(series).members
    if not members or previews.revision(members) != revision:
        return None
    return previews.pack(held.previews(members))


async def _answer(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [*HEADERS, (b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
