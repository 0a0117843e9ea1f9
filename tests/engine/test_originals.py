"""Originals kept in the workspace, and the bytes of a media found once more."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import OriginalAway, UsageError
from foureyes.engine.model import IngestReport
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture

SETTINGS = EngineSettings(workers=1)
KEEPING = EngineSettings(workers=1, keep_originals=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open_or_create(tmp_path / "workspace")


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(made_picture(1))
    (folder / "copy of a.jpg").write_bytes(made_picture(1))
    (folder / "notes.txt").write_text("no media")
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr("in/b.jpg", made_picture(2))
    return folder


def take(folder: Path, workspace: Workspace, settings: EngineSettings = SETTINGS) -> IngestReport:
    return pipeline.ingest(folder, workspace, settings, with_linking=False)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_back(workspace: Workspace, name: str) -> bytes:
    with (
        Catalogue.open(workspace, SETTINGS) as catalogue,
        pipeline.original(catalogue, name, SETTINGS) as descriptor,
    ):
        with pytest.raises(OSError, match="descriptor"):
            os.write(descriptor, b"x")
        return os.pread(descriptor, 1 << 24, 0)


def problems(workspace: Workspace) -> list[str]:
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        return [problem.what for problem in catalogue.verify()]


def test_kept_originals_outlive_their_source(seized: Path, workspace: Workspace) -> None:
    report = take(seized, workspace, KEEPING)
    assert report.kept == 2, "each content once, and nothing that is no media"
    seized.rename(seized.with_name("in the cupboard"))
    for seed in (1, 2):
        assert read_back(workspace, sha256(made_picture(seed))) == made_picture(seed)
    assert problems(workspace) == []


def test_keeping_again_copies_nothing_and_reads_nothing(seized: Path, workspace: Workspace) -> None:
    take(seized, workspace, KEEPING)
    again = take(seized, workspace, KEEPING)
    assert (again.kept, again.media_new, again.outcomes.get("media", 0)) == (0, 0, 0)


def test_what_was_taken_in_before_is_kept_when_asked_for(seized: Path, workspace: Workspace) -> None:
    assert take(seized, workspace).kept == 0
    later = take(seized, workspace, KEEPING)
    assert (later.kept, later.media_new) == (2, 0)
    assert problems(workspace) == []


def test_a_kill_between_file_and_list_is_mended_by_the_next_run(seized: Path, workspace: Workspace) -> None:
    take(seized, workspace, KEEPING)
    name = sha256(made_picture(1))
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        originals = catalogue.originals
        originals.place(name).chmod(0o600)
        listed = [one for one in originals.listed() if one != name]
        (workspace.originals / "kept.txt").write_text("".join(f"{one}\n" for one in listed))
        assert not originals.has(name)
    assert take(seized, workspace, KEEPING).kept == 1
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        assert name in set(catalogue.originals.listed())


def test_verify_names_what_is_missing_and_what_was_changed(seized: Path, workspace: Workspace) -> None:
    take(seized, workspace, KEEPING)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        catalogue.originals.place(sha256(made_picture(1))).unlink()
        changed = catalogue.originals.place(sha256(made_picture(2)))
    changed.chmod(0o600)
    changed.write_bytes(made_picture(3))
    assert sorted(problems(workspace)) == [
        "the kept original is missing",
        "the kept original is not as it was kept",
    ]


def test_bytes_that_are_not_those_of_the_name_are_never_kept(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "a").write_bytes(b"other")
    with (tmp_path / "a").open("rb") as file, Catalogue.open(workspace, SETTINGS) as catalogue:
        assert not catalogue.originals.keep(file.fileno(), sha256(b"one"))
        assert not catalogue.originals.has(sha256(b"one"))
    assert list(workspace.parts.iterdir()) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_not_kept_is_found_in_its_source(seized: Path, workspace: Workspace, seed: int) -> None:
    take(seized, workspace)
    assert read_back(workspace, sha256(made_picture(seed))) == made_picture(seed)


def test_a_single_file_and_a_single_archive_are_found_again(seized: Path, workspace: Workspace) -> None:
    take(seized / "a.jpg", workspace)
    take(seized / "old.zip", workspace)
    for seed in (1, 2):
        assert read_back(workspace, sha256(made_picture(seed))) == made_picture(seed)


def test_another_copy_serves_where_one_was_changed(seized: Path, workspace: Workspace) -> None:
    take(seized, workspace)
    (seized / "a.jpg").write_bytes(made_picture(9))
    assert read_back(workspace, sha256(made_picture(1))) == made_picture(1)


def test_an_original_that_is_away_is_told_in_words(seized: Path, workspace: Workspace) -> None:
    take(seized, workspace)
    seized.rename(seized.with_name("away"))
    with pytest.raises(OriginalAway, match="Plug the source seized in, or take it in again"):
        read_back(workspace, sha256(made_picture(1)))


def test_an_original_that_changed_since_is_told_in_words(seized: Path, workspace: Workspace) -> None:
    take(seized, workspace)
    (seized / "a.jpg").write_bytes(made_picture(8))
    (seized / "copy of a.jpg").unlink()
    with pytest.raises(OriginalAway, match="another content than was taken in"):
        read_back(workspace, sha256(made_picture(1)))


def test_what_is_not_held_is_a_wrong_question(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="no such media"):
        read_back(workspace, "0" * 64)
