"""Where a region lies: what is read is what is written, and nothing outside the picture is let in."""

from __future__ import annotations

import workbench.cast  # noqa: F401  sets Django up

# isort: split
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foureyes.workbench.findings import shapes
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import WHOLE

PLACES = st.integers(0, WHOLE)


def accepted(untrusted_text: str) -> shapes.Shape | None:
    """The shape; None where it is refused in words."""
    try:
        return shapes.shape_of(untrusted_text)
    except NotDone as refused:
        said = str(refused)
    assert said.endswith(".")
    return None


@given(PLACES, PLACES, PLACES, PLACES)
def test_a_box_is_read_as_it_is_written(a: int, b: int, c: int, d: int) -> None:
    left, right, top, bottom = min(a, b), max(a, b), min(c, d), max(c, d)
    assume(left < right and top < bottom)
    box = shapes.Shape(left, top, right - left, bottom - top)
    assert shapes.shape_of(str(box)) == box


@given(st.text(max_size=60))
def test_whatever_is_sent_gives_a_shape_in_the_picture_or_words(untrusted_text: str) -> None:
    for text in (untrusted_text, f"xywh=percent:{untrusted_text}", f"polygon=percent:{untrusted_text}"):
        if shape := accepted(text):
            assert 0 <= shape.left < shape.left + shape.width <= WHOLE
            assert 0 <= shape.top < shape.top + shape.height <= WHOLE


@given(st.lists(st.floats(), min_size=4, max_size=4))
def test_four_numbers_give_a_box_in_the_picture_or_words(numbers: list[float]) -> None:
    if shape := accepted("xywh=percent:" + ",".join(map(str, numbers))):
        assert shape.width >= 1
        assert shape.left + shape.width <= WHOLE


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=7, unique=True))
def test_an_outline_crosses_itself_whichever_way_round_it_is_told(corners: list[tuple[int, int]]) -> None:
    def stands(points: list[tuple[int, int]]) -> bool:
        return accepted("polygon=percent:" + " ".join(f"{x},{y}" for x, y in points)) is not None

    first = stands(corners)
    assert stands(corners[::-1]) == first
    assert stands(corners[2:] + corners[:2]) == first
    assert stands([(9 - x, y) for x, y in corners]) == first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("xywh=percent:90,10,20,10", "outside the picture"),
        ("xywh=percent:-1,10,20,10", "outside the picture"),
        ("xywh=percent:10,10,0,10", "no area"),
        ("xywh=percent:10,10,nan,10", "no number"),
        ("xywh=percent:10,10,inf,10", "no number"),
        ("xywh=percent:10,10,1e308,10", "no number"),
        ("xywh=percent:1,2,3", "four numbers"),
        ("somewhere", "not understood"),
        ("polygon=percent:0,0 10,10 10,0 0,10", "crosses"),
        ("polygon=percent:0,0 10,0 5,0", "crosses"),
        ("polygon=percent:0,0 10,0", "three different corners"),
        ("polygon=percent:0,0 10,0 10,101", "outside the picture"),
        ("polygon=percent:" + " ".join(f"{n / 5},{n % 2}" for n in range(201)), "at most 200 corners"),
    ],
)
def test_what_is_no_region_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(NotDone, match=words):
        shapes.shape_of(text)


def test_nothing_means_the_whole_picture_and_a_double_click_counts_once() -> None:
    assert shapes.shape_of(" ") == shapes.EVERYWHERE
    doubled = shapes.shape_of("polygon=percent:0,0 10,0 10,10 10,10 0,0")
    assert len(doubled.points) == 3
    assert shapes.shape_of(str(doubled)) == doubled


def test_times_of_a_film() -> None:
    film = {"is_video": True, "duration": 90.0}
    assert str(shapes.stretch_of("1:02.5", "", **film)) == "t=62.5"
    assert str(shapes.stretch_of("3", "0:00:04,25", **film)) == "t=3,4.25"
    assert shapes.stretch_of("", "", **film) is None
    for begins, ends, words in (
        ("5", "3", "before it begins"),
        ("5", "91", "beyond that"),
        ("soon", "", "in seconds"),
        ("99999999", "", "in seconds|beyond"),
    ):
        with pytest.raises(NotDone, match=words):
            shapes.stretch_of(begins, ends, **film)
    with pytest.raises(NotDone, match="no time"):
        shapes.stretch_of("1", "", is_video=False, duration=None)
