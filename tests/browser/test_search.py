"""Searching by keyboard, by dropping, by pasting, and without scripts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from workbench.filled import drawn

pytestmark = pytest.mark.browser

LAKE = 1000
GIVE = """
([content, how]) => {
  const carrier = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  carrier.items.add(new File([bytes], "x.png", { type: "image/png" }));
  const of = { bubbles: true, cancelable: true };
  document.body.dispatchEvent(
    how === "paste"
      ? new ClipboardEvent("paste", { ...of, clipboardData: carrier })
      : new DragEvent("drop", { ...of, dataTransfer: carrier }),
  );
}
"""
GIVE_LARGE = """
() => {
  const carrier = new DataTransfer();
  carrier.items.add(new File([new ArrayBuffer(65 * 1024 * 1024)], "x.png"));
  document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: carrier }));
}
"""


def give(page: Page, how: str, turned: int = 0) -> None:
    """Drop or paste a picture on the search page, and wait for the answer."""
    page.goto("/search/")
    page.evaluate(GIVE, [base64.b64encode(drawn(LAKE, turned)).decode(), how])
    page.wait_for_url("**/search/?n=*")


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted_and_found(signed_in: Page, screenshots: Path, how: str) -> None:
    give(signed_in, how, turned=90)
    expect(signed_in.get_by_role("heading", level=2)).to_have_text("3 media are the same picture")
    expect(signed_in.get_by_text("rotated by 90 degrees clockwise")).to_have_count(3)
    assert signed_in.locator("canvas.sharp").count() == 0
    signed_in.screenshot(path=screenshots / f"search-{how}-wide.png")


def test_an_answer_is_walked_and_revealed_by_keys(signed_in: Page) -> None:
    give(signed_in, "drop")
    found = signed_in.locator(".found a[data-row]")
    expect(found.nth(0)).to_be_focused()
    signed_in.keyboard.press("j")
    expect(found.nth(1)).to_be_focused()
    signed_in.keyboard.press("ArrowRight")
    expect(found.nth(2)).to_be_focused()
    signed_in.keyboard.press("ArrowUp")
    expect(found.nth(1)).to_be_focused()
    signed_in.keyboard.press("Home")
    expect(found.nth(0)).to_be_focused()
    signed_in.keyboard.down("r")
    expect(signed_in.locator("canvas.sharp")).to_have_count(1)
    signed_in.keyboard.up("r")
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/media/*/")
    signed_in.go_back()
    signed_in.wait_for_url("**/search/?n=*")
    expect(found).to_have_count(3)
    signed_in.keyboard.press("/")
    expect(signed_in.locator("#hash")).to_be_focused()
    signed_in.keyboard.press("ArrowDown")
    expect(found.nth(0)).to_be_focused()


def test_a_hash_is_typed_and_entered(signed_in: Page) -> None:
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("/")
    signed_in.wait_for_url("**/search/")
    expect(signed_in.locator("#hash")).to_be_focused()
    signed_in.keyboard.insert_text("0" * 40)
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("heading", level=2)).to_have_text("Nothing held is the same picture")
    expect(signed_in.locator("#hash")).to_be_focused()
    signed_in.keyboard.insert_text("not a hash")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("alert")).to_contain_text("This is no hash")
    expect(signed_in.locator("#hash")).to_have_value("not a hash")


@pytest.fixture(autouse=True)
def _refusals_are_no_errors(problems: list[str]) -> Iterator[None]:
    """Chromium notes every answer of 422 as an error of the page."""
    yield
    problems[:] = [problem for problem in problems if "422" not in problem]


def test_what_is_too_large_is_said_before_it_is_sent(signed_in: Page) -> None:
    signed_in.goto("/search/")
    signed_in.evaluate(GIVE_LARGE)
    expect(signed_in.locator("#said")).to_contain_text("too large: a question has at most 64 MB")
    assert "?n=" not in signed_in.url


def test_it_works_without_scripts(chromium: Browser, server: str, session: StorageState) -> None:
    context = chromium.new_context(base_url=server, storage_state=session, java_script_enabled=False)
    page = context.new_page()
    page.goto("/search/")
    page.set_input_files("#picture", {"name": "x.png", "mimeType": "image/png", "buffer": drawn(LAKE)})
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**/search/?n=*")
    expect(page.locator(".found li")).to_have_count(3)
    context.close()


def test_changes_are_marked_as_read(signed_in: Page) -> None:
    signed_in.keyboard.press("g")
    signed_in.keyboard.press("c")
    signed_in.wait_for_url("**/changes/")
    expect(signed_in.get_by_role("link", name="Changes 4 unread")).to_be_visible()
    signed_in.keyboard.press("j")
    expect(signed_in.locator("a[data-row]").first).to_be_focused()
    signed_in.get_by_role("button", name="Mark all as read").click()
    expect(signed_in.get_by_text("Nothing changed since you last looked")).to_be_visible()
