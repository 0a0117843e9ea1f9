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
from pathlib import Path

import pytest

from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture

KILLS = 100
SIDE_BY_SIDE = 2

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
    unbroken = tmp_path / "unbroken"
    started = time.monotonic()
    assert _start(script, seized, unbroken).wait() == 0
    whole_run = time.monotonic() - started
    expected = _canonical(unbroken)
    assert any("same-picture" in line for line in expected), "the unbroken run must have linked something"

    random_moments = random.Random(20261122)
    killed = workspaces = 0
    while killed < KILLS:
        folders = [tmp_path / f"killed-{workspaces + lane}" for lane in range(SIDE_BY_SIDE)]
        workspaces += SIDE_BY_SIDE
        open_folders = list(folders)
        while open_folders:
            running = [(folder, _start(script, seized, folder)) for folder in open_folders]
            for folder, process in running:
                moment = random_moments.uniform(0.1, 1.1) * whole_run
                try:
                    code = process.wait(timeout=moment)
                except subprocess.TimeoutExpired:
                    os.killpg(
                        process.pid, signal.SIGKILL
                    ) if random_moments.random() < 0.5 else process.kill()
                    process.wait()
                    killed += 1
                else:
                    assert code == 0
                    open_folders.remove(folder)
        for folder in folders:
            assert _canonical(folder) == expected


def _start(script: Path, source: Path, workspace: Path) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, str(script), str(source), str(workspace)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(arguments, env=environment, start_new_session=True)


def _canonical(workspace: Path) -> list[str]:
    with Catalogue.open(Workspace.open(workspace), EngineSettings()) as catalogue:
        assert list(catalogue.verify()) == []
        return list(catalogue.canonical())
