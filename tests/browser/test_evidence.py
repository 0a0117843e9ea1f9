"""Timeline and map, alone and beside the grid, by keyboard; axe finds nothing and nothing is asked elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.test_looks import axe

pytestmark = pytest.mark.browser
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def series(signed_in: Page) -> str:
    """Address of the largest series."""
    return str(signed_in.locator("a[data-row]").first.get_attribute("href"))


def test_a_stretch_of_time_is_chosen_in_the_grid_by_keyboard(signed_in: Page, series: str) -> None:
    signed_in.goto(series)
    signed_in.get_by_role("tab", name="Timeline").press("Enter")
    stage = signed_in.get_by_role("application", name="Times of the media, by lane")
    stage.focus()
    told = signed_in.locator("#timeline-told")
    expect(told).to_contain_text("1 media marked")
    stage.press("Home")
    for _ in range(3):
        stage.press("Shift+ArrowRight")
    expect(told).to_contain_text(re.compile("[2-4] media marked"))
    stage.press("+")
    stage.press("Enter")
    expect(signed_in.locator("#grid-told")).to_contain_text(re.compile("[0-9]+ media chosen"))
    expect(signed_in.locator("#grid")).to_be_focused()


def test_the_timeline_s_own_page_takes_its_choice_to_the_grid(signed_in: Page, series: str) -> None:
    signed_in.goto(f"{series}timeline/")
    signed_in.get_by_text("The same as a table").click()
    signed_in.get_by_role("button", name=re.compile("Choose 2019-07-03, captured")).focus()
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url(f"**{series}")
    expect(signed_in.locator("#grid-told")).to_contain_text("18 media chosen")


def test_dragging_marks_a_stretch(signed_in: Page, series: str) -> None:
    signed_in.goto(f"{series}timeline/")
    box = signed_in.locator(".timeline").bounding_box()
    assert box is not None
    signed_in.mouse.move(box["x"] + 5, box["y"] + 40)
    signed_in.mouse.down()
    signed_in.mouse.move(box["x"] + box["width"] - 5, box["y"] + 40)
    signed_in.mouse.up()
    expect(signed_in.locator("#timeline-told")).to_contain_text("54 media marked")


def test_a_place_on_the_map_is_chosen_by_keyboard(signed_in: Page, series: str) -> None:
    signed_in.goto(series)
    signed_in.get_by_role("tab", name="Map").press("Enter")
    expect(signed_in.locator("[data-map][data-ready]")).to_be_visible()
    signed_in.locator(".cluster").first.focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("#grid-told")).to_contain_text(re.compile("(9|18) media chosen"))


def test_the_map_of_the_board_leads_to_a_series(signed_in: Page) -> None:
    signed_in.goto("/map/")
    expect(signed_in.locator("[data-map][data-ready]")).to_be_visible()
    signed_in.locator(".cluster").first.focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in).to_have_url(re.compile("/series/S-[^/]+/map/|/map/"))


def test_without_the_libraries_the_map_says_so_and_the_list_stays(
    signed_in: Page, series: str, problems: list[str]
) -> None:
    signed_in.route("**/vendor/*", lambda route: route.fulfill(status=404))
    signed_in.goto(f"{series}map/")
    expect(signed_in.locator(".map")).to_contain_text("make vendor")
    expect(signed_in.locator(".spots li")).to_have_count(2)
    problems[:] = [one for one in problems if "404" not in one]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_looks(signed_in: Page, series: str, screenshots: Path, theme: str) -> None:
    signed_in.emulate_media(color_scheme=theme)
    chosen = signed_in.get_by_role("button", name=theme.title(), exact=True)
    if chosen.count():
        chosen.click()
    found = {}
    for name, address in {
        "timeline": f"{series}timeline/",
        "map": f"{series}map/",
        "board-map": "/map/",
    }.items():
        for width, viewport in {"wide": signed_in.viewport_size, "narrow": NARROW}.items():
            if viewport is None:
                continue
            signed_in.set_viewport_size(viewport)
            signed_in.goto(address)
            signed_in.wait_for_load_state("networkidle")
            signed_in.screenshot(path=screenshots / f"{name}-{width}-{theme}.png")
            assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{name} is too wide"
            )
            found[f"{name} {width}"] = axe(signed_in)
        signed_in.set_viewport_size({"width": 1440, "height": 900})
    assert {name: findings for name, findings in found.items() if findings} == {}
