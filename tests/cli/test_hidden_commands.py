"""`foureyes hidden` as its user types it, to the series that come of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import made_scenes
from cli.typed import Run
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings

BOX = "0.04,0.03,0.61,0.97"
SETTINGS = EngineSettings(workers=1)


@pytest.fixture
def held(tmp_path: Path) -> Workspace:
    """One poster in two rooms: nothing else is shared."""
    seized = tmp_path / "seized"
    seized.mkdir()
    poster = made_scenes.scene(7, width=300, height=380)
    for name, seed, shown in (("here", 31, poster), ("there", 32, made_scenes.seen_aslant(poster)[0])):
        room = made_scenes.scene(seed)
        room[20:400, 30:330] = shown
        Image.fromarray(room).save(seized / f"{name}.png")
    workspace = Workspace.create(tmp_path / "workspace")
    pipeline.ingest(seized, workspace, SETTINGS, source="seized")
    return workspace


@pytest.fixture
def run(foureyes: Run, held: Workspace) -> Run:
    return lambda *typed: foureyes(*typed, "-w", held.path)


def media(held: Workspace) -> list[str]:
    with Catalogue.open(held, SETTINGS) as catalogue:
        return sorted(str(one.sha256) for one in catalogue.iterate_occurrences())


def test_one_by_hand_takes_the_view_away_and_withdrawn_gives_it_back(run: Run) -> None:
    assert "1 series of 2 media" in run("link", "--quick").out
    assert run("hidden", "list").out == "No region is hidden.\n"
    assert run("hidden", "list", "here.png").out == "No region of it is hidden.\n"
    code, out, _ = run("hidden", "add", "here.png", BOX, "--workers", "1", "--officer", "ida")
    assert code == 0
    assert "Region 1 is hidden." in out
    assert "0 series of 0 media" in out
    assert "1 pair was compared anew" in out
    assert "1 region of 1 media (person) does not count in views" in out
    assert "hidden already" in run("hidden", "add", "here.png", BOX, "--no-link")[1]
    _, out, _ = run("hidden", "list")
    assert "0.04,0.03,0.61,0.97" in out
    assert "ida" in out
    code, out, _ = run("hidden", "withdraw", "1", "-m", "a poster", "--workers", "1")
    assert code == 0
    assert "1 region withdrawn." in out
    assert "1 series of 2 media" in out
    assert "a poster" not in run("hidden", "list")[1]
    (line,) = run("hidden", "list", "here.png", "--all", "--json")[1].splitlines()
    assert json.loads(line)["withdrawn_reason"] == "a poster"


def test_a_file_is_read_line_by_line_and_bad_lines_are_named(
    run: Run, held: Workspace, tmp_path: Path
) -> None:
    one, two = media(held)
    found = tmp_path / "found.csv"
    lines = [f"{one},{BOX},person", "nonsense", f"{'ab' * 32},0,0,1,1,person", f"{two},0,0,2,1,person"]
    found.write_text("\n".join([*lines, f"{two},{BOX},person", f"{one},0,0,1,1,person,3"]))
    code, out, err = run("hidden", "read", found, "--tool", "finder 1", "--strict", "--no-link")
    assert code != 0
    assert "line 2" in err
    assert run("hidden", "list", "--json")[1] == ""
    code, out, err = run("hidden", "read", found, "--tool", "finder 1", "--no-link")
    assert code == 0
    assert "2 regions recorded, number 1 to 2; 4 lines passed over." in out
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 2", "line 3", "line 4", "line 6"]
    assert "no seconds" in err
    _, out, _ = run("link", "--quick")
    assert "1 series of 2 media" in out, "nothing is looked at"
    assert "see `foureyes link`" in out
    code, out, _ = run("hidden", "read", found, "--tool", "finder 1", "--no-link")
    assert "0 regions recorded; 2 held already" in out
    code, out, _ = run("hidden", "withdraw", "--tool", "finder 1", "-m", "blind", "--no-link")
    assert "2 regions withdrawn." in out
    assert "2 withdrawn before and not taken again" in run("hidden", "read", found, "--tool", "finder 1")[1]


def test_a_file_of_which_no_line_can_be_taken_is_refused(run: Run, held: Workspace, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.csv"
    nothing.write_text(f"nonsense\n{media(held)[0]},0,0,2,1,person\n")
    code, out, err = run("hidden", "read", nothing, "--tool", "finder 1", "--no-link")
    assert (code, out) == (2, "")
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 1", "line 2", "foureyes"]


@pytest.mark.parametrize("typed", [("x",), ("1-x",), ("9",), ()])
def test_what_is_no_region_is_not_withdrawn(run: Run, typed: tuple[str, ...]) -> None:
    code, _, err = run("hidden", "withdraw", *typed, "-m", "why", "--no-link")
    assert code != 0
    assert err.startswith("foureyes: ")
