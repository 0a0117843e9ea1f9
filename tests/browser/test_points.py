"""Matched points of compare by keyboard alone: compared now in the real cage, drawn over covered and sharp pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import made_scenes
from browser.conftest import serving
from browser.test_looks import SIZES, axe
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings

pytestmark = pytest.mark.browser

KEEPING = EngineSettings(workers=1, keep_originals=True)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A wall, the same wall seen aslant, and a toy in two rooms; marks by name."""
    folder = tmp_path_factory.mktemp("points")
    source = folder / "source"
    source.mkdir()
    wall, toy = made_scenes.scene(1), made_scenes.scene(77, width=150, height=120, shapes=40)
    room, hall = made_scenes.scene(61, shapes=60), made_scenes.scene(62, shapes=60)
    room[84:204, 56:206] = toy
    hall[200:350, 300:420] = np.rot90(toy, -1)
    pictures = {"wall": wall, "aslant": made_scenes.seen_aslant(wall)[0], "room": room, "hall": hall}
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(source / f"{name}.png")
    workspace = Workspace.create(folder / "workspace")
    pipeline.ingest(source, workspace, KEEPING, with_linking=False)
    with Catalogue.open(workspace, KEEPING) as catalogue:
        marks = {name: catalogue.find(f"{name}.png")[0][:16] for name in pictures}
    return {**marks, "workspace": str(workspace.path)}


@pytest.fixture(scope="module")
def server(held: dict[str, str]) -> Iterator[str]:
    yield from serving(Path(held["workspace"]))


def pixels_drawn(page: Page) -> int:
    """How many pixels of the overlay are not clear."""
    return int(
        page.locator("canvas[data-points]").evaluate(
            """canvas => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                let count = 0;
                for (let at = 3; at < data.length; at += 4) count += data[at] > 0 ? 1 : 0;
                return count;
            }"""
        )
    )


def test_points_are_compared_drawn_and_hidden_by_keys(
    signed_in: Page, held: dict[str, str], screenshots: Path
) -> None:
    signed_in.goto(f"/compare/?m={held['wall']}&m={held['aslant']}")
    words, overlay = signed_in.locator("[data-points-words]"), signed_in.locator("canvas[data-points]")
    expect(words).to_contain_text("Their points were not compared yet.")
    expect(overlay).to_have_attribute("data-points", "0")
    assert pixels_drawn(signed_in) == 0
    signed_in.keyboard.press("v")
    expect(words).to_contain_text("points agree over", timeout=60_000)
    count = int(overlay.get_attribute("data-points") or "0")
    assert count > 20
    expect(overlay).to_have_attribute("data-drawn", str(2 * count))
    assert pixels_drawn(signed_in) > 1000
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)
    signed_in.screenshot(path=screenshots / "points-covered.png")
    covered = overlay.evaluate("one => one.toDataURL()")
    for key in ("]", "m", "+"):
        signed_in.keyboard.press(key)
    signed_in.wait_for_function("new Promise(requestAnimationFrame)")
    assert overlay.evaluate("one => one.toDataURL()") == covered, "as the covers lie, which do not turn"
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas[data-pane][data-complete]")).to_have_count(2)
    signed_in.wait_for_function("new Promise(requestAnimationFrame)")
    assert overlay.evaluate("one => one.toDataURL()") != covered
    signed_in.screenshot(path=screenshots / "points-turned.png")
    signed_in.keyboard.press("Backspace")
    expect(overlay).to_have_attribute("data-drawn", str(2 * count))
    signed_in.screenshot(path=screenshots / "points-sharp.png")
    for _ in range(6):
        signed_in.keyboard.press("+")
    expect(overlay).not_to_have_attribute("data-drawn", str(2 * count))
    signed_in.keyboard.press("x")
    signed_in.screenshot(path=screenshots / "points-flicker.png")
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("p")
    signed_in.wait_for_function("location.href.includes('points=0')")
    expect(overlay).to_have_attribute("data-points", "0")
    assert pixels_drawn(signed_in) == 0
    expect(signed_in.get_by_role("button", name="Points P")).to_have_attribute("aria-pressed", "false")
    signed_in.reload()
    expect(words).to_contain_text("points agree over")
    expect(overlay).to_have_attribute("data-points", "0")
    signed_in.keyboard.press("p")
    expect(overlay).to_have_attribute("data-points", str(count))


def test_the_page_with_points_looks_right(signed_in: Page, held: dict[str, str], screenshots: Path) -> None:
    found = {}
    for size, viewport in SIZES.items():
        signed_in.set_viewport_size(viewport)
        signed_in.goto(f"/compare/?m={held['wall']}&m={held['aslant']}")
        expect(signed_in.locator("canvas[data-points]")).not_to_have_attribute("data-points", "0")
        signed_in.keyboard.press("t")
        expect(signed_in.locator("canvas[data-pane][data-complete]")).to_have_count(2)
        signed_in.screenshot(path=screenshots / f"points-{size}.png")
        assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found[size] = axe(signed_in)
    assert {size: findings for size, findings in found.items() if findings} == {}


def test_a_toy_is_searched_found_and_linked_by_keys(
    signed_in: Page, held: dict[str, str], screenshots: Path
) -> None:
    signed_in.goto(f"/findings/new/region/?on=media:{held['room']}")
    signed_in.get_by_label("Clue", exact=True).select_option("object")
    signed_in.get_by_label("Name").fill("toy")
    signed_in.get_by_label("Where in the picture").fill("xywh=percent:10,20,26.8,28.6")
    signed_in.get_by_role("button", name="Save").press("Enter")
    clue = signed_in.get_by_role("link", name=re.compile(r"^#\d+ toy$"))
    signed_in.goto(clue.get_attribute("href") or "")
    signed_in.keyboard.press("w")
    signed_in.wait_for_url("**/elsewhere/")
    found = signed_in.locator(".elsewhere li")
    expect(found).to_have_count(0)
    signed_in.get_by_role("button", name="Search every media").press("Enter")
    expect(signed_in.get_by_role("heading", name="Found in 1 media")).to_be_visible(timeout=60_000)
    expect(found).to_have_count(1)
    expect(found).to_contain_text("points agree")
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("l")
    expect(found.get_by_role("link", name=re.compile("The same thing: #"))).to_be_visible()
    for size, viewport in SIZES.items():
        signed_in.set_viewport_size(viewport)
        signed_in.screenshot(path=screenshots / f"elsewhere-{size}.png")
        assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(signed_in) == []
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("u")
    expect(found.get_by_role("button", name="The same thing: mark it there")).to_be_visible()
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/compare/**")
    expect(signed_in.locator("[data-points-words]")).to_contain_text("points agree over", timeout=60_000)
