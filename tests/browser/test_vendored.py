"""The bundled libraries under the pages' own Content-Security-Policy and Trusted Types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DRAW = """async () => {
  const { leaflet, world } = await import('/static/pages/vendored.js');
  const place = document.createElement('div');
  place.style.height = '300px';
  document.querySelector('main').replaceChildren(place);
  const L = await leaflet(place);
  const map = L.map(place, { attributionControl: false, preferCanvas: true }).setView([0, 0], 1);
  const countries = await world();
  L.geoJSON(countries).addTo(map);
  map.openPopup(document.createTextNode('here'), [0, 0]);
  const jumps = countries.features.flatMap((one) => one.geometry.coordinates.flat()).filter((ring) =>
    ring.some(([x], at) => at && Math.abs(x - ring[at - 1][0]) > 180)).length;
  return [countries.features.length, jumps, document.querySelectorAll('canvas').length];
}"""

REFUSE = """async (text) => {
  await import('/static/pages/trusted.js');
  const place = document.createElement('div');
  try { place.innerHTML = text; } catch (error) { return error.name; }
  return place.innerHTML;
}"""


def test_the_map_draws_without_an_error(signed_in: Page) -> None:
    countries, jumps, canvases = signed_in.evaluate(DRAW)
    assert countries > 200
    assert jumps == 0, "an outline jumps across the map"
    assert canvases >= 1


@pytest.mark.parametrize(
    "markup",
    [
        "<img src=x onerror=alert(1)>",
        "<b>bold</b>",
        "a & b",
        "<svg/><script>alert(1)</script>",
        '<span aria-hidden="true">+</span><i>',
        "&lt;",
    ],
)
def test_markup_is_refused(signed_in: Page, problems: list[str], markup: str) -> None:
    assert signed_in.evaluate(REFUSE, markup) == "TypeError"
    assert [line for line in problems if "TrustedHTML" not in line] == []
    assert problems
    problems.clear()


@pytest.mark.parametrize("sink", ["script.text = 'window.ran = 1'", "script.src = '/static/pages/keys.js'"])
def test_no_script_comes_through(signed_in: Page, problems: list[str], sink: str) -> None:
    program = "async () => { await import('/static/pages/trusted.js'); const script = document.createElement('script');"
    answer = signed_in.evaluate(
        f"{program} try {{ {sink}; }} catch (error) {{ return error.name; }} return ''; }}"
    )
    assert answer == "TypeError"
    problems.clear()


def test_plain_text_and_nothing_come_through(signed_in: Page) -> None:
    assert signed_in.evaluate(REFUSE, "") == ""
    assert signed_in.evaluate(REFUSE, "5 km") == "5 km"


def test_a_page_says_so_when_the_libraries_are_missing(signed_in: Page, problems: list[str]) -> None:
    signed_in.route("**/vendor/*", lambda route: route.fulfill(status=404))
    said = signed_in.evaluate("""async () => {
      const { leaflet, world } = await import('/static/pages/vendored.js');
      const place = document.createElement('div');
      return [await leaflet(place), await world(), place.textContent];
    }""")
    assert said[:2] == [None, None]
    assert "make vendor" in said[2]
    problems.clear()
