"""Pages in a script that runs from right to left, and in French: nothing is wider than the window, axe finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.test_looks import SIZES, axe

pytestmark = pytest.mark.browser

PAGES = ("board", "series", "media", "inbox", "search", "profile", "editions", "record")


def addresses(page: Page) -> dict[str, str]:
    """Pages of every kind of layout, by name."""
    series = str(page.locator("a[data-row]").first.get_attribute("href"))
    mark = page.request.get(f"{series}grid/").json()["marks"][0]
    return dict(
        zip(
            PAGES,
            (
                "/series/",
                series,
                f"/media/{mark}/",
                "/inbox/",
                "/search/",
                "/profile/",
                "/editions/",
                "/record/mine/",
            ),
            strict=True,
        )
    )


def looked_at(page: Page, screenshots: Path, name: str) -> list[str]:
    """What is wrong with the page as it is shown now."""
    page.screenshot(path=screenshots / f"{name}.png")
    found = axe(page)
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("wider than the window")
    return found


@pytest.mark.parametrize("size", SIZES)
def test_pages_run_from_right_to_left(signed_in: Page, screenshots: Path, size: str) -> None:
    signed_in.set_viewport_size(SIZES[size])
    found: dict[str, list[str]] = {}
    for name, address in addresses(signed_in).items():
        signed_in.goto(address)
        signed_in.evaluate("document.documentElement.dir = 'rtl'")
        signed_in.wait_for_load_state("networkidle")
        found[name] = looked_at(signed_in, screenshots, f"rtl-{name}-{size}")
        heading = signed_in.locator("h1").first.bounding_box()
        assert heading is not None
        assert heading["x"] + heading["width"] > SIZES[size]["width"] / 2, f"{name} begins on the left"
    assert {name: findings for name, findings in found.items() if findings} == {}


@pytest.mark.parametrize("size", SIZES)
def test_french_fits(signed_in: Page, screenshots: Path, size: str) -> None:
    signed_in.set_viewport_size(SIZES[size])
    places = addresses(signed_in)
    signed_in.goto("/profile/")
    signed_in.locator("select[name=language]").select_option("fr")
    signed_in.locator("main button.main").first.click()
    signed_in.wait_for_load_state("networkidle")
    found: dict[str, list[str]] = {}
    for name, address in places.items():
        signed_in.goto(address)
        signed_in.wait_for_load_state("networkidle")
        assert signed_in.locator("html").get_attribute("lang") == "fr"
        found[name] = looked_at(signed_in, screenshots, f"fr-{name}-{size}")
    assert {name: findings for name, findings in found.items() if findings} == {}
