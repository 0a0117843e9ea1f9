"""`foureyes find` as its user types it."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from PIL import Image

import made_scenes
from foureyes.cli import main
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Workspace
from foureyes.engine.settings import EngineSettings

BOX = "0.1,0.2,0.37,0.48"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A toy in two rooms, and a room without it."""
    folder = tmp_path_factory.mktemp("seized")
    toy = made_scenes.scene(77, width=150, height=120, shapes=40)
    for name, seed, left, top in (("room", 61, 56, 84), ("elsewhere", 62, 300, 200)):
        room = made_scenes.scene(seed, shapes=60)
        room[top : top + 120, left : left + 150] = toy
        Image.fromarray(room).save(folder / f"{name}.png")
    Image.fromarray(np.full((420, 560, 3), 90, np.uint8)).save(folder / "plain.png")
    workspace = Workspace.create(tmp_path_factory.mktemp("workspaces") / "workspace")
    pipeline.ingest(folder, workspace, EngineSettings(workers=1), source="seized", with_linking=False)
    return workspace


def run(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *typed: object
) -> tuple[int, str, str]:
    command = ["foureyes", "find", *map(str, typed), "--workers", "1", "-w", str(filled.path)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_it_says_where_the_thing_is(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(filled, monkeypatch, capsys, "room.png", BOX, "--all")
    assert code == 0
    assert "seen in 1 other media." in out
    assert "points agree: 5" in out
    assert "seized: elsewhere.png" in out
    assert "3 of 3 media were looked at." in out


def test_machines_get_the_corners(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(filled, monkeypatch, capsys, "room.png", BOX, "--all", "--json")
    found = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (found["compared"], found["held"]) == (3, 3)
    assert [one["paths"] for one in found["matches"]] == [["elsewhere.png"]]
    assert found["matches"][0]["place"][0] == pytest.approx([300 / 560, 200 / 420], abs=0.02)


def test_what_looks_like_it_is_looked_at_unasked(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(filled, monkeypatch, capsys, "room.png", BOX)
    assert code == 0
    assert "seized: elsewhere.png" in out
    assert "2 of 3 media were looked at.\n  --all looks at every one." in out


def test_nothing_found_is_said(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(filled, monkeypatch, capsys, "room.png", "0.55,0.55,0.98,0.98")
    assert code == 3
    assert "2 of 3 media were looked at.\n  --all looks at every one." in out


@pytest.mark.parametrize(
    ("media", "region", "said"),
    [
        ("room.png", "0.1,0.2,0.3", "left,top,right,bottom"),
        ("room.png", "a,b,c,d", "left,top,right,bottom"),
        ("room.png", "0.1,0.2,1.3,0.5", "inside the picture"),
        ("plain.png", "0.1,0.1,0.9,0.9", "too plain"),
        ("nowhere.png", BOX, "no media that is held"),
    ],
)
def test_bad_input_is_one_clear_line(
    filled: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    media: str,
    region: str,
    said: str,
) -> None:
    code, _, error = run(filled, monkeypatch, capsys, media, region)
    assert code == 2
    assert said in error
    assert len([line for line in error.splitlines() if line.startswith("foureyes:")]) == 1
