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
from foureyes.workbench.library import previews, sharp_route
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
    if opened is not None and opened.kind in RENDERED:
        await _rendered(scope, send, opened)
        return
    body = None if opened is None else await asyncio.to_thread(_body_or_none, opened)
    if opened is None or not body:
        await _answer(send, 404, b"text/plain", b"")
        return
    await _answer(send, 200, CONTENT_TYPES[opened.kind], b"" if scope["method"] == "HEAD" else body)


CONTENT_TYPES = {
    Kind.SERIES_PREVIEWS: b"application/octet-stream",
    Kind.MEDIA_PREVIEW: b"image/webp",
    Kind.THUMBNAIL: b"image/jpeg",
    Kind.TILE: b"image/jpeg",
    Kind.STRIP: b"image/jpeg",
    Kind.FILM: b"video/webm",
}
RENDERED = frozenset({Kind.TILE, Kind.STRIP, Kind.FILM})


async def _rendered(scope: Scope, send: Send, opened: Material) -> None:
    asked = {name: value.decode("latin-1") for name, value in scope["headers"] if name == b"range"}
    query = bytes(scope.get("query_string", b""))
    said = await asyncio.to_thread(_rendered_or_none, opened, query, asked.get(b"range", ""))
    body = b"" if scope["method"] == "HEAD" else said.body
    content_type = CONTENT_TYPES[opened.kind] if said.body else b"text/plain"
    await _answer(send, said.status, content_type, body, said.headers)


def _rendered_or_none(material: Material, query: bytes, untrusted_range: str) -> sharp_route.Answer:
    try:
        return sharp_route.answer(catalogue(), material, query, untrusted_range)
    except EngineError as error:
        log.warning("%s: %s", error.code, error)
        return sharp_route.NOT_THERE


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


async def _answer(
    send: Send,
    status: int,
    content_type: bytes,
    body: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    length = (b"content-length", str(len(body)).encode())
    headers = [*HEADERS, *more, (b"content-type", content_type), length]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
