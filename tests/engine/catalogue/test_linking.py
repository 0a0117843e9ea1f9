from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Link, Series

MANY = sorted(made_up.media(seed).digests.sha256 for seed in range(12))


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    items = [made_up.taken(f"{seed}.jpg", seed) for seed in range(12)]
    catalogue.commit(catalogue.source("s", "/s", "folder"), items)
    return catalogue


def link(a: int, b: int, kind: str = "same-picture", strength: float = 3.0) -> Link:
    return Link(MANY[a], MANY[b], kind, strength, f"{a} and {b}: 4 bits apart")


def series(name: str, members: Sequence[int]) -> Series:
    return Series(name, f"made of {name}", named_by_person=False, members=tuple(MANY[n] for n in members))


def test_series_and_links_are_read_as_written(filled: Catalogue) -> None:
    links = [link(0, 1), link(1, 2, "same-camera", 1.5), link(2, 5), link(7, 8)]
    filled.replace_linking([series("S-A", [0, 1, 2]), series("S-B", [7, 8])], links)
    found = filled.series("S-A")
    assert found == replace(series("S-A", [0, 1, 2]), links=(links[0], links[1]))
    assert filled.series("S-X") is None
    assert filled.series_summary("S-X") is None
    assert filled.series_summary("S-A") == filled.series_of(MANY[0])
    assert filled.links_of(MANY[2]) == [links[2], links[1]]
    assert filled.links_of(MANY[11]) == []
    assert filled.links_of("ab" * 32) == []
    assert list(filled.links()) == links
    summary = filled.series_of(MANY[1])
    assert summary is not None
    assert (summary.id, summary.size) == ("S-A", 3)
    assert summary.reasons == {"same-picture": 1, "same-camera": 1}
    assert filled.series_of(MANY[5]) is None
    expected = {("S-A", MANY[n]) for n in (0, 1, 2)} | {("S-B", MANY[n]) for n in (7, 8)}
    assert set(filled.memberships()) == expected
    counts = filled.counts()
    assert (counts.series, counts.in_series) == (2, 5)


def test_a_later_run_replaces_an_earlier_one(filled: Catalogue) -> None:
    filled.replace_linking(
        [series("S-A", [0, 1, 2]), series("S-B", [7, 8])], [link(0, 1), link(1, 2), link(7, 8)]
    )
    changed = [link(0, 1, strength=2.0), link(1, 7), link(3, 4)]
    filled.replace_linking([series("S-A", [0, 1]), series("S-C", [2, 3, 4, 8])], changed)
    assert list(filled.verify()) == []
    assert sorted(filled.links(), key=lambda each: each.a) == changed
    assert [each.id for each in filled.series_list()] == ["S-C", "S-A"]
    moved = filled.series_of(MANY[8])
    assert moved is not None
    assert moved.id == "S-C"
    filled.replace_linking([], [])
    assert filled.series_list() == list(filled.links()) == []


def test_only_rows_that_differ_are_touched(filled: Catalogue) -> None:
    first = [link(a, a + 1) for a in range(10)]
    filled.replace_linking([series("S-A", range(11))], first)
    before = _link_ids(filled)
    filled.replace_linking([series("S-A", range(11))], [link(9, 11), *first[1:]])
    after = _link_ids(filled)
    assert len(before & after) == 9


def _link_ids(catalogue: Catalogue) -> set[tuple[object, ...]]:
    with catalogue._store.database.reading() as connection:
        return {tuple(row) for row in connection.exec_driver_sql("SELECT id, a, b FROM link")}


def test_a_run_that_makes_no_sense_changes_nothing(filled: Catalogue) -> None:
    filled.replace_linking([series("S-A", [0, 1])], [link(0, 1)])
    before = list(filled.canonical())
    with pytest.raises(ValueError, match="two series"):
        filled.replace_linking([series("S-B", [0, 1]), series("S-C", [1, 2])], [])
    with pytest.raises(ValueError, match="not in order"):
        filled.replace_linking([], [link(1, 0)])
    with pytest.raises(ValueError, match="unknown media"):
        filled.replace_linking([], [Link("00" * 32, "ff" * 32, "new-kind", 1.0, "")])
    assert list(filled.canonical()) == before
    filled.replace_linking([series("S-A", [0, 1])], [link(0, 1, "new-kind")])
    assert list(filled.verify()) == []


def test_series_are_listed_in_orders_and_pages(filled: Catalogue) -> None:
    filled.replace_linking([series("S-B", [0]), series("S-A", [1, 2]), series("S-C", [3, 4, 5])], [])
    filled.rename_series("S-B", "a kitchen", "officer")
    assert [each.id for each in filled.series_list("size")] == ["S-C", "S-A", "S-B"]
    assert [each.id for each in filled.series_list("id")] == ["S-A", "S-B", "S-C"]
    assert [each.id for each in filled.series_list("name")] == ["S-B", "S-A", "S-C"]
    assert [each.id for each in filled.series_list("id", limit=1, offset=1)] == ["S-B"]
    with pytest.raises(UsageError, match="size, name, id"):
        filled.series_list("beauty")  # type: ignore[arg-type]  # what no caller of ours could type


def test_a_persons_name_survives_every_run(filled: Catalogue) -> None:
    filled.replace_linking([series("S-A", [0, 1])], [])
    filled.rename_series("S-A", "green sofa", "officer one")
    filled.rename_series("S-A", "Green sofa, Utrecht", "officer two")
    filled.replace_linking([], [])
    filled.replace_linking([series("S-A", [0, 1, 2])], [])
    found = filled.series("S-A")
    assert found is not None
    assert (found.name, found.named_by_person) == ("Green sofa, Utrecht", True)
    assert filled.series_names() == {"S-A": "Green sofa, Utrecht"}
    with pytest.raises(UsageError, match="no series S-Z"):
        filled.rename_series("S-Z", "x", "officer")
    with pytest.raises(UsageError, match="what the series is to be called"):
        filled.rename_series("S-A", " ", "officer")


def test_every_id_that_a_series_had_is_kept(filled: Catalogue) -> None:
    filled.replace_linking([series("S-A", [0, 1]), series("S-B", [7, 8])], [])
    filled.replace_linking([series("S-C", [0, 1])], [], {"S-A": "S-C"})
    filled.replace_linking([], [])
    assert filled.series_list() == []
    assert filled.series_ids_given() == {"S-A", "S-B", "S-C"}
    filled.replace_linking([series("S-C", [0, 1])], [])
    assert filled.series_ids_given() == {"S-A", "S-B", "S-C"}
    assert list(filled.verify()) == []
