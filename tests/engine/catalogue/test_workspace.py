from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, LockHolder, Workspace
from foureyes.engine.catalogue.migrations import versions
from foureyes.engine.catalogue.schema import HEAD
from foureyes.engine.catalogue.store import Store
from foureyes.engine.errors import (
    UsageError,
    WorkspaceBusy,
    WorkspaceDamaged,
    WorkspaceError,
    WorkspaceTooNew,
)
from foureyes.engine.settings import EngineSettings

SOURCES = Path(__file__).parents[3] / "src"
HOLD = """
import os
import sys
from pathlib import Path
from foureyes.engine.catalogue.workspace import Workspace
with Workspace.open(Path(sys.argv[1])).lock("ingest of /seized/phone"):
    if len(sys.argv) == 2 or os.fork() == 0:
        print("held", flush=True)
    sys.stdin.read()
    os._exit(0)
"""


def hold_elsewhere(workspace: Workspace, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(workspace.path), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    process.send_signal(number)
    process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.stdout.close()


def test_a_workspace_is_made_and_opened_again(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "new" / "workspace")
    assert Workspace.open(made.path) == made
    assert Workspace.open_or_create(made.path) == made
    assert len(made.id) == 32


def test_no_other_account_can_enter_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    for name in ("new", "there"):
        made = Workspace.create(tmp_path / name)
        assert stat.S_IMODE(made.path.stat().st_mode) == stat.S_IRWXU


def test_a_workspace_is_made_again_where_making_was_cut_short(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "workspace.json.tmp").touch()
    made = Workspace.open_or_create(tmp_path)
    assert Workspace.open(tmp_path) == made


def test_a_folder_with_strange_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(UsageError, match="not empty and is not a Foureyes workspace"):
        Workspace.open_or_create(tmp_path)
    with pytest.raises(UsageError, match=r"has no workspace\.json"):
        Workspace.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_path_without_workspace_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="foureyes init"):
        Workspace.open(tmp_path / "nothing")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        Workspace.create(tmp_path / "file")


def test_a_newer_workspace_is_refused(workspace: Workspace) -> None:
    mark = workspace.path / "workspace.json"
    mark.write_text(json.dumps({**json.loads(mark.read_text()), "foureyes": 2}))
    with pytest.raises(WorkspaceTooNew, match="format 2"):
        Workspace.open(workspace.path)


def test_an_unreadable_description_is_damage(workspace: Workspace) -> None:
    (workspace.path / "workspace.json").write_text("{")
    with pytest.raises(WorkspaceDamaged, match=r"workspace\.json"):
        Workspace.open(workspace.path)


def test_newer_tables_are_refused(workspace: Workspace, settings: EngineSettings) -> None:
    with Catalogue.open(workspace, settings, write=True) as catalogue:  # noqa: SIM117 - two steps
        with catalogue._store.database.writing() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(WorkspaceTooNew, match="9999"):
        Catalogue.open(workspace, settings)


@pytest.mark.postgresql
def test_a_database_serves_one_workspace(workspace: Workspace, postgresql_url: str, tmp_path: Path) -> None:
    settings = EngineSettings(database_url=postgresql_url)
    Catalogue.open(workspace, settings, write=True).close()
    with pytest.raises(WorkspaceDamaged, match="another workspace"):
        Catalogue.open(Workspace.create(tmp_path / "second"), settings)


def test_the_second_writer_is_told_who_the_first_is(workspace: Workspace, settings: EngineSettings) -> None:
    process = hold_elsewhere(workspace)
    try:
        with pytest.raises(WorkspaceBusy) as caught:
            Catalogue.open(workspace, settings, write=True)
        said = str(caught.value)
        holder = workspace.holder()
        assert holder is not None
        assert "ingest of /seized/phone" in said
        assert f"process {process.pid} on {os.uname().nodename}" in said
        assert holder.since in said
        assert holder.pid == process.pid
    finally:
        end(process)


def test_a_killed_holder_holds_nothing(workspace: Workspace, settings: EngineSettings) -> None:
    end(hold_elsewhere(workspace))
    assert (workspace.path / "lock").read_text()
    assert workspace.holder() is None
    Catalogue.open(workspace, settings, write=True).close()


def test_a_writer_can_wait(workspace: Workspace, settings: EngineSettings) -> None:
    process = hold_elsewhere(workspace)
    told: list[LockHolder | None] = []

    def on_wait(holder: LockHolder | None) -> None:
        told.append(holder)
        threading.Thread(target=end, args=(process,)).start()

    Catalogue.open(workspace, settings, write=True, wait=True, on_wait=on_wait).close()
    (holder,) = told
    assert holder is not None
    assert holder.pid == process.pid


def test_readers_and_deciders_need_no_lock(workspace: Workspace, settings: EngineSettings) -> None:
    with Catalogue.open(workspace, settings, write=True) as writer:
        source = writer.source("s", "/s", "folder")
        writer.commit(source, [made_up.taken("a.jpg", 1)])
        with Catalogue.open(workspace, settings) as reader:
            assert reader.counts().pictures == 1
            writer.commit(source, [made_up.taken("b.jpg", 2)])
            assert reader.counts().pictures == 2
            with pytest.raises(WorkspaceError, match="reading only"):
                reader.commit(source, [])


def test_a_reader_does_not_wait_for_an_ingest_that_has_just_begun(
    workspace: Workspace, settings: EngineSettings
) -> None:
    store = Store(workspace, settings.database_url)
    with workspace.lock("ingest"):
        upgrading = threading.Timer(0.05, store.upgrade)
        upgrading.start()
        with Catalogue.open(workspace, settings) as reader:
            assert reader.counts().occurrences == 0
        upgrading.join()
    store.close()


def test_a_workspace_that_cannot_be_written_is_one_clear_line(workspace: Workspace) -> None:
    (workspace.path / "lock").mkdir()
    with pytest.raises(WorkspaceError, match="cannot be written to: Is a directory"):
        Catalogue.open(workspace, EngineSettings(), write=True)


def test_a_worker_that_outlives_a_killed_holder_holds_nothing(workspace: Workspace) -> None:
    process = hold_elsewhere(workspace, "with a worker")
    process.kill()
    process.wait()
    try:
        assert workspace.holder() is None
    finally:
        end(process)


def test_a_broken_database_is_named(workspace: Workspace) -> None:
    workspace.database.write_bytes(b"no database at all" * 1000)
    with pytest.raises(WorkspaceDamaged, match="restore it"):
        Catalogue.open(workspace, EngineSettings())


def test_an_unreachable_server_is_one_clear_line(workspace: Workspace, tmp_path: Path) -> None:
    url = f"postgresql://nobody@/nothing?host={tmp_path}"
    with pytest.raises(WorkspaceError, match="cannot be used"):
        Catalogue.open(workspace, EngineSettings(database_url=url))
    with pytest.raises(UsageError, match="PostgreSQL"):
        Catalogue.open(workspace, EngineSettings(database_url="mysql://somewhere/x"))


def test_what_a_killed_writer_left_is_cleared_away(workspace: Workspace, settings: EngineSettings) -> None:
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        catalogue.commit(source, [made_up.taken("a.jpg", 1)])
        before = list(catalogue.canonical())
    pack = workspace.packs / "thumbnails-000001.pack"
    length = pack.stat().st_size
    with pack.open("ab") as stream:
        stream.write(b"never committed")
    strays = [
        workspace.packs / "previews-000002.pack",
        workspace.fingerprints / "pdq-v1-0000000009.parquet",
        workspace.fingerprints / "pdq-v1-0000000010.parquet.tmp",
        workspace.parts / "7.parquet",
    ]
    for stray in strays:
        stray.touch()
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        assert list(catalogue.canonical()) == before
    assert pack.stat().st_size == length
    assert not [stray for stray in strays if stray.exists()]


def test_a_writer_refuses_a_pack_cut_short(workspace: Workspace, settings: EngineSettings) -> None:
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        catalogue.commit(catalogue.source("s", "/s", "folder"), [made_up.taken("a.jpg", 1)])
    os.truncate(workspace.packs / "previews-000001.pack", 10)
    with pytest.raises(WorkspaceDamaged, match=r"previews-000001\.pack holds 10 bytes of 88"):
        Catalogue.open(workspace, settings, write=True)


def test_head_is_the_newest_migration() -> None:
    steps = sorted(path.name[:4] for path in Path(versions.__path__[0]).glob("0*.py"))
    assert steps[-1] == HEAD
