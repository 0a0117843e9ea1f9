"""An ingest that is killed at a hundred random moments ends with the catalogue of an unbroken one."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture

KILLS = 100
LANES = 2
"""Killed side by side, for a machine of two cores."""
KILLS_OF_A_WORKSPACE = 12
"""At most, one after another: then its ingest is let run to its end."""

INGEST = """
import sys
from pathlib import Path
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Workspace
from foureyes.engine.settings import EngineSettings, ReadingSettings

if __name__ == "__main__":
    settings = EngineSettings(workers=1, reading=ReadingSettings(unit_files=3))
    pipeline.ingest(Path(sys.argv[1]), Workspace.open_or_create(Path(sys.argv[2])), settings, source="seized")
"""


@pytest.fixture(scope="module")
def seized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, copies, archives, damaged and other files, from one seed."""
    folder = tmp_path_factory.mktemp("seized")
    pictures = [made_picture(number) for number in range(24)]
    for number, picture in enumerate(pictures[:16]):
        (folder / f"{number:02d}.jpg").write_bytes(picture)
    (folder / "copy.jpg").write_bytes(pictures[0])
    (folder / "recompressed.jpg").write_bytes(made_picture(0, quality=50))
    (folder / "cut.jpg").write_bytes(pictures[1][:2000])
    (folder / "note.txt").write_text("no picture")
    (folder / "empty.png").write_bytes(b"")
    with zipfile.ZipFile(folder / "some.zip", "w") as archive:
        for number, picture in enumerate(pictures[14:20]):
            archive.writestr(f"in/{number}.jpg", picture)
    with tarfile.open(folder / "more.tar.gz", "w:gz") as archive:
        for number, picture in enumerate(pictures[18:]):
            member = tarfile.TarInfo(f"{number}.jpg")
            member.size = len(picture)
            archive.addfile(member, io.BytesIO(picture))
    return folder


def test_a_hundred_kills_end_with_the_same_catalogue(seized: Path, tmp_path: Path) -> None:
    script = tmp_path / "ingest.py"
    script.write_text(INGEST)
    with ThreadPoolExecutor(LANES) as threads:
        lanes = [_Lane(number, script, seized, tmp_path) for number in range(LANES)]
        unbroken = list(threads.map(_Lane.unbroken, lanes))
        expected, whole_run = unbroken[0][0], max(seconds for _, seconds in unbroken)
        assert any("same-picture" in line for line in expected), "the unbroken run must have linked something"
        assert all(canonical == expected for canonical, _ in unbroken)
        killed = threads.map(lambda lane: lane.kill_often(KILLS // LANES, whole_run, expected), lanes)
        assert sum(killed) == KILLS


class _Lane:
    """Ingests one after another, each killed and run again until it ends; the lanes share nothing."""

    def __init__(self, number: int, script: Path, source: Path, folder: Path) -> None:
        self.script, self.source, self.folder = script, source, folder / f"lane-{number}"
        self.random = random.Random(20261122 + number)

    def unbroken(self) -> tuple[list[str], float]:
        """What a run gives that nobody kills, and the seconds that it takes while all lanes are busy."""
        workspace, started = self.folder / "unbroken", time.monotonic()
        assert self._start(workspace).wait() == 0
        return _canonical(workspace), time.monotonic() - started

    def kill_often(self, kills: int, whole_run: float, expected: list[str]) -> int:
        """Kill so many ingests, at any moment of a run; each workspace must end as `expected`."""
        killed = workspaces = 0
        while killed < kills:
            workspace = self.folder / str(workspaces)
            workspaces += 1
            chances = min(KILLS_OF_A_WORKSPACE, kills - killed)
            while chances and self._killed(workspace, self.random.uniform(0.1, 1.1) * whole_run):
                killed, chances = killed + 1, chances - 1
            if not chances:
                assert self._start(workspace).wait() == 0
            assert _canonical(workspace) == expected
        return killed

    def _killed(self, workspace: Path, seconds: float) -> bool:
        """Run an ingest, killed after so many seconds, alone or with its workers; False where it ended before."""
        process = self._start(workspace)
        with_workers = self.random.random() < 0.5
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL) if with_workers else process.kill()
            code = process.wait()
        assert code in {0, -signal.SIGKILL}
        return code != 0

    def _start(self, workspace: Path) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, str(self.script), str(self.source), str(workspace)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(arguments, env=environment, start_new_session=True)


def _canonical(workspace: Path) -> list[str]:
    with Catalogue.open(Workspace.open(workspace), EngineSettings()) as catalogue:
        assert list(catalogue.verify()) == []
        return list(catalogue.canonical())
