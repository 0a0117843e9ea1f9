"""A full disk ends a commit with nothing lost and nothing half-written."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import LEFT_OUT
from engine.catalogue import full_disk, made_up
from foureyes.engine.catalogue import Catalogue, Workspace, write_part
from foureyes.engine.errors import StorageFull
from foureyes.engine.settings import EngineSettings

TESTS = Path(__file__).parents[2]
SOURCES = TESTS.parent / "src"


def mounting() -> list[str]:
    """How to run a program where it may mount a disk of its own."""
    if (unshare := shutil.which("unshare")) is not None:
        for way in ([unshare, "--mount"], [unshare, "--user", "--map-root-user", "--mount"]):
            tried = [*way, "mount", "-t", "tmpfs", "-o", "size=1m", "foureyes", str(TESTS)]
            if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
                return way
    pytest.skip(f"{LEFT_OUT}full-disk tests, because this machine lets nobody mount a disk for them")


def test_a_full_disk_loses_nothing(settings: EngineSettings, tmp_path: Path) -> None:
    done = subprocess.run(
        [*mounting(), sys.executable, full_disk.__file__ or "", str(tmp_path), settings.database_url or ""],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{SOURCES}{os.pathsep}{TESTS}"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "The disk is full. What was committed stands" in done.stdout
    assert done.stdout.endswith("whole\n")


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """A quota: the kernel refuses to let any file of this process grow beyond it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_quota_loses_nothing(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    batches = made_up.batches(22, count=3, size=80)
    catalogue.commit(source, batches[0])
    before = list(catalogue.canonical())
    limit = (catalogue.workspace.packs / "thumbnails-000001.pack").stat().st_size + 10_000
    with files_at_most(limit), pytest.raises(StorageFull, match="free some space"):
        catalogue.commit(source, batches[1])
    assert list(catalogue.canonical()) == before
    assert list(catalogue.verify()) == []
    for batch in batches:
        catalogue.commit(source, batch)
    assert list(catalogue.verify()) == []
    assert len(list(catalogue.canonical())) > len(before)


def test_a_full_database_loses_nothing(workspace: Workspace) -> None:
    """SQLite's own limit on its pages gives the very error of a full disk, inside the transaction."""
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        catalogue.commit(source, made_up.batches(23, count=1, size=20)[0])
        before = list(catalogue.canonical())
        with catalogue._store.database.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        large = made_up.batches(24, count=1, size=300)[0]
        with pytest.raises(StorageFull):
            catalogue.commit(source, large)
        assert list(catalogue.canonical()) == before
        assert list(catalogue.verify()) == []
        with catalogue._store.database.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        catalogue.commit(source, large)
        assert list(catalogue.verify()) == []


@pytest.mark.postgresql
def test_a_full_server_loses_nothing(workspace: Workspace, postgresql_url: str) -> None:
    """A trigger raises PostgreSQL's own code for a full disk, after rows were written."""
    with Catalogue.open(workspace, EngineSettings(database_url=postgresql_url), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        with catalogue._store.database.writing() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER full_disk BEFORE INSERT ON occurrence EXECUTE FUNCTION full_disk()"
            )
        with pytest.raises(StorageFull):
            catalogue.commit(source, [made_up.taken("a.jpg", 1)])
        assert catalogue.counts().unique == 0
        assert [path.stat().st_size for path in catalogue.workspace.packs.iterdir()] == []
        assert list(catalogue.workspace.fingerprints.iterdir()) == []
        with catalogue._store.database.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER full_disk ON occurrence")
        catalogue.commit(source, [made_up.taken("a.jpg", 1)])
        assert list(catalogue.verify()) == []


def test_a_part_file_says_so_too(tmp_path: Path) -> None:
    with files_at_most(1000), pytest.raises(StorageFull):
        write_part(tmp_path / "1.parquet", [made_up.taken("a.jpg", 1)])
    assert not (tmp_path / "1.parquet").exists()
