"""Makes the pictures of the guided tour, of the demo's samples and people, in a real Chromium.

    pytest tests/browser/test_tour_pictures.py --screenshots docs/workbench/pictures

Left out unless a folder is named: every page has tests of its own, and taking the samples in costs a minute.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import NARROW, PASSWORD, WIDE, serving, watched
from browser.test_sign_in import give_password
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from workbench.factors_now import code_of
from workbench.processes import python

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
COLOURS = 192
"""Of the palette of each picture: enough for a page with photos, a third of the bytes."""
FLAT = 24
"""A picture of no more colours than this is of an empty page."""
CAST = """
import sys
sys.path.insert(0, sys.argv.pop(3))
import demo_cast
demo_cast.main()
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from foureyes.workbench.accounts import factors
from foureyes.workbench.accounts.models import Officer
otto, secret = Officer.objects.get(username="otto"), generate_totp_secret()
TOTP.activate(otto, secret)
factors.make_codes(otto)
factors.codes_to_keep(otto)
print(secret)
"""


@dataclass(frozen=True)
class Demo:
    """The demo's workspace: its series by their names, some media by their files, the secret of Otto's app."""

    workspace: Path
    series: dict[str, str]
    media: dict[str, str]
    secret: str

    def of(self, words: str) -> str:
        """The address of the series whose name begins so."""
        return next(f"/series/{one}/" for name, one in self.series.items() if name.startswith(words))


@pytest.fixture(scope="module", autouse=True)
def _asked_for(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--screenshots", None):
        pytest.skip("left out: the pictures of the tour, because no folder was named with --screenshots")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    settings = EngineSettings()
    workspace = Workspace.create(tmp_path_factory.mktemp("demo") / "workspace")
    pipeline.ingest(ROOT / "samples", workspace, settings)
    with Catalogue.open(workspace, settings) as catalogue:
        series = {one.name: one.id for one in catalogue.series_list()}
        files = (
            "DSC_0427.JPG",
            "DSC_0430.JPG",
            "IMG-20200101-WA0001.jpg",
            "VID_0007.mp4",
            "box.jpg",
            "table.jpg",
        )
        media = {name: catalogue.find(name)[0][:16] for name in files}
    made = python(CAST, workspace.path, PASSWORD, ROOT / "tools")
    assert made.returncode == 0, made.stderr
    return Demo(workspace.path, series, media, made.stdout.strip())


@pytest.fixture(scope="module")
def server(demo: Demo) -> Iterator[str]:
    yield from serving(demo.workspace)


@pytest.fixture
def enter(chromium: Browser, server: str, problems: list[str]) -> Iterator[Callable[[str], Page]]:
    contexts: list[BrowserContext] = []

    def entered(name: str) -> Page:
        contexts.append(chromium.new_context(base_url=server, viewport=WIDE, color_scheme="dark"))
        page = watched(contexts[-1], server, problems)
        give_password(page, name)
        page.wait_for_url(lambda address: address.rstrip("/") != f"{server.rstrip('/')}/sign-in")
        return page

    yield entered
    for context in contexts:
        context.close()


def take(page: Page, folder: Path, name: str, *, small: bool = False) -> None:
    """A picture of what is in sight, at 1440 x 900 and on request at 390 x 844: a page that fits and is not empty."""
    for suffix, size in (("", WIDE), ("-small", NARROW))[: 2 if small else 1]:
        page.set_viewport_size(size)
        page.wait_for_load_state("networkidle")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.evaluate("document.getElementById('said')?.replaceChildren()")
        page.wait_for_function(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
        expect(page.locator("h1").first).to_be_attached()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{name}{suffix} is too wide"
        )
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        assert shot.getcolors(FLAT) is None, f"{name}{suffix} shows next to nothing"
        shot.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}{suffix}.png", optimize=True)
    page.set_viewport_size(WIDE)


def test_board_editions_and_confirming(enter: Callable[[str], Page], screenshots: Path) -> None:
    page, colleague = enter("demo"), enter("marie")
    colleague.goto("/inbox/")
    take(colleague, screenshots, "inbox", small=True)
    take(page, screenshots, "board", small=True)
    page.goto("/series/?view=cards")
    take(page, screenshots, "board-cards")
    for name, address in {
        "edition": "/editions/1/",
        "edition-new": "/editions/new/",
        "confirm": "/confirm/",
        "proposal": "/confirm/1/",
        "note": "/note/1/",
        "request": "/request/1/",
        "changes": "/changes/",
    }.items():
        page.goto(address)
        take(page, screenshots, name)


def test_the_page_of_a_series(enter: Callable[[str], Page], demo: Demo, screenshots: Path) -> None:
    page, colleague = enter("demo"), enter("marie")
    series = demo.of("NIKON D3200")
    for one in (colleague, page):
        one.goto(f"{series}?group=scene")
        expect(one.locator("#grid[data-ready]")).to_be_visible()
    expect(page.locator("#panel-people .person")).to_have_count(2)
    take(page, screenshots, "series", small=True)
    page.locator("#grid").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("t")
    expect(page.locator("canvas.sharp").nth(5)).to_be_visible()
    page.keyboard.press("c")
    take(page, screenshots, "series-revealed")
    page.keyboard.press("Escape")
    for name in ("Timeline", "Links", "Findings"):
        page.get_by_role("tab", name=name).click()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.locator("#tabs").evaluate("one => one.scrollIntoView()")
        take(page, screenshots, f"panel-{name.lower()}")
    page.goto(demo.of("DJI FC300S"))
    page.get_by_role("tab", name="Map").click()
    expect(page.locator("[data-map][data-ready]")).to_be_visible()
    for _ in range(3):
        page.get_by_role("button", name="Zoom out").click()
    take(page, screenshots, "panel-map")
    page.goto(series)
    expect(page.locator("#grid[data-ready]")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("d")
    expect(page.get_by_role("dialog", name="Decide")).to_be_visible()
    take(page, screenshots, "decide")
    page.goto("/exposure/")
    take(page, screenshots, "exposure")


def test_media_zoom_film_and_compare(enter: Callable[[str], Page], demo: Demo, screenshots: Path) -> None:
    page = enter("demo")
    page.goto("/region/1/")
    page.get_by_role("link", name=re.compile("^The media")).click()
    page.wait_for_url("**/media/*/")
    expect(page.get_by_role("link", name="Mark a clue")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("[data-subject].sharp")).to_have_count(1)
    page.keyboard.press("c")
    take(page, screenshots, "media", small=True)
    marks = [demo.media[name] for name in ("DSC_0427.JPG", "IMG-20200101-WA0001.jpg", "DSC_0430.JPG")]
    page.goto(f"/media/{marks[0]}/zoom/?zoom=3&x=0.45&y=0.55")
    page.keyboard.press("t")
    page.keyboard.press("c")
    expect(page.locator("canvas[data-pane]")).to_have_attribute("data-complete", "")
    take(page, screenshots, "zoom")
    page.goto(f"/compare/?m={marks[0]}&m={marks[1]}&m={marks[2]}")
    page.keyboard.press("t")
    page.keyboard.press("c")
    expect(page.locator("canvas[data-pane][data-complete]")).to_have_count(3)
    take(page, screenshots, "compare")
    page.goto(f"/compare/?m={demo.media['box.jpg']}&m={demo.media['table.jpg']}")
    page.keyboard.press("t")
    page.keyboard.press("c")
    expect(page.locator("canvas[data-pane][data-complete]")).to_have_count(2)
    expect(page.locator("canvas[data-points]")).not_to_have_attribute("data-drawn", "0")
    take(page, screenshots, "compare-points")
    page.goto(f"/media/{demo.media['VID_0007.mp4']}/play/")
    page.keyboard.press("t")
    page.keyboard.press("c")
    expect(page.locator("video")).to_have_js_property("readyState", 4)
    take(page, screenshots, "film")
    page.goto(f"/why/?a={marks[1]}&b={marks[2]}")
    take(page, screenshots, "why")
    page.goto("/review/")
    take(page, screenshots, "review")
    page.goto("/search/")
    page.set_input_files("#picture", ROOT / "samples/phone/received/IMG-20200101-WA0002.jpg")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**/search/?n=*")
    take(page, screenshots, "search")


def test_people_and_records(
    enter: Callable[[str], Page],
    demo: Demo,
    screenshots: Path,
    problems: list[str],
) -> None:
    otto = enter("otto")
    take(otto, screenshots, "second-factor")
    otto.keyboard.type(code_of(demo.secret))
    otto.keyboard.press("Enter")
    otto.wait_for_url("**/series/")
    for name, address in {
        "profile": "/profile/",
        "second-factors": "/profile/second-factors/",
        "sessions": "/profile/sessions/",
    }.items():
        otto.goto(address)
        take(otto, screenshots, name)
    adam, vera = enter("adam"), enter("vera")
    adam.goto("/people/")
    take(adam, screenshots, "people")
    adam.goto("/api/tokens/")
    take(adam, screenshots, "programs")
    vera.goto("/record/")
    take(vera, screenshots, "oversight")
    assert problems == []


def test_the_screen_of_a_break(chromium: Browser, demo: Demo, problems: list[str], screenshots: Path) -> None:
    for address in serving(demo.workspace, FOUREYES_REVEALS_A_DAY="20"):
        context = chromium.new_context(base_url=address, viewport=WIDE, color_scheme="dark")
        page = watched(context, address, problems)
        give_password(page, "marie")
        page.wait_for_url("**/series/")
        page.goto(demo.of("NIKON D3200"))
        expect(page.locator("#grid[data-ready]")).to_be_visible()
        page.keyboard.press("Control+a")
        for _ in range(8):
            page.keyboard.press("t")
            page.wait_for_load_state("networkidle")
            if page.get_by_role("dialog", name="A break").is_visible():
                break
        expect(page.get_by_role("dialog", name="A break")).to_be_visible()
        take(page, screenshots, "break")
        context.close()
    problems[:] = [one for one in problems if "429" not in one]
