"""What pages ask for, and in which order: one script, kept files, and nothing beside the grid before the grid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Response, expect

pytestmark = pytest.mark.browser

KEPT = """() => performance.getEntriesByType("resource")
  .filter((one) => one.name.includes("/static/") && one.transferSize > 0).map((one) => one.name)"""


def _addresses(page: Page) -> list[str]:
    """One of each kind of page, reached as people reach them."""
    series = str(page.locator("a[data-row]").first.get_attribute("href"))
    page.goto(series)
    expect(page.locator("#grid[data-ready]")).to_be_visible()
    marks = [str(page.locator("#grid").get_attribute("data-here"))]
    page.keyboard.press("ArrowRight")
    expect(page.locator("#grid")).not_to_have_attribute("data-here", marks[0])
    marks.append(str(page.locator("#grid").get_attribute("data-here")))
    media = f"/media/{marks[0]}/"
    asked = [
        f"{media}zoom/",
        f"/compare/?m={marks[0]}&m={marks[1]}",
        f"{series}timeline/",
        f"{series}review/",
    ]
    return ["/series/", series, media, *asked, "/inbox/", "/search/", "/editions/", "/profile/", "/map/"]


def test_every_page_asks_for_one_script_and_for_kept_files_alone(signed_in: Page) -> None:
    answers: list[Response] = []
    addresses = _addresses(signed_in)
    signed_in.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes no built-in
    for address in addresses:
        answers.clear()
        signed_in.goto(address)
        signed_in.wait_for_load_state("load")
        assert [one.url for one in answers if one.status >= 400] == []
        files = [one for one in answers if "/static/" in one.url]
        assert [
            one.url for one in files if one.headers.get("cache-control", "").count("immutable") != 1
        ] == []
        scripts = [
            one.url for one in files if one.request.resource_type == "script" and "/vendor/" not in one.url
        ]
        assert len(scripts) == 1, address
        assert re.search(r"/static/[0-9a-f]{16}/pages/all\.en\.js$", scripts[0])
        assert not [one.url for one in answers if "/words.js" in one.url]


def test_what_was_got_once_is_not_asked_for_again(signed_in: Page) -> None:
    address = str(signed_in.locator("a[data-row]").first.get_attribute("href"))
    for _ in range(2):
        signed_in.goto(address)
        expect(signed_in.locator("#grid[data-ready]")).to_be_visible()
        expect(signed_in.locator("#panel-people [data-people]")).to_be_attached()
    assert signed_in.evaluate(KEPT) == []


def test_the_first_tiles_come_before_pieces_and_the_live_channel(signed_in: Page) -> None:
    order: list[str] = []

    def asked(request: Request) -> None:
        if request.headers.get("x-foureyes-piece"):
            order.append("piece")
        elif "/live/" in request.url and "/static/" not in request.url:
            order.append("live")

    def ended(request: Request) -> None:
        if "/m/previews/" in request.url:
            order.append("previews")

    address = str(signed_in.locator("a[data-row]").first.get_attribute("href"))
    signed_in.on("request", asked)
    signed_in.on("requestfinished", ended)
    with signed_in.expect_request(lambda one: "/live/S-" in one.url):
        signed_in.goto(address + "?panel=findings")
    expect(signed_in.locator("#panel-people [data-people]")).to_be_attached()
    expect(signed_in.locator("#panel-findings > *").first).to_be_attached()
    assert order[0] == "previews"
    assert {"piece", "live"} <= set(order)


def test_a_grid_that_does_not_come_keeps_nothing_from_coming(signed_in: Page, problems: list[str]) -> None:
    address = str(signed_in.locator("a[data-row]").first.get_attribute("href"))
    signed_in.route("**/grid/", lambda route: route.fulfill(status=503))
    signed_in.goto(address)
    expect(signed_in.locator("#grid-told")).to_contain_text("could not be loaded")
    expect(signed_in.locator("#panel-people [data-people]")).to_be_attached()
    problems[:] = [one for one in problems if "503" not in one]


def test_keys_work_as_soon_as_there_are_tiles(signed_in: Page) -> None:
    """No preview has come, nor will: the grid is walked and chosen in all the same."""
    signed_in.route("**/m/previews/**", lambda route: route.abort())
    signed_in.locator("a[data-row]").first.click()
    expect(signed_in.locator("#grid .tile").first).to_be_visible()
    signed_in.keyboard.press("ArrowRight")
    signed_in.keyboard.press("x")
    expect(signed_in.locator("#grid-told")).to_contain_text("media chosen")
    expect(signed_in.locator("#grid .tile.current")).to_have_attribute("aria-selected", "true")


def test_a_form_asked_for_by_key_comes_though_another_piece_comes_before_it(signed_in: Page) -> None:
    signed_in.locator("a[data-row]").first.click()
    expect(signed_in.locator("#grid .tile").first).to_be_visible()
    signed_in.evaluate("""() => {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true }));
      document.getElementById("panel-people").dispatchEvent(new CustomEvent("loaded", { bubbles: true }));
    }""")
    expect(signed_in.get_by_label("Note", exact=True)).to_be_focused()


@pytest.fixture(autouse=True)
def aborted_is_no_problem(request: pytest.FixtureRequest, problems: list[str]) -> object:
    yield
    if "keys_work" in request.node.name:
        problems[:] = [one for one in problems if "ERR_FAILED" not in one]
