"""Real servers in processes of their own, and browsers for them that are made of raw HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from workbench.prepared import with_database

PASSWORD = "correct horse battery"
PROGRAM = """
import sys
from pathlib import Path
from foureyes.workbench.serving import serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]), first_officer=("ida", sys.argv[3]),
      say=lambda line: None, on_ready=lambda url: print(url, flush=True))
"""
PATIENCE = 30.0
"""Seconds after which something that should have come is missed; nothing waits that long when all is well."""


@dataclass
class Server:
    """One running `serve`."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    def kill(self) -> None:
        """SIGKILL: nothing is written any more."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """SIGTERM, as a service manager does."""
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def serving(workspace: Path, port: int = 0, **variables: str) -> Iterator[Server]:
    """Run `serve` over a workspace; the first officer is Ida."""
    if "FOUREYES_WORKBENCH_DATABASE" not in variables:
        with_database(workspace)
    command = [sys.executable, "-c", PROGRAM, str(workspace), str(port), PASSWORD]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the server did not start"
        try:
            yield Server(process, address)
        finally:
            process.terminate()
            process.wait(20)


@dataclass
class Visitor:
    """A browser without pictures: cookies, forms, and channels."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """GET, or POST where there is a form; gives status and body, and follows nothing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = {"Cookie": self.cookie, **(headers or {})}
        if form is None:
            connection.request("GET", path, headers=sent)
        else:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": "http://127.0.0.1/"}
            connection.request("POST", path, urlencode(form), sent)
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        connection.close()
        return response.status, body

    def post(self, path: str, form: dict[str, str]) -> int:
        """A form of a page that was opened a moment ago."""
        _, page = self.ask("/exposure/")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found is not None
        return self.ask(path, {**form, "csrfmiddlewaretoken": found[1]})[0]

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        _, page = self.ask("/sign-in/")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found is not None
        form = {"username": username, "password": password, "csrfmiddlewaretoken": found[1]}
        status, _ = self.ask("/sign-in/", form)
        assert status == 302, "not signed in"

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Stream:
    """One open channel, read event by event."""

    def __init__(self, visitor: Visitor, about: str, since: str = "", port: int = 0) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port or visitor.port, timeout=PATIENCE)
        headers = {"Cookie": visitor.cookie, "Accept": "text/event-stream"}
        if since:
            headers["Last-Event-ID"] = since
        self._connection.request("GET", f"/live/{about}/", headers=headers)
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.last_id = since
        """As a browser would send it when it comes back."""

    def next(self, *kinds: str) -> tuple[str, Any]:
        """The next event of one of these kinds (of any kind where none is named); `end` at the end."""
        kind, data = "", ""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            line = self._response.readline().decode().rstrip("\n")
            if not line and self._response.isclosed():
                return "end", None
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = value
            elif name == "id":
                self.last_id = value
            elif not line and kind:
                if not kinds or kind in kinds:
                    return kind, json.loads(data)
                kind, data = "", ""
        raise AssertionError(f"nothing of {kinds} came")

    def close(self) -> None:
        """As a browser that goes away."""
        self._response.close()
        self._connection.close()
