"""A real Chromium against a really running server, whose workspace holds drawn landscapes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

from workbench.filled import fill
from workbench.prepared import with_database

expect.set_options(timeout=15_000)

OFFICER, PASSWORD = "ida", "correct horse battery"
PROGRAM = """
import sys
from pathlib import Path
from foureyes.workbench.serving import serve
serve(Path(sys.argv[1]), port=0, first_officer=(sys.argv[2], sys.argv[3]),
      say=lambda line: None, on_ready=lambda url: print(url, flush=True))
"""
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="DIR", help="write screenshots of the pages there")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server over a filled workspace."""
    workspace = fill(tmp_path_factory.mktemp("served") / "workspace")
    yield from serving(workspace.path)


@pytest.fixture
def capped_page(chromium: Browser, tmp_path: Path, problems: list[str]) -> Iterator[Page]:
    """The first officer's page, at the board of a server that allows five reveals a day."""
    workspace = fill(tmp_path / "workspace")
    for server in serving(workspace.path, FOUREYES_REVEALS_A_DAY="5"):
        context = chromium.new_context(base_url=server, viewport=WIDE, color_scheme="dark")
        page = watched(context, server, problems)
        sign_in(page)
        yield page
        context.close()


def serving(workspace: Path, **variables: str) -> Iterator[str]:
    """Run `serve` as its own process; gives the address once it accepts connections."""
    command = [sys.executable, "-c", PROGRAM, str(with_database(workspace)), OFFICER, PASSWORD]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "the server did not start"
        yield address
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ended with its module: while Playwright runs, Django believes itself in an event loop."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("left out: browser tests, because no Chromium is installed")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def session(chromium: Browser, server: str) -> StorageState:
    """Cookies of an officer who signed in by keyboard."""
    context = chromium.new_context(base_url=server)
    sign_in(context.new_page())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """Errors of scripts and requests to elsewhere: any that the test does not take out fails it."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def page(chromium: Browser, server: str, problems: list[str]) -> Iterator[Page]:
    """A page of somebody who is not signed in."""
    context = chromium.new_context(base_url=server, viewport=WIDE, color_scheme="dark")
    yield watched(context, server, problems)
    context.close()


@pytest.fixture
def signed_in(chromium: Browser, server: str, session: StorageState, problems: list[str]) -> Iterator[Page]:
    """The first officer's page, at the board."""
    context = chromium.new_context(base_url=server, viewport=WIDE, color_scheme="dark", storage_state=session)
    page = watched(context, server, problems)
    page.goto("/series/")
    yield page
    context.close()


@pytest.fixture(name="sign_in")
def sign_in_of_a_page() -> Callable[[Page], None]:
    return sign_in


def sign_in(page: Page) -> None:
    """By keyboard, from the start page to the board."""
    page.goto("/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(OFFICER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")


def watched(context: BrowserContext, server: str, problems: list[str]) -> Page:
    """A page whose errors, and requests to elsewhere, are written down."""
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith(server) else None)
    return page


@pytest.fixture(scope="module")
def screenshots(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: `pytest tests/browser --screenshots DIR`, else a temporary folder."""
    folder = Path(request.config.getoption("--screenshots", None) or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
