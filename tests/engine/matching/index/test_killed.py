"""An index whose writer is killed anywhere is whole, and ends as one that was never broken off."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.matching.index import killed_update, made_up
from engine.matching.index.killed_update import BATCH, ROWS, SEED
from foureyes.engine.matching.index import Index
from nursery import Nursery


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(killed_update) as opened:
        yield opened


def begin(
    nursery: Nursery, folder: Path, *, die_at: int | None = None, kill_after: float | None = None
) -> None:
    """Have an index brought up to date, killed at a step or after some seconds."""
    nursery.begin(folder=str(folder), die_at=die_at, kill_after=kill_after)


def contents(folder: Path) -> tuple[object, ...]:
    """All that can be asked of an index."""
    index = Index.open(folder)
    assert list(index.verify()) == []
    question = made_up.rows(SEED, ROWS, equal=0).values[3]
    hits, pairs = index.search(question), index.pairs()
    return index.manifest.watermark, *(part.tolist() for part in (*hits, *pairs))


def test_killed_before_every_step_that_reaches_the_disk(nursery: Nursery, tmp_path: Path) -> None:
    """Each run gets one step further than the last, so that every order of writes is cut somewhere."""
    killed_update.update(tmp_path / "unbroken")
    expected = contents(tmp_path / "unbroken")
    assert len(Index.open(tmp_path / "unbroken").run_rows) <= 3
    step = covered = 0
    while True:
        step += 1
        begin(nursery, tmp_path / "index", die_at=step)
        code = nursery.ended()
        if code == 0:
            break
        assert code == -signal.SIGKILL
        reached = Index.open(tmp_path / "index").manifest.watermark
        assert reached >= covered
        assert reached % BATCH == 0
        assert list(Index.open(tmp_path / "index").verify()) == []
        covered = reached
    assert step > 15
    assert contents(tmp_path / "index") == expected
    names = {path.name for path in (tmp_path / "index").iterdir()}
    assert names == {*Index.open(tmp_path / "index").manifest.names, "manifest.json"}


def test_killed_at_some_moment(nursery: Nursery, tmp_path: Path) -> None:
    killed_update.update(tmp_path / "unbroken")
    begin(nursery, tmp_path / "usual")
    started = time.perf_counter()
    assert nursery.ended() == 0
    usual = time.perf_counter() - started
    for moment in (0.2, 0.4, 0.6, 0.8):
        begin(nursery, tmp_path / "index", kill_after=moment * usual)
        nursery.ended()
    begin(nursery, tmp_path / "index")
    assert nursery.ended() == 0
    assert contents(tmp_path / "index") == contents(tmp_path / "unbroken")


def test_whoever_asks_meanwhile_sees_whole_batches(nursery: Nursery, tmp_path: Path) -> None:
    """What is found is always what comparing all rows of so many batches finds."""
    given = made_up.rows(SEED, ROWS, equal=0)
    question = given.values[3]
    distances = np.bitwise_count(given.values[:, None, :32] ^ question.reshape(1, 8, 32)).sum(2, dtype=int)
    near = np.flatnonzero((distances.min(axis=1) <= 63) & (given.quality >= 50))
    begin(nursery, tmp_path / "index")
    seen: set[int] = set()
    while max(seen, default=0) < ROWS:
        index = Index.open(tmp_path / "index")
        covered = index.manifest.watermark
        assert covered % BATCH == 0
        for _ in range(3):  # an open index goes on telling of its own moment, whatever is merged meanwhile
            found = index.search(question, 63).number
            assert sorted(found.tolist()) == near[near < covered].tolist()
        seen.add(covered)
    assert nursery.ended() == 0
    assert len(seen) > 2
