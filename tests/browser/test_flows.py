"""Whole ways through the workbench by keyboard alone, as an officer goes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

COVERED = "canvas:not(.sharp)"


def open_largest(page: Page) -> str:
    """From the board into the first series by keys; gives its address."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/series/S-*/")
    expect(page.locator("#grid-told")).to_contain_text("18 shown, 36 copies folded")
    return page.url


def sharp(page: Page) -> int:
    """Pictures that are revealed now."""
    return page.locator("canvas.sharp").count()


def test_the_board_is_walked_by_keys(signed_in: Page) -> None:
    rows = signed_in.locator("a[data-row]")
    expect(rows).to_have_count(4)
    signed_in.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("j")
    expect(rows.nth(2)).to_be_focused()
    signed_in.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    signed_in.keyboard.press("/")
    expect(signed_in.get_by_label("Filter series")).to_be_focused()
    signed_in.keyboard.type("iphone")
    signed_in.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    signed_in.get_by_role("link", name="Show all").click()
    expect(rows).to_have_count(4)
    signed_in.get_by_role("link", name="Cameras").click()
    assert "sort=cameras" in signed_in.url


def test_keys_lead_to_every_part_and_help_tells_them(signed_in: Page, screenshots: Path) -> None:
    for key, part in {
        "d": "decisions",
        "q": "sources",
        "f": "faults",
        "e": "exposure",
        "s": "series",
    }.items():
        signed_in.keyboard.press("g")
        signed_in.keyboard.press(key)
        signed_in.wait_for_url(f"**/{part}/")
    signed_in.keyboard.press("?")
    overlay = signed_in.get_by_role("dialog", name="Keys")
    expect(overlay).to_be_visible()
    signed_in.screenshot(path=screenshots / "help-wide.png")
    signed_in.keyboard.press("j")
    expect(signed_in.locator("a[data-row]").first).not_to_be_focused()
    signed_in.keyboard.press("Escape")
    expect(overlay).not_to_be_visible()
    signed_in.get_by_role("button", name="Keys").click()
    expect(overlay).to_be_visible()


def test_revealing_while_held_and_toggled(signed_in: Page, screenshots: Path) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    open_largest(signed_in)
    assert sharp(signed_in) == 0
    assert not [url for url in asked if "/m/thumbnail" in url]
    signed_in.keyboard.down("r")
    expect(signed_in.locator("canvas.sharp")).to_have_count(1)
    assert signed_in.locator("canvas.sharp").evaluate("canvas => canvas.width") == 256
    assert "grayscale" in signed_in.locator("canvas.sharp").evaluate(
        "canvas => getComputedStyle(canvas).filter"
    )
    signed_in.screenshot(path=screenshots / "series-held-wide.png")
    signed_in.keyboard.up("r")
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)
    seen = int(signed_in.locator("[data-seen-today]").inner_text())

    signed_in.keyboard.press("ArrowRight")
    for _ in range(3):
        signed_in.keyboard.press("Shift+ArrowRight")
    expect(signed_in.locator("#grid-told")).to_contain_text("12 media chosen")
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas.sharp")).to_have_count(4)
    expect(signed_in.locator("[data-seen-today]")).to_have_text(str(seen + 4))
    signed_in.keyboard.press("c")
    assert (
        signed_in.locator("canvas.sharp").first.evaluate("canvas => getComputedStyle(canvas).filter")
        == "none"
    )
    signed_in.screenshot(path=screenshots / "series-revealed-wide.png")
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)
    thumbnails = [url for url in asked if "/m/thumbnails/" in url]
    assert len(thumbnails) == 2

    signed_in.keyboard.down(" ")
    expect(signed_in.locator("canvas.sharp")).to_have_count(4)
    signed_in.keyboard.up(" ")
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)


def test_a_break_and_the_cap_are_said_and_nothing_sharp_shown(
    capped_page: Page, problems: list[str], screenshots: Path
) -> None:
    open_largest(capped_page)
    for _ in range(3):
        capped_page.keyboard.press("Shift+ArrowRight")
    capped_page.keyboard.press("t")
    expect(capped_page.locator("canvas.sharp")).to_have_count(4)
    expect(
        capped_page.get_by_role("status").filter(has_text="4 of 5 reveals of today are used")
    ).to_be_visible()
    capped_page.keyboard.press("t")
    expect(capped_page.locator("canvas.sharp")).to_have_count(0)
    capped_page.keyboard.press("t")
    screen = capped_page.get_by_role("dialog", name="A break")
    expect(screen).to_contain_text("You have seen 4 media today. Time for a break: 10 minutes")
    capped_page.keyboard.press("Escape")
    expect(screen).to_be_visible()
    capped_page.screenshot(path=screenshots / "break-wide.png")
    capped_page.reload()
    expect(screen).to_be_visible()
    screen.get_by_label("It cannot wait, because").fill("the child is named in one of them")
    capped_page.keyboard.press("Enter")
    expect(screen).not_to_be_visible()
    expect(capped_page.locator("#grid[data-ready]")).to_be_visible()
    capped_page.keyboard.press("Control+a")
    capped_page.keyboard.press("t")
    said = capped_page.get_by_role("status").filter(has_text="1 of 5 reveals are left today")
    expect(said).to_be_visible()
    assert sharp(capped_page) == 0
    assert [problem for problem in problems if "429" in problem] == problems != []
    problems.clear()


def test_the_button_reveals_while_held_by_a_finger(signed_in: Page) -> None:
    open_largest(signed_in)
    button = signed_in.get_by_role("button", name="Hold to reveal")
    box = button.bounding_box()
    assert box is not None
    signed_in.mouse.move(box["x"] + 20, box["y"] + 10)
    signed_in.mouse.down()
    expect(signed_in.locator("canvas.sharp")).to_have_count(1)
    signed_in.mouse.up()
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)


def test_the_grid_folds_orders_and_grows(signed_in: Page) -> None:
    open_largest(signed_in)
    expect(signed_in.locator("#grid")).to_be_focused()
    signed_in.keyboard.press("f")
    expect(signed_in.locator("#grid-told")).to_contain_text("54 shown")
    signed_in.keyboard.press("f")
    width = "document.querySelector('.tile').offsetWidth"
    before = signed_in.evaluate(width)
    signed_in.keyboard.press("+")
    assert signed_in.evaluate(width) > before * 1.1
    signed_in.keyboard.press("End")
    expect(signed_in.locator(".tile.current")).to_have_attribute("aria-posinset", "18")
    signed_in.keyboard.press("Home")
    expect(signed_in.locator(".tile.current")).to_have_attribute("aria-posinset", "1")
    signed_in.keyboard.press("o")
    expect(signed_in.locator("#order")).to_have_value("camera")
    signed_in.keyboard.press("Control+a")
    expect(signed_in.locator("#grid-told")).to_contain_text("54 media chosen")
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#grid-told")).to_contain_text("None chosen")


def test_a_series_is_renamed(signed_in: Page) -> None:
    open_largest(signed_in)
    signed_in.keyboard.press("n")
    field = signed_in.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    field.fill("The lake house")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("The lake house")
    expect(signed_in.get_by_text("Named: The lake house")).to_be_visible()


def test_a_decision_is_made_and_withdrawn(signed_in: Page, screenshots: Path) -> None:
    open_largest(signed_in)
    signed_in.keyboard.press("x")
    signed_in.keyboard.press("d")
    dialog = signed_in.get_by_role("dialog", name="Decide")
    expect(dialog).to_contain_text("About 3 media")
    expect(dialog.get_by_label("Merge with")).not_to_be_visible()
    signed_in.keyboard.press("Space")
    expect(dialog.get_by_label("does not belong")).to_be_checked()
    dialog.get_by_label("Why", exact=True).fill("another house")
    signed_in.screenshot(path=screenshots / "decide-wide.png")
    dialog.get_by_role("button", name="Decide", exact=True).click()
    expect(signed_in.get_by_text("the series were grouped anew")).to_be_visible(timeout=30_000)
    expect(signed_in.locator("#grid-told")).to_contain_text("17 shown, 34 copies folded")
    signed_in.screenshot(path=screenshots / "decided-wide.png")
    signed_in.keyboard.press("2")
    expect(signed_in.get_by_role("tab", name="Decisions")).to_have_attribute("aria-selected", "true")
    signed_in.get_by_text("Withdraw", exact=True).click()
    signed_in.get_by_role("button", name="Withdraw decision").click()
    expect(signed_in.get_by_text("is withdrawn, and the series were grouped anew")).to_be_visible(
        timeout=30_000
    )
    expect(signed_in.locator("#grid-told")).to_contain_text("18 shown, 36 copies folded")

    # Back after the undo: the page is fetched anew, and offers nothing that was taken back already.
    signed_in.go_back()
    expect(signed_in.locator("#grid-told")).to_contain_text("18 shown, 36 copies folded")
    expect(signed_in.locator("#panel-decisions .withdrawn")).to_have_count(1)
    expect(signed_in.get_by_role("button", name="Withdraw decision")).to_have_count(0)


def test_a_media_page_and_why_two_are_together(signed_in: Page) -> None:
    open_largest(signed_in)
    signed_in.keyboard.press("x")
    signed_in.keyboard.press("ArrowRight")
    signed_in.keyboard.press("x")
    signed_in.keyboard.press("w")
    signed_in.wait_for_url("**/why/?a=*")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Why together")
    expect(signed_in.locator("canvas")).to_have_count(2)
    signed_in.go_back()
    expect(signed_in.locator("#grid")).to_be_focused()
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/media/*/")
    expect(signed_in.get_by_text("NIKON D3200", exact=True)).to_be_visible()
    expect(signed_in.get_by_text("lake/IMG_")).to_be_visible()
    signed_in.keyboard.down("r")
    expect(signed_in.locator("canvas.sharp")).to_have_count(1)
    signed_in.keyboard.up("r")
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("t")
    expect(signed_in.locator(".neighbours canvas.sharp")).to_have_count(1)
    expect(signed_in.locator("[data-subject].sharp")).to_have_count(0)


def test_a_session_that_ended_is_said_in_words(signed_in: Page, problems: list[str]) -> None:
    open_largest(signed_in)
    signed_in.wait_for_load_state("networkidle")  # what is under way would bring a token of the session again
    signed_in.context.clear_cookies()
    signed_in.keyboard.press("t")
    expect(signed_in.locator("#said")).to_contain_text("You may be signed out")
    assert sharp(signed_in) == 0
    assert [problem for problem in problems if "403" not in problem] == []
    problems.clear()


def test_light_is_chosen_and_kept(signed_in: Page) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = signed_in.evaluate(ground)
    signed_in.get_by_role("button", name="Light").click()
    signed_in.wait_for_load_state()
    assert signed_in.evaluate(ground) != dark
    signed_in.goto("/faults/")
    assert signed_in.evaluate(ground) != dark
    signed_in.get_by_role("button", name="Dark").click()


def test_signing_in_and_out(page: Page, sign_in: Callable[[Page], None]) -> None:
    with page.expect_response("**/live/me/**"):
        sign_in(page)
    # The live channel ends with the page, and asks nothing that is not there: the console stays empty.
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    page.goto("/series/")
    page.wait_for_url("**/sign-in/?next=/series/")
