"""The grid by keyboard: groups, query, selection and its undo, and an address that shows a colleague the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def largest(signed_in: Page) -> Page:
    """The page of the largest series, its grid loaded."""
    signed_in.locator("a[data-row]").first.click()
    expect(signed_in.locator("#grid[data-ready]")).to_be_visible()
    return signed_in


def test_groups_query_and_undo_by_keys(largest: Page) -> None:
    told = largest.locator("#grid-told")
    for _ in range(3):
        largest.keyboard.press("b")
    expect(told).to_contain_text("1 group")
    expect(largest.locator(".grid-heading")).to_have_count(1)
    largest.keyboard.press("Shift+X")
    expect(told).to_contain_text("54 media chosen")
    largest.keyboard.press("u")
    expect(told).to_contain_text("None chosen")
    largest.keyboard.press("/")
    expect(largest.locator("#q")).to_be_focused()
    largest.keyboard.type("camera:nikon time:14:05..14:09")
    largest.keyboard.press("Enter")
    expect(told).to_contain_text("5 media chosen")
    expect(largest.locator("#grid")).to_be_focused()
    largest.keyboard.press("i")
    expect(told).to_contain_text("49 media chosen")
    largest.keyboard.press("u")
    expect(told).to_contain_text("5 media chosen")
    largest.keyboard.press("/")
    largest.keyboard.type("kind:sculpture")
    largest.keyboard.press("Enter")


def test_the_address_shows_the_same_again(largest: Page) -> None:
    for key in ("b", "f", "z", "ArrowRight", "x", "2"):
        largest.keyboard.press(key)
    largest.wait_for_url("**chosen=*")
    address = largest.url
    assert all(part in address for part in ("group=scene", "fold=0", "size=3", "here=", "panel=decisions"))
    chosen = largest.locator("#grid").get_attribute("data-chosen")
    largest.goto("/series/")
    largest.goto(address)
    expect(largest.locator("#grid[data-ready]")).to_have_attribute("data-chosen", str(chosen))
    expect(largest.locator("#panel-decisions")).to_be_visible()
    expect(largest.locator("#group")).to_have_value("scene")
    largest.keyboard.press("b")
    expect(largest.locator("#group")).to_have_value("camera")
    largest.go_back()
    expect(largest.locator("#group")).to_have_value("scene")


def test_nonsense_in_an_address_is_named_and_the_default_shown(largest: Page) -> None:
    largest.goto(largest.url.partition("?")[0] + "?group=colour&size=99&here=x&q=kind:sculpture&panel=../x")
    expect(largest.locator("#grid[data-ready]")).to_be_visible()
    expect(largest.locator("#query-said")).to_contain_text("group “colour”")
    expect(largest.locator("#grid-told")).to_contain_text("18 shown")


marks = st.text("0123456789abcdef", min_size=16, max_size=16)
states = st.fixed_dictionaries(
    {
        "group": st.sampled_from(["none", "scene", "camera", "day", "source"]),
        "order": st.sampled_from(["time", "camera", "copies"]),
        "folded": st.booleans(),
        "size": st.integers(0, 4),
        "q": st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        "here": st.one_of(st.just(""), marks),
        "chosen": st.lists(marks, max_size=24),
        "panel": st.sampled_from(["about", "decisions", "map"]),
    }
)
ROUND_TRIP = """async (states) => {
  const { defaults, read, written } = await import("/static/series/address.js");
  const normal = { ...defaults(2), panel: "about" };
  return states.map((state) => read(`?${written(state, normal)}`, normal));
}"""


def test_a_state_is_written_and_read_as_the_same(largest: Page) -> None:
    @settings(max_examples=10, deadline=None)
    @given(st.lists(states, min_size=20, max_size=30))
    def same(drawn: list[dict[str, object]]) -> None:
        read = largest.evaluate(ROUND_TRIP, drawn)
        assert [one["state"] for one in read] == drawn
        assert all(one["problems"] == [] for one in read)

    same()
