"""Scenes end to end: made with the ingest, made late, found once, and gone without being missed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.matching import NEGATIVE
from foureyes.engine.model import NearPair, Progress
from foureyes.engine.series import evidence
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.series.links import Signals, propose
from foureyes.engine.settings import EngineSettings, SceneModel, SceneSettings
from foureyes.engine.steps import finding, scenes

SAMPLES = Path(__file__).parents[2] / "samples"
ON = EngineSettings(workers=1, allow_uncaged=True)
OFF = EngineSettings(workers=1, allow_uncaged=True, scenes=SceneSettings(on=False))


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    for part in ("kite", "flight"):
        shutil.copytree(SAMPLES / "laptop/Pictures" / part, folder / part)
    return folder


def taken(seized: Path, folder: Path, settings: EngineSettings) -> Workspace:
    workspace = Workspace.create(folder)
    pipeline.ingest(seized, workspace, settings, with_linking=False)
    return workspace


def look(workspace: Workspace, settings: EngineSettings, *, write: bool = True) -> scenes.Scenes:
    with Catalogue.open(workspace, settings, write=write) as catalogue:
        return scenes.pairs(catalogue, settings, copies=finding.near_media(catalogue).pairs)


def parts(workspace: Workspace, found: scenes.Scenes, least: float) -> set[tuple[str, str]]:
    """Folders that pairs of at least this cosine connect."""
    with Catalogue.open(workspace, ON) as catalogue:
        where = catalogue.paths_of(sorted({one for pair in found.pairs for one in (pair.a, pair.b)}))
    home = {sha256: paths[0][1].split("/")[0] for sha256, paths in where.items()}
    return {
        (min(home[one.a], home[one.b]), max(home[one.a], home[one.b]))
        for one in found.pairs
        if one.cosine >= least
    }


def test_vectors_of_millions_are_read_from_a_file(
    seized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may not write it reads them into memory; what is found is the same."""
    workspace = taken(seized, tmp_path / "w", ON)
    whole = look(workspace, ON).pairs
    assert whole
    monkeypatch.setattr("foureyes.engine.matching.scenes.EXACT_ROWS", 0)
    for write in (False, True, False):
        for held in workspace.scenes.glob("*.npz"):
            held.unlink()
        assert list(look(workspace, ON, write=write).pairs) == list(whole)
        assert bool(list(workspace.scenes.glob("scene-v1.f16"))) or not write
    (file,) = workspace.scenes.glob("scene-v1.f16")
    with Catalogue.open(workspace, ON) as catalogue:
        assert file.read_bytes() == catalogue.fingerprints("scene").values.tobytes()


def test_scenes_of_one_place_are_found_and_never_link_alone(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", ON)
    found = look(workspace, ON)
    assert parts(workspace, found, 0.75) == {("flight", "flight"), ("kite", "kite")}
    with Catalogue.open(workspace, ON) as catalogue:
        given = evidence(catalogue.linkable(()), (), Signals(scenes=found.pairs))
        links = [one for one in propose(given) if one.kind == "same-scene"]
    assert links
    assert max(one.strength for one in links) < LINKED


def test_what_was_found_is_found_again_and_by_a_reader_too(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", ON)
    first = look(workspace, ON)
    assert list((workspace.path / "scenes").iterdir())
    assert look(workspace, ON) == first
    shutil.rmtree(workspace.path / "scenes")
    assert look(workspace, ON, write=False) == first


def test_of_some_media_the_same_is_found(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", ON)
    every = look(workspace, ON).pairs
    some = {every[0].a, every[-1].b}
    expected = [one for one in every if {one.a, one.b} & some]
    with Catalogue.open(workspace, ON, write=True) as catalogue:
        stood_for = finding.found_near(catalogue).stood_for(catalogue.film_seconds(), scenes.COPY_BITS)
        found = scenes.pairs(catalogue, ON, stood_for=stood_for, touching=some)
        assert list(found.pairs) == expected
        assert scenes.kept(catalogue, some) == expected


def test_pictures_taken_in_without_get_their_vectors_late(seized: Path, tmp_path: Path) -> None:
    workspace = taken(seized, tmp_path / "w", OFF)
    assert look(workspace, OFF) == scenes.Scenes((), ())
    reader = look(workspace, ON, write=False)
    assert not reader.pairs
    assert "have no scene vectors yet" in reader.notes[0]
    late = look(workspace, ON)
    assert parts(workspace, late, 0.75) == {("flight", "flight"), ("kite", "kite")}
    with Catalogue.open(workspace, ON) as catalogue:
        assert scenes.lacking(catalogue, "scene") == ([], 0)
        assert list(catalogue.verify()) == []


def test_late_vectors_go_on_where_they_stood(
    seized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = taken(seized, tmp_path / "w", OFF)
    monkeypatch.setattr(scenes, "BATCH", 3)

    def stop(progress: Progress) -> None:
        if progress.files >= 6:
            raise KeyboardInterrupt

    with Catalogue.open(workspace, ON, write=True) as catalogue:
        every = len(scenes.lacking(catalogue, "scene")[0])
        with pytest.raises(KeyboardInterrupt):
            scenes.pairs(catalogue, ON, progress=stop)
        assert len(scenes.lacking(catalogue, "scene")[0]) == every - 6
        told: list[Progress] = []
        scenes.pairs(catalogue, ON, progress=told.append)
        assert told[0].files_total == every - 6
        assert scenes.lacking(catalogue, "scene") == ([], 0)


def test_a_missing_or_altered_network_costs_this_signal_alone(seized: Path, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    gone = EngineSettings(
        workers=1, allow_uncaged=True, scenes=SceneSettings(model=SceneModel(path, "ab" * 32, 224))
    )
    workspace = taken(seized, tmp_path / "w", gone)
    for said in ("is missing", "not the pinned one"):
        found = look(workspace, gone)
        assert not found.pairs
        assert said in found.notes[0]
        assert "pictures have none" in found.notes[0]
        path.write_bytes(b"something else")


def test_many_copies_of_one_picture_propose_nothing_among_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "seized"
    folder.mkdir()
    with Image.open(SAMPLES / "laptop/Pictures/flight/medium03.jpg") as image:
        for quality in range(60, 95):
            image.save(folder / f"copy-{quality}.jpg", quality=quality)
    shutil.copy(SAMPLES / "laptop/Pictures/flight/medium06.jpg", folder / "view.jpg")
    workspace = taken(folder, tmp_path / "w", ON)
    found = look(workspace, ON)
    assert len(found.pairs) <= 1


def test_a_copy_that_may_come_to_stand_elsewhere_is_looked_at_itself(tmp_path: Path) -> None:
    folder = tmp_path / "seized"
    folder.mkdir()
    with Image.open(SAMPLES / "laptop/Pictures/flight/medium03.jpg") as image:
        for quality in (60, 90):
            image.save(folder / f"copy-{quality}.jpg", quality=quality)
    workspace = taken(folder, tmp_path / "w", ON)
    with Catalogue.open(workspace, ON, write=True) as catalogue:
        (near,) = finding.near_media(catalogue).pairs
        for bits, pairs in ((scenes.COPY_BITS, 0), (scenes.COPY_BITS + 1, 1)):
            copies = [replace(near, distance_bits=bits)]
            assert len(scenes.pairs(catalogue, ON, copies=copies).pairs) == pairs


def test_a_negative_stands_for_no_copy() -> None:
    """It looks like no other view of what it shows: the picture itself must be looked at."""
    copy = NearPair("a", "b", 3)
    assert scenes.copies_among([copy], ()).others() == {"b"}
    assert not scenes.copies_among([replace(copy, orientation=NEGATIVE)], ()).others()


def test_blank_pictures_propose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "seized"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for level in range(20, 240, 20):
        noise = rng.integers(-2, 3, (300, 400, 3))
        Image.fromarray(np.clip(level + noise, 0, 255).astype(np.uint8)).save(folder / f"{level}.png")
    workspace = taken(folder, tmp_path / "w", ON)
    assert not look(workspace, ON).pairs


def test_one_camera_model_proposes_nothing_by_itself(tmp_path: Path) -> None:
    """Other places by one camera are not near: the vector sees what is shown, not what took it."""
    folder = tmp_path / "seized"
    shutil.copytree(SAMPLES / "usb-stick/DJI", folder / "one")
    shutil.copytree(SAMPLES / "laptop/DCIM/101D3200", folder / "two")
    workspace = taken(folder, tmp_path / "w", ON)
    assert ("one", "two") not in parts(workspace, look(workspace, ON), 0.7)
