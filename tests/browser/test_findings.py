"""Findings by keyboard alone: a clue drawn, a note with a mention, a second pair of eyes in a second browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.colleague import arrive, join
from browser.conftest import serving
from browser.test_looks import SIZES, axe
from workbench.filled import fill

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a workspace in which Otto of another unit works on the first series, too."""
    workspace = fill(tmp_path_factory.mktemp("found") / "workspace").path
    for address in serving(workspace):
        join(workspace)
        yield address


def open_media(page: Page) -> str:
    """From the board into the first media of the first series by keys; gives its address."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/S-*/")
    expect(page.locator("#grid-told")).to_contain_text("18 shown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/media/*/")
    expect(page.get_by_role("link", name="Mark a clue")).to_be_visible()
    return page.url


def draw_by_keys(page: Page) -> None:
    page.keyboard.press("a")
    expect(page.locator(".drawing-cover")).to_be_focused()
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Control+ArrowUp"):
        page.keyboard.press(key)
    expect(page.locator("#said")).to_contain_text("36 from the left, 35.9 from the top, 29 wide, 30 high")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Clue", exact=True)).to_be_focused()


def test_a_clue_is_drawn_by_keys_and_listed(signed_in: Page, screenshots: Path) -> None:
    address = open_media(signed_in)
    signed_in.keyboard.press("t")
    expect(signed_in.locator("[data-subject].sharp")).to_have_count(1)
    draw_by_keys(signed_in)
    signed_in.keyboard.type("sock")
    signed_in.keyboard.press("Tab")
    signed_in.keyboard.type("white roof")
    expect(signed_in.get_by_label("Where in the picture")).to_have_value("xywh=percent:36,35.9,29,30")
    signed_in.get_by_label("Speaks for").fill("PL")
    signed_in.screenshot(path=screenshots / "region-form-wide.png")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("link", name=re.compile(r"^#\d+ white roof$"))).to_be_visible()
    expect(signed_in.locator(".drawing-layer .outlined")).to_have_count(1)
    signed_in.screenshot(path=screenshots / "media-findings-wide.png")
    assert axe(signed_in) == []
    signed_in.goto(address)
    expect(signed_in.locator(".drawing-layer .outlined")).to_have_count(1)
    signed_in.get_by_role("link", name=re.compile("white roof")).press("Enter")
    signed_in.get_by_role("button", name="Withdraw").press("Enter")
    signed_in.get_by_role("button", name="Put back").press("Enter")
    expect(signed_in.get_by_role("button", name="Put back")).to_have_count(0)
    # Opened by its link, its keys are at hand: none is written into the form for a note below.
    signed_in.goto(address)
    signed_in.get_by_role("link", name=re.compile("white roof")).press("Enter")
    expect(signed_in.get_by_role("link", name="Where else is this?")).to_be_visible()
    signed_in.keyboard.press("w")
    signed_in.wait_for_url("**/region/*/elsewhere/")


def test_drawing_with_a_mouse_survives_a_session_that_ends(signed_in: Page, problems: list[str]) -> None:
    address = open_media(signed_in)
    signed_in.keyboard.press("a")
    cover = signed_in.locator(".drawing-cover")
    expect(cover).to_be_focused()
    box = cover.bounding_box()
    assert box is not None
    signed_in.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.2)
    signed_in.mouse.down()
    signed_in.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.7)
    signed_in.mouse.up()
    signed_in.get_by_label("Clue", exact=True).select_option("place")
    signed_in.get_by_label("Name").fill("two hills")
    cookies = signed_in.context.cookies()
    signed_in.context.clear_cookies()
    signed_in.get_by_role("button", name="Save clue").press("Enter")
    expect(signed_in.locator("#said")).to_contain_text("still here")
    expect(signed_in.get_by_label("Name")).to_have_value("two hills")
    signed_in.context.add_cookies(cookies)  # type: ignore[arg-type]  # as the browser gave them
    signed_in.goto(address)
    expect(signed_in.get_by_role("link", name="Mark a clue")).to_be_visible()
    signed_in.keyboard.press("a")
    expect(signed_in.get_by_label("Name")).to_have_value("two hills")
    shape = signed_in.get_by_label("Where in the picture").input_value()
    assert re.fullmatch(r"xywh=percent:(9\.9|10).*,(19\.9|20).*,(39|40).*,(49|50).*", shape), shape
    expect(signed_in.get_by_text("What you wrote before is here again")).to_be_visible()
    signed_in.get_by_role("button", name="Save clue").press("Enter")
    expect(signed_in.get_by_role("link", name=re.compile("two hills"))).to_be_visible()
    signed_in.keyboard.press("a")
    expect(signed_in.get_by_label("Name")).to_have_value("")
    problems[:] = [one for one in problems if "403" not in one]


def open_series(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/S-*/")
    expect(page.locator("#grid-told")).to_contain_text("18 shown")


def test_a_colleague_is_mentioned_by_keys(signed_in: Page) -> None:
    open_series(signed_in)
    signed_in.keyboard.press("s")
    expect(signed_in.get_by_label("Note", exact=True)).to_be_focused()
    signed_in.keyboard.type("whose hills are these, @ot")
    expect(signed_in.locator(".names-offered").get_by_role("option")).to_have_count(1)
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_label("Note", exact=True)).to_have_value("whose hills are these, @otto ")
    signed_in.get_by_role("button", name="Save note").press("Enter")
    expect(signed_in.locator("article.note b.mention")).to_have_text("@otto")


def test_a_second_pair_of_eyes_is_asked_for_and_answered_in_another_browser(
    signed_in: Page, chromium: Browser, server: str, screenshots: Path
) -> None:
    open_series(signed_in)
    signed_in.locator("#grid").focus()
    signed_in.keyboard.press("x")
    signed_in.keyboard.press("e")
    expect(signed_in.get_by_label("Question")).to_be_focused()
    expect(signed_in.get_by_text("About the media that are chosen")).to_be_visible()
    signed_in.keyboard.type("what does the sign say?")
    signed_in.get_by_label("To those who read or know").fill("pl")
    signed_in.screenshot(path=screenshots / "request-form-wide.png")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("link", name="what does the sign say?")).to_be_visible()

    signed_in.get_by_role("link", name="what does the sign say?").press("Enter")
    expect(signed_in.locator("#answers-title")).to_be_visible()
    signed_in.goto("/request/1/")

    otto = arrive(chromium, server)
    expect(otto.get_by_role("link", name=re.compile("Inbox 2"))).to_be_visible()
    otto.keyboard.press("g")
    otto.keyboard.press("i")
    otto.wait_for_url("**/inbox/")
    otto.screenshot(path=screenshots / "inbox-wide.png")
    otto.keyboard.press("j")
    expect(otto.get_by_role("link", name="ida asks for your eyes")).to_be_focused()
    otto.keyboard.press("Enter")
    otto.wait_for_url("**/request/*/")
    otto.get_by_role("button", name="I am at it").press("Enter")
    expect(otto.get_by_text("otto is at it since")).to_be_visible()
    otto.get_by_label("Note", exact=True).fill("it is a mill")
    otto.get_by_role("button", name="Save note").press("Enter")
    expect(otto.get_by_text("it is a mill")).to_be_visible()
    otto.screenshot(path=screenshots / "request-wide.png")
    expect(signed_in.get_by_text("otto is at it since")).to_be_visible()
    expect(signed_in.get_by_text("it is a mill")).to_be_visible()

    # The same, where she opened it in the panel of the series: it stays open, and what comes is shown there.
    open_question_in_panel(signed_in)
    close = signed_in.get_by_role("button", name="Close: I have what I need")
    close.focus()
    otto.get_by_label("Note", exact=True).fill("built about 1900")
    otto.get_by_role("button", name="Save note").press("Enter")
    expect(signed_in.get_by_text("built about 1900")).to_be_visible()
    expect(close).to_be_focused()

    # What came while she looked at it is read: nothing is left in her inbox.
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("i")
    signed_in.wait_for_url("**/inbox/")
    expect(signed_in.get_by_text("Nothing unread.")).to_be_visible()
    otto.context.close()


def open_question_in_panel(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/series/")
    open_series(page)
    page.keyboard.press("3")
    page.get_by_role("link", name="what does the sign say?").press("Enter")
    expect(page.get_by_text("it is a mill")).to_be_visible()


def test_every_page_of_findings_looks_right(signed_in: Page, screenshots: Path) -> None:
    series = str(signed_in.locator("a[data-row]").first.get_attribute("href"))
    for kind in ("note", "task"):
        signed_in.goto(f"/findings/new/{kind}/?on=series:{series.split('/')[2]}")
        signed_in.locator(".finding-form textarea").fill(f"a {kind} with #1")
        signed_in.locator(".finding-form button.main").click()
        expect(signed_in.locator(".message.success")).to_be_visible()
    mark = signed_in.request.get(f"{series}grid/").json()["marks"][0]
    signed_in.goto(f"/findings/new/region/?on=media:{mark}")
    signed_in.get_by_label("Clue", exact=True).select_option("text")
    signed_in.get_by_label("Name").fill("a sign")
    signed_in.get_by_role("button", name="Save clue").click()
    expect(signed_in.get_by_role("link", name=re.compile("a sign"))).to_be_visible()
    found: dict[str, list[str]] = {}
    addresses = {
        "series-findings": f"{series}findings/",
        "note": "/note/1/",
        "region": "/region/1/",
        "task": "/task/1/",
        "inbox": "/inbox/?all=1",
        "region-edit": "/findings/region/1/edit/",
        "task-edit": "/findings/task/1/edit/",
        "request-new": f"/findings/new/request/?on=series:{series.split('/')[2]}",
    }
    for size, viewport in SIZES.items():
        signed_in.set_viewport_size(viewport)
        for name, address in addresses.items():
            signed_in.goto(address)
            signed_in.wait_for_load_state("networkidle")
            signed_in.screenshot(path=screenshots / f"{name}-{size}.png", full_page=True)
            assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{name} is too wide"
            )
            found[f"{name} {size}"] = axe(signed_in)
    assert {name: findings for name, findings in found.items() if findings} == {}
