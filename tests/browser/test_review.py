"""Answering the engine's questions by keyboard alone, in a real Chromium; axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import serving, watched
from browser.test_looks import axe
from workbench.asked_about import fill_with_questions

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def reviewer(
    chromium: Browser, tmp_path: Path, problems: list[str], sign_in: Callable[[Page], None]
) -> Iterator[Page]:
    """The first officer's page of a server whose series raise questions."""
    workspace = fill_with_questions(tmp_path / "workspace")
    for server in serving(workspace.path):
        context = chromium.new_context(base_url=server, viewport=WIDE, color_scheme="dark")
        page = watched(context, server, problems)
        sign_in(page)
        yield page
        context.close()


def asked(page: Page, words: str) -> None:
    """Wait for a question whose page hears keys."""
    expect(page.locator("body[data-keys=ready]")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_have_text(re.compile(words))


def test_a_review_by_keyboard(reviewer: Page, screenshots: Path) -> None:
    reviewer.keyboard.press("g")
    reviewer.keyboard.press("r")
    reviewer.wait_for_url("**/review/")
    asked(reviewer, "Do this series of 10 and this one of 12 belong together")
    reviewer.keyboard.down("r")
    expect(reviewer.locator("canvas.sharp")).to_have_count(2)
    reviewer.keyboard.up("r")
    expect(reviewer.locator("canvas.sharp")).to_have_count(0)
    found = {}
    for name, size in {"wide": WIDE, "narrow": NARROW}.items():
        reviewer.set_viewport_size(size)
        reviewer.screenshot(path=screenshots / f"review-{name}.png", full_page=True)
        assert reviewer.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"too wide: {name}"
        found[name] = axe(reviewer)
    assert found == {"wide": [], "narrow": []}
    reviewer.set_viewport_size(WIDE)

    reviewer.keyboard.press("n")
    expect(reviewer.locator(".messages")).to_contain_text("10 media are settled")
    asked(reviewer, "Do these 2 media belong to the other 8")
    reviewer.keyboard.press("s")
    asked(reviewer, "Does this media belong")
    reviewer.keyboard.press("u")
    expect(reviewer.locator(".messages")).to_contain_text("Taken back")
    asked(reviewer, "this series of 10")
    reviewer.keyboard.press("y")
    expect(reviewer.locator(".counts")).to_contain_text("1 answer settled 10 of 22 media")
