"""What is held that is the same picture, asked through the pipeline on real files."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace, fingerprint_files
from foureyes.engine.errors import IndexOutdated, UsageError, WorkspaceDamaged
from foureyes.engine.matching import LEAST_QUALITY, NEGATIVE, near_media
from foureyes.engine.model import Digest, HeldMatch
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import finding
from made_pictures import made_picture

SETTINGS = EngineSettings(workers=1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open_or_create(tmp_path / "workspace")


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


def put(seized: Path, *numbers: int) -> None:
    for number in numbers:
        (seized / f"{number}.jpg").write_bytes(made_picture(number))


def take(seized: Path, workspace: Workspace, *, linked: bool = True) -> None:
    pipeline.ingest(seized, workspace, SETTINGS, source="seized", with_linking=linked)


def asked(catalogue: Catalogue, path: Path) -> list[HeldMatch]:
    question = pipeline.question_of(path, SETTINGS)
    (found,) = pipeline.match(catalogue, question.values)
    return found


def test_a_turned_smaller_copy_finds_what_is_held_with_its_series(
    seized: Path, workspace: Workspace, tmp_path: Path
) -> None:
    put(seized, *range(6))
    (seized / "3 again.jpg").write_bytes(made_picture(3, width=240))
    take(seized, workspace)
    question = tmp_path / "question.jpg"
    question.write_bytes(made_picture(3, turned=True, quality=70))
    before = sorted(path for path in workspace.path.rglob("*"))
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        found = asked(catalogue, question)
        (whole,), (again,) = catalogue.find("3.jpg"), catalogue.find("3 again.jpg")
        (series,) = catalogue.series_list()
        assert {one.sha256 for one in found} == {whole, again}
        assert {one.series_id for one in found} == {series.id}
        assert {one.orientation for one in found} <= {1, 3}
        assert [one.distance_bits for one in found] == sorted(one.distance_bits for one in found)
        # As a hash, 32 bytes alone find nothing that is turned.
        (value,) = pipeline.question_of(question, SETTINGS).values
        assert pipeline.match(catalogue, [value[:32], value]) == [[], found]
    assert sorted(path for path in workspace.path.rglob("*")) == before


def test_what_came_after_the_last_linking_is_found_too(seized: Path, workspace: Workspace) -> None:
    put(seized, 1, 2)
    take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        for number in (4, 5):
            put(seized, number)
            take(seized, workspace, linked=False)
            assert pipeline.index_state(catalogue).covered == 2
            (found,) = asked(catalogue, seized / f"{number}.jpg")
            assert (found.distance_bits, found.series_id) == (0, None)
            assert [one.distance_bits for one in asked(catalogue, seized / "1.jpg")] == [0]
        with Catalogue.open(workspace, SETTINGS, write=True) as writer:
            assert pipeline.bring_index(writer).covered == 4
        assert [one.distance_bits for one in asked(catalogue, seized / "5.jpg")] == [0]


def test_pairs_of_batches_are_those_of_comparing_all_at_once(
    seized: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batch by batch, with files of fingerprints and runs merged on the way, links are what they were."""
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 2)
    for batch in range(3):
        put(seized, batch, batch + 3)
        for like in (batch, batch // 2):
            (seized / f"{batch} {like}.jpg").write_bytes(made_picture(like, width=240, turned=batch == 1))
        Image.new("L", (64, 64), 20 * batch).save(seized / f"{batch} plain.png")
        take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        table = catalogue.fingerprints("pdq")
        expected = near_media(table.sha256, table.values, table.quality, table.at_seconds)
        assert finding.near_media(catalogue).pairs == expected.pairs
        state = pipeline.index_state(catalogue)
        assert len(expected.pairs) >= 4
        assert state.covered == state.catalogue_rows == len(table)
        assert state.too_plain == (table.quality < LEAST_QUALITY).sum() > 0


def test_reading_alone_links_the_same_and_keeps_nothing(seized: Path, workspace: Workspace) -> None:
    put(seized, 1, 2)
    take(seized, workspace)
    (seized / "1 again.jpg").write_bytes(made_picture(1, width=240))
    take(seized, workspace, linked=False)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        assert len(finding.near_media(catalogue).pairs) == 1
        assert pipeline.index_state(catalogue).covered == 2


def test_a_damaged_or_strange_index_is_named_and_made_anew(
    seized: Path, workspace: Workspace, tmp_path: Path
) -> None:
    put(seized, 1, 2)
    take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        (run,) = workspace.index.glob("run-*")
        whole = run.read_bytes()
        run.write_bytes(whole[:-1])
        (workspace.index / "manifest.json").touch()
        finding._open_ones.clear()
        for refused in (pipeline.link, pipeline.index_state, lambda held: asked(held, seized / "1.jpg")):
            with pytest.raises(WorkspaceDamaged, match="index --rebuild"):
                refused(catalogue)
        pipeline.bring_index(catalogue, anew=True)
        assert list(finding.index_problems(catalogue)) == []
        assert [one.distance_bits for one in asked(catalogue, seized / "1.jpg")] == [0]
    # The index of another workspace has covered other rows.
    other = Workspace.create(tmp_path / "other")
    (seized / "1.jpg").unlink()
    take(seized, other)
    for path in other.index.iterdir():
        path.unlink()
    for path in workspace.index.iterdir():
        (other.index / path.name).write_bytes(path.read_bytes())
    with Catalogue.open(other, SETTINGS, write=True) as catalogue:
        with pytest.raises(IndexOutdated, match="index --rebuild"):
            pipeline.link(catalogue)
        assert pipeline.bring_index(catalogue, anew=True).covered == 1


def test_a_negative_is_linked_with_its_picture(seized: Path, workspace: Workspace) -> None:
    put(seized, 1, 2)
    with Image.open(seized / "1.jpg") as picture:
        ImageOps.invert(picture.resize((280, 210))).save(seized / "1 negative.jpg", quality=70)
    take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (pair,) = finding.near_media(catalogue).pairs
        assert pair.orientation == NEGATIVE
        links = [one for one in catalogue.links() if one.kind == "same-picture"]
        assert [one.evidence.endswith("bits differ, as a negative") for one in links] == [True]
        assert catalogue.series_of(pair.a) == catalogue.series_of(pair.b) is not None


def test_an_index_from_before_negatives_says_so_until_it_is_made_anew(
    seized: Path, workspace: Workspace
) -> None:
    put(seized, 1, 2)
    with Image.open(seized / "1.jpg") as picture:
        ImageOps.invert(picture).save(seized / "1 negative.jpg", quality=90)
    take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        assert not list(finding.not_asked(catalogue))
        for path in workspace.index.glob("pairs-*"):
            path.unlink()
        manifest = workspace.index / "manifest.json"
        stated = json.loads(manifest.read_text())
        del stated["index"]["hashes"]
        stated["index"] |= {"pair_files": [], "pairs": 0}
        manifest.write_text(json.dumps(stated))
        assert finding.near_media(catalogue).pairs == []
        assert any("index --rebuild" in note for note in pipeline.link(catalogue).notes)
        pipeline.bring_index(catalogue, anew=True)
        assert [one.orientation for one in finding.near_media(catalogue).pairs] == [NEGATIVE]
        assert not list(finding.not_asked(catalogue))


def test_what_is_no_picture_is_said_in_words(tmp_path: Path) -> None:
    text, empty, pipe = tmp_path / "text.jpg", tmp_path / "empty.jpg", tmp_path / "pipe"
    text.write_text("no picture")
    empty.write_bytes(b"")
    os.mkfifo(pipe)
    for path, said in (
        (text, "no picture or video"),
        (empty, "no picture or video"),
        (pipe, "is no file"),
        (tmp_path, "is no file"),
        (tmp_path / "gone", "cannot be read"),
    ):
        with pytest.raises(UsageError, match=said):
            pipeline.question_of(path, SETTINGS)


def test_a_question_says_what_of_it_cannot_be_compared(tmp_path: Path) -> None:
    plain, cut = tmp_path / "plain.png", tmp_path / "cut.jpg"
    Image.new("L", (64, 64), 255).save(plain)
    cut.write_bytes(made_picture(1)[:300])
    question = pipeline.question_of(plain, SETTINGS)
    assert (question.values, question.too_plain, question.fault) == ((), 1, None)
    broken = pipeline.question_of(cut, SETTINGS)
    assert broken.values == ()
    assert broken.fault is not None


@pytest.mark.parametrize("radius", [-1, 64])
def test_a_radius_out_of_range_is_refused(workspace: Workspace, radius: int) -> None:
    with (
        Catalogue.open(workspace, SETTINGS) as catalogue,
        pytest.raises(UsageError, match="0 to 63"),
    ):
        pipeline.match(catalogue, [bytes(32)], radius=radius)


def test_an_empty_workspace_holds_nothing(workspace: Workspace) -> None:
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        assert pipeline.match(catalogue, [bytes(32), np.zeros((8, 32), np.uint8)]) == [[], []]
        assert pipeline.match(catalogue, []) == []
        assert pipeline.index_state(catalogue).rows == 0


@pytest.mark.postgresql
def test_digests_find_their_media_on_postgresql(
    seized: Path, workspace: Workspace, postgresql_url: str
) -> None:
    digests_find_their_media(seized, workspace, replace(SETTINGS, database_url=postgresql_url))


def test_digests_find_their_media(seized: Path, workspace: Workspace) -> None:
    digests_find_their_media(seized, workspace, SETTINGS)


def digests_find_their_media(seized: Path, workspace: Workspace, settings: EngineSettings) -> None:
    put(seized, 1, 2)
    pipeline.ingest(seized, workspace, settings, source="seized")
    with Catalogue.open(workspace, settings) as catalogue:
        (sha256,) = catalogue.find("1.jpg")
        media = catalogue.media(sha256)
        assert media is not None
        for digest, value in (
            (Digest.SHA256, sha256),
            (Digest.SHA1, media.digests.sha1),
            (Digest.MD5, media.digests.md5),
        ):
            assert catalogue.by_digest(digest, value) == [sha256]
            assert catalogue.by_digest(digest, "00" * (len(value) // 2)) == []
        with pytest.raises(UsageError, match="hexadecimal"):
            catalogue.by_digest(Digest.MD5, "xyz")
