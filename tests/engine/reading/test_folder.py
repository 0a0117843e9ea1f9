"""The folder reader against real trees, readable and not."""

from __future__ import annotations

import os
import pickle
import socket
import stat
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest

from foureyes.engine import errors, reading
from foureyes.engine.model import FaultCode, Unit
from foureyes.engine.reading import folder
from foureyes.engine.reading.tree import Tree
from foureyes.engine.settings import EngineSettings, ReadingSettings

SETTINGS = EngineSettings()


def plan(path: Path, **settings: int) -> list[Unit]:
    return list(reading.plan(path, replace(ReadingSettings(), **settings)))


def contents(path: Path) -> dict[str, bytes | FaultCode]:
    found: dict[str, bytes | FaultCode] = {}
    for unit in plan(path):
        for opened in reading.open_unit(unit, SETTINGS):
            assert opened.occurrence.path not in found
            if opened.stream is None:
                assert opened.occurrence.fault is not None
                found[opened.occurrence.path] = opened.occurrence.fault.code
            else:
                found[opened.occurrence.path] = opened.stream.read()
    return found


def fill(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def test_every_file_is_an_occurrence_in_the_order_of_bytes(tmp_path: Path) -> None:
    fill(tmp_path, "b/z.jpg", "b.jpg", "a/ä.jpg", "a/Z.jpg", "a-b", "c/d/e/f.jpg")
    members = [path for unit in plan(tmp_path) for path in unit.members]
    assert members == ["a/Z.jpg", "a/ä.jpg", "a-b", "b/z.jpg", "b.jpg", "c/d/e/f.jpg"]
    assert contents(tmp_path)["c/d/e/f.jpg"] == b"c/d/e/f.jpg"


def test_units_are_small_and_the_same_every_time(tmp_path: Path) -> None:
    fill(tmp_path, *(f"{i:03}.jpg" for i in range(25)))
    (tmp_path / "007.jpg").write_bytes(bytes(2000))
    units = plan(tmp_path, unit_files=10, unit_bytes=1000)
    assert units == plan(tmp_path, unit_files=10, unit_bytes=1000)
    assert [len(unit.members) for unit in units] == [1, 10, 10, 4]
    assert units[0].members == ("007.jpg",)
    assert sum(unit.size for unit in units) == 24 * 7 + 2000
    assert all(len(pickle.dumps(unit)) < 2000 for unit in units)


def test_units_end_before_they_hold_too_many_bytes(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(bytes(400))
    assert [unit.members for unit in plan(tmp_path, unit_bytes=1000)] == [("a", "b"), ("c",)]


def test_a_single_file_is_a_source(tmp_path: Path) -> None:
    fill(tmp_path, "one.jpg", "other.jpg")
    assert contents(tmp_path / "one.jpg") == {"one.jpg": b"one.jpg"}


def test_names_that_are_not_utf8_come_back_exactly(tmp_path: Path) -> None:
    name = b"caf\xe9 \xff.jpg"
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    (path,) = contents(tmp_path)
    assert os.fsencode(path) == name


def test_links_and_special_files_are_reported_and_never_opened(tmp_path: Path) -> None:
    source = fill(tmp_path / "source", "a.jpg")
    fill(tmp_path, "secret/s.jpg")
    (source / "link.jpg").symlink_to(tmp_path / "secret/s.jpg")
    (source / "dir").symlink_to(tmp_path / "secret")
    os.mkfifo(source / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server, chdir(source):
        server.bind("socket.jpg")
        assert contents(source) == {
            "a.jpg": b"a.jpg",
            "link.jpg": FaultCode.SYMBOLIC_LINK,
            "dir": FaultCode.SYMBOLIC_LINK,
            "pipe.jpg": FaultCode.SPECIAL_FILE,
            "socket.jpg": FaultCode.SPECIAL_FILE,
        }


@pytest.mark.parametrize("swap", ["link", "pipe", "folder link", "gone"])
def test_a_file_swapped_after_planning_is_never_followed(tmp_path: Path, swap: str) -> None:
    source = fill(tmp_path / "source", "in/a.jpg", "z.jpg")
    fill(tmp_path, "secret/a.jpg")
    units = plan(source)
    (source / "in/a.jpg").unlink()
    expected = {"link": FaultCode.SYMBOLIC_LINK, "pipe": FaultCode.SPECIAL_FILE}.get(swap, FaultCode.VANISHED)
    if swap == "link":
        (source / "in/a.jpg").symlink_to(tmp_path / "secret/a.jpg")
    elif swap == "pipe":
        os.mkfifo(source / "in/a.jpg")
    elif swap == "folder link":
        (source / "in").rmdir()
        (source / "in").symlink_to(tmp_path / "secret")
    opened = list(reading.open_unit(units[0], SETTINGS))
    assert opened[0].stream is None
    assert opened[0].occurrence.fault is not None
    assert opened[0].occurrence.fault.code is expected
    assert opened[1].stream is not None


def as_nobody() -> bool:
    return os.geteuid() != 0


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """Root reads everything: such tests drop to an ordinary user for their time."""
    if as_nobody():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_no_rights_to_a_file_or_a_folder(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source = fill(tmp_path, "a.jpg", "locked.jpg", "closed/b.jpg")
    for above in (source, *source.parents):
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)
    (source / "locked.jpg").chmod(0)
    (source / "closed").chmod(0)
    request.getfixturevalue("unprivileged")
    assert contents(source) == {
        "a.jpg": b"a.jpg",
        "closed": FaultCode.NO_RIGHTS,
        "locked.jpg": FaultCode.NO_RIGHTS,
    }
    with pytest.raises(errors.UsageError, match="no rights to read"):
        plan(source / "locked.jpg")
    with pytest.raises(errors.UsageError, match="no rights to read"):
        plan(source / "closed")


def test_an_empty_file_is_a_fault_and_not_silence(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert contents(tmp_path) == {"a.jpg": FaultCode.EMPTY}


def test_reading_leaves_the_time_of_access(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", ns=(10**18, 2 * 10**18))
    (unit,) = plan(tmp_path)
    (opened,) = [(o.occurrence, o.stream and o.stream.read()) for o in reading.open_unit(unit, SETTINGS)]
    assert (opened[0].times.accessed_ns, opened[0].times.modified_ns) == (10**18, 2 * 10**18)
    assert (tmp_path / "a.jpg").stat().st_atime_ns == 10**18


def test_a_workspace_inside_is_left_out_and_said(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg", "ws/packs/0", "other/workspace.json", "other/b.jpg")
    (tmp_path / "ws/workspace.json").write_text('{"foureyes": 1}')
    found = contents(tmp_path)
    assert found.pop("ws") is FaultCode.SPECIAL_FILE
    assert set(found) == {"a.jpg", "other/workspace.json", "other/b.jpg"}
    with pytest.raises(errors.UsageError, match="is a Foureyes workspace"):
        plan(tmp_path / "ws")


@pytest.mark.parametrize("content", ["[" * 60_000, '{"foureyes"', '["foureyes"]', "\x00", '"foureyes"'])
def test_a_file_that_only_looks_like_a_workspace_hides_nothing(tmp_path: Path, content: str) -> None:
    fill(tmp_path, "in/a.jpg")
    (tmp_path / "in/workspace.json").write_text(content)
    assert set(contents(tmp_path)) == {"in/a.jpg", "in/workspace.json"}


def test_folders_deeper_than_open_files_allow(tmp_path: Path) -> None:
    names = ["d" * 50] * 150  # 7,650 characters: beyond PATH_MAX as well
    here = os.open(tmp_path, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        file = os.open("e", os.O_WRONLY | os.O_CREAT, dir_fd=below)
        os.write(file, b"x")
        os.close(file)
        os.close(here)
        here = below
    os.close(here)
    found = contents(tmp_path)
    assert found == {"/".join([*names[: i + 1], "e"]): b"x" for i in range(150)}
    remove_deep(tmp_path, names)


def remove_deep(root: Path, names: list[str]) -> None:
    """pytest's own clean-up uses whole paths, which are too long here."""
    with Tree(os.fspath(root)) as tree:
        for depth in range(len(names), 0, -1):
            path = "/".join(names[:depth])
            os.unlink("e", dir_fd=tree.folder(path))
            os.rmdir(names[depth - 1], dir_fd=tree.folder("/".join(names[: depth - 1])))


def test_the_device_going_away_ends_the_run(tmp_path: Path) -> None:
    source = fill(tmp_path / "drive", "a/1.jpg", "b/2.jpg", "c.jpg")
    (unit,) = plan(source)
    opened = reading.open_unit(unit, SETTINGS)
    assert next(opened).stream is not None
    source.rename(tmp_path / "unplugged")
    source.mkdir()
    with pytest.raises(errors.SourceLost, match="empty all of a sudden"):
        next(reading.open_unit(unit, SETTINGS))
    source.rmdir()
    with pytest.raises(errors.SourceLost, match="went away while it was read"):
        list(reading.open_unit(unit, SETTINGS))


def test_errors_of_the_device_on_every_file_end_the_run(tmp_path: Path) -> None:
    watch = folder.Watch(os.fspath(fill(tmp_path, "a.jpg")))
    for _ in range(19):
        assert watch.fault(OSError(5, "EIO")).code is FaultCode.READ_ERROR
    watch.read_well()
    for _ in range(19):
        watch.fault(OSError(5, "EIO"))
    with pytest.raises(errors.SourceLost, match="20 files in a row"):
        watch.fault(OSError(5, "EIO"))


def test_what_makes_no_sense_is_said_in_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty/within").mkdir(parents=True)
    for path, error, words in (
        (tmp_path / "none", errors.UsageError, "does not exist"),
        (tmp_path / "pipe", errors.UsageError, "neither a file nor a folder"),
        (tmp_path / "pipe" / "x", errors.UsageError, "does not exist"),
        (tmp_path / "empty", errors.NothingToDo, "holds no files"),
    ):
        with pytest.raises(error, match=words) as raised:
            plan(path)
        assert "\n" not in str(raised.value)


def test_a_link_given_by_the_officer_is_followed(tmp_path: Path) -> None:
    fill(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "link.jpg").symlink_to("real/a.jpg")
    assert contents(tmp_path / "link") == {"a.jpg": b"real/a.jpg"}
    assert contents(tmp_path / "link.jpg") == {"link.jpg": b"real/a.jpg"}


def test_special_says_what_it_is() -> None:
    assert folder.special(stat.S_IFBLK).detail == "a block device: not opened"
    assert folder.special(0).code is FaultCode.SPECIAL_FILE
