"""The bare ASGI routes `/live/<series or "me">/`, server-sent events, and `/live/here/`, where one looks.

Whoever may not hear is answered 404, as everywhere. What is sent says that something happened; pages ask for
what it says, and their views decide again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.db import DatabaseError

from foureyes.workbench.live import queries
from foureyes.workbench.live.feed import Feed
from foureyes.workbench.live.hub import TICK_SECONDS, Channel, Hub, Told
from foureyes.workbench.live.models import Event
from foureyes.workbench.live.opening import Opened, opened, place_key, session_in
from foureyes.workbench.live.presence import Moved
from foureyes.workbench.live.written import HEARTBEAT, change, message

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CHANNEL = re.compile(r"/live/([A-Za-z0-9][A-Za-z0-9_-]{0,39})/")
HERE = "/live/here/"
NUMBER = re.compile(r"[0-9]{1,18}")
PART = re.compile(r"[a-z-]{0,20}")
MARK = re.compile(r"(?:[0-9a-f]{16})?")
LOOK_BACK = 1_000
"""Events that a page which comes back is told; beyond it, it is told to load itself anew."""
HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 20.0
"""How long a reader may leave the connection full before it is dropped."""
LAST_WORD_SECONDS = 1.0
"""How long a channel that ends may take to say so."""
PLACE_BYTES_AT_MOST = 1_000
OWN = b"same-origin"

HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-accel-buffering", b"no"),
]
STREAM = [*HEADERS, (b"content-type", b"text/event-stream; charset=utf-8")]

log = logging.getLogger(__name__)


class Service:
    """The hub and its feed, as long as the server runs."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._feed: Feed | None = None
        self._ticking: asyncio.Task[None] | None = None
        self.stopped = False

    @property
    def newest(self) -> int | None:
        """Number of the newest event that was told here; None where the service does not run."""
        return None if self._feed is None else self.hub.newest

    async def start(self) -> None:
        """Begin to read what happens; not again where the server ends."""
        if self._feed is None and not self.stopped:
            self._feed = Feed(self.hub, asyncio.get_running_loop())
            await self.hub.in_thread(self._feed.start)
            self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """End every channel and both threads."""
        self.stopped = True
        self.hub.end_all("restart")
        if self._ticking is not None:
            self._ticking.cancel()
        if self._feed is not None:
            self._feed.stop()
            self._feed = None

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.hub.tick()
            except DatabaseError as error:
                log.warning("other processes are not told who is where: %s", type(error).__name__)


service = Service()


def is_live(scope: Scope) -> bool:
    """Whether this request is for us."""
    if scope["type"] != "http":
        return False
    path = str(scope["path"])
    return path == HERE or (CHANNEL.fullmatch(path) is not None and scope["method"] in {"GET", "HEAD"})


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request. Where the server ends meanwhile it is a quiet end, no error of ours."""
    try:
        await _live(scope, receive, send)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_answer(send, 503), LAST_WORD_SECONDS)


async def _live(scope: Scope, receive: Receive, send: Send) -> None:
    if str(scope["path"]) == HERE:
        await _answer(send, await _place(scope, receive))
        return
    session = session_in(scope["headers"])
    about = str(scope["path"]).split("/")[2]
    try:
        await service.start()
        allowed = await _allowed(scope, session, about)
    except DatabaseError as error:
        log.warning("no channel is opened: %s", type(error).__name__)
        await _answer(send, 503)
        return
    if service.stopped:  # a channel that opened now would keep the server from its end
        await _answer(send, 503)
    elif allowed is None:
        await _answer(send, 404)
    elif scope["method"] == "HEAD":
        await _answer(send, 204)
    else:
        await _stream(service.hub.open(session, allowed), _since(scope), receive, send)


async def _allowed(scope: Scope, session: str, about: str) -> Opened | None:
    if not _is_own_site(scope):
        return None
    return await service.hub.in_thread(lambda: opened(session, about))


async def _stream(channel: Channel, since: int | None, receive: Receive, send: Send) -> None:
    hub = service.hub
    pump = asyncio.ensure_future(_pump(hub, channel, since, send))
    gone = asyncio.ensure_future(_until_gone(receive))
    channel.on_end = pump.cancel
    try:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM})
        await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        channel.ended = channel.ended or "restart"
    finally:
        hub.close(channel)
        for task in (pump, gone):
            task.cancel()
        await asyncio.gather(pump, gone, return_exceptions=True)
    if channel.ended:
        last = {"type": "http.response.body", "body": message("closed", {"why": channel.ended})}
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(send(last), LAST_WORD_SECONDS)


async def _pump(hub: Hub, channel: Channel, since: int | None, send: Send) -> None:
    """Send what the channel hears, until it may hear no more or nobody reads."""
    try:
        await _send(send, await _first(hub, channel, since))
        # Asked each time: in Python 3.11 `wait_for` may lose the cancelling of its task.
        while not channel.ended:
            try:
                told = await asyncio.wait_for(channel.waiting.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                told = None
            if not await hub.may_still_hear(channel):
                channel.ended = "rights"
                return
            if told is None:
                await _send(send, HEARTBEAT)
            elif _hears(channel.opened, told):
                await _send(send, told.written)
    except DatabaseError as error:
        log.warning("a channel is closed, as rights cannot be asked: %s", type(error).__name__)
        channel.ended = channel.ended or "restart"
    except TimeoutError:
        channel.ended = channel.ended or "behind"


def _hears(allowed: Opened, event: Told | Event) -> bool:
    return allowed.hears(event.series, event.to, event.handling_code, event.units, event.concerned)


async def _first(hub: Hub, channel: Channel, since: int | None) -> bytes:
    """What a channel hears first: its key, what it missed, how far that goes, who is here."""
    upto = channel.seen
    missed = await hub.in_thread(lambda: _missed(since, upto))
    channel.seen = missed.upto
    allowed = channel.opened
    officer = allowed.officer.username
    hello = {"key": place_key(channel.session, allowed.about, officer), "officer": officer}
    parts = [message("hello", hello)]
    if missed.too_far:
        parts.append(message("reload", {}))
    parts += [text for event, text in missed.events if _hears(allowed, event)]
    # The number comes last: a page that is cut off in the middle asks again from where it was.
    parts.append(message("ready", {"newest": missed.upto}, missed.upto))
    return b"".join([*parts, *(one.written for one in hub.here(allowed))])


@dataclass(frozen=True, slots=True)
class _Missed:
    """What happened since a page was last told something."""

    upto: int
    events: list[tuple[Event, bytes]]
    too_far: bool = False
    """It is too much, or deleted by now: the page must be loaded anew."""


def _missed(since: int | None, upto: int) -> _Missed:
    """What happened after `since` and up to `upto`; later things wait in the channel already."""
    if since is None or since == upto:
        return _Missed(upto, [])
    if since > upto:  # another process told it more than this one was told so far, or the numbers began anew
        newest = queries.newest()
        return _Missed(min(since, newest), [], too_far=since > newest)
    found = queries.events(since, upto, LOOK_BACK + 1)
    if len(found) > LOOK_BACK or 0 < since < queries.oldest() - 1:
        return _Missed(upto, [], too_far=True)
    names = queries.briefs(event.officer for event in found)
    return _Missed(upto, [(event, change(event, names.get(event.officer))) for event in found])


async def _send(send: Send, body: bytes) -> None:
    part = {"type": "http.response.body", "body": body, "more_body": True}
    await asyncio.wait_for(send(part), SEND_SECONDS)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _place(scope: Scope, receive: Receive) -> int:
    """Take note of where an officer looks; gives the status of the answer.

    Asks no database: the channel said that the officer may be there, and only whoever reads that channel has
    its key. Without an open channel, nobody is anywhere.
    """
    if scope["method"] != "POST" or not _is_own_site(scope):
        return 404
    said = parse_qs((await _body(receive)).decode("ascii", "replace"))
    series, officer, key, part, mark = (
        said.get(name, [""])[0] for name in ("series", "officer", "key", "part", "mark")
    )
    good = place_key(session_in(scope["headers"]), series, officer)
    if not hmac.compare_digest(good.encode(), key.encode()):
        return 404
    if not PART.fullmatch(part) or not MARK.fullmatch(mark):
        return 400
    moved = service.hub.register.move(series, officer, part, mark)
    if moved is Moved.DONE:
        service.hub.moved(series, officer)
    return {Moved.DONE: 204, Moved.TOO_SOON: 429, Moved.NOT_HERE: 404}[moved]


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= PLACE_BYTES_AT_MOST:
        part = await receive()
        body += bytes(part.get("body", b""))
        if not part.get("more_body"):
            return body
    return b""


def _since(scope: Scope) -> int | None:
    """Number of the last event that the page was told: the browser's own header, or `since`."""
    untrusted = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    if not NUMBER.fullmatch(untrusted):
        untrusted = parse_qs(scope["query_string"].decode("latin-1")).get("since", [""])[0]
    return int(untrusted) if NUMBER.fullmatch(untrusted) else None


def _is_own_site(scope: Scope) -> bool:
    """Whether the browser says that a page of ours asks; browsers that do not say are believed."""
    site: bytes = dict(scope["headers"]).get(b"sec-fetch-site", OWN)
    return site == OWN


async def _answer(send: Send, status: int) -> None:
    headers = [*HEADERS, (b"content-type", b"text/plain"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
