"""An ingest that is killed anywhere and run again ends with the same catalogue as one that was not."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.catalogue import killed_ingest, made_lists, made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import listed
from nursery import Nursery

COUNT, SIZE = 28, 6


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery(killed_ingest) as opened:
        yield opened


@dataclass(frozen=True)
class Killed:
    """Has a workspace written to by children that are killed at a step, or after some seconds."""

    nursery: Nursery
    workspace: Workspace
    settings: EngineSettings

    def ingest(
        self, seed: int, *, count: int = COUNT, die_at: int | None = None, kill_after: float | None = None
    ) -> int:
        """Run one ingest; gives its exit code."""
        return self._order(seed=seed, count=count, size=SIZE, die_at=die_at, kill_after=kill_after)

    def add_list(self, records: int, *, die_at: int) -> int:
        """Add one list; gives the exit code."""
        return self._order(records=records, die_at=die_at, kill_after=None)

    def _order(self, **order: object) -> int:
        order |= {"workspace": str(self.workspace.path), "database_url": self.settings.database_url}
        return int(self.nursery.order(**order))


@pytest.fixture
def killed(nursery: Nursery, workspace: Workspace, settings: EngineSettings) -> Killed:
    return Killed(nursery, workspace, settings)


def unbroken(folder: Path, seed: int, count: int = COUNT) -> list[str]:
    with Catalogue.open(Workspace.create(folder), EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        for batch in made_up.batches(seed, count, SIZE):
            catalogue.commit(source, batch)
        return list(catalogue.canonical())


def test_killed_at_random_moments(
    killed: Killed, workspace: Workspace, settings: EngineSettings, folder: Path
) -> None:
    """Each round has two batches more to commit than the one before, so that every kill meets work."""
    expected = unbroken(folder / "unbroken", seed=11)
    chance = random.Random(11)
    assert killed.ingest(11, count=2) == 0
    started = time.perf_counter()
    assert killed.ingest(11, count=4) == 0
    usual = time.perf_counter() - started
    kills = 0
    for count in range(6, COUNT + 1, 2):
        code = killed.ingest(11, count=count, kill_after=chance.uniform(0, 1.5 * usual))
        kills += code != 0
    assert kills > 2
    assert killed.ingest(11) == 0
    with Catalogue.open(workspace, settings) as catalogue:
        assert list(catalogue.canonical()) == expected
        assert list(catalogue.verify()) == []


def test_killed_before_every_step_that_reaches_the_disk(
    killed: Killed, workspace: Workspace, settings: EngineSettings, folder: Path
) -> None:
    """Each run gets one step further than the last, so that every order of writes is cut somewhere."""
    expected = unbroken(folder / "unbroken", seed=12, count=5)
    step = 0
    while True:
        step += 1
        code = killed.ingest(12, count=5, die_at=step)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        with Catalogue.open(workspace, settings) as catalogue:
            assert list(catalogue.verify()) == []
    assert step > 10
    with Catalogue.open(workspace, settings) as catalogue:
        assert list(catalogue.canonical()) == expected


def test_a_list_killed_before_every_step_that_reaches_the_disk(
    killed: Killed, workspace: Workspace, settings: EngineSettings, folder: Path
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
        code = killed.add_list(200, die_at=step)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        with Catalogue.open(workspace, settings) as catalogue:
            assert list(catalogue.verify()) == []
            assert len(catalogue.lists()) <= 1
    assert step > 10
    with Catalogue.open(workspace, settings) as catalogue:
        assert list(catalogue.canonical()) == expected
