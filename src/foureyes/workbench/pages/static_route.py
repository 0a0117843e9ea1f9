"""The bare ASGI route of static files with a version in their address: from memory, kept by browsers.

Public: a static file holds nothing of a workspace. A file that is asked for under another version, by a page
that was open while the server was renewed, is answered as it is now, and kept by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

from foureyes.workbench.pages.delivered import VERSION_DIGITS, delivered

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

VERSIONED = re.compile(rf"(?P<version>[0-9a-f]{{{VERSION_DIGITS}}})/(?P<name>.+)")
A_YEAR = 365 * 24 * 60 * 60
KEPT = b"public, max-age=%d, immutable" % A_YEAR
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"vary", b"accept-encoding"),
]


def is_static(scope: Scope) -> bool:
    """Whether this request is for us: plain names are WhiteNoise's."""
    path = str(scope.get("path", ""))
    return (
        scope["type"] == "http"
        and path.startswith(settings.STATIC_URL)
        and VERSIONED.fullmatch(path, len(settings.STATIC_URL)) is not None
    )


async def static(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    del receive
    asked = VERSIONED.fullmatch(str(scope["path"]), len(settings.STATIC_URL))
    held = delivered()
    file = held.files.get(asked["name"]) if asked and scope["method"] in {"GET", "HEAD"} else None
    if asked is None or file is None:
        await _answer(send, 404, [(b"cache-control", b"no-store"), (b"content-type", b"text/plain")], b"")
        return
    kept = KEPT if asked["version"] == held.version else b"no-store"
    headers = [(b"cache-control", kept), (b"content-type", file.content_type.encode())]
    body = file.body
    if _takes_gzip(scope) and file.gzipped:
        body = file.gzipped
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*HEADERS, *headers]})
    await send({"type": "http.response.body", "body": body})
