"""Experts at work, played over raw HTTP: what they ask for, how long they think, what was confirmed to them.

One event loop plays all of them with a parser of its own, as it shares the cores with the server that it
measures: one request costs it about 0.2 ms of CPU. It talks to 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"
TRIES_SECONDS = 60.0
"""How long an expert tries again while the server is being started anew."""
PREVIEWS = re.compile(r'data-previews="([^"]+)"')
REVISION = re.compile(r'data-revision="([^"]+)"')
CONNECTIONS_FAIL = (OSError, asyncio.IncompleteReadError)


@dataclass
class Tally:
    """What happened to all experts together."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds by kind of request."""
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds of CPU of the thread that answered, for what Django answers."""
    errors: list[str] = field(default_factory=list)
    lost_connections: int = 0
    """While the server was killed; those are asked again."""
    notes: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    reveals: list[tuple[str, str]] = field(default_factory=list)
    channels: list[tuple[str, str, int, int, list[int]]] = field(default_factory=list)
    """Officer, series, the number before the first, the last number, what was told."""
    measuring: bool = False
    killing: bool = False


@dataclass
class Answer:
    """One answer of the server."""

    status: int
    body: bytes
    location: str = ""
    cpu: float | None = None
    """Seconds that the server says it spent."""


class Connection:
    """A connection that is kept, as browsers keep theirs."""

    def __init__(self, port: int, cookie: str, token: str) -> None:
        self._port, self._cookie, self._token = port, cookie, token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """GET, or POST where there is a body."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port, limit=1 << 24)
        reader, writer = self._streams
        method = "GET" if body is None else "POST"
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\n{self._cookie}"
        if body is not None:
            form = kind or "application/x-www-form-urlencoded"
            head += f"X-CSRFToken: {self._token}\r\nContent-Type: {form}\r\nContent-Length: {len(body)}\r\n"
        try:
            writer.write(head.encode() + b"\r\n" + (body or b""))
            return await self._read(reader)
        except CONNECTIONS_FAIL:
            self.close()
            raise

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head[9:12])
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in fields:
            body = await reader.readexactly(int(fields["content-length"]))
        elif fields.get("transfer-encoding") == "chunked":
            parts = []
            while size := int(await reader.readline(), 16):
                parts.append((await reader.readexactly(size + 2))[:-2])
            await reader.readline()
            body = b"".join(parts)
        else:
            body = b""
        if fields.get("connection") == "close":
            self.close()
        spent = fields.get("x-bench-cpu-us")
        return Answer(status, body, _location(head), None if spent is None else int(spent) / 1e6)

    def close(self) -> None:
        """Forget the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Expert:
    """One officer at work on one series after another."""

    def __init__(
        self, port: int, officer: dict[str, str], series: list[str], cookie: str, tally: Tally
    ) -> None:
        token = secrets.token_hex(16)
        self.name = officer["name"]
        self._cookie = f"Cookie: {cookie}={officer['session']}; foureyes_csrf={token}\r\n"
        self._port, self._series, self._tally = port, series, tally
        self._chance = random.Random(self.name)
        self._connection = Connection(port, self._cookie, token)
        self._marks: list[str] = []
        self._key = ""
        self._listening: asyncio.Task[None] | None = None
        self._with_findings = True

    async def work(self, until: float, think: float) -> None:
        """Board, series, actions on it, until the time is over."""
        try:
            await asyncio.sleep(self._chance.uniform(0, 2 * think))
            while time.monotonic() < until:
                await self._timed("board", "/series/")
                await self._think(think)
                # One expert of four is on the largest series: that is what makes it hard.
                one = self._series[0] if self._chance.random() < 0.25 else self._chance.choice(self._series)
                await self._on_series(one, until, think)
        finally:
            await self.leave()

    async def leave(self) -> None:
        """Close everything."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        self._connection.close()

    async def _on_series(self, series: str, until: float, think: float) -> None:
        page = await self._timed("series page", f"/series/{series}/")
        if page.status != 200:
            return  # merged away, or gone: a decision of another expert
        text = page.body.decode()
        table = await self._timed("grid table", f"/series/{series}/grid/")
        if found := PREVIEWS.search(text):
            await self._timed("previews", found[1].replace("&amp;", "&"))
        await self._timed("people", f"/live/people/{series}/")
        self._marks = json.loads(table.body)["marks"] if table.status == 200 else []
        await self._listen(series)
        for _ in range(self._chance.randrange(3, 9)):
            if time.monotonic() >= until or not self._marks:
                return
            await self._think(think)
            await self._act(series)

    async def _act(self, series: str) -> None:
        chance = self._chance.random()
        await self._here(series)
        if chance < 0.45:
            await self._reveal(series)
        elif chance < 0.75:
            await self._note(series)
        elif chance < 0.85:
            await self._timed("media page", f"/media/{self._chance.choice(self._marks)}/")
        elif chance < 0.94:
            await self._timed("changes", "/changes/")
        elif chance < 0.97:
            await self._rename(series)
        else:
            await self._decide(series)

    async def _reveal(self, series: str) -> None:
        first = self._chance.randrange(len(self._marks))
        marks = self._marks[first : first + 12]
        asked = {"media": marks, "series": series, "key": "-".join(secrets.token_hex(2) for _ in range(4))}
        answer = await self._timed(
            "reveal", "/media/reveal/", json.dumps(asked).encode(), "application/json", good=(200, 404, 429)
        )
        if answer.status != 200:
            return
        said = json.loads(answer.body)
        self._tally.reveals += [(self.name, mark) for mark in said["links"]]
        paths = [said["batch"]] if said.get("batch") else list(said["links"].values())
        for path in paths:
            await self._timed("thumbnails", path)

    async def _note(self, series: str) -> None:
        text = f"{self.name} saw a mill by the water {secrets.token_hex(8)}"
        if self._with_findings:
            form = {"on": f"series:{series}", "text": text}
            answer = await self._timed("note", "/findings/new/note/", _form(form), good=(302, 303, 404))
            self._with_findings = answer.status != 404
            if answer.status in {302, 303}:
                self._tally.notes.append(text)
                await self._timed("findings", f"/series/{series}/findings/", good=(200, 404))
        if not self._with_findings:
            await self._rename(series)

    async def _rename(self, series: str) -> None:
        name = f"Mill {secrets.token_hex(8)}"
        answer = await self._timed(
            "rename", f"/series/{series}/name/", _form({"name": name}), good=(302, 404, 409)
        )
        if answer.status == 302:
            self._tally.names.append(name)

    async def _decide(self, series: str) -> None:
        reason = f"the same mill {secrets.token_hex(8)}"
        form = {"kind": "belongs", "media": self._chance.choice(self._marks), "reason": reason}
        answer = await self._timed("decide", f"/series/{series}/decide/", _form(form), good=(302, 404, 409))
        page = await self._timed("decisions", "/decisions/")
        if answer.status == 302 and reason in page.body.decode():
            self._tally.decisions.append(reason)

    async def _here(self, series: str) -> None:
        if self._key:
            place = {"series": series, "officer": self.name, "key": self._key, "part": "grid"}
            form = _form({**place, "mark": self._chance.choice(self._marks)})
            await self._timed("presence", "/live/here/", form, good=(204, 404, 429))

    async def _timed(
        self,
        kind: str,
        path: str,
        body: bytes | None = None,
        form: str = "",
        good: tuple[int, ...] = (200, 302, 404),
    ) -> Answer:
        began = time.monotonic()
        while True:
            tally = self._tally
            try:
                sent = time.monotonic()
                answer = await self._connection.ask(path, body, form)
            except CONNECTIONS_FAIL as error:
                if not tally.killing and time.monotonic() - began > 1:
                    tally.errors.append(f"{kind}: {type(error).__name__}")
                tally.lost_connections += 1
                if time.monotonic() - began > TRIES_SECONDS:
                    return Answer(0, b"")
                await asyncio.sleep(0.3)
                continue
            if tally.measuring and not tally.killing:
                tally.took[kind].append(time.monotonic() - sent)
                if answer.cpu is not None:
                    tally.spent[kind].append(answer.cpu)
            if answer.status not in good:
                tally.errors.append(f"{kind}: {answer.status}")
            return answer

    async def _think(self, think: float) -> None:
        await asyncio.sleep(self._chance.uniform(0.3, 1.7) * think)

    async def _listen(self, series: str) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._key = ""
        self._listening = asyncio.create_task(self._hear(series))

    async def _hear(self, series: str) -> None:
        """Keep a channel open through drops and kills; in the end, note what was told over it."""
        told: list[int] = []
        first = last = -1
        try:
            while True:
                try:
                    since = "" if last < 0 else f"?since={last}"
                    async for kind, number, said in self._events(series, since):
                        if kind == "hello":
                            self._key = said["key"]
                        if number:
                            last = number
                        if kind == "change":
                            told.append(number)
                        elif kind == "ready" and first < 0:
                            first = last = said["newest"]
                        elif kind == "reload":
                            self._tally.errors.append("channel: told to load anew")
                except CONNECTIONS_FAIL:
                    pass
                self._key = ""
                await asyncio.sleep(0.3)
        finally:
            if first >= 0:
                self._tally.channels.append((self.name, series, first, last, told))

    async def _events(self, series: str, since: str) -> Any:
        reader, writer = await asyncio.open_connection(HOST, self._port, limit=1 << 20)
        try:
            head = f"GET /live/{series}/{since} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\n{self._cookie}\r\n"
            writer.write(head.encode())
            status = int((await reader.readuntil(b"\r\n\r\n"))[9:12])
            if status != 200:
                if status != 404:
                    self._tally.errors.append(f"channel: {status}")
                await asyncio.sleep(1)
                return
            kind, number = "", 0
            while line := await reader.readline():
                name, _, value = line.decode().strip().partition(": ")
                if name == "event":
                    kind = value
                elif name == "id":
                    number = int(value)
                elif name == "data":
                    yield kind, number, json.loads(value)
                    number = 0
        finally:
            writer.close()


def _form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode()


def _location(head: str) -> str:
    found = re.search(r"(?im)^location: (\S+)", head)
    return found[1] if found else ""
