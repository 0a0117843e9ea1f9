"""An ingest that is killed at a hundred random moments ends with the catalogue of an unbroken one."""

from __future__ import annotations

import io
import random
import signal
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import killed_pipeline
from engine.killed_pipeline import BEGUN, End
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture
from nursery import Nursery

KILLS = {BEGUN: 10, "taking in": 40, "matching": 10, "looking at scenes": 10, "viewing": 15, "linking": 15}
"""How many kills land in each stage, a hundred in all: at random moments of time they would miss the short ones."""
SIDE = 160
"""Pixels: as with their number, what is done to them lies between what is to be cut."""
KILLS_OF_A_WORKSPACE = 5
"""One after another, for the second finds less to do than the first: then its ingest is let run to its end."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(killed_pipeline) as opened:
        yield opened


@pytest.fixture(scope="module")
def seized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, copies, archives, damaged and other files, from one seed.

    No more of each than it takes to have several units, commits and pairs: more pictures are more seconds
    between two writes, and fewer of the hundred kills come near one.
    """
    folder = tmp_path_factory.mktemp("seized")
    pictures = [made_picture(number, width=SIDE) for number in range(10)]
    for number, picture in enumerate(pictures[:6]):
        (folder / f"{number:02d}.jpg").write_bytes(picture)
    (folder / "copy.jpg").write_bytes(pictures[0])
    (folder / "recompressed.jpg").write_bytes(made_picture(0, width=SIDE, quality=50))
    (folder / "cut.jpg").write_bytes(pictures[1][:2000])
    (folder / "note.txt").write_text("no picture")
    (folder / "empty.png").write_bytes(b"")
    with zipfile.ZipFile(folder / "some.zip", "w") as archive:
        for number, picture in enumerate(pictures[5:8]):
            archive.writestr(f"in/{number}.jpg", picture)
    with tarfile.open(folder / "more.tar.gz", "w:gz") as archive:
        for number, picture in enumerate(pictures[7:]):
            member = tarfile.TarInfo(f"{number}.jpg")
            member.size = len(picture)
            archive.addfile(member, io.BytesIO(picture))
    return folder


def test_a_hundred_kills_end_with_the_same_catalogue(nursery: Nursery, seized: Path, tmp_path: Path) -> None:
    ingests = _Ingests(nursery, seized)
    unbroken = ingests.run(tmp_path / "unbroken")
    assert list(unbroken.stages) == list(KILLS)
    expected = _canonical(tmp_path / "unbroken")
    assert any("same-picture" in line for line in expected), "the unbroken run must have linked something"
    to_come, lasts = list(Counter(KILLS).elements()), dict(unbroken.stages)
    ingests.chance.shuffle(to_come)
    workspaces = 0
    while to_come:
        workspace = tmp_path / str(workspaces)
        workspaces += 1
        for _ in range(KILLS_OF_A_WORKSPACE):
            if not to_come:
                break
            if not ingests.killed(workspace, to_come[-1], lasts[to_come[-1]]):
                lasts[to_come[-1]] *= 0.7  # measured once, on a machine that may have been busier then
                break
            to_come.pop()
        assert ingests.run(workspace).code == 0
        assert _canonical(workspace) == expected


class _Ingests:
    """Ingests of one source, one after another."""

    def __init__(self, nursery: Nursery, source: Path) -> None:
        self.nursery, self.source = nursery, source
        self.chance = random.Random(20261122)

    def run(self, workspace: Path, **kill: object) -> End:
        """One ingest, killed where that is said; gives how it ended."""
        return End(**self.nursery.order(source=str(self.source), workspace=str(workspace), **kill))

    def killed(self, workspace: Path, stage: str, lasts: float) -> bool:
        """Kill one at a random moment of a stage, alone or with its workers; False where it ended before."""
        seconds, with_workers = self.chance.uniform(0, lasts), self.chance.random() < 0.5
        end = self.run(workspace, stage=stage, seconds=seconds, with_workers=with_workers)
        assert end.code in {0, -signal.SIGKILL}
        return end.code != 0


def _canonical(workspace: Path) -> list[str]:
    with Catalogue.open(Workspace.open(workspace), EngineSettings()) as catalogue:
        assert list(catalogue.verify()) == []
        return list(catalogue.canonical())
