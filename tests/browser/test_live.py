"""Two officers on the same series in two browsers: each sees the other come, and what they do, without a reload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.settings import EngineSettings
from workbench.filled import fill
from workbench.prepared import with_database
from workbench.processes import python
from workbench.servers import PASSWORD, Server, serving

CAST = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from workbench.cast import give
from foureyes.workbench.accounts.models import Officer
serving.add_officer("otto", "correct horse battery", "Other unit", "AT")
give(sys.argv[2], Officer.objects.get(username="otto").unit)
"""
WIDE = {"width": 1440, "height": 900}


@dataclass
class Stage:
    """A workspace with Ida and Otto, who both see one series."""

    workspace: Path
    series: str


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    workspace = fill(tmp_path_factory.mktemp("live") / "workspace")
    with Catalogue.open(workspace, EngineSettings()) as catalogue:
        series = catalogue.series_list()[0].id
    made = python(CAST, with_database(workspace.path), series)
    assert made.returncode == 0, made.stderr
    return Stage(workspace.path, series)


@pytest.fixture(scope="module")
def live_server(stage: Stage) -> Iterator[Server]:
    with serving(stage.workspace) as running:
        yield running


@dataclass
class Colleagues:
    """Two officers, each in a browser of their own, at the page of the series."""

    ida: Page
    otto: Page


@pytest.fixture
def colleagues(
    chromium: Browser, live_server: Server, stage: Stage, problems: list[str]
) -> Iterator[Colleagues]:
    contexts: list[BrowserContext] = []
    pages = []
    for name in ("ida", "otto"):
        context = chromium.new_context(base_url=live_server.address, viewport=WIDE, color_scheme="dark")
        context.set_default_timeout(15_000)
        contexts.append(context)
        pages.append(at_series(context.new_page(), name, stage.series))
        pages[-1].on("pageerror", lambda error: problems.append(str(error)))
    yield Colleagues(*pages)
    for context in contexts:
        context.close()


def at_series(page: Page, name: str, series: str) -> Page:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/")
    page.goto(f"/series/{series}/")
    is_live(page)
    return page


def is_live(page: Page) -> None:
    expect(page.locator("#live")).to_have_attribute("data-state", "on")


def people(page: Page) -> list[str]:
    return page.locator("#panel-people .person-name").all_inner_texts()


def test_colleagues_see_each_other_and_where_they_look(colleagues: Colleagues, screenshots: Path) -> None:
    ida, otto = colleagues.ida, colleagues.otto
    for page in (ida, otto):
        expect(page.locator("#panel-people .person")).to_have_count(2)
    assert people(ida) == ["ida (you)", "otto"]
    otto.locator("#grid").press("ArrowRight")
    expect(ida.locator("#panel-people .person", has_text="otto")).to_contain_text("looks at the grid")
    here = otto.locator("#grid").get_attribute("data-here")
    ida.screenshot(path=screenshots / "live.png")
    ida.get_by_role("button", name="Go to the media that otto stands on").click()
    expect(ida.locator("#grid")).to_have_attribute("data-here", here or "")
    otto.get_by_role("button", name="Hide where I look").click()
    expect(ida.locator("#panel-people .person", has_text="otto")).to_contain_text("somewhere on the series")
    expect(ida.get_by_role("button", name="Go to the media that otto stands on")).to_have_count(0)
    otto.get_by_role("button", name="Show where I look").click()
    expect(ida.locator("#panel-people .person", has_text="otto")).not_to_contain_text("somewhere")
    otto.goto("/series/")
    expect(ida.locator("#panel-people .person")).to_have_count(1)


def test_a_change_is_told_in_words_and_takes_nothing_from_who_writes(
    colleagues: Colleagues, screenshots: Path
) -> None:
    ida, otto = colleagues.ida, colleagues.otto
    ida.keyboard.press("d")
    reason = ida.get_by_label("Why", exact=False).first
    reason.fill("half a sentence")
    otto.keyboard.press("n")
    otto.locator("#name").fill("The lake at noon")
    otto.keyboard.press("Enter")
    notice = ida.locator("#decide .live-notice")
    expect(notice).to_contain_text("otto renamed the series.")
    expect(reason).to_have_value("half a sentence")
    expect(reason).to_be_focused()
    ida.screenshot(path=screenshots / "live-told.png")
    expect(otto.locator(".live-notice")).to_be_empty()
    ida.keyboard.press("Escape")
    ida.keyboard.press("n")
    ida.locator("#name").fill("A name of Ida's")
    ida.keyboard.press("Enter")
    expect(ida.get_by_role("heading", name="A colleague was first")).to_be_visible()
    expect(ida.locator("main")).to_contain_text("The lake at noon")
    expect(ida.locator("main")).to_contain_text("A name of Ida's")
    ida.screenshot(path=screenshots / "live-meanwhile.png")
    ida.get_by_role("link", name="Keep their name").click()
    expect(ida.locator("h1")).to_have_text("The lake at noon")


def test_a_state_that_a_colleague_sets_is_not_taken_for_the_state_of_the_channel(
    colleagues: Colleagues,
) -> None:
    ida, otto = colleagues.ida, colleagues.otto
    otto.get_by_role("button", name="taken", exact=True).click()
    expect(ida.locator("#live")).to_contain_text("otto changed the state of the series")
    expect(ida.locator(".live-state")).to_be_empty()
    is_live(ida)


def test_what_comes_by_itself_leaves_the_focus_where_it_is(colleagues: Colleagues) -> None:
    ida, otto = colleagues.ida, colleagues.otto
    ida.keyboard.press("3")
    here = ida.get_by_role("link", name="Task P")
    here.focus()
    otto.keyboard.press("s")
    otto.get_by_label("Note", exact=True).fill("seen from the other shore")
    otto.get_by_role("button", name="Save note").press("Enter")
    expect(ida.get_by_text("seen from the other shore")).to_be_visible()
    expect(here).to_be_focused()


def test_the_page_says_when_it_is_not_live_and_misses_nothing(
    stage: Stage, chromium: Browser, problems: list[str]
) -> None:
    with serving(stage.workspace) as server:
        context = chromium.new_context(base_url=server.address, viewport=WIDE, color_scheme="dark")
        context.set_default_timeout(15_000)
        page = at_series(context.new_page(), "ida", stage.series)
        page.on("pageerror", lambda error: problems.append(str(error)))
        server.kill()
        expect(page.locator(".live-state")).to_contain_text("Not live: the server is away.")
        renamed = python(RENAME, stage.workspace, stage.series)
        assert renamed.returncode == 0, renamed.stderr
    with serving(stage.workspace, server.port):
        expect(page.locator(".live-notice")).to_contain_text("otto renamed the series.")
        is_live(page)
        expect(page.locator(".live-state")).to_be_empty()
        page.evaluate(
            "fetch('/sign-out/', {method: 'POST', headers: {'X-CSRFToken': document.body.dataset.csrf}})"
        )
        expect(page.locator(".live-state")).to_contain_text("Not live any more")
    context.close()


RENAME = """
import sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]))
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.series.actions import rename
rename(Officer.objects.get(username="otto"), sys.argv[2], "Named while the server was away")
"""
