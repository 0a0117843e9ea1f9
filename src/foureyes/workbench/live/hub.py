"""The open channels of this process: what is told to each, and when it is asked again what it may hear.

Lives in the server's event loop; `feed` brings what happened. A channel whose reader does not read is
dropped, never waited for. Nothing is sent over a channel whose rights may have changed before `access` was
asked again.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from foureyes.workbench.live.opening import ME, Opened, opened
from foureyes.workbench.live.presence import Presence, Sign, present
from foureyes.workbench.live.written import here_now, here_on_board, here_on_series

CHANNELS_OF_AN_OFFICER = 12
"""Windows with an open channel; the one that was opened first is closed for a further one."""
WAITING_AT_MOST = 256
"""Events that wait for a reader before the channel is dropped; its page asks for them when it comes back."""
ASKED_AGAIN_SECONDS = 55.0
"""How long an answer of `access` counts where nothing says that it changed."""
REFRESH_SECONDS = 15.0
TICK_SECONDS = 1.0
"""Who came, moved and went is told once in that time, however many did."""
NUDGED_AT_ONCE = 50
"""Channels a tick that are asked again what they may hear; the others are silent until it is their turn."""
THREADS = 2

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Told:
    """Something written for all who hear it."""

    id: int
    """Number of the event; 0 where it is none and is not asked for again."""
    series: str
    to: str
    written: bytes
    rights: bool = False
    """What somebody may see could have changed by it."""
    handling_code: str = ""
    units: tuple[int, ...] = ()
    concerned: tuple[str, ...] = ()
    """As the event has them (`models.Event`)."""


@dataclass(eq=False, slots=True)
class Channel:
    """One open page. Used in the event loop only."""

    session: str
    opened: Opened
    asked_at: float
    stale: bool = False
    seen: int = 0
    """Events up to this number were told, or were before it."""
    waiting: asyncio.Queue[Told | None] = field(default_factory=lambda: asyncio.Queue(WAITING_AT_MOST))
    """None has the channel look whether it may still hear."""
    ended: str = ""
    """Why it ends: `restart`, `windows`, `behind`, `rights`."""
    on_end: Callable[[], object] = lambda: None

    def put(self, item: Told | None) -> None:
        """Have it sent; a reader who is too far behind is dropped instead."""
        if self.ended:
            return
        try:
            self.waiting.put_nowait(item)
        except asyncio.QueueFull:
            self.end("behind")

    def end(self, why: str) -> None:
        """Close it from this side."""
        if not self.ended:
            self.ended = why
            self.on_end()


class Hub:
    """All channels of this process."""

    def __init__(self, register: Presence = present, clock: Callable[[], float] = time.monotonic) -> None:
        self.id = secrets.token_hex(8)
        """Tells this process from others in what they tell each other."""
        self.register = register
        self.newest = 0
        """Number of the newest event that was told here."""
        self.share: Callable[[str, Sequence[Sign]], None] | None = None
        """Tells other processes who is where; None where there are none."""
        self._clock = clock
        self._channels: dict[Channel, None] = {}
        """In the order in which they were opened."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="live-asking")
        self._refreshed_at = float("-inf")
        self._to_share: set[tuple[str, str]] = set()

    @property
    def channels(self) -> int:
        """How many are open."""
        return len(self._channels)

    async def in_thread(self, call: Callable[[], Answer]) -> Answer:
        """Run something that asks the database."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def open(self, session: str, allowed: Opened) -> Channel:
        """A channel that hears everything from now on."""
        channel = Channel(session, allowed, self._clock(), seen=self.newest)
        username = allowed.officer.username
        theirs = [one for one in self._channels if one.opened.officer.username == username]
        for one in theirs[: max(0, len(theirs) + 1 - CHANNELS_OF_AN_OFFICER)]:
            one.end("windows")
        self._channels[channel] = None
        self._arrive(channel)
        return channel

    def close(self, channel: Channel) -> None:
        """The page is gone."""
        self._channels.pop(channel, None)
        series, username = channel.opened.about, channel.opened.officer.username
        if series != ME and not any(self._is_on(one, series, username) for one in self._channels):
            self.register.leave(series, username)
            self._to_share.add((series, username))

    def end_all(self, why: str) -> None:
        """Close every channel (end of the server)."""
        for channel in list(self._channels):
            channel.end(why)

    def end_session(self, session: str) -> None:
        """Close the channels of a session that ended."""
        for channel in list(self._channels):
            if channel.session == session:
                channel.end("rights")

    def deliver(self, happened: Sequence[Told]) -> None:
        """Tell what happened, in order."""
        if any(told.rights for told in happened):
            self.rights_changed()
        for channel in list(self._channels):
            about, username = channel.opened.about, channel.opened.officer.username
            for told in happened:
                if told.id > channel.seen and (
                    told.to == username or (not told.to and about in {ME, told.series})
                ):
                    channel.put(told)
        self.newest = max([self.newest, *(told.id for told in happened)])

    def rights_changed(self) -> None:
        """Say nothing over any channel before `access` was asked again."""
        for channel in self._channels:
            channel.stale = True

    async def may_still_hear(self, channel: Channel) -> bool:
        """Whether the channel may hear on; asks again where the last answer does not count any more."""
        if channel.stale or self._clock() - channel.asked_at > ASKED_AGAIN_SECONDS:
            channel.stale, channel.asked_at = False, self._clock()
            about = channel.opened.about
            again = await self.in_thread(lambda: opened(channel.session, about))
            if again is None or again.officer.username != channel.opened.officer.username:
                self.register.leave(about, channel.opened.officer.username, 0)
                return False
            channel.opened = again
            self._arrive(channel)
        return True

    def hear(self, signs: Sequence[Sign]) -> None:
        """What another process tells of who is where."""
        self.register.hear(signs)
        for channel in self._channels:
            # Whoever left there may be here still.
            self._arrive(channel, tell=False)

    def moved(self, series: str, username: str) -> None:
        """Have other processes told where this officer looks."""
        self._to_share.add((series, username))

    def here(self, allowed: Opened) -> list[Told]:
        """Who is where now, for a channel that opens."""
        about = allowed.about
        asked = self.register.everywhere() if about == ME else [about]
        seen = allowed.scope.covers_series(asked)
        return [
            Told(0, series, "", here_now(series, people))
            for series, people in self.register.who(seen).items()
        ]

    async def tick(self) -> None:
        """Once a second: who came, moved and went; whom to ask again."""
        if self._clock() - self._refreshed_at > REFRESH_SECONDS:
            self._refreshed_at = self._clock()
            for channel in self._channels:
                self._arrive(channel)
        self._tell_changes()
        stale = [channel for channel in self._channels if channel.stale and channel.waiting.empty()]
        for channel in stale[:NUDGED_AT_ONCE]:
            channel.put(None)
        people, self._to_share = self._to_share, set()
        share = self.share
        if share is not None and people:
            signs = self.register.signs(people)
            await self.in_thread(lambda: share(self.id, signs))

    def _tell_changes(self) -> None:
        for series, changed in self.register.changes().items():
            on_series = Told(0, series, "", here_on_series(series, changed))
            on_board = Told(0, series, "", here_on_board(series, changed))
            for channel in list(self._channels):
                if channel.opened.about == series:
                    channel.put(on_series)
                elif channel.opened.about == ME and (changed.came or changed.gone):
                    channel.put(on_board)

    def _arrive(self, channel: Channel, *, tell: bool = True) -> None:
        series, officer = channel.opened.about, channel.opened.officer
        if series == ME or channel.ended:
            return
        self.register.arrive(series, officer, place_hidden=channel.opened.place_hidden)
        if tell:
            self._to_share.add((series, officer.username))

    @staticmethod
    def _is_on(channel: Channel, series: str, username: str) -> bool:
        return channel.opened.about == series and channel.opened.officer.username == username
