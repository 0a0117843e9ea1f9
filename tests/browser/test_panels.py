"""The panels beside the grid: tabs by keyboard, and what grid and panels tell each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import NARROW

pytestmark = pytest.mark.browser

LISTEN = """() => {
  window.told = [];
  for (const name of ["grid:here", "grid:chosen", "grid:revealed"])
    document.addEventListener(name, (event) => window.told.push([name, event.detail]));
}"""


@pytest.fixture
def largest(signed_in: Page) -> Page:
    """The page of the largest series, its grid loaded."""
    signed_in.locator("a[data-row]").first.click()
    expect(signed_in.locator("#grid[data-ready]")).to_be_visible()
    return signed_in


def test_tabs_are_chosen_by_keys(largest: Page) -> None:
    about, decisions = largest.locator("#panel-about"), largest.locator("#panel-decisions")
    expect(about).to_be_visible()
    expect(decisions).not_to_be_visible()
    largest.keyboard.press("2")
    expect(decisions).to_be_visible()
    expect(about).not_to_be_visible()
    largest.get_by_role("tab", name="Decisions").focus()
    largest.keyboard.press("ArrowLeft")
    expect(largest.get_by_role("tab", name="About")).to_be_focused()
    expect(about).to_be_visible()
    largest.keyboard.press("Tab")
    expect(about).to_be_focused()


def test_a_tab_that_is_chosen_before_the_grid_comes_stays_chosen(signed_in: Page) -> None:
    held: list[Route] = []
    address = str(signed_in.locator("a[data-row]").first.get_attribute("href"))
    signed_in.route("**/grid/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    signed_in.goto(address, wait_until="domcontentloaded")
    signed_in.get_by_role("tab", name="Timeline").press("Enter")
    expect(signed_in.locator("#panel-timeline")).to_be_visible()
    for route in held:
        route.continue_()
    signed_in.wait_for_url(f"**{address}?panel=timeline")
    expect(signed_in.get_by_role("application", name="Times of the media, by lane")).to_be_visible()
    signed_in.go_back()
    expect(signed_in.locator("#panel-about")).to_be_visible()


def test_a_panel_that_needs_room_stands_below_the_grid_on_a_small_screen(largest: Page) -> None:
    largest.set_viewport_size(NARROW)
    largest.get_by_role("tab", name="Timeline").click()
    grid, tabs = largest.evaluate(
        "['grid', 'tabs'].map((id) => document.getElementById(id).getBoundingClientRect().toJSON())"
    )
    assert grid["width"] == tabs["width"] > NARROW["width"] * 0.9
    assert tabs["top"] > grid["bottom"]


def test_only_its_button_and_its_key_give_colour(largest: Page) -> None:
    colour = largest.get_by_role("button", name="Colour")
    for name in ("Decisions", "About"):
        largest.get_by_role("tab", name=name).click()
        assert "in-colour" not in (largest.locator("body").get_attribute("class") or "")
    expect(colour).to_have_attribute("aria-pressed", "false")
    colour.click()
    expect(colour).to_have_attribute("aria-pressed", "true")
    largest.keyboard.press("c")
    expect(colour).to_have_attribute("aria-pressed", "false")


def test_the_grid_tells_panels_and_hears_them(largest: Page) -> None:
    grid = largest.locator("#grid")
    first = grid.get_attribute("data-here")
    largest.evaluate(LISTEN)
    largest.keyboard.press("ArrowRight")
    largest.keyboard.press("x")
    chosen = (grid.get_attribute("data-chosen") or "").split()
    here = grid.get_attribute("data-here")
    assert here != first
    assert here in chosen
    largest.keyboard.press("t")
    expect(largest.locator("canvas.sharp")).to_have_count(1)
    told = largest.evaluate("window.told")
    assert ["grid:here", {"mark": here}] in told
    assert ["grid:chosen", {"marks": chosen}] in told
    assert ["grid:revealed", {"marks": [here]}] in told
    largest.keyboard.press("t")
    expect(grid).to_have_attribute("data-revealed", "")
    choose = "(it, marks) => it.dispatchEvent(new CustomEvent('grid:choose', {detail: {marks}}))"
    grid.evaluate(choose, [first])
    expect(grid).to_have_attribute("data-chosen", str(first))
    grid.evaluate("(it, mark) => it.dispatchEvent(new CustomEvent('grid:go', {detail: {mark}}))", chosen[-1])
    expect(grid).to_have_attribute("data-here", str(here))
