"""What a store promises, tried on a folder and on a bucket of a real S3-compatible server."""

from __future__ import annotations

import dataclasses
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import s3
from foureyes.engine.errors import SourceLost, StorageFull, UsageError, WorkspaceError
from foureyes.engine.running.store import End, Place, S3Access, Store, check_name, open_store


@pytest.fixture(params=["folder", "file URL", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "bucket":
        return s3.new_bucket(request.getfixturevalue("s3_endpoint"))
    folder = tmp_path / "a folder"
    return Place(folder.as_uri() if request.param == "file URL" else str(folder))


@pytest.fixture
def store(place: Place) -> Store:
    return open_store(place)


def test_what_is_written_is_read(store: Store) -> None:
    assert store.names() == []
    store.write("pieces/0001.parquet", b"0123456789")
    store.write("manifest.json", b"")
    assert store.names() == ["manifest.json", "pieces/0001.parquet"]
    assert store.read("pieces/0001.parquet") == b"0123456789"
    assert store.end("pieces/0001.parquet", 4) == End(10, b"6789")
    assert store.end("pieces/0001.parquet", 99) == End(10, b"0123456789")
    assert store.end("manifest.json", 4) == End(0, b"")
    store.write("pieces/0001.parquet", b"anew")
    assert store.read("pieces/0001.parquet") == b"anew"


def test_what_is_not_there(store: Store) -> None:
    assert store.end("gone", 8) is None
    with pytest.raises(FileNotFoundError):
        store.read("gone")


def test_only_one_creates(store: Store) -> None:
    assert store.create("manifest.json", b"mine")
    assert not store.create("manifest.json", b"yours")
    assert store.read("manifest.json") == b"mine"
    assert store.names() == ["manifest.json"]


def test_files_of_any_size_come_in_and_are_read_here(store: Store, tmp_path: Path) -> None:
    content = os.urandom(20_000_001)
    (tmp_path / "rows").write_bytes(content)
    store.take_in("rows.npy", tmp_path / "rows")
    scratch = tmp_path / "scratch"
    here = store.local_path("rows.npy", scratch)
    assert here.read_bytes() == content
    first = here.stat()
    assert store.local_path("rows.npy", scratch).stat().st_mtime_ns == first.st_mtime_ns
    store.tidy()
    assert store.names() == ["rows.npy"]


def test_a_place_travels_with_a_task(place: Place, store: Store) -> None:
    store.write("here", b"yes")
    assert open_store(pickle.loads(pickle.dumps(place))).read("here") == b"yes"  # noqa: S301 - ours
    assert "not secret" not in repr(place)


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "", "a//b", "a/../b", ".hidden", "x.unfinished", "A"]
)
def test_no_name_leads_out(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        store.write(name, b"")
    with pytest.raises(ValueError, match="no name"):
        check_name(name)


def test_what_a_killed_writer_left_is_not_seen_and_tidied(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom foureyes.engine.running import store\n"
        "os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)\n"
        "store.open_store(store.Place(sys.argv[1])).write('piece', b'half')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", script, tmp_path], env=environment, check=False)
    assert done.returncode == -9
    store = open_store(Place(str(tmp_path)))
    assert (store.names(), len(list(tmp_path.iterdir()))) == ([], 1)
    store.tidy()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_said_and_leaves_nothing_half(small_disk: Path) -> None:
    store = open_store(Place(str(small_disk / "out")))
    store.write("small", b"x")
    with pytest.raises(StorageFull):
        store.write("large", bytes(2_000_000))
    assert [path.name for path in (small_disk / "out").iterdir()] == ["small"]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (Place("ftp://host/x"), "neither a folder nor a bucket"),
        (Place("file://elsewhere/x"), "names another machine"),
        (Place("s3://bucket/x"), "with which key"),
        (Place("/nowhere", S3Access("k", "s")), "is no bucket"),
        (Place("s3:///x", S3Access("k", "s")), "names no bucket"),
        (Place("s3://b/x", S3Access("k", "s", endpoint="host:9000")), "no http:// or https:// address"),
    ],
)
def test_a_place_that_makes_no_sense(place: Place, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        open_store(place)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        open_store(Place(str(tmp_path / "file")))
    with pytest.raises(WorkspaceError):
        open_store(Place(str(tmp_path / "file" / "below")))


def test_no_such_bucket_is_said_by_every_call(s3_endpoint: str, tmp_path: Path) -> None:
    store = open_store(Place("s3://nobodys/x", s3.access(s3_endpoint)))
    (tmp_path / "file").touch()
    for call in (
        store.names,
        lambda: store.read("x"),
        lambda: store.write("x", b""),
        lambda: store.create("x", b""),
        lambda: store.take_in("x", tmp_path / "file"),
    ):
        with pytest.raises(UsageError, match="there is no bucket 'nobodys'"):
            call()


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = pytest.importorskip("foureyes.engine.running.bucket")
    monkeypatch.setattr(bucket, "_TRIES_AGAIN", 0)
    store = open_store(Place("s3://bucket/x", s3.access("http://127.0.0.1:1")))
    with pytest.raises(SourceLost, match="cannot be reached"):
        store.names()


def test_the_environment_is_not_looked_at(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = s3.new_bucket(s3_endpoint)
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "other",
        "AWS_SECRET_ACCESS_KEY": "other",
        "AWS_BUCKET": "other",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_REGION": "mars-1",
    }.items():
        monkeypatch.setenv(name, value)
    store = open_store(place)
    store.write("x", b"here")
    assert open_store(dataclasses.replace(place)).read("x") == b"here"


def test_without_its_library_a_bucket_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "foureyes.engine.running.bucket", None)
    with pytest.raises(UsageError, match=r"extra \[s3\]"):
        open_store(Place("s3://bucket/x", S3Access("k", "s")))
