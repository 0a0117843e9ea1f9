"""A day of an edition by keyboard: made, seated, two series assigned; taken, proposed, refused to oneself, confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import PASSWORD, WIDE, serving, watched
from browser.test_looks import SIZES, axe
from workbench.filled import fill
from workbench.processes import python

pytestmark = pytest.mark.browser

COLLEAGUES = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Unit
for name, agency, country in (("otto", "Other unit", "AT"), ("tess", "Third unit", "PT")):
    make_officer(name, sys.argv[2], Unit.objects.create(agency=agency, country=country))
"""


@pytest.fixture(scope="module")
def taskforce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server with officers of three units."""
    workspace = fill(tmp_path_factory.mktemp("taskforce") / "workspace")
    for server in serving(workspace.path):
        made = python(COLLEAGUES, workspace.path, PASSWORD)
        assert made.returncode == 0, made.stderr
        yield server


@pytest.fixture
def as_officer(chromium: Browser, taskforce: str, problems: list[str]) -> Iterator[Callable[[str], Page]]:
    contexts: list[BrowserContext] = []

    def enter(name: str) -> Page:
        context = chromium.new_context(base_url=taskforce, viewport=WIDE, color_scheme="dark", locale="en-US")
        contexts.append(context)
        page = watched(context, taskforce, problems)
        page.goto("/")
        page.get_by_label("User name").focus()
        expect(page.get_by_label("User name")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/series/")
        return page

    yield enter
    for context in contexts:
        context.close()


def keys(page: Page, *pressed: str) -> None:
    """Press keys once the page listens: its modules have run when it is loaded."""
    page.wait_for_load_state()
    for key in pressed:
        page.keyboard.press(key)


def look(page: Page, name: str, folder: Path) -> None:
    """A screenshot at both widths; nothing wider than the window, and nothing that axe finds."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        page.screenshot(path=folder / f"{name}-{size}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} {size}"
        assert axe(page) == [], f"{name} {size}"
    page.set_viewport_size(WIDE)


def test_a_day_of_an_edition(as_officer: Callable[[str], Page], screenshots: Path) -> None:
    ida, otto, tess = (as_officer(name) for name in ("ida", "otto", "tess"))
    expect(otto.get_by_text("No series was assigned to your unit yet.")).to_be_visible()
    make_an_edition(ida, screenshots)
    assign_two_series(ida, screenshots)
    otto.reload()
    expect(otto.locator("#rows tr")).to_have_count(2)
    tess.reload()
    expect(tess.locator("#rows tr")).to_have_count(0)
    address = take_and_propose(otto)
    assert tess.request.get(address).status == 404
    confirm(ida, screenshots)
    otto.goto("/series/?state=identified")
    expect(otto.locator("#rows tr")).to_have_count(1)
    ida.goto("/editions/1/")
    expect(ida.get_by_text("By unit, in the order of countries")).to_be_visible()
    look(ida, "edition", screenshots)
    ida.goto("/series/?view=cards")
    look(ida, "board-cards", screenshots)


def make_an_edition(ida: Page, screenshots: Path) -> None:
    keys(ida, "g", "o")
    ida.wait_for_url("**/editions/")
    ida.get_by_role("link", name="New edition").focus()
    keys(ida, "Enter")
    day = datetime.now(UTC).strftime("%m%d%Y")
    for label, text in {"Name": "Fifth edition", "First day": day, "Last day": day}.items():
        ida.get_by_label(label).focus()
        ida.keyboard.type(text)
    look(ida, "edition-form", screenshots)
    ida.get_by_role("button", name="Save").focus()
    keys(ida, "Enter")
    expect(ida.get_by_text("Fifth edition is saved.")).to_be_visible()
    for unit in ("Other unit (AT)", "Third unit (PT)"):
        ida.get_by_label("Unit", exact=True).select_option(label=unit)
        ida.get_by_label("Unit", exact=True).focus()
        keys(ida, "Tab", "Enter")
        expect(ida.get_by_role("heading", name=unit)).to_be_visible()
    ida.get_by_label("otto").focus()
    keys(ida, "Space", "Tab", "Enter")
    expect(ida.get_by_text("1 officer of the unit has a seat.")).to_be_visible()


def assign_two_series(ida: Page, screenshots: Path) -> None:
    keys(ida, "g", "s")
    ida.wait_for_url("**/series/")
    keys(ida, "j", "j", "J", "p")
    expect(ida.locator("#place-edition")).to_be_focused()
    keys(ida, "Tab", "Tab", "Enter")
    expect(ida.get_by_text("2 series placed.")).to_be_visible()
    keys(ida, "j", "j", "J", "a")
    ida.keyboard.type("Other")
    look(ida, "board-assign", screenshots)
    keys(ida, "Tab", "Tab", "Enter")
    expect(ida.get_by_text("2 series assigned.")).to_be_visible()
    look(ida, "board", screenshots)


def take_and_propose(otto: Page) -> str:
    """Gives the address of the proposal, which its proposer cannot confirm."""
    keys(otto, "j", "t")
    expect(otto.get_by_text("1 series: taken.")).to_be_visible()
    keys(otto, "j", "i")
    otto.keyboard.type("Known to the police of Graz since May.")
    keys(otto, "Tab", "Enter")
    expect(otto.get_by_text("1 proposal waits for a second pair of eyes.")).to_be_visible()
    keys(otto, "g", "y")
    otto.wait_for_url("**/confirm/")
    keys(otto, "j", "Enter")
    expect(otto.get_by_text("another officer must look at it")).to_be_visible()
    expect(otto.get_by_role("button", name="Confirm")).to_have_count(0)
    address = otto.url
    refused = otto.request.post(
        f"{address}confirm/",
        form={"csrfmiddlewaretoken": otto.locator("body").get_attribute("data-csrf") or ""},
        headers={"Origin": address.partition("/confirm/")[0]},
    )
    assert "You proposed this yourself" in refused.text()
    return address


def confirm(ida: Page, screenshots: Path) -> None:
    keys(ida, "g", "y")
    ida.wait_for_url("**/confirm/")
    look(ida, "confirm", screenshots)
    keys(ida, "j", "Enter")
    ida.wait_for_url("**/confirm/*/")
    look(ida, "proposal", screenshots)
    ida.get_by_label("Your answer").focus()
    ida.keyboard.type("Yes: the same room.")
    keys(ida, "Tab", "Enter")
    expect(ida.get_by_text("is confirmed.")).to_be_visible()
