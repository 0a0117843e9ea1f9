"""The hub of channels by itself: who hears what, who is dropped, who is asked again. A clock that stands still."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from workbench.cast import PASSWORD, give

# isort: split
from django.db import transaction
from django.test import Client
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.rules import Scope
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.live import actions, hub, queries, route
from foureyes.workbench.live.actions import What, announce, announce_regrouped
from foureyes.workbench.live.feed import Feed
from foureyes.workbench.live.hub import Hub, Told
from foureyes.workbench.live.models import Event
from foureyes.workbench.live.opening import ME, Opened, opened
from foureyes.workbench.live.presence import Brief, Here, Presence, Sign

pytest_plugins = ["workbench.stage"]

assert PASSWORD
IDA, OTTO = Brief("ida", "Ida", "Holding unit"), Brief("otto", "Otto", "Other unit")


class Clock:
    """A clock that stands still until it is told to go on."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def made() -> Hub:
    clock = Clock()
    return Hub(Presence(clock), clock)


def allowed(officer: Brief, about: str, *series: str) -> Opened:
    return Opened(officer, about, Scope(everything=False, series=frozenset(series)), place_hidden=False)


def told(number: int, series: str = "", to: str = "") -> Told:
    return Told(number, series, to, b"")


def waiting(channel: hub.Channel) -> list[int]:
    items = []
    while not channel.waiting.empty():
        item = channel.waiting.get_nowait()
        items.append(0 if item is None else item.id)
    return items


def test_a_channel_hears_its_series_and_what_is_for_its_officer() -> None:
    hears = allowed(OTTO, "one", "one", "two")
    assert hears.hears("one", "")
    assert not hears.hears("two", ""), "another series that he sees is not what the page is about"
    assert hears.hears("two", "otto")
    assert not hears.hears("three", "otto"), "nothing tells of a series that he does not see"
    assert not hears.hears("one", "ida")
    assert hears.hears("", "otto")
    assert not hears.hears("", ""), "what is of the workspace as a whole is for who sees all of it"
    board = allowed(OTTO, ME, "one")
    assert board.hears("one", "")
    assert not board.hears("two", "")


def test_what_not_all_may_read_is_told_to_those_who_may() -> None:
    """That an H2 note exists says much: who sees the series and may not read it is not told."""
    scope = Scope(everything=False, series=frozenset({"one", "two"}), unit=2, permitted=frozenset({"two"}))
    board = Opened(OTTO, ME, scope, place_hidden=False)
    assert board.hears("one", "", "H1", [1])
    assert not board.hears("one", "", "H2", [1])
    assert not board.hears("one", "otto", "H3", [1])
    assert board.hears("one", "", "H2", [1, 2]), "his own unit provides it"
    assert board.hears("two", "", "H3", [1]), "the provider permits it for this series"
    assert board.hears("one", "", "H1", [1], ["two"])
    assert not board.hears("one", "", "H1", [1], ["two", "three"]), "on a decision on what he does not see"
    everything = Opened(OTTO, ME, Scope(everything=True, unit=2), place_hidden=False)
    assert not everything.hears("one", "", "H2", [1])


def test_a_note_is_announced_to_its_readers(
    as_ida: Client, as_otto: Client, otto: Officer, series: list[SeriesSummary]
) -> None:
    lake = series[0].id
    give(lake, otto.unit)
    for code in ("H1", "H2"):
        form = {"on": f"series:{lake}", "text": "roofs", "handling_code": code, "key": f"a{code}"}
        assert as_ida.post("/findings/new/note/", form).status_code == 302
    heard = []
    for client in (as_ida, as_otto):
        allowed = opened(str(client.session.session_key), lake)
        assert allowed is not None
        events = Event.objects.filter(what=What.NOTE).order_by("id")
        heard.append([route._hears(allowed, one) for one in events])
    assert heard == [[True, True], [True, False]]


def test_events_come_once_and_in_order() -> None:
    async def run() -> None:
        here = made()
        here.newest = 4
        channel = here.open("session", allowed(OTTO, "one", "one"))
        here.deliver([told(4, "one"), told(5, "one"), told(6, "two"), told(7, "two", "otto")])
        assert waiting(channel) == [5, 7]
        assert here.newest == 7

    asyncio.run(run())


def test_a_server_that_ends_ends_its_channels_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []

    async def run() -> None:
        here = made()
        monkeypatch.setattr(route.service, "hub", here)
        reading = asyncio.Event()

        async def send(part: MutableMapping[str, Any]) -> None:
            sent.append(dict(part))
            reading.set()

        async def receive() -> dict[str, Any]:
            return await asyncio.get_running_loop().create_future()

        channel = here.open("session", allowed(OTTO, "one", "one"))
        stream = asyncio.create_task(route._stream(channel, None, receive, send))
        await reading.wait()
        stream.cancel()  # as uvicorn does with what does not end in time
        await stream
        assert here.channels == 0
        # One that was just being opened says so; no traceback, no answer without an end.
        monkeypatch.setattr(route, "_allowed", lambda *_: asyncio.get_running_loop().create_future())
        monkeypatch.setattr(route.service, "start", lambda: asyncio.sleep(0))
        scope = {"path": "/live/me/", "method": "GET", "headers": []}
        opening = asyncio.create_task(route.live(scope, receive, send))
        await asyncio.sleep(0)
        opening.cancel()
        await opening

    asyncio.run(run())
    assert b'"restart"' in sent[-3]["body"]
    assert not sent[-3].get("more_body")
    assert sent[-2]["status"] == 503


def test_who_does_not_read_is_dropped_and_nobody_waits_for_them() -> None:
    async def run() -> None:
        here = made()
        slow, quick = (here.open("session", allowed(one, "one", "one")) for one in (IDA, OTTO))
        for number in range(1, hub.WAITING_AT_MOST + 2):
            here.deliver([told(number, "one")])
            quick.waiting.get_nowait()
        assert (slow.ended, quick.ended) == ("behind", "")
        assert slow.waiting.qsize() == hub.WAITING_AT_MOST, "no more is kept for them"

    asyncio.run(run())


def test_an_officer_has_so_many_channels_and_no_more() -> None:
    async def run() -> None:
        here = made()
        channels = [
            here.open("session", allowed(IDA, "one", "one")) for _ in range(hub.CHANNELS_OF_AN_OFFICER + 2)
        ]
        other = here.open("session", allowed(OTTO, "one", "one"))
        assert [one.ended for one in channels[:3]] == ["windows", "windows", ""]
        assert not other.ended

    asyncio.run(run())


def test_channels_of_a_session_that_ended_end() -> None:
    async def run() -> None:
        here = made()
        one, two = (here.open(session, allowed(IDA, "one", "one")) for session in ("a", "b"))
        here.end_session("a")
        assert (one.ended, two.ended) == ("rights", "")

    asyncio.run(run())


def test_nothing_is_sent_before_rights_are_asked_again() -> None:
    async def run() -> None:
        here = made()
        channel = here.open("no such session", allowed(IDA, "one", "one"))
        assert await here.may_still_hear(channel)
        await here.tick()
        assert waiting(channel) == [0], "who is here"
        here.deliver([Told(1, "one", "", b"", rights=True)])
        assert channel.stale
        await here.tick()
        assert waiting(channel) == [1], "what waits has the channel looked at"
        await here.tick()
        assert channel.waiting.get_nowait() is None, "a channel with nothing to say is looked at too"

    asyncio.run(run())


def test_a_new_day_has_every_channel_asked_again() -> None:
    """An edition ends at midnight, and nothing is announced: its channels are not heard over from then on."""

    async def run() -> None:
        here = made()
        channel = here.open("session", allowed(OTTO, "one", "one"))
        reading = Feed(here, asyncio.get_running_loop())
        reading._look_at_the_day()
        await asyncio.sleep(0)
        assert not channel.stale
        reading._day -= timedelta(days=1)
        reading._look_at_the_day()
        await asyncio.sleep(0)
        assert channel.stale

    asyncio.run(run())


def test_who_left_in_another_process_and_is_here_still_stays() -> None:
    async def run() -> None:
        here = made()
        here.open("session", allowed(IDA, "one", "one"))
        here.hear([Sign("one", Here(IDA), 3.0), Sign("one", Here(OTTO, "grid"), 30.0)])
        assert here.register.who(["one"])["one"] == [Here(IDA), Here(OTTO, "grid")]
        signs = here.register.signs([("one", "ida")])
        assert signs[0].seconds > 30

    asyncio.run(run())


def test_the_board_hears_who_comes_and_goes_and_not_every_move() -> None:
    async def run() -> None:
        here = made()
        board = here.open("session", allowed(IDA, ME, "one"))
        page = here.open("session", allowed(OTTO, "one", "one"))
        await here.tick()
        for channel in (board, page):
            item = channel.waiting.get_nowait()
            assert item is not None
            assert json.loads(item.written.split(b"data: ")[1])["here"][0]["officer"] == "otto"
        here.register.move("one", "otto", "grid", "a" * 16)
        await here.tick()
        assert len(waiting(page)) == 1
        assert waiting(board) == []

    asyncio.run(run())


def test_old_events_are_deleted_and_the_newer_ones_stay(ida: Officer) -> None:
    with transaction.atomic():
        old = announce(ida, What.NOTE, "one", "note:1")
        new = announce(ida, What.NOTE, "one", "note:2")
        announce_regrouped(["one"])
    Event.objects.filter(id=old.id).update(at=timezone.now() - timedelta(days=actions.KEPT_DAYS + 1))
    assert actions.prune() == 1
    assert queries.oldest() == new.id
    assert [one.what for one in queries.events(0)] == ["note", "regrouped"]
