"""An ingest that is killed anywhere and run again ends with the same catalogue as one that was not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.catalogue import killed_ingest, made_lists, made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import listed

TESTS = Path(__file__).parents[2]
SOURCES = TESTS.parent / "src"
COUNT, SIZE = 28, 6


class Nursery:
    """The program that forks ingests to be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, killed_ingest.__file__ or ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{SOURCES}{os.pathsep}{TESTS}"},
        )

    def ingest(
        self,
        workspace: Workspace,
        settings: EngineSettings,
        seed: int,
        *,
        count: int = COUNT,
        die_at: int | None = None,
        kill_after: float | None = None,
    ) -> int:
        """Run one ingest, killed at a step or after some seconds; gives its exit code."""
        return self.order(
            workspace, settings, seed=seed, count=count, size=SIZE, die_at=die_at, kill_after=kill_after
        )

    def order(self, workspace: Workspace, settings: EngineSettings, **order: object) -> int:
        """Have something done in a child; gives its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order |= {"workspace": str(workspace.path), "database_url": settings.database_url}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


def unbroken(folder: Path, seed: int, count: int = COUNT) -> list[str]:
    with Catalogue.open(Workspace.create(folder), EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        for batch in made_up.batches(seed, count, SIZE):
            catalogue.commit(source, batch)
        return list(catalogue.canonical())


def test_killed_at_random_moments(
    nursery: Nursery, workspace: Workspace, settings: EngineSettings, folder: Path
) -> None:
    """Each round has two batches more to commit than the one before, so that every kill meets work."""
    expected = unbroken(folder / "unbroken", seed=11)
    chance = random.Random(11)
    assert nursery.ingest(workspace, settings, 11, count=2) == 0
    started = time.perf_counter()
    assert nursery.ingest(workspace, settings, 11, count=4) == 0
    usual = time.perf_counter() - started
    kills = 0
    for count in range(6, COUNT + 1, 2):
        code = nursery.ingest(workspace, settings, 11, count=count, kill_after=chance.uniform(0, 1.5 * usual))
        kills += code != 0
    assert kills > 2
    assert nursery.ingest(workspace, settings, 11) == 0
    with Catalogue.open(workspace, settings) as catalogue:
        assert list(catalogue.canonical()) == expected
        assert list(catalogue.verify()) == []


def test_killed_before_every_step_that_reaches_the_disk(
    nursery: Nursery, folder: Path, settings: EngineSettings, workspace: Workspace
) -> None:
    """Each run gets one step further than the last, so that every order of writes is cut somewhere."""
    expected = unbroken(folder / "unbroken", seed=12, count=5)
    step = 0
    while True:
        step += 1
        code = nursery.ingest(workspace, settings, 12, count=5, die_at=step)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        with Catalogue.open(workspace, settings) as catalogue:
            assert list(catalogue.verify()) == []
    assert step > 10
    with Catalogue.open(workspace, settings) as catalogue:
        assert list(catalogue.canonical()) == expected


def test_a_list_killed_before_every_step_that_reaches_the_disk(
    nursery: Nursery, folder: Path, settings: EngineSettings, workspace: Workspace
) -> None:
    """It is held whole or not at all, and checked to the end by whoever comes next."""
    media = [made_up.taken(f"{seed}.jpg", seed) for seed in range(20)]
    with Catalogue.open(Workspace.create(folder / "unbroken"), EngineSettings(), write=True) as catalogue:
        catalogue.commit(catalogue.source("s", "/s", "folder"), media)
        catalogue.add_list(made_lists.meta(), made_lists.many(200))
        listed.check_lists(catalogue)
        expected = list(catalogue.canonical())
        assert len(catalogue.hits_of_list(1)) > 15
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        catalogue.commit(catalogue.source("s", "/s", "folder"), media)
    step = 0
    while True:
        step += 1
        code = nursery.order(workspace, settings, records=200, die_at=step, kill_after=None)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        with Catalogue.open(workspace, settings) as catalogue:
            assert list(catalogue.verify()) == []
            assert len(catalogue.lists()) <= 1
    assert step > 10
    with Catalogue.open(workspace, settings) as catalogue:
        assert list(catalogue.canonical()) == expected
