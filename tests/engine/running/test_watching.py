from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import pytest

from foureyes.engine.running import Task, TaskResult, make_executor, watched


def numbers(count: int) -> Iterator[Task]:
    for number in range(count):
        yield Task(str(number), "operator:neg", (number,))


def broken(count: int) -> Iterator[Task]:
    yield from numbers(count)
    raise RuntimeError("planning failed")


def values(results: Iterable[TaskResult | None]) -> set[object]:
    return {result.value for result in results if result is not None}


def test_every_result_comes_and_none_ends() -> None:
    with make_executor("local", 1) as executor:
        results = list(watched(executor, numbers(5), threading.Event()))
    assert values(results) == {0, -1, -2, -3, -4}
    assert results[-1] is None


def test_what_making_tasks_raises_reaches_the_driver() -> None:
    with make_executor("local", 1) as executor, pytest.raises(RuntimeError, match="planning failed"):
        list(watched(executor, broken(1), threading.Event()))


def test_a_wish_to_stop_hands_out_nothing_more() -> None:
    stop = threading.Event()
    stop.set()
    with make_executor("local", 1) as executor:
        assert list(watched(executor, numbers(5), stop)) == [None]
