"""The link graph: the same series always looks the same, large ones are folded, weak joints are told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from workbench.asked_about import fill_with_questions
from workbench.cast import give

# isort: split
import pytest
from django.db import connection
from django.http import Http404
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from foureyes.engine.model import Link
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library import holdings
from foureyes.workbench.series.graphs import draw, graph, weak_pairs

pytest_plugins = ["workbench.stage"]

PAIRS = st.tuples(st.integers(0, 19), st.integers(0, 19)).filter(lambda pair: pair[0] < pair[1])


def name(number: int) -> str:
    return f"{number:064x}"[::-1]


def link(a: int, b: int, strength: float, kind: str = "same-camera") -> Link:
    one, two = sorted((name(a), name(b)))
    return Link(one, two, kind, strength, "because")


@pytest.fixture
def asked(tmp_path: Path, db: None) -> Iterator[Path]:  # noqa: ARG001 - asked for what it does
    path = fill_with_questions(tmp_path / "workspace").path
    with override_settings(FOUREYES_WORKSPACE=path):
        yield path
    holdings.close()


@given(
    st.lists(st.tuples(PAIRS, st.sampled_from([3.0, 4.0, 5.0, 9.0])), max_size=60),
    st.randoms(use_true_random=False),
)
def test_the_same_series_always_looks_the_same(
    pairs: list[tuple[tuple[int, int], float]], chance: random.Random
) -> None:
    members = [name(number) for number in range(20)]
    links = [link(a, b, strength) for (a, b), strength in pairs]
    drawn = draw(members, links)
    chance.shuffle(links)
    chance.shuffle(members)
    assert draw(members, links) == drawn
    nodes, edges = drawn
    assert len(nodes) == 20
    assert all(max(abs(one.x), abs(one.y)) <= 1.0 for one in nodes)
    assert sum(one.parent >= 0 for one in nodes) == 20 - parts(pairs)
    assert all(edges[at].a < edges[at].b for at in range(len(edges)))


def parts(pairs: list[tuple[tuple[int, int], float]]) -> int:
    home = {one: one for one in range(20)}
    for (a, b), _ in pairs:
        old, new = home[a], home[b]
        home = {one: new if where == old else where for one, where in home.items()}
    return len(set(home.values()))


def test_large_series_are_folded_by_their_surest_links() -> None:
    members = [name(number) for number in range(5000)]
    links = [link(number, number + 1, 9.0 if number % 5 else 4.1) for number in range(4999)]
    nodes, edges = draw(members, links)
    assert len(nodes) == 1001
    assert sum(len(one.marks) for one in nodes) == 5000
    assert {one.strength for one in edges} == {4.1}


def test_weak_joints_are_told_and_drawn(asked: Path, ida: Officer) -> None:  # noqa: ARG001 - as above
    series = next(one for one in holdings.catalogue().series_list() if one.size == 10)
    shown = graph(ida, series.id)
    assert len(shown.nodes) == 10
    assert (len(shown.joints[0].few), shown.joints[0].pairs) == (2, 3)
    a, b = weak_pairs(shown)[0]
    assert {shown.nodes[a].marks[0], shown.nodes[b].marks[0]} == {
        shown.joints[0].a[:16],
        shown.joints[0].b[:16],
    }


def test_a_graph_is_for_who_sees_the_series(asked: Path, otto: Officer, ida: Officer) -> None:  # noqa: ARG001 - as above
    series = holdings.catalogue().series_list()[0]
    with pytest.raises(Http404):
        graph(otto, series.id)
    give(series.id, otto.unit)
    assert graph(otto, series.id).nodes == graph(ida, series.id).nodes


def test_queries_do_not_grow_with_media(asked: Path, as_ida: Client) -> None:  # noqa: ARG001 - as above
    counts = set()
    for series in holdings.catalogue().series_list():
        address = reverse("series:graph", args=[series.id])
        as_ida.get(address)
        with CaptureQueriesContext(connection) as sent:
            assert as_ida.get(address).status_code == 200
        counts.add(len(sent))
    assert len(counts) == 1
