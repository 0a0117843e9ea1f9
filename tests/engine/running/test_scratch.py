from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from foureyes.engine.running.scratch import ScratchFolder

KILLED = (
    "import os, signal\nfrom foureyes.engine.running.scratch import ScratchFolder\n"
    "folder = ScratchFolder('foureyes-test-')\n(folder.path / 'file').touch()\n"
    "print(folder.path, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_gone_in_the_end(temporary: Path) -> None:
    with ScratchFolder("foureyes-test-") as folder:
        assert folder.path.stat().st_mode & 0o777 == 0o700
        (folder.path / "below").mkdir()
    folder.close()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_owner_left_goes_with_the_next_and_what_lives_stays(temporary: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(temporary)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, check=False, stdout=subprocess.PIPE, text=True
    )
    left = Path(done.stdout.strip())
    assert (done.returncode, left.exists(), left.parent) == (-9, True, temporary)
    (temporary / "foureyes-test-file").touch()
    (temporary / "foureyes-test-folder").mkdir()
    (temporary / "foureyes-test-link").symlink_to(temporary / "foureyes-test-folder")
    with ScratchFolder("foureyes-test-") as living, ScratchFolder("foureyes-test-"):
        assert not left.exists()
        assert living.path.exists()
    assert sorted(path.name.rpartition("-")[2] for path in temporary.iterdir()) == ["file", "folder", "link"]
