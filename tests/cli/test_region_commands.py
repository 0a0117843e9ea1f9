"""`foureyes find` as its user types it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import made_scenes
from cli.typed import Run
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


@pytest.fixture
def run(foureyes: Run, filled: Workspace) -> Run:
    return lambda *typed: foureyes("find", *typed, "--workers", 1, "-w", filled.path)


def test_it_says_where_the_thing_is(run: Run) -> None:
    code, out, _ = run("room.png", BOX, "--all")
    assert code == 0
    assert "seen in 1 other media." in out
    assert "points agree: 5" in out
    assert "seized: elsewhere.png" in out
    assert "3 of 3 media were looked at." in out


def test_machines_get_the_corners(run: Run) -> None:
    code, out, _ = run("room.png", BOX, "--all", "--json")
    found = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (found["compared"], found["held"]) == (3, 3)
    assert [one["paths"] for one in found["matches"]] == [["elsewhere.png"]]
    assert found["matches"][0]["place"][0] == pytest.approx([300 / 560, 200 / 420], abs=0.02)


def test_what_looks_like_it_is_looked_at_unasked(run: Run) -> None:
    code, out, _ = run("room.png", BOX)
    assert code == 0
    assert "seized: elsewhere.png" in out
    assert "2 of 3 media were looked at.\n  --all looks at every one." in out


def test_nothing_found_is_said(run: Run) -> None:
    code, out, _ = run("room.png", "0.55,0.55,0.98,0.98")
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
def test_bad_input_is_one_clear_line(run: Run, media: str, region: str, said: str) -> None:
    code, _, error = run(media, region)
    assert code == 2
    assert said in error
    assert len([line for line in error.splitlines() if line.startswith("foureyes:")]) == 1
