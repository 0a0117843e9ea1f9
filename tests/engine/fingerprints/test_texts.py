"""Reading text in pictures: what is read, where, and what is said where the networks cannot be had."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import made_pictures
import made_texts
from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints import texts
from foureyes.engine.fingerprints.texts.weights import LETTERS, SPOTTING, _installed
from foureyes.engine.model import Frame, TextLine
from foureyes.engine.settings import EngineSettings, TextSettings


@pytest.fixture(scope="module")
def reader() -> texts.Reader:
    return texts.Reader(texts.weights())


def said(lines: tuple[TextLine, ...]) -> list[str]:
    return [line.text.replace(" ", "") for line in lines]  # the reader leaves some spaces out


def test_a_text_is_read_where_it_stands(reader: texts.Reader) -> None:
    picture = made_texts.bearing(1, ("Hotel Seeblick", 0.1, 0.1), ("Room 214", 0.5, 0.8))
    lines = reader.read(made_texts.pixels_of(picture))
    assert said(lines) == ["HotelSeeblick", "Room214"]
    (left, top), (right, _), _, (_, bottom) = lines[0].place
    assert 0.05 < left < 0.12
    assert 0.05 < top < 0.15
    assert right > 0.35
    assert bottom < 0.25
    assert all(line.sure > 0.9 for line in lines)


def test_a_text_that_stands_on_its_head_is_read(reader: texts.Reader) -> None:
    picture = made_texts.bearing(1, ("Hotel Seeblick", 0.1, 0.1), upside_down=True)
    lines = reader.read(made_texts.pixels_of(picture))
    assert said(lines) == ["HotelSeeblick"]
    assert lines[0].place[0][1] > 0.7


def test_pictures_without_text_say_nothing(reader: texts.Reader) -> None:
    for seed in range(12):
        assert reader.read(made_texts.pixels_of(made_pictures.made_picture(seed, width=512))) == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 2), (31, 33)])
def test_any_shape_is_answered(reader: texts.Reader, shape: tuple[int, int]) -> None:
    assert reader.read(np.zeros((*shape, 3), np.uint8)) == ()


def test_of_a_page_full_of_text_some_lines_are_read(reader: texts.Reader) -> None:
    page = made_texts.page([f"number {n} of many lines of a long letter" for n in range(45)])
    lines = reader.read(page)
    assert texts.LINES_AT_MOST - 5 <= len(lines) <= texts.LINES_AT_MOST
    assert sum("manylines" in text for text in said(lines)) > len(lines) // 2


def test_cyrillic_comes_out_as_letters_that_look_like_it_or_as_nothing(reader: texts.Reader) -> None:
    """Pillow's own letters have no Cyrillic: boxes are drawn, and no words are made up of them."""
    picture = made_texts.bearing(2, ("\u041c\u043e\u0441\u043a\u0432\u0430", 0.1, 0.4), high=0.1)
    assert all(len(text) <= 8 for text in said(reader.read(made_texts.pixels_of(picture))))


def test_no_code_of_the_package_is_run(reader: texts.Reader) -> None:
    assert reader.read(np.full((64, 64, 3), 255, np.uint8)) == ()
    assert "rapidocr" not in sys.modules


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnusable, match="missing"):
        texts.weights(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelUnusable, match=r"install the package rapidocr 3\.10\.0"):
        texts.weights()


def test_what_is_altered_is_never_loaded(tmp_path: Path) -> None:
    for name in (SPOTTING, LETTERS):
        shutil.copy(_installed() / name, tmp_path / name)
    texts.weights(tmp_path)
    with (tmp_path / LETTERS).open("r+b") as file:
        file.seek(1000)
        file.write(b"altered")
    with pytest.raises(ModelUnusable, match="not the pinned one"):
        texts.reader_of(EngineSettings(texts=TextSettings(weights=tmp_path)))


def test_nothing_is_loaded_where_reading_is_off(tmp_path: Path) -> None:
    assert texts.reader_of(EngineSettings(texts=TextSettings(on=False, weights=tmp_path))) is None


def test_a_film_is_read_at_the_frames_that_differ(reader: texts.Reader) -> None:
    shown = made_texts.pixels_of(made_texts.bearing(3, ("Holiday in Example", 0.1, 0.1)))
    rows = reader.rows([Frame(shown, 0.0), Frame(shown, 2.0), Frame(shown, 4.0)], ())
    lines = [texts.unpacked(np.frombuffer(row.value, np.uint8), row.quality, row.at_seconds) for row in rows]
    assert [(line.text, line.at_seconds) for line in lines if line] == [("Holiday in Example", 2.0)]


places = st.tuples(*[st.tuples(st.floats(0, 1), st.floats(0, 1))] * 4)


@given(text=st.text(min_size=1, max_size=140), sure=st.floats(0.6, 1.0), place=places, at=st.floats(0, 9000))
def test_what_is_packed_comes_back(
    text: str, sure: float, place: tuple[tuple[float, float], ...], at: float
) -> None:
    (row,) = texts.packed([TextLine(text, sure, place)], at)
    assert (row.kind, row.version, len(row.value)) == (texts.KIND, texts.VERSION, 112)
    line = texts.unpacked(np.frombuffer(row.value, np.uint8), row.quality, row.at_seconds)
    kept = text.replace("\0", "").encode("utf-8", "ignore").decode()
    if line is None:
        assert kept == ""
        return
    assert kept.startswith(line.text)
    assert len(line.text.encode()) > 92 or line.text == kept
    assert abs(line.sure - sure) <= 0.01
    assert np.allclose(line.place, place, atol=1e-4)


def test_a_picture_that_was_read_in_vain_has_a_row() -> None:
    (row,) = texts.packed(())
    assert row.quality == 0
    assert texts.unpacked(np.frombuffer(row.value, np.uint8), 0, 0.0) is None
