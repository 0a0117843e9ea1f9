"""How fast the page of a large series is, and the media route, each beside a plain way of doing the same.

    python bench/grid.py [--media N ...] [--no-peer] [--seconds S] [--keep FOLDER] [--json FILE]

Makes a workspace with one series of N drawn landscapes (`bench/filling.py`), serves it as `foureyes serve`
does, and drives headless Chromium without a GPU at 1440x900. Visible tiles: from the start of navigation
until every tile in sight is drawn, tables in memory; the first view after the start is told apart, and views
with the static files that another page left. Requests: which came before the tiles and which after. A key:
from the event to the second frame after it. Scrolling: 4,000 pixels a second for four seconds; a tile is
blank if nothing is drawn on it in a frame. Memory: of the page's process (JavaScript heap, canvases and
pictures: private memory of the renderer).

The peer of the page is `<img loading=lazy>` on every media with a blur by CSS, of the same thumbnails over
the same route. The peer of the route is a view of Django that checks the right and reads the thumbnail. The
load on the route comes from `wrk` where it is installed, and is compared by CPU seconds of the server as
well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from filling import SERIES, fill
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from foureyes import __version__

OFFICER, PASSWORD = "ida", "correct horse battery"
WIDE = {"width": 1440, "height": 900}
SPEED = 4_000
SCROLLED_SECONDS = 4
RUNS = 5
BATCH = 48
SERVER = Path(__file__).parent / "grid_server.py"

# Runs in the page from its start on: a look by way of the driver comes late, by as much as the load is.
DRAWN = """window.drawn = new Promise((done) => {
  const look = () => {
    const tiles = [...document.querySelectorAll("#grid .tile")];
    if (tiles.length === 0) return requestAnimationFrame(look);
    const grid = document.querySelector("#grid").getBoundingClientRect();
    const seen = tiles.filter((it) => { const box = it.getBoundingClientRect();
      return box.bottom > grid.top && box.top < grid.bottom; });
    const drawn = (it) => { const canvas = it.querySelector("canvas");
      return canvas.getContext("2d").getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[3] > 0; };
    if (seen.length > 0 && seen.every(drawn)) done(performance.now()); else requestAnimationFrame(look);
  };
  look();
});"""
SCROLL = """([speed, seconds]) => new Promise((done) => {
  const grid = document.querySelector("#grid") ?? document.scrollingElement;
  const began = performance.now();
  let frames = 0, tiles = 0, blank = 0, before = began;
  const gaps = [];
  const step = (now) => {
    const passed = (now - began) / 1000;
    if (frames > 0) gaps.push(now - before);
    before = now; frames += 1;
    for (const it of grid.querySelectorAll(".tile, img.peer")) {
      const box = it.getBoundingClientRect();
      if (box.bottom <= 0 || box.top >= innerHeight) continue;
      tiles += 1;
      if (it.tagName === "IMG") { if (!it.complete || it.naturalWidth === 0) blank += 1; continue; }
      const canvas = it.querySelector("canvas");
      const middle = [canvas.width >> 1, canvas.height >> 1, 1, 1];
      if (canvas.getContext("2d").getImageData(...middle).data[3] === 0) blank += 1;
    }
    if (passed >= seconds) return done({ fps: frames / passed, tiles, blank, worst: Math.max(...gaps) });
    grid.scrollTop = speed * passed;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
KEY = """() => new Promise((done) => {
  document.addEventListener("keydown", (event) => {
    const began = event.timeStamp;
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  }, { once: true, capture: true });
})"""
PEER_DRAWN = """window.drawn = new Promise((done) => {
  const look = () => {
    const every = [...document.querySelectorAll("img.peer")];
    const seen = every.filter((it) => it.getBoundingClientRect().top < innerHeight);
    // The first screen is whole once there is one below it.
    const drawn = seen.every((it) => it.complete && it.naturalWidth > 0);
    if (seen.length > 0 && seen.length < every.length && drawn) done(performance.now());
    else requestAnimationFrame(look);
  };
  look();
});"""


def main() -> None:
    arguments = _arguments()
    result: dict[str, Any] = {"machine": _machine()}
    for media in arguments.media:
        folder = Path(tempfile.mkdtemp(prefix="foureyes-grid-", dir=arguments.keep))
        try:
            workspace = fill(folder / "workspace", media).path
            result[f"{media} media"] = _measured(workspace, arguments)
        finally:
            if arguments.keep is None:
                shutil.rmtree(folder)
    for name, value in _flat(result):
        print(f"{name:64} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--media", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--no-peer", action="store_true", help="Leave the plain page and Django's view out.")
    parser.add_argument("--seconds", type=int, default=5, help="Of load on the media route, each time.")
    parser.add_argument("--keep", type=Path, help="Make the workspaces there and leave them.")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{model or platform.processor()}, {os.cpu_count()} cores, load {load}, "
        f"Python {platform.python_version()}, Django {django.__version__}, foureyes {__version__}"
    )


def _measured(workspace: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {}
    with _serving(workspace) as (address, process), _chromium() as browser:
        result["browser"] = f"Chromium {browser.version}"
        context = browser.new_context(base_url=address, viewport=WIDE)
        _sign_in(context.new_page())
        result["page"] = _page(context)
        if not arguments.no_peer:
            result["peer: <img loading=lazy>"] = _peer_page(context)
        cookies = {one["name"]: one["value"] for one in context.cookies()}
        result["media route"] = _route(address, process.pid, cookies, context, arguments)
        context.close()
    return result


@contextmanager
def _serving(workspace: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, str(SERVER), str(workspace), OFFICER, PASSWORD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip().rstrip("/"), process
        finally:
            process.terminate()


@contextmanager
def _chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def _sign_in(page: Page) -> None:
    page.goto("/")
    page.keyboard.type(OFFICER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")
    page.close()


@dataclass
class Opened:
    """A page that was opened: what it asked for, and when its tiles were drawn."""

    page: Page
    drawn: float
    """Milliseconds from the start of navigation until every tile in sight is drawn."""
    bytes_: float
    """Of all answers until the page is quiet."""
    before: list[str]
    """What was asked for before that, in order."""
    after: list[str]


def _page(context: BrowserContext) -> dict[str, Any]:
    # Each is closed before the next: an open page's live channel holds one of the browser's six connections.
    first = _closed(_opened(context))
    kept = [_closed(_opened(context, keeps_files=True)) for _ in range(RUNS + 1)][1:]
    opened = [_closed(_opened(context)) for _ in range(RUNS - 1)]
    told = _opened(context)
    times = [one.drawn for one in (*opened, told)]
    page = told.page
    keys = _keys(page)
    scrolled = page.evaluate(SCROLL, [SPEED, SCROLLED_SECONDS])
    memory = _memory(context, page)
    nodes = page.evaluate("document.querySelectorAll('*').length")
    page.close()
    return {
        "visible tiles, ms, first view after the start": round(first.drawn),
        "visible tiles, ms, median of five": round(statistics.median(times)),
        "visible tiles, ms, worst of five": round(max(times)),
        "visible tiles, ms, static files kept, median of five": round(
            statistics.median(one.drawn for one in kept)
        ),
        "requests in all, before the visible tiles": [len(told.before) + len(told.after), len(told.before)],
        "requests before the visible tiles": " ".join(told.before),
        "requests after": " ".join(told.after),
        "transferred before a reveal, kB": round(told.bytes_ / 1000),
        "key to paint, ms, median": round(statistics.median(keys), 1),
        "key to paint, ms, 95 %": round(sorted(keys)[int(len(keys) * 0.95)], 1),
        "scrolling, frames a second": round(scrolled["fps"], 1),
        "scrolling, worst frame, ms": round(scrolled["worst"]),
        "scrolling, tiles seen, blank": [scrolled["tiles"], scrolled["blank"]],
        "memory of the page, MB": memory,
        "elements": nodes,
    }


def _opened(context: BrowserContext, *, keeps_files: bool = False) -> Opened:
    """A fresh page with an empty cache, or with the static files that another page left there."""
    page = context.new_page()
    page.add_init_script(DRAWN)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": not keeps_files})
    weighed: list[float] = []
    asked: list[tuple[float, str]] = []
    session.on("Network.loadingFinished", lambda event: weighed.append(event["encodedDataLength"]))
    session.on(
        "Network.requestWillBeSent",
        lambda event: asked.append((1000 * event["wallTime"], _short(event["request"]["url"]))),
    )
    page.goto(f"/series/{SERIES}/", wait_until="commit")
    drawn = float(page.evaluate("window.drawn"))
    # Not "networkidle": the live channel stays open.
    page.wait_for_timeout(3_000)
    until = float(page.evaluate("performance.timeOrigin")) + drawn
    before = [name for at, name in asked if at < until]
    return Opened(page, drawn, sum(weighed), before, [name for at, name in asked if at >= until])


def _closed(opened: Opened) -> Opened:
    opened.page.close()
    return opened


def _short(url: str) -> str:
    """An address without its server, versions, tokens and what it asks for."""
    path = urlsplit(url).path.replace(SERIES, "…")
    parts = path.strip("/").split("/")
    return "/".join(
        [parts[0], *parts[2:]] if parts[0] == "static" else parts[:2] if parts[0] == "m" else parts
    )


def _keys(page: Page) -> list[float]:
    page.focus("#grid")
    times = []
    for number in range(40):
        page.evaluate(f"() => {{ window.painted = ({KEY})(); }}")
        page.keyboard.press(("ArrowRight", "ArrowDown", "x", "PageDown")[number % 4])
        times.append(float(page.evaluate("window.painted")))
    return times


def _memory(context: BrowserContext, page: Page) -> dict[str, float]:
    """JavaScript heap as the browser tells it, and the private memory of the largest renderer."""
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    private = max(map(_private, _renderers()), default=0)
    return {"heap": round(told["JSHeapUsedSize"] / 1e6, 1), "renderer": round(private / 1000, 1)}


def _renderers() -> list[Path]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                found.append(folder)
        except OSError:
            continue
    return found


def _private(folder: Path) -> int:
    """Private kB of a process."""
    try:
        lines = (folder / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _peer_page(context: BrowserContext) -> dict[str, Any]:
    page = context.new_page()
    page.add_init_script(PEER_DRAWN)
    page.goto("/bench/lazy/", wait_until="commit")
    drawn = float(page.evaluate("window.drawn"))
    scrolled = page.evaluate(SCROLL, [SPEED, SCROLLED_SECONDS])
    memory = _memory(context, page)
    page.close()
    return {
        "visible pictures, ms": round(drawn),
        "scrolling, frames a second": round(scrolled["fps"], 1),
        "scrolling, pictures seen, blank": [scrolled["tiles"], scrolled["blank"]],
        "memory of the page, MB": memory,
    }


def _route(
    address: str, pid: int, cookies: dict[str, str], context: BrowserContext, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Thumbnails a second and CPU for one, singly and in batches, and the same from Django's view."""
    told = context.request.get(f"/bench/links/?many={BATCH}").json()
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    sides: dict[str, tuple[list[str], int]] = {
        "one thumbnail a request": (told["links"], 1),
        f"{BATCH} thumbnails a request": (told["batches"], BATCH),
    }
    if not arguments.no_peer:
        sides["peer: Django's view, one a request"] = (told["views"], 1)
    return {
        name: _load(address, pid, cookie, paths, each, arguments.seconds)
        for name, (paths, each) in sides.items()
    }


def _load(address: str, pid: int, cookie: str, paths: list[str], each: int, seconds: int) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        listed = ",".join(json.dumps(path) for path in paths)
        script.write(
            f"local paths = {{{listed}}}\nlocal at = 0\n"
            "request = function() at = at % #paths + 1 return wrk.format('GET', paths[at]) end\n"
            "done = function(told) "
            "io.write(string.format('%d %d %d\\n', told.requests, told.duration, told.errors.status)) end\n"
        )
        script.flush()
        before = _cpu(pid)
        command = [
            "wrk",
            "-t1",
            "-c8",
            f"-d{seconds}s",
            "-H",
            f"Cookie: {cookie}",
            "-s",
            script.name,
            address,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        spent = _cpu(pid) - before
    requests, microseconds, errors = map(int, said.strip().splitlines()[-1].split())
    thumbnails = (requests - errors) * each
    return {
        "thumbnails a second": round(thumbnails / (microseconds / 1e6)),
        "CPU for one, ms": round(1000 * spent / max(thumbnails, 1), 4),
        "thumbnails a second of one core": round(thumbnails / max(spent, 0.001)),
        "errors": errors,
    }


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _flat(result: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}: ")
        else:
            yield before + name, value


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{'seconds in all':64} {time.monotonic() - began:.0f}")
