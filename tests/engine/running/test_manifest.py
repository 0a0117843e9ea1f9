"""A stage by its manifest: done is what lies there whole, whatever happened to executor, worker and driver."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.running.programs.pieces import heard
from foureyes.engine.errors import StorageFull, UsageError, WorkspaceDamaged, WorkspaceTooNew
from foureyes.engine.model import FaultCode
from foureyes.engine.running import Executor, make_executor
from foureyes.engine.running.manifest import (
    MANIFEST,
    Manifest,
    Piece,
    StageProgress,
    StageResult,
    begin,
    held_manifest,
    run_stage,
)
from foureyes.engine.running.store import Place, Store, open_store

WRITE = "engine.running.programs.pieces:write"


@pytest.fixture
def executor(executor_name: str) -> Iterator[Executor]:
    with make_executor(executor_name, 2) as executor:
        yield executor


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "out"))


def manifest_of(*kinds: str) -> Manifest:
    pieces = tuple(Piece(f"pieces/{n}.txt", (kind, n)) for n, kind in enumerate(kinds))
    return Manifest("writing", 1, {"radius": 31}, {"rows.npy": "ab" * 32}, pieces)


def is_whole(store: Store, name: str) -> bool:
    end = store.end(name, 1)
    return end is not None and end.size > 64


def run(executor: Executor, place: Place, marks: Path, *kinds: str) -> StageResult:
    store, manifest = open_store(place), manifest_of(*kinds)
    begin(store, manifest)
    return run_stage(store, place, manifest, executor, WRITE, settings=(str(marks),), is_whole=is_whole)


def attempts(marks: Path, number: int) -> int:
    return len(list(marks.glob(f"{number}-*")))


def test_each_piece_writes_its_file_and_a_second_run_does_nothing(
    executor: Executor, place: Place, marks: Path
) -> None:
    kinds = ["writes"] * 5
    assert run(executor, place, marks, *kinds) == StageResult(5, 0, {}, interrupted=False)
    digest = manifest_of(*kinds).digest
    assert [open_store(place).read(f"pieces/{n}.txt") for n in range(5)] == [
        f"{digest}:{n}".encode() for n in range(5)
    ]
    again = run(executor, place, marks, *kinds)
    assert again == StageResult(5, 5, {}, interrupted=False)
    assert again.complete
    assert [attempts(marks, n) for n in range(5)] == [1] * 5


def test_harm_to_some_pieces_is_named_and_stops_no_other(
    executor: Executor, place: Place, marks: Path
) -> None:
    kinds = ["writes", "always dies", "dies once", "stumbles", "dies after", "forgets", "writes"]
    result = run(executor, place, marks, *kinds)
    assert (result.complete, result.interrupted) == (False, False)
    assert {name: fault.code for name, fault in result.poisoned.items()} == {
        "pieces/1.txt": FaultCode.TASK_DIED,
        "pieces/3.txt": FaultCode.TASK_DIED,
        "pieces/5.txt": FaultCode.TASK_DIED,
    }
    assert "its process died 2 times" in result.poisoned["pieces/1.txt"].detail
    assert result.poisoned["pieces/3.txt"].detail == "ValueError: stumbled"
    assert result.poisoned["pieces/5.txt"].detail == "it ended without its file"
    assert [attempts(marks, n) for n in range(7)] == [1, 2, 2, 1, 2, 1, 1]
    written = [name for name in open_store(place).names() if name != MANIFEST]
    assert written == [f"pieces/{n}.txt" for n in (0, 2, 4, 6)]
    second = run(executor, place, marks, *kinds)
    assert (second.kept, set(second.poisoned)) == (4, set(result.poisoned))


def test_a_file_that_is_not_whole_is_made_again(executor: Executor, place: Place, marks: Path) -> None:
    run(executor, place, marks, "writes", "writes")
    store = open_store(place)
    before = store.read("pieces/1.txt")
    store.write("pieces/1.txt", before[:10])
    assert run(executor, place, marks, "writes", "writes").kept == 1
    assert store.read("pieces/1.txt") == before


def test_a_full_disk_concerns_all(executor: Executor, place: Place, marks: Path) -> None:
    with pytest.raises(StorageFull):
        run(executor, place, marks, "finds the disk full", "writes")


def test_a_wish_to_stop_ends_it_and_the_next_run_goes_on(place: Place, marks: Path) -> None:
    kinds = ["writes"] * 30
    store, manifest, stop = open_store(place), manifest_of(*kinds), threading.Event()
    begin(store, manifest)
    seen: list[StageProgress] = []

    def show(progress: StageProgress) -> None:
        seen.append(progress)
        if progress.done >= 3:
            stop.set()

    with make_executor("local", 1) as executor:
        result = run_stage(
            store, place, manifest, executor, WRITE,
            settings=(str(marks),), is_whole=is_whole, show=show, stop=stop,
        )  # fmt: skip
        assert result.interrupted
        assert not result.complete
        assert 3 <= seen[-1].done < 30
    with make_executor("local", 2) as executor:
        result = run(executor, place, marks, *kinds)
    assert result == StageResult(30, seen[-1].done, {}, interrupted=False)


DRIVER = """
import sys
from pathlib import Path
from engine.running.test_manifest import run
from foureyes.engine.running import make_executor
from foureyes.engine.running.store import Place

if __name__ == "__main__":
    with make_executor("local", 1) as executor:
        run(executor, Place(sys.argv[1]), Path(sys.argv[2]), "writes", "waits", "writes")
"""


def test_a_killed_driver_loses_nothing(tmp_path: Path, place: Place, marks: Path) -> None:
    (tmp_path / "driver.py").write_text(DRIVER)
    paths = os.pathsep.join(path for path in sys.path if path)
    command: list[str | Path] = [sys.executable, tmp_path / "driver.py", place.url, marks]
    os.mkfifo(marks / "waits")
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}) as driver:
        assert heard(marks / "waits")
        driver.send_signal(signal.SIGKILL)
    assert open_store(place).names() == [MANIFEST, "pieces/0.txt", "pieces/1.txt"]
    with make_executor("local", 1) as executor:
        result = run(executor, place, marks, "writes", "waits", "writes")
    assert result == StageResult(3, 2, {}, interrupted=False)
    assert [attempts(marks, n) for n in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"parameters": {"radius": 20}}, "radius 31 there, 20 asked for"),
        ({"inputs": {"rows.npy": "cd" * 32}}, "other input"),
        ({"pieces": (Piece("pieces/0.txt", ("writes", 9)),)}, "other pieces"),
        ({"version": 2}, "writing of version 1, not writing of version 2"),
        ({"stage": "reading"}, "not reading"),
    ],
)
def test_another_run_in_the_same_place_is_refused(place: Place, change: dict[str, object], says: str) -> None:
    store, manifest = open_store(place), manifest_of("writes")
    begin(store, manifest)
    begin(store, manifest)
    with pytest.raises(UsageError, match=says):
        begin(store, dataclasses.replace(manifest, **change))  # type: ignore[arg-type]  # fields by name
    assert held_manifest(store) == manifest


def test_a_place_with_other_files_is_refused(place: Place) -> None:
    store = open_store(place)
    store.write("thesis.txt", b"years of work")
    with pytest.raises(UsageError, match="holds other files"):
        begin(store, manifest_of("writes"))
    assert store.names() == ["thesis.txt"]


def test_a_manifest_of_a_newer_form_is_refused(place: Place) -> None:
    store = open_store(place)
    store.write(MANIFEST, manifest_of("writes").to_json().replace(b'-manifest": 1', b'-manifest": 2'))
    with pytest.raises(WorkspaceTooNew):
        begin(store, manifest_of("writes"))


WHOLE = json.loads(manifest_of("writes", "stumbles").to_json())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(WHOLE)), JSON)
def test_a_damaged_manifest_is_an_error_of_ours(key: str, value: object) -> None:
    content = json.dumps({**WHOLE, key: value}).encode()
    try:
        read = Manifest.from_json(content, "here")
    except (WorkspaceDamaged, WorkspaceTooNew):
        return
    assert Manifest.from_json(read.to_json(), "here") == read


@given(st.binary(max_size=40))
def test_nonsense_is_no_manifest(content: bytes) -> None:
    with pytest.raises(WorkspaceDamaged):
        Manifest.from_json(content, "here")
