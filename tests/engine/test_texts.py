"""Texts end to end: read with the ingest or later, kept, compared, and gone without being missed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

import made_texts
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.fingerprints.texts.weights import LETTERS, SPOTTING, _installed
from foureyes.engine.model import TextPair
from foureyes.engine.settings import EngineSettings, TextSettings
from foureyes.engine.steps import finding, texts

ON = EngineSettings(workers=1, allow_uncaged=True)
OFF = EngineSettings(workers=1, allow_uncaged=True, texts=TextSettings(on=False))
SIGN = "Pension Edelweiss am See"


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    pictures = {
        "sign": made_texts.bearing(1, (SIGN, 0.05, 0.1)),
        "same_sign": made_texts.bearing(2, (SIGN, 0.3, 0.7), ("12.05.2019", 0.7, 0.05)),
        "other_sign": made_texts.bearing(3, ("Conference Centre", 0.3, 0.7), ("12.05.2019", 0.7, 0.05)),
        "none": made_texts.bearing(4),
    }
    for name, content in pictures.items():
        (folder / f"{name}.jpg").write_bytes(content)
    return folder


def taken(seized: Path, folder: Path, settings: EngineSettings) -> Workspace:
    workspace = Workspace.create(folder)
    pipeline.ingest(seized, workspace, settings, with_linking=False)
    return workspace


def compared(workspace: Workspace, settings: EngineSettings, *, write: bool = True) -> texts.Texts:
    with Catalogue.open(workspace, settings, write=write) as catalogue:
        return texts.pairs(catalogue, settings)


def names(workspace: Workspace, pairs: list[TextPair]) -> list[set[str]]:
    with Catalogue.open(workspace, ON) as catalogue:
        where = catalogue.paths_of([end for pair in pairs for end in (pair.a, pair.b)])
    return [{where[end][0][1].removesuffix(".jpg") for end in (pair.a, pair.b)} for pair in pairs]


def rows(workspace: Workspace) -> int:
    with Catalogue.open(workspace, ON) as catalogue:
        return len(catalogue.fingerprints("text"))


def test_what_was_read_while_taking_in_is_compared(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", ON)
    assert rows(workspace) >= 4
    found = compared(workspace, ON)
    assert found.notes == ()
    assert names(workspace, list(found.pairs)) == [{"sign", "same_sign"}]
    assert found.pairs[0].holders == 2


def test_it_is_a_reason_and_links_nothing_alone(seized: Path, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    report = pipeline.ingest(seized, workspace, ON)
    assert report.linking is not None
    assert report.linking.series == 0


def test_reading_back_says_what_stands_in_a_picture(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", ON)
    with Catalogue.open(workspace, ON) as catalogue:
        sha256 = catalogue.find("same_sign.jpg")[0]
        lines = texts.text_of(catalogue, sha256)
        assert texts.text_of(catalogue, catalogue.find("none.jpg")[0]) == []
    assert {line.text.replace(" ", "") for line in lines} == {SIGN.replace(" ", ""), "12.05.2019"}


def test_what_was_not_read_is_read_when_linking(
    seized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = taken(seized, tmp_path / "w", OFF)
    assert rows(workspace) == 0
    assert compared(workspace, OFF) == ((), ())
    reader = compared(workspace, ON, write=False)
    assert "4 pictures were not read for text yet" in reader.notes[0]
    monkeypatch.setattr(texts, "LATE_AT_MOST", 3)
    assert "1 picture was not read" in compared(workspace, ON).notes[0]
    found = compared(workspace, ON)
    assert found.notes == ()
    assert names(workspace, list(found.pairs)) == [{"sign", "same_sign"}]
    before = rows(workspace)
    assert compared(workspace, ON) == found
    assert rows(workspace) == before


def test_originals_that_are_away_are_told_and_asked_again(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", OFF)
    seized.rename(tmp_path / "cupboard")
    assert "4 pictures were not read" in compared(workspace, ON).notes[0]
    assert rows(workspace) == 0
    (tmp_path / "cupboard").rename(seized)
    assert compared(workspace, ON).notes == ()


def test_without_its_networks_all_else_goes_on(seized: Path, tmp_path: Path) -> None:
    gone = EngineSettings(
        workers=1, allow_uncaged=True, texts=TextSettings(weights=tmp_path / "nothing here")
    )
    workspace = Workspace.create(tmp_path / "w")
    report = pipeline.ingest(seized, workspace, gone)
    assert report.media_new == 4
    assert report.linking is not None
    (note,) = (note for note in report.linking.notes if "text" in note)
    assert "is missing" in note
    assert "4 media were not" in note
    assert len(compared(workspace, ON).pairs) == 1


def test_an_altered_network_is_said_and_not_used(seized: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    for file in (SPOTTING, LETTERS):
        shutil.copy(_installed() / file, weights / file)
    (weights / SPOTTING).write_bytes(b"altered")
    altered = EngineSettings(workers=1, allow_uncaged=True, texts=TextSettings(weights=weights))
    workspace = taken(seized, tmp_path / "w", altered)
    assert rows(workspace) == 0
    assert "not the pinned one" in compared(workspace, altered).notes[0]


def test_where_the_kind_is_switched_off_nothing_is_read(seized: Path, tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    pipeline.kinds_of_links(workspace, turn_off=["same-text"])
    report = pipeline.ingest(seized, workspace, ON)
    assert rows(workspace) == 0
    assert report.linking is not None
    assert not [note for note in report.linking.notes if "read for text" in note]
    pipeline.kinds_of_links(workspace, turn_on=["same-text"])
    with Catalogue.open(workspace, ON, write=True) as catalogue:
        pipeline.link(catalogue, settings=ON)
    assert rows(workspace) >= 4


def test_copies_count_as_one_picture(seized: Path, tmp_path: Path) -> None:
    for n in range(3):
        with Image.open(seized / "sign.jpg") as picture:
            picture.save(seized / f"copy{n}.jpg", quality=70 + n)
    workspace = taken(seized, tmp_path / "w", ON)
    with Catalogue.open(workspace, ON, write=True) as catalogue:
        found = texts.pairs(catalogue, ON, copies=finding.near_media(catalogue).pairs)
    assert [pair.holders for pair in found.pairs] == [2]
