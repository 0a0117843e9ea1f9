"""`foureyes match` and `foureyes index` as their user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.typed import Run
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture

SETTINGS = EngineSettings(workers=1)


@pytest.fixture
def run(foureyes: Run, filled: Workspace) -> Run:
    return lambda *arguments: foureyes(*arguments, "-w", filled.path)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two copies of one picture, another one, and a plain name that would colour a terminal."""
    folder = tmp_path_factory.mktemp("seized")
    (folder / "a.jpg").write_bytes(made_picture(1))
    (folder / "a\x1b[31m.jpg").write_bytes(made_picture(1, width=240))
    (folder / "b.jpg").write_bytes(made_picture(2))
    workspace = Workspace.create(tmp_path_factory.mktemp("workspaces") / "workspace")
    pipeline.ingest(folder, workspace, SETTINGS, source="seized")
    return workspace


@pytest.fixture
def question(tmp_path: Path) -> Path:
    path = tmp_path / "question.jpg"
    path.write_bytes(made_picture(1, turned=True, quality=75))
    return path


def test_a_picture_finds_copies_with_paths_and_series(run: Run, filled: Workspace, question: Path) -> None:
    ended = run("match", question)
    assert ended.code == 0
    assert "2 media that are held are the same picture" in ended.out
    assert "of 256 bits differ, rotated by" in ended.out
    assert "seized: a.jpg" in ended.out
    assert "\x1b" not in ended.out
    with Catalogue.open(filled, SETTINGS) as catalogue:
        (series,) = catalogue.series_list()
    assert f"in {series.id}" in ended.out
    (answer,) = json.loads(run("match", question, "--json").out)
    assert [one["series_id"] for one in answer["matches"]] == [series.id] * 2
    assert {path for one in answer["matches"] for path in one["paths"]} == {"a.jpg", "a\x1b[31m.jpg"}
    assert {one["orientation_name"] for one in answer["matches"]} <= {
        "rotated by 90 degrees",
        "rotated by 270 degrees",
    }


def test_hashes_of_every_length_find_their_media(run: Run, filled: Workspace) -> None:
    with Catalogue.open(filled, SETTINGS) as catalogue:
        (sha256,) = catalogue.find("b.jpg")
        media = catalogue.media(sha256)
        assert media is not None
        pdq = catalogue.fingerprints("pdq", owners=[sha256]).values[0, :32].tobytes().hex()
    for digest in (sha256, media.digests.sha1, media.digests.md5, media.digests.md5.upper()):
        ended = run("match", digest)
        assert (ended.code, "the same file" in ended.out, ended.out.count(f"  {sha256}  ")) == (0, True, 1)
    ended = run("match", pdq)
    assert f"{sha256}  0 of 256 bits differ, upright" in ended.out
    far = f"{int(pdq, 16) ^ ((1 << 40) - 1):064x}"
    assert run("match", far).code == 3
    assert sha256 in run("match", far, "--radius", 40).out


def test_nothing_found_ends_with_3_and_no_question_with_2(run: Run, tmp_path: Path, question: Path) -> None:
    ended = run("match", "0" * 40)
    assert (ended.code, "nothing that is held" in ended.out) == (3, True)
    assert run("match", "0" * 40, question).code == 0
    (tmp_path / "note.txt").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes(made_picture(4)[:300])
    for asked, said in (
        (tmp_path / "note.txt", "no picture or video"),
        (tmp_path / "cut.jpg", "cannot be decoded"),
        (tmp_path / "gone.jpg", "no file here"),
        ("abc", "no file here, and no hash"),
    ):
        ended = run("match", asked)
        assert (ended.code, said in ended.err) == (2, True)
    ended = run("match", question, "--radius", 64)
    assert (ended.code, "0 to 63" in ended.err) == (2, True)


def test_the_index_says_what_it_is_and_is_made_anew(run: Run, filled: Workspace) -> None:
    before = json.loads(run("index", "--json").out)
    assert (before["rows"], before["covered"], before["catalogue_rows"], before["pairs"]) == (3, 3, 3, 1)
    assert "3 fingerprints in 1 run," in run("index").out
    (path,) = filled.index.glob("run-*")
    path.write_bytes(path.read_bytes()[:-1])
    ended = run("index")
    assert (ended.code, "index --rebuild" in ended.err) == (7, True)
    ended = run("verify")
    assert (ended.code, "The index is damaged" in ended.out) == (7, True)
    assert run("index", "--rebuild").code == 0
    assert json.loads(run("index", "--json").out) == before
    assert run("verify").code == 0
