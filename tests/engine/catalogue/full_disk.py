"""Program of `test_full_disk.py`: fills a small real disk, then gives it room and goes on.

Runs in a mount namespace of its own, on a tmpfs of a few megabytes that it mounts itself.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import StorageFull
from foureyes.engine.settings import EngineSettings

SEED, COUNT, SIZE = 21, 16, 60


def mount(folder: Path, megabytes: int, *options: str) -> None:
    flags = ",".join([*options, f"size={megabytes}m"])
    subprocess.run(["mount", "-t", "tmpfs", "-o", flags, "foureyes", str(folder)], check=True)


def main(folder: Path, database_url: str | None) -> None:
    mount(folder, 2)
    workspace = Workspace.create(folder / "workspace")
    settings = EngineSettings(database_url=database_url)
    batches = made_up.batches(SEED, COUNT, SIZE)
    committed = 0
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        try:
            for batch in batches:
                catalogue.commit(source, batch)
                committed += 1
        except StorageFull as error:
            print("full after", committed, "batches:", error)
        else:
            raise SystemExit("the disk never was full")
        # The same catalogue goes on being asked, and says again that there is no room.
        assert catalogue.counts().occurrences == committed * SIZE
        try:
            catalogue.commit(source, batches[committed])
        except StorageFull:
            pass
        else:
            raise SystemExit("room came from nowhere")
        assert list(catalogue.verify()) == []
        mount(folder, 200, "remount")
        for batch in batches[committed:]:
            catalogue.commit(source, batch)
        assert list(catalogue.verify()) == []
        ended = list(catalogue.canonical())
    with Catalogue.open(Workspace.create(folder / "unbroken"), EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        for batch in batches:
            catalogue.commit(source, batch)
        assert list(catalogue.canonical()) == ended
    print("whole")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] or None)
