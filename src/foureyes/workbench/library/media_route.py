"""The bare ASGI route `/m/`: previews and revealed thumbnails for holders of a signed link.

It asks no database about rights (the link says they were checked), only whether the link died since
(`ended.py`), and answers 404 to everything that is not exactly right. Nothing that it sends may stay in a
cache.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any

from django.conf import settings

from foureyes.engine.errors import EngineError
from foureyes.workbench.access.tokens import PREFIX, Kind, Material, good_until, parted
from foureyes.workbench.library import previews, sharp_route
from foureyes.workbench.library.ended import ended
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
    """Answer one request: at once where the bytes lie in memory, else in a thread."""
    del receive
    opened = _opened(scope)
    if opened is not None and opened.kind in RENDERED:
        await _rendered(scope, send, opened)
        return
    body = None
    if opened is not None:
        asked = scope.get("query_string", b"").decode("latin-1")
        body = _body_now(opened, asked)
        if body is None:
            body = await asyncio.to_thread(_body_or_none, opened, asked)
    if opened is None or not body:
        await _answer(send, 404, b"text/plain", b"")
        return
    await _answer(send, 200, CONTENT_TYPES[opened.kind], b"" if scope["method"] == "HEAD" else body)


CONTENT_TYPES = {
    Kind.SERIES_PREVIEWS: b"application/octet-stream",
    Kind.MEDIA_PREVIEW: b"image/webp",
    Kind.THUMBNAIL: b"image/jpeg",
    Kind.THUMBNAILS: b"application/octet-stream",
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
    session = _session(scope["headers"])
    path = str(scope["path"])
    opened = tokens().opens(path, session)
    return None if opened is None or ended().has(session, good_until(path)) else opened


def _session(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The session's cookie. Ours holds no sign that would be quoted, so nothing is unquoted."""
    wanted = settings.SESSION_COOKIE_NAME
    for name, untrusted_value in headers:
        if name == b"cookie":
            for part in untrusted_value.decode("latin-1").split(";"):
                key, _, value = part.strip().partition("=")
                if key == wanted:
                    return value
    return ""


def _body_now(material: Material, asked: str) -> bytes | None:
    """The answer where giving it waits for nothing; None where a thread must look."""
    try:
        if material.kind in SHARP:
            found = catalogue().thumbnails_now(_sha256s(material))
            return None if found is None else _sharp(material, found)
        if material.kind is Kind.SERIES_PREVIEWS:
            known = previews.kept.now(_kept_name(material))
            return None if known is None else _chosen(known, asked)
    except EngineError as error:
        log.warning("%s: %s", error.code, error)
    return None


def _body_or_none(material: Material, asked: str) -> bytes | None:
    try:
        return _body(material, asked)
    except EngineError as error:
        log.warning("%s: %s", error.code, error)
        return None


def _body(material: Material, asked: str) -> bytes | None:
    held = catalogue()
    if material.kind in SHARP:
        return _sharp(material, held.thumbnails(_sha256s(material)))
    if material.kind is Kind.MEDIA_PREVIEW:
        return held.preview(material.name)
    known = previews.kept.of(_kept_name(material), lambda: _previews_of(material.name))
    return None if known is None else _chosen(known, asked)


SHARP = frozenset({Kind.THUMBNAIL, Kind.THUMBNAILS})


def _sha256s(material: Material) -> list[str]:
    return [material.name] if material.kind is Kind.THUMBNAIL else parted(material.name)


def _sharp(material: Material, pictures: Sequence[bytes]) -> bytes:
    return pictures[0] if material.kind is Kind.THUMBNAIL else previews.whole_pack(pictures)


def _kept_name(material: Material) -> str:
    return f"{settings.FOUREYES_WORKSPACE}:{material.name}"


def _chosen(known: Sequence[bytes], asked: str) -> bytes | None:
    at = previews.chosen(asked.removeprefix("at=").replace("%2E", "."), len(known))
    return None if at is None else previews.pack([known[index] for index in at])


def _previews_of(name: str) -> Sequence[bytes] | None:
    series_id, _, revision = name.partition("@")
    held = catalogue()
    series = held.series(series_id)
    members = () if series is None else in_sight(series).members
    if not members or previews.revision(members) != revision:
        return None
    return held.previews(members)


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
