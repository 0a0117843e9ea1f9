"""A day of the taskforce, from end to end: three officers of three units, each in a browser of their own.

Ida works, Otto of a second unit helps and confirms, Tess of a third is nobody here. Nothing is reloaded where the
page is said to be live.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import PASSWORD, WIDE, serving, watched
from workbench.factors_now import code_of
from workbench.filled import fill
from workbench.prepared import with_database
from workbench.processes import python

pytestmark = pytest.mark.browser

CAST = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
path, password = Path(sys.argv[1]), sys.argv[2]
serving.prepare(path)
for name, agency, country in (("otto", "Other unit", "AT"), ("tess", "Third unit", "PT")):
    serving.add_officer(name, password, agency, country)
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from foureyes.workbench.accounts.models import Officer, OfficerLanguage
from foureyes.workbench.library.holdings import catalogue
from workbench.cast import give
secrets = {}
for name in ("ida", "otto", "tess"):
    secrets[name] = generate_totp_secret()
    TOTP.activate(Officer.objects.get(username=name), secrets[name])
otto, tess = (Officer.objects.get(username=name) for name in ("otto", "tess"))
OfficerLanguage.objects.create(officer=otto, code="pl")
_large, market, poster = (one.id for one in catalogue().series_list()[:3])
give(market, otto.unit)
give(poster, tess.unit)
print(json.dumps({"series": market, **secrets}))
"""


@dataclass(frozen=True)
class Taskforce:
    """A server, the series that Ida's and Otto's units work on, and the secrets of everybody's app."""

    address: str
    series: str
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def taskforce(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taskforce]:
    workspace = with_database(fill(tmp_path_factory.mktemp("day") / "workspace").path)
    made = python(CAST, workspace, PASSWORD)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    for address in serving(workspace):
        yield Taskforce(address, told.pop("series"), told)


@pytest.fixture
def enter(chromium: Browser, taskforce: Taskforce, problems: list[str]) -> Iterator[Callable[[str], Page]]:
    contexts: list[BrowserContext] = []

    def entered(name: str) -> Page:
        context = chromium.new_context(base_url=taskforce.address, viewport=WIDE, color_scheme="dark")
        contexts.append(context)
        page = watched(context, taskforce.address, problems)
        sign_in(page, name, taskforce.secrets[name])
        return page

    yield entered
    for context in contexts:
        context.close()


def sign_in(page: Page, name: str, secret: str) -> None:
    """By keyboard: name, password, then the code that the officer's app shows."""
    page.goto("/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/second/**")
    expect(page.get_by_label("Code of the app, or a recovery code")).to_be_focused()
    page.keyboard.type(code_of(secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")


def keys(page: Page, *pressed: str) -> None:
    """Press keys once the page listens: its modules have run when it is loaded."""
    page.wait_for_load_state()
    for key in pressed:
        page.keyboard.press(key)


def test_a_day_of_the_taskforce(
    enter: Callable[[str], Page], taskforce: Taskforce, problems: list[str]
) -> None:
    ida, otto = enter("ida"), enter("otto")
    take(ida)
    reveal_and_draw(ida)
    ask(ida, taskforce.series)
    answer(otto)
    hear_of_it(ida)
    split_and_undo(ida, otto, taskforce.series)
    propose(ida)
    proposal = confirm(otto)
    ida.goto("/series/?state=identified")
    expect(ida.locator("#rows tr")).to_have_count(1)
    assert problems == []
    outsider(enter("tess"), taskforce.series, proposal)
    problems[:] = [one for one in problems if "404" not in one]


def take(ida: Page) -> None:
    """The second series of the board becomes hers."""
    keys(ida, "j", "j", "t")
    expect(ida.get_by_text("1 series: taken.")).to_be_visible()


def reveal_and_draw(ida: Page) -> None:
    """One media is opened, shown while a key is held, and a sign in it becomes a clue."""
    keys(ida, "j", "j", "Enter")
    ida.wait_for_url("**/series/S-*/")
    expect(ida.locator("#grid[data-ready]")).to_be_visible()
    expect(ida.locator("canvas.sharp")).to_have_count(0)
    ida.keyboard.down("r")
    expect(ida.locator("canvas.sharp")).to_have_count(1)
    ida.keyboard.up("r")
    expect(ida.locator("canvas.sharp")).to_have_count(0)
    ida.keyboard.press("Enter")
    ida.wait_for_url("**/media/*/")
    expect(ida.get_by_role("link", name="Mark a clue")).to_be_visible()
    ida.keyboard.press("a")
    expect(ida.locator(".drawing-cover")).to_be_focused()
    keys(ida, "ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Enter")
    expect(ida.get_by_label("Clue", exact=True)).to_be_focused()
    ida.keyboard.type("text")
    ida.keyboard.press("Tab")
    ida.keyboard.type("sign at the mill")
    ida.keyboard.press("Enter")
    expect(ida.get_by_role("link", name=re.compile(r"^#1 sign at the mill$"))).to_be_visible()
    expect(ida.locator(".drawing-layer .outlined")).to_have_count(1)


def ask(ida: Page, series: str) -> None:
    """A question about a chosen media, to whoever reads Polish. She stays on the page of the question."""
    ida.goto(f"/series/{series}/")
    expect(ida.locator("#grid[data-ready]")).to_be_visible()
    ida.locator("#grid").focus()
    keys(ida, "x", "e")
    expect(ida.get_by_label("Question")).to_be_focused()
    ida.keyboard.type("what does the sign say?")
    ida.get_by_label("To those who read or know").fill("pl")
    ida.keyboard.press("Enter")
    expect(ida.get_by_role("link", name="what does the sign say?")).to_be_visible()
    ida.goto("/request/1/")
    expect(ida.locator("#answers-title")).to_be_visible()


def answer(otto: Page) -> None:
    """It comes to his board while he looks at it, and he answers from the inbox."""
    inbox = otto.get_by_role("link", name=re.compile("^Inbox"))
    keys(otto, "g", "i")
    otto.wait_for_url("**/inbox/")
    expect(inbox).to_contain_text("1")
    keys(otto, "j", "Enter")
    otto.wait_for_url("**/request/*/")
    otto.get_by_role("button", name="I am at it").press("Enter")
    expect(otto.get_by_text("otto is at it since")).to_be_visible()
    otto.get_by_label("Note", exact=True).fill("it says mill")
    otto.get_by_role("button", name="Save note").press("Enter")
    expect(otto.get_by_text("it says mill")).to_be_visible()


def hear_of_it(ida: Page) -> None:
    """Both came to her page, which nobody loaded again."""
    expect(ida.get_by_text("otto is at it since")).to_be_visible()
    expect(ida.get_by_text("it says mill")).to_be_visible()


def split_and_undo(ida: Page, otto: Page, series: str) -> None:
    """A stack is split off by a ruling; Otto's open page is told; withdrawing it puts all together again."""
    for page in (ida, otto):
        page.goto(f"/series/{series}/")
        expect(page.locator("#live")).to_have_attribute("data-state", "on")
        expect(page.locator("#grid-told")).to_contain_text("9 shown, 9 copies folded")
    ida.locator("#grid").focus()
    keys(ida, "x", "d")
    dialog = ida.get_by_role("dialog", name="Decide")
    dialog.get_by_role("radio", name=re.compile("^split")).press("Space")
    dialog.get_by_label("Why", exact=True).fill("another mill")
    dialog.get_by_role("button", name="Decide", exact=True).press("Enter")
    grouped(ida, "8 shown, 8 copies folded")
    expect(
        otto.get_by_role("status").filter(has_text=re.compile("ida decided|grouped anew")).first
    ).to_be_visible()
    ida.keyboard.press("2")
    ida.get_by_text("Withdraw", exact=True).press("Enter")
    ida.get_by_role("button", name="Withdraw decision").press("Enter")
    grouped(ida, "9 shown, 9 copies folded")


def grouped(page: Page, words: str) -> None:
    """The page waits five seconds for the new grouping; on a busy machine it offers to look again later."""
    told = page.locator("#grid-told").filter(has_text=words)
    again = page.get_by_role("button", name="Look again")
    expect(told.or_(again).first).to_be_visible(timeout=30_000)
    if not told.count():
        again.press("Enter")
    expect(told).to_be_visible()


def propose(ida: Page) -> None:
    """Closing a series as identified is always a proposal."""
    keys(ida, "g", "s")
    ida.wait_for_url("**/series/")
    keys(ida, "j", "j", "i")
    ida.keyboard.type("The mill is known; the child is safe.")
    keys(ida, "Tab", "Enter")
    expect(ida.get_by_text("1 proposal waits for a second pair of eyes.")).to_be_visible()


def confirm(otto: Page) -> str:
    """An officer of a second unit looks at it and confirms; gives its address."""
    keys(otto, "g", "y")
    otto.wait_for_url("**/confirm/")
    keys(otto, "j", "Enter")
    otto.wait_for_url("**/confirm/*/")
    address = otto.url
    otto.get_by_label("Your answer").focus()
    otto.keyboard.type("Yes: the same mill.")
    keys(otto, "Tab", "Enter")
    expect(otto.get_by_text("is confirmed.")).to_be_visible()
    return address


def outsider(tess: Page, series: str, proposal: str) -> None:
    """A third unit works in the same edition, on another series: this one does not exist for it."""
    expect(tess.locator("#rows tr")).to_have_count(1)
    for address in (
        proposal,
        f"{proposal}confirm/",
        f"/series/{series}/",
        "/region/1/",
        "/request/1/",
        "/note/1/",
    ):
        answered = tess.request.get(address, max_redirects=0)
        assert answered.status == (405 if address.endswith("confirm/") else 404), address
    tess.goto(proposal)
    expect(tess.get_by_role("heading", level=1)).to_be_visible()
    assert "mill" not in tess.content()
