"""The join in pieces equals the join in one, on every executor, from folders and buckets, whatever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import s3
from engine.running.programs.pieces import heard
from foureyes.engine.errors import UsageError, WorkspaceDamaged
from foureyes.engine.matching import Pairs, near_pairs, spread
from foureyes.engine.matching.row_files import digest_of
from foureyes.engine.matching.spread import PAIRS, SpreadJoin, read_pairs, spread_join
from foureyes.engine.running import make_executor
from foureyes.engine.running.base import Executor, Task, TaskResult
from foureyes.engine.running.performing import perform
from foureyes.engine.running.store import Place, open_store

Rows = NDArray[np.uint8]
HARM = "engine.matching.programs.harm:join_one"


def fingerprints(count: int, seed: int = 1) -> Rows:
    """Families of copies of which up to 40 bits are changed, some of them equal."""
    random = np.random.default_rng(seed)
    rows = random.integers(0, 256, (count, 32), np.uint8)
    for row in range(count // 3, count):
        rows[row] = rows[random.integers(0, max(1, count // 3))]
        for bit in random.integers(0, 256, random.integers(0, 40)):
            rows[row, bit // 8] ^= 1 << (bit % 8)
    return rows


@pytest.fixture
def rows() -> Rows:
    return fingerprints(2000)


@pytest.fixture
def path(tmp_path: Path, rows: Rows) -> Path:
    np.save(tmp_path / "rows.npy", rows)
    return tmp_path / "rows.npy"


@pytest.fixture
def out(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "out"))


def same(found: Pairs, wanted: Pairs) -> bool:
    return all(
        np.array_equal(one, other) and one.dtype == other.dtype
        for one, other in zip(found, wanted, strict=True)
    )


class Here:
    """An executor of this very process, where it does not matter who does the pieces."""

    def run(self, tasks: Iterable[Task]) -> Iterator[TaskResult]:
        for task in tasks:
            outcome = perform(task)
            yield TaskResult(task.id, outcome.fault, outcome.value)

    def stop(self) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None: ...


def join(
    path: Path,
    place: Place,
    executor: Executor | None = None,
    *,
    others: Path | None = None,
    radius: int = 31,
    pieces: int | None = None,
) -> SpreadJoin:
    with executor or Here() as running:
        return spread_join(path, place, running, others=others, radius=radius, pieces=pieces)


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_pairs_are_those_of_one_join(
    kind: str, executor_name: str, rows: Rows, path: Path, out: Place, s3_endpoint: str
) -> None:
    place = s3.new_bucket(s3_endpoint) if kind == "bucket" else out
    found = join(path, place, make_executor(executor_name, 2), pieces=6)
    wanted = near_pairs(rows)
    assert len(wanted.a) > 1000
    assert (found.rows, found.others, found.pairs) == (2000, None, len(wanted.a))
    assert found.stage.complete
    assert same(read_pairs(place), wanted)


def test_two_files_are_joined_with_each_other(rows: Rows, path: Path, tmp_path: Path, out: Place) -> None:
    others = np.concatenate([rows[1500:], fingerprints(300, seed=2)])
    np.save(tmp_path / "others.npy", others)
    found = join(path, out, others=tmp_path / "others.npy", radius=20, pieces=4)
    assert (found.rows, found.others, found.stage.pieces) == (2000, 800, 4)
    assert same(read_pairs(out), near_pairs(rows, others, radius=20))


@settings(max_examples=25)
@given(st.integers(0, 60), st.integers(1, 9), st.sampled_from([0, 31, 63]), st.integers(0, 99))
def test_any_number_of_rows_in_any_number_of_pieces(
    tmp_path_factory: pytest.TempPathFactory, count: int, pieces: int, radius: int, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("spread")
    rows = fingerprints(count, seed)
    np.save(folder / "rows.npy", rows)
    place = Place(str(folder / "out"))
    found = join(folder / "rows.npy", place, radius=radius, pieces=pieces)
    assert found.stage.pieces == pieces
    assert same(read_pairs(place), near_pairs(rows, radius=radius))


def test_a_run_goes_on_as_it_was_cut_and_other_parameters_are_refused(path: Path, out: Place) -> None:
    first = join(path, out, pieces=3)
    assert join(path, out).stage.kept == first.stage.pieces == 3
    with pytest.raises(UsageError, match="radius 31 there, 20 asked for"):
        join(path, out, radius=20)
    with pytest.raises(UsageError, match="pieces 3 there, 10 asked for"):
        join(path, out, pieces=10)
    np.save(path, fingerprints(2000, seed=3))
    with pytest.raises(UsageError, match="other input"):
        join(path, out)


@pytest.mark.parametrize("harm", [lambda whole: whole[:-20], lambda whole: whole[:3], lambda _: b""])
def test_a_torn_piece_is_done_again(
    rows: Rows, path: Path, out: Place, harm: Callable[[bytes], bytes]
) -> None:
    join(path, out, pieces=3)
    store = open_store(out)
    Path(out.url, PAIRS).unlink()
    store.write("pieces/00001.parquet", harm(store.read("pieces/00001.parquet")))
    assert join(path, out).stage.kept == 2
    assert same(read_pairs(out), near_pairs(rows))


def test_a_piece_of_another_run_or_with_a_changed_byte_is_named(
    path: Path, out: Place, tmp_path: Path
) -> None:
    join(path, out, pieces=3)
    other = Place(str(tmp_path / "other"))
    join(path, other, pieces=3, radius=20)
    Path(out.url, PAIRS).unlink()
    open_store(out).write("pieces/00002.parquet", open_store(other).read("pieces/00002.parquet"))
    with pytest.raises(WorkspaceDamaged, match=r"pieces/00002.parquet is of another run"):
        join(path, out)
    content = bytearray(open_store(out).read("pieces/00001.parquet"))
    content[100] ^= 1
    open_store(out).write("pieces/00001.parquet", bytes(content))
    with pytest.raises(WorkspaceDamaged, match=r"pieces/00001.parquet is damaged"):
        join(path, out)


def test_what_a_version_vouches_for_has_not_changed(path: Path, out: Place) -> None:
    """Where this fails, pieces of before and after must not mix: raise `spread.VERSION`, then these."""
    np.save(path, np.arange(960, dtype=np.uint8).reshape(30, 32))
    join(path, out, pieces=40)
    ring = np.load(Path(out.url, "ring.npy"))
    assert (ring.shape, spread.VERSION) == ((8, 4), 1)
    assert digest_of(Path(out.url, "ring.npy"))[:16] == "2e4a3d46332cf064"
    assert digest_of(Path(out.url, "manifest.json"))[:16] == "f90368b5dc993975"


def test_there_is_nothing_to_read_before_all_is_done(out: Place) -> None:
    with pytest.raises(UsageError, match="holds no complete join"):
        read_pairs(out)


@pytest.mark.parametrize(("radius", "pieces"), [(-1, 1), (64, 1), (31, 0), (31, 8193)])
def test_numbers_that_make_no_sense(path: Path, out: Place, radius: int, pieces: int) -> None:
    with pytest.raises(UsageError, match=r"must be|has a radius of 0 to 63"):
        join(path, out, radius=radius, pieces=pieces)


class Sabotaged(Here):
    """The pieces of another executor, whose second one comes to harm before it is done."""

    def __init__(self, executor: Executor, harm: str, marks: Path) -> None:
        self._executor = executor
        self._settings = (harm, str(marks))

    def run(self, tasks: Iterable[Task]) -> Iterator[TaskResult]:
        return self._executor.run(
            replace(task, function=HARM, arguments=(*self._settings, *task.arguments)) for task in tasks
        )

    def stop(self) -> None:
        self._executor.stop()


def test_a_worker_killed_midway_changes_nothing(
    executor_name: str, rows: Rows, path: Path, out: Place, tmp_path: Path
) -> None:
    with make_executor(executor_name, 2) as executor:
        found = spread_join(path, out, Sabotaged(executor, "once", tmp_path), pieces=6)
    assert (tmp_path / "00001.parquet").exists()
    assert found.stage.complete
    assert same(read_pairs(out), near_pairs(rows))


def test_a_piece_that_always_crashes_is_named_and_the_rest_is_done(
    executor_name: str, rows: Rows, path: Path, out: Place, tmp_path: Path
) -> None:
    with make_executor(executor_name, 2) as executor:
        found = spread_join(path, out, Sabotaged(executor, "always", tmp_path), pieces=6)
    assert list(found.stage.poisoned) == ["pieces/00001.parquet"]
    assert found.pairs is None
    with pytest.raises(UsageError, match="no complete join"):
        read_pairs(out)
    mended = join(path, out)
    assert (mended.stage.kept, mended.stage.complete) == (5, True)
    assert same(read_pairs(out), near_pairs(rows))


DRIVER = """
import sys
from pathlib import Path
from engine.matching.test_spread import Sabotaged
from foureyes.engine.matching.spread import spread_join
from foureyes.engine.running import make_executor
from foureyes.engine.running.store import Place

if __name__ == "__main__":
    with make_executor(sys.argv[1], 1) as executor:
        path, out, marks = map(Path, sys.argv[2:])
        spread_join(path, Place(str(out)), Sabotaged(executor, "hangs", marks), pieces=6)
"""


@pytest.mark.parametrize("member", ["local", "ray"])
def test_a_killed_driver_goes_on_on_any_executor(
    member: str, rows: Rows, path: Path, out: Place, tmp_path: Path
) -> None:
    (tmp_path / "driver.py").write_text(DRIVER)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command: list[str | Path] = [sys.executable, tmp_path / "driver.py", member, path, out.url, tmp_path]
    os.mkfifo(tmp_path / "hangs")
    with subprocess.Popen(command, env=environment) as driver:
        assert heard(tmp_path / "hangs")
        driver.send_signal(signal.SIGKILL)
    assert spread._is_whole(open_store(out), "pieces/00000.parquet")
    found = join(path, out)
    assert (found.stage.kept, found.stage.complete) == (1, True)
    assert same(read_pairs(out), near_pairs(rows))
