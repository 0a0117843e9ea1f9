"""Every page at both widths: screenshots, nothing wider than the window, and nothing that axe finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from workbench.filled import drawn

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def addresses(page: Page) -> dict[str, str]:
    """Every page that has a look of its own, by name."""
    series = page.locator("a[data-row]").first.get_attribute("href")
    grid = page.request.get(f"{series}grid/").json()
    first, second = grid["marks"][:2]
    return {
        "board": "/series/",
        "board-filtered-empty": "/series/?q=nothing+like+this",
        "series": str(series),
        "media": f"/media/{first}/",
        "why": f"/why/?a={first}&b={second}",
        "search": "/search/",
        "search-answer": answer_address(page),
        "search-gone": "/search/?n=0",
        "changes": "/changes/?all=1",
        "set-aside": "/set-aside/",
        "decisions": "/decisions/",
        "sources": "/sources/",
        "faults": "/faults/",
        "exposure": "/exposure/",
        "record": "/record/mine/",
        "keys": "/keys/",
    }


def answer_address(page: Page) -> str:
    """Search for a drawn picture, as officers do; gives the address of the answer."""
    page.goto("/search/")
    page.set_input_files("#picture", {"name": "x.png", "mimeType": "image/png", "buffer": drawn(1000)})
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**/search/?n=*")
    return page.url


@pytest.mark.parametrize(("size", "theme"), [("wide", "dark"), ("narrow", "dark"), ("wide", "light")])
def test_every_page_looks_right(signed_in: Page, screenshots: Path, size: str, theme: str) -> None:
    signed_in.set_viewport_size(SIZES[size])
    signed_in.emulate_media(color_scheme=theme)
    chosen = signed_in.get_by_role("button", name=theme.title(), exact=True)
    if chosen.count():
        chosen.click()
    found: dict[str, list[str]] = {}
    for name, address in addresses(signed_in).items():
        signed_in.goto(address)
        signed_in.wait_for_load_state("networkidle")
        signed_in.screenshot(path=screenshots / f"{name}-{size}-{theme}.png")
        assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        found[name] = axe(signed_in)
    assert {name: findings for name, findings in found.items() if findings} == {}


def test_sign_in_page_looks_right(page: Page, screenshots: Path) -> None:
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        page.goto("/")
        page.screenshot(path=screenshots / f"sign-in-{size}.png")
        assert axe(page) == []


def axe(page: Page) -> list[str]:
    """What axe finds, one line each; nothing where axe is not installed (`npm ci`)."""
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in result["violations"]
        for node in one["nodes"]
    ]
