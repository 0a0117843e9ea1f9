"""Looking closely, by keyboard alone, at real files of a source that was taken in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import serving
from browser.test_looks import SIZES, axe
from films import make_film
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from workbench.filled import scene

pytestmark = pytest.mark.browser

KEEPING = EngineSettings(workers=1, keep_originals=True)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A workspace with kept originals, and the marks of its media by the names of their files."""
    folder = tmp_path_factory.mktemp("viewing")
    source = folder / "source"
    source.mkdir()
    picture = scene(7).resize((2400, 1800))
    picture.save(source / "large.jpg", quality=90)
    picture.resize((1200, 900)).save(source / "copy.jpg", quality=80)
    picture.rotate(90, expand=True).save(source / "turned.jpg", quality=85)
    out = io.BytesIO()
    scene(8).resize((900, 700)).save(out, "JPEG")
    (source / "cut.jpg").write_bytes(out.getvalue()[:900])
    make_film(source / "film.mp4", [(3, 1.0), (4, 1.0)], options={"preset": "ultrafast", "g": "5"})
    workspace = Workspace.create(folder / "workspace")
    pipeline.ingest(source, workspace, KEEPING)
    with Catalogue.open(workspace, KEEPING) as catalogue:
        marks = {path.name: catalogue.find(path.name)[0][:16] for path in source.iterdir()}
    return {**marks, "workspace": str(workspace.path)}


@pytest.fixture(scope="module")
def server(held: dict[str, str]) -> Iterator[str]:
    yield from serving(Path(held["workspace"]))


def address_says(page: Page, part: str) -> None:
    """Wait until the page's address holds this: Playwright hears of it a moment later than the page."""
    page.wait_for_function("part => location.href.includes(part)", arg=part)


def test_zoom_shows_tiles_of_what_is_in_view_while_held(
    signed_in: Page, held: dict[str, str], screenshots: Path
) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.goto(f"/media/{held['large.jpg']}/")
    signed_in.get_by_role("link", name="Zoom", exact=True).press("Enter")
    signed_in.wait_for_url("**/zoom/")
    canvas = signed_in.locator("canvas[data-pane]")
    expect(canvas).not_to_have_class(re.compile("sharp"))
    assert not [url for url in asked if "/m/tile/" in url]
    seen = int(signed_in.locator("[data-seen-today]").inner_text())
    signed_in.keyboard.down("r")
    expect(canvas).to_have_attribute("data-complete", "")
    expect(signed_in.locator("[data-status]")).to_have_text(re.compile("2400 . 1800"))
    assert int(signed_in.locator("[data-seen-today]").inner_text()) == seen + 1
    levels = {int(one) for url in asked if (one := (re.findall(r"level=(\d+)", url) or [""])[0])}
    assert 0 not in levels, "the whole picture at its full size was never sent"
    signed_in.screenshot(path=screenshots / "zoom-wide.png")
    for _ in range(8):
        signed_in.keyboard.press("+")
    expect(canvas).to_have_attribute("data-complete", "")
    whole = [url for url in asked if "level=0" in url]
    assert 0 < len(whole) < 20, "only the tiles in view"
    address_says(signed_in, "zoom=5.96")
    signed_in.keyboard.up("r")
    expect(canvas).not_to_have_class(re.compile("sharp"))
    assert (
        signed_in.evaluate(
            "[...document.querySelectorAll('canvas')].some(one => one.hasAttribute('data-complete'))"
        )
        is False
    )


def test_what_is_seen_stands_in_the_address(signed_in: Page, held: dict[str, str]) -> None:
    signed_in.goto(f"/media/{held['large.jpg']}/zoom/?turn=1&mirror=1&zoom=2")
    canvas = signed_in.locator("canvas[data-pane]")
    signed_in.keyboard.press("t")
    expect(canvas).to_have_attribute("data-complete", "")
    for key in ("b", "h", "y", "]", "ArrowRight"):
        signed_in.keyboard.press(key)
    for part in ("turn=2", "mirror=1", "zoom=2", "bright=1.15", "contrast=1.15", "gamma=1.15", "x=0.575"):
        address_says(signed_in, part)
    filtered = signed_in.locator(".levels").evaluate("one => one.style.filter")
    assert filtered == 'url("#eye-gamma") brightness(1.15) contrast(1.15)'
    signed_in.reload()
    expect(canvas).not_to_have_class(re.compile("sharp"))
    address_says(signed_in, "turn=2")
    signed_in.keyboard.press("Backspace")
    signed_in.wait_for_function("!location.href.includes('turn')")


def test_a_damaged_picture_is_told_in_words(signed_in: Page, held: dict[str, str]) -> None:
    # Its own page asks for no preview, which does not exist: that would be an error in the console.
    signed_in.goto(f"/media/{held['cut.jpg']}/")
    expect(signed_in.locator("canvas[data-subject]")).to_have_attribute("data-preview", "")
    signed_in.wait_for_load_state("networkidle")
    signed_in.goto(f"/media/{held['cut.jpg']}/zoom/")
    signed_in.keyboard.press("t")
    expect(signed_in.locator("[data-status]")).to_contain_text("It cannot be shown (damaged)")


def test_a_film_stands_still_and_silent_and_is_stepped_by_keys(
    signed_in: Page, held: dict[str, str], screenshots: Path
) -> None:
    signed_in.goto(f"/media/{held['film.mp4']}/")
    signed_in.get_by_role("link", name="Play", exact=True).press("Enter")
    signed_in.wait_for_url("**/play/")
    video, place = signed_in.locator("video"), signed_in.locator("[data-place]")
    expect(video).not_to_be_visible()
    assert video.get_attribute("src") is None
    signed_in.keyboard.press("t")
    expect(video).to_have_js_property("readyState", 4)
    expect(video).to_have_js_property("paused", value=True)
    expect(video).to_have_js_property("muted", value=True)
    assert signed_in.locator(".strip li").count() > 3
    for moment in ("0.10", "0.20", "0.30", "0.40", "0.50"):
        signed_in.keyboard.press(".")
        expect(place).to_contain_text(f"{moment} s of 2.00 s")
    signed_in.keyboard.press("i")
    signed_in.keyboard.press(",")
    expect(place).to_contain_text("0.40 s of")
    signed_in.keyboard.press("o")
    expect(place).to_contain_text("from 0.40 s, to 0.50 s, silent")
    address_says(signed_in, "from=0.40")
    address_says(signed_in, "to=0.50")
    signed_in.keyboard.press(">")
    expect(video).to_have_js_property("playbackRate", 1.5)
    signed_in.screenshot(path=screenshots / "film-wide.png")
    signed_in.keyboard.press(" ")
    expect(video).to_have_js_property("ended", value=True)
    signed_in.keyboard.press("t")
    expect(video).not_to_be_visible()
    assert video.get_attribute("src") is None
    assert signed_in.locator(".strip li").count() == 0


def test_a_frame_of_a_film_is_zoomed_into(signed_in: Page, held: dict[str, str]) -> None:
    signed_in.goto(f"/media/{held['film.mp4']}/play/?t=1.2")
    signed_in.keyboard.press("t")
    expect(signed_in.locator("[data-place]")).to_contain_text("1.20 s of")
    signed_in.keyboard.press("z")
    signed_in.wait_for_url("**/zoom/?t=1.2*")
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas[data-pane]")).to_have_attribute("data-complete", "")
    expect(signed_in.locator("[data-status]")).to_have_text(re.compile("320 . 180"))


def test_what_is_looked_at_closely_goes_into_the_form_of_a_clue(
    signed_in: Page, held: dict[str, str], screenshots: Path
) -> None:
    film = f"/media/{held['film.mp4']}/play/?from=0.400&to=0.500"
    signed_in.goto(film)
    signed_in.keyboard.press("a")
    signed_in.wait_for_url("**/findings/new/region/**")
    expect(signed_in.get_by_label("From", exact=False)).to_have_value("0.400")
    expect(signed_in.get_by_label("To", exact=True)).to_have_value("0.500")
    signed_in.goto(f"/media/{held['large.jpg']}/zoom/?zoom=4&x=0.25&y=0.4&turn=1&mirror=1")
    canvas = signed_in.locator("canvas[data-pane]")
    signed_in.keyboard.press("t")
    expect(canvas).to_have_attribute("data-complete", "")
    signed_in.keyboard.press("a")
    drawn = signed_in.locator(".drawing-cover polygon")
    box, pane = drawn.bounding_box(), canvas.bounding_box()
    assert box
    assert pane
    for at, side in (("x", "width"), ("y", "height")):
        assert abs(box[at] + box[side] / 2 - pane[at] - pane[side] / 2) < 3, "in the middle of what is seen"
        assert abs(box[side] - 0.3 * pane[side]) < 15, "with its stroke"
    signed_in.screenshot(path=screenshots / "zoom-clue.png")
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/findings/new/region/**")
    shape = signed_in.get_by_label("Where in the picture").input_value()
    left, top, width, height = map(float, shape.removeprefix("xywh=percent:").split(","))
    # Mirrored, then turned clockwise: seen at (25, 40) lies what is at (60, 75) of the picture.
    assert (round(left + width / 2), round(top + height / 2)) == (60, 75)


def compared(held: dict[str, str], *names: str) -> str:
    return "/compare/?" + "&".join(f"m={held[name]}" for name in names)


def darkest(page: Page) -> float:
    """Mean brightness of a part of the middle of the stage, 0 to 255."""
    return float(
        page.locator("canvas[data-stage]").evaluate(
            """canvas => {
                const [width, height] = [canvas.width >> 2, canvas.height >> 2];
                const { data } = canvas.getContext("2d").getImageData(canvas.width >> 1, canvas.height >> 2, width, height);
                let sum = 0;
                for (let at = 0; at < data.length; at += 4) sum += (data[at] + data[at + 1] + data[at + 2]) / 3;
                return sum / (data.length / 4);
            }"""
        )
    )


def test_compare_turns_flickers_and_subtracts_by_keys(
    signed_in: Page, held: dict[str, str], screenshots: Path
) -> None:
    signed_in.goto(compared(held, "large.jpg", "turned.jpg", "copy.jpg"))
    panes, stage = signed_in.locator("canvas[data-pane]"), signed_in.locator("canvas[data-stage]")
    expect(panes).to_have_count(3)
    seen = int(signed_in.locator("[data-seen-today]").inner_text())
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas[data-pane][data-complete]")).to_have_count(3)
    assert int(signed_in.locator("[data-seen-today]").inner_text()) == seen + 3, "each is counted once"
    signed_in.screenshot(path=screenshots / "compare-side.png")
    address_says(signed_in, "own=0.0%2C1.0%2C0.0")
    signed_in.keyboard.press("d")
    expect(stage).to_have_attribute("data-complete", "")
    aligned = darkest(signed_in)
    signed_in.screenshot(path=screenshots / "compare-difference.png")
    signed_in.keyboard.press("]")
    signed_in.keyboard.press("]")
    expect(stage).to_have_attribute("data-complete", "")
    signed_in.wait_for_function("new Promise(requestAnimationFrame)")
    assert aligned < 6 < darkest(signed_in)
    signed_in.keyboard.press("a")
    signed_in.keyboard.press("3")
    address_says(signed_in, "chosen=3")
    signed_in.keyboard.press("x")
    signed_in.keyboard.press("x")
    address_says(signed_in, "how=flicker")
    expect(stage).to_be_visible()
    for key in ("+", "+", "ArrowLeft"):
        signed_in.keyboard.press(key)
    address_says(signed_in, "zoom=1.5625")
    signed_in.keyboard.press("Escape")
    expect(stage).not_to_be_visible()
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas.sharp")).to_have_count(0)


def test_compare_is_reached_from_the_grid(signed_in: Page) -> None:
    signed_in.keyboard.press("j")
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/series/S-*/")
    expect(signed_in.locator("#grid-told")).to_contain_text("shown")
    signed_in.keyboard.press("v")
    expect(signed_in.locator("#said")).to_have_text("Choose two to six media with X first.")
    signed_in.keyboard.press("Control+a")
    signed_in.keyboard.press("f")
    signed_in.keyboard.press("v")
    signed_in.wait_for_url("**/compare/?m=*")
    expect(signed_in.locator("canvas[data-pane]")).to_have_count(3)


def test_compare_says_why_and_decides(signed_in: Page, held: dict[str, str]) -> None:
    signed_in.goto(compared(held, "large.jpg", "copy.jpg"))
    expect(signed_in.locator(".pairs li")).to_have_count(1)
    expect(signed_in.locator(".pairs li")).to_contain_text("bits differ")
    signed_in.get_by_text(re.compile("Number 2 in")).click()
    form = signed_in.locator("details[open] form")
    form.get_by_label("belongs", exact=True).check()
    form.get_by_label("Why").fill("the same house")
    form.get_by_role("button", name="Decide").press("Enter")
    signed_in.wait_for_url("**/series/S-*/")
    expect(signed_in.locator(".messages")).to_contain_text("is recorded")


@pytest.mark.parametrize("count", [0, 1, 7])
def test_compare_of_one_or_of_seven_is_refused_in_words(
    signed_in: Page, held: dict[str, str], problems: list[str], count: int
) -> None:
    marks = [held["large.jpg"], *(f"{held['large.jpg']}@{number}" for number in range(6))][:count]
    signed_in.goto("/compare/?" + "&".join(f"m={mark}" for mark in marks))
    expect(signed_in.get_by_role("heading", name="Nothing to compare")).to_be_visible()
    problems.clear()


def test_a_film_is_compared_at_a_moment(signed_in: Page, held: dict[str, str]) -> None:
    signed_in.goto(f"/compare/?m={held['film.mp4']}@0.2&m={held['film.mp4']}@1.6")
    signed_in.keyboard.press("t")
    expect(signed_in.locator("canvas[data-pane][data-complete]")).to_have_count(2)


def test_the_pages_look_right(signed_in: Page, held: dict[str, str], screenshots: Path) -> None:
    found = {}
    pages = {
        "zoom": f"/media/{held['large.jpg']}/zoom/",
        "compare": compared(held, "large.jpg", "turned.jpg", "copy.jpg", "film.mp4"),
        "film": f"/media/{held['film.mp4']}/play/?from=0.4&to=1.2",
    }
    for size, viewport in SIZES.items():
        signed_in.set_viewport_size(viewport)
        for name, address in pages.items():
            signed_in.goto(address)
            signed_in.keyboard.press("t")
            signed_in.keyboard.press("c")
            expect(signed_in.locator("canvas.sharp").first).to_be_visible()
            signed_in.wait_for_load_state("networkidle")
            signed_in.screenshot(path=screenshots / f"{name}-{size}.png")
            assert signed_in.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wide"
            found[name, size] = axe(signed_in)
    assert {name: findings for name, findings in found.items() if findings} == {}
