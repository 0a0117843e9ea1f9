"""`foureyes kinds`: switching kinds of links off and on, seen in what is linked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import made_networks
import made_scenes
from cli.typed import Run
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.series import LINKS
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import signals, switching

SETTINGS = EngineSettings(workers=1)
WALL = made_scenes.scene(1)


@pytest.fixture
def held(tmp_path: Path) -> Workspace:
    seized = tmp_path / "seized"
    seized.mkdir()
    Image.fromarray(WALL).save(seized / "wall.png")
    Image.fromarray(made_scenes.seen_aslant(WALL)[0]).save(seized / "aslant.png")
    workspace = Workspace.create(tmp_path / "workspace")
    pipeline.ingest(seized, workspace, SETTINGS, source="seized")
    return workspace


def linked(workspace: Workspace, *, quick: bool = True) -> tuple[int, tuple[str, ...]]:
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        report = pipeline.link(catalogue, settings=None if quick else SETTINGS)
    return report.series, report.notes


def test_what_is_switched_off_links_nothing_until_it_is_on_again(held: Workspace) -> None:
    assert linked(held)[0] == 1
    pipeline.kinds_of_links(held, turn_off=["same-view"])
    count, notes = linked(held)
    assert count == 0
    assert "switched off: same-view" in notes
    pipeline.kinds_of_links(held, turn_on=["same-view"])
    assert linked(held) == (1, ())


def test_nothing_is_looked_for_by_kinds_that_are_off(
    held: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("looked")

    for one in (signals.scenes, signals.viewing, signals.sensing):
        monkeypatch.setattr(one, "pairs", never)
    pipeline.kinds_of_links(held, turn_off=["same-scene", "same-view", "same-sensor"])
    assert linked(held, quick=False)[0] == 0


def test_every_kind_is_listed(tmp_path: Path) -> None:
    listed = pipeline.kinds_of_links(Workspace.create(tmp_path / "w"))
    assert [one.name for one in listed] == [maker.name for maker in LINKS]
    assert all(one.on for one in listed)


@pytest.mark.parametrize(
    ("off", "on", "said"),
    [
        (["same-mood"], [], "no kind of link same-mood"),
        ([], ["same-mood"], "no kind of link same-mood"),
        (["same-view"], ["same-view"], "off and on at once"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    tmp_path: Path, off: list[str], on: list[str], said: str
) -> None:
    workspace = Workspace.create(tmp_path / "w")
    with pytest.raises(UsageError, match=said):
        pipeline.kinds_of_links(workspace, off, on)
    assert switching.off(workspace).kinds == frozenset()


@pytest.mark.parametrize("content", ["{", "7", "null"])
def test_a_file_that_cannot_be_read_switches_nothing_off_and_is_said(tmp_path: Path, content: str) -> None:
    workspace = Workspace.create(tmp_path / "w")
    (workspace.calibrations / switching.FILE).write_text(content)
    assert switching.off(workspace).kinds == frozenset()
    assert "cannot be read" in switching.off(workspace).notes[0]


def test_machines_get_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from foureyes.cli import main  # noqa: PLC0415 - it loads every command

    workspace = Workspace.create(tmp_path / "w")
    typed = ["foureyes", "kinds", "--off", "same-owner", "--json", "-w", str(workspace.path)]
    monkeypatch.setattr("sys.argv", typed)
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    told = json.loads(capsys.readouterr().out)["kinds"]
    assert [one["name"] for one in told if not one["on"]] == ["same-owner"]


def test_a_network_of_ones_own_is_added_listed_and_removed(tmp_path: Path, foureyes: Run) -> None:
    folder, path = Workspace.create(tmp_path / "w").path, made_networks.network(tmp_path / "own.onnx")
    added = foureyes("networks", "add", path, "--floor", "0.1", "--likely", "0.25", "-w", folder)
    assert (added.code, added.err) == (0, "")
    assert "own.onnx looks for scenes too" in added.out
    for listed in (foureyes("networks", "-w", folder), foureyes("kinds", "-w", folder)):
        assert "EfficientNet-Lite0" in listed.out
        assert "48 numbers each" in listed.out
    told = json.loads(foureyes("kinds", "--json", "-w", folder).out)["networks"]
    assert [one["numbers"] for one in told] == [1280, 48]
    assert "no longer" in foureyes("networks", "remove", told[1]["kind"], "-w", folder).out
    assert "own.onnx" not in foureyes("networks", "-w", folder).out


def test_a_network_that_is_none_is_one_line_and_code_2(tmp_path: Path, foureyes: Run) -> None:
    folder, path = Workspace.create(tmp_path / "w").path, tmp_path / "own.onnx"
    path.write_bytes(b"no network")
    ended = foureyes("networks", "add", path, "-w", folder)
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1
    assert "cannot be loaded" in ended.err
