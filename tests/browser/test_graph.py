"""The link graph by keyboard: from a weak joint to the dialog that splits there; axe finds nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.test_looks import axe
from browser.test_review import NARROW, WIDE, reviewer

__all__ = ["reviewer"]
pytestmark = pytest.mark.browser


def test_the_graph_by_keyboard(reviewer: Page, screenshots: Path) -> None:
    series = str(reviewer.locator("a[data-row]").nth(1).get_attribute("href"))
    found = {}
    for name, size in {"wide": WIDE, "narrow": NARROW}.items():
        reviewer.set_viewport_size(size)
        reviewer.goto(f"{series}graph/")
        reviewer.wait_for_load_state("networkidle")
        reviewer.get_by_role("application").focus()
        reviewer.screenshot(path=screenshots / f"graph-{name}.png", full_page=True)
        assert reviewer.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"too wide: {name}"
        found[name] = axe(reviewer)
    assert found == {"wide": [], "narrow": []}
    reviewer.set_viewport_size(WIDE)

    stage = reviewer.get_by_role("application", name="Graph of the links")
    told = reviewer.locator("#graph-told")
    stage.press("b")
    expect(told).to_contain_text("neighbour")
    stage.press("x")
    expect(told).to_contain_text("1 marked")
    before = str(told.text_content())
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"):
        stage.press(key)
        if told.text_content() != before:
            break
    expect(told).not_to_have_text(before)
    stage.press("x")
    expect(told).to_contain_text("2 marked")
    stage.press("w")
    reviewer.wait_for_url("**/why/?a=*")
    reviewer.go_back()

    reviewer.get_by_role("button", name=re.compile("Split here")).first.press("Enter")
    reviewer.wait_for_url(f"**{series}")
    dialog = reviewer.get_by_role("dialog", name="Decide")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("radio", name=re.compile("^split"))).to_be_checked()
    expect(dialog).to_contain_text("About 2 media")
