"""A batch that is linked by `foureyes link`, killed where anything changes, ends as one that never was."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import pytest

from engine import killed_linking
from engine.killed_linking import ENDED, End
from foureyes.cli.frame import INTERRUPTED
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from made_scenes import Pixels, scene, seen_aslant
from nursery import Nursery

FLIGHT = Path(__file__).parents[2] / "samples/laptop/Pictures/flight"
SPARED = (
    *("COMMIT ", "DELETE list_checked", "COMMIT DELETE list_checked"),
    *("COMMIT INSERT fingerprint_file", "INSERT word", "COMMIT INSERT word", "DELETE comparison"),
)
"""Steps that none is killed before: they are of checking lists and of files, or another one stands for them."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(killed_linking) as opened:
        yield opened


@pytest.fixture
def waiting(nursery: Nursery, tmp_path: Path) -> Path:
    """A workspace that was linked, and then took in a shot of a linked camera and another view of a wall."""
    seized, more = tmp_path / "seized", tmp_path / "more"
    shutil.copytree(FLIGHT, seized)
    more.mkdir()
    shutil.move(min(seized.iterdir()), more)
    _write(seized / "wall.jpg", scene(1))
    _write(more / "aslant.jpg", seen_aslant(scene(1))[0])
    workspace = tmp_path / "waiting"
    for folder, options in ((seized, []), (more, ["--no-link"])):
        _command(nursery, "ingest", str(folder), *options, "--workspace", str(workspace))
    return workspace


def test_wherever_it_is_killed_it_ends_the_same(nursery: Nursery, waiting: Path, tmp_path: Path) -> None:
    """Each run is killed before the first step that none was killed before: one after another, all are cut."""
    before = _links_and_series(waiting)
    workspaces = [tmp_path / name for name in ("unkilled", "whole", "killed")]
    unkilled, whole, killed = (Path(shutil.copytree(waiting, one)) for one in workspaces)
    _link(nursery, unkilled)
    expected = _links_and_series(unkilled)
    assert expected != before
    _link(nursery, whole, "--whole")
    assert _links_and_series(whole) == expected, "a batch leaves what linking everything does"

    cut: list[str] = []
    while ENDED not in cut:
        end = _link(nursery, killed, spared=[*SPARED, *cut])
        assert end.code == -signal.SIGKILL
        cut.append(end.steps[-1])
        assert _links_and_series(killed) == (expected if cut[-1] == ENDED else before), cut[-1]
    assert {"INSERT comparison", "INSERT link", "INSERT series_member", "INSERT meta"} <= {*cut}
    assert "COMMIT DELETE meta" in cut, "the mark is the last that is written"
    _link(nursery, killed)
    assert _links_and_series(killed) == expected
    with Catalogue.open(Workspace.open(killed), EngineSettings()) as catalogue:
        since = catalogue.linked_as()
        assert since is not None
        kept = {one.name for one in catalogue.workspace.stated.iterdir()}
        assert kept == {*since.by.stated}, "what killed runs kept went"


def test_the_first_interrupt_ends_matching_at_once(nursery: Nursery, waiting: Path, tmp_path: Path) -> None:
    more, said = tmp_path / "more", tmp_path / "said.txt"
    _write(more / "another.jpg", scene(2))
    before = _links_and_series(waiting)
    ingest = ["ingest", str(more), "--workspace", str(waiting)]
    end = End(**nursery.order(command=[*ingest, "--workers", "1"], interrupted=True, says=str(said)))
    assert end.code == INTERRUPTED
    printed = said.read_text()
    assert "more: 1 path taken in" in printed
    assert f"Interrupted: what is committed stands. Go on with: foureyes ingest {more}" in printed
    assert "Finishing" not in printed
    assert _links_and_series(waiting) == before
    _command(nursery, *ingest)
    assert _links_and_series(waiting) != before


def _link(nursery: Nursery, workspace: Path, *options: str, spared: Sequence[str] | None = None) -> End:
    return _command(nursery, "link", *options, "--workspace", str(workspace), spared=spared)


def _command(nursery: Nursery, *command: str, spared: Sequence[str] | None = None) -> End:
    end = End(**nursery.order(command=[*command, "--workers", "1"], spared=spared))
    assert end.code in ({0} if spared is None else {0, -signal.SIGKILL})
    return end


def _write(path: Path, pixels: Pixels) -> None:
    path.write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())


def _links_and_series(workspace: Path) -> list[str]:
    with Catalogue.open(Workspace.open(workspace), EngineSettings()) as catalogue:
        assert list(catalogue.verify()) == []
        return [one for one in catalogue.canonical() if one.startswith(("link", "series", "member"))]
