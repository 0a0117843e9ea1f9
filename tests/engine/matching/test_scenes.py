"""Near neighbours of vectors: as if all were compared anew, whatever came when; stacks, films, hubs."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from foureyes.engine.matching import scenes
from foureyes.engine.matching.scenes import approximate
from foureyes.engine.matching.scenes.neighbours import cosines

WIDTH = 24


def vectors(count: int, seed: int = 1, spread: float = 0.6) -> NDArray[np.float16]:
    """Crowds of vectors around a few directions, so that many are near."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(count // 9, 1), WIDTH))
    made = centres[rng.integers(0, len(centres), count)] + spread * rng.standard_normal((count, WIDTH))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16)


def table(values: NDArray[np.float16], owner: NDArray[np.int64] | None = None) -> scenes.Table:
    count = len(values)
    return scenes.Table(values, np.arange(count) if owner is None else owner, np.arange(count))


def first(made: scenes.Table, count: int) -> scenes.Table:
    return made._replace(values=made.values[:count], owner=made.owner[:count], order=made.order[:count])


def by_hand(made: scenes.Table, active: NDArray[np.bool_]) -> list[list[tuple[float, int]]]:
    found = []
    for row in range(len(made.values)):
        others = np.flatnonzero(active & (made.owner != made.owner[row])) if active[row] else np.empty(0, int)
        near = cosines(made.values, np.full(len(others), row), others)
        listed = sorted(
            (-float(one), int(made.order[two]), int(two)) for one, two in zip(near, others, strict=True)
        )
        found.append([(-one, two) for one, _, two in listed if -one >= made.floor][: scenes.KEPT])
    return found


def listed(near: scenes.Neighbours) -> list[list[tuple[float, int]]]:
    return [
        [(float(one), int(two)) for one, two in zip(cosine, rows, strict=True) if two >= 0]
        for cosine, rows in zip(near.cosine, near.rows, strict=True)
    ]


@pytest.mark.parametrize("floor", [0.1, scenes.FLOOR, 0.8])
def test_it_finds_what_comparing_all_by_hand_finds(floor: float) -> None:
    made = table(vectors(300), np.arange(300) // 2)._replace(floor=floor)
    active = np.arange(300) % 7 != 3
    near = scenes.brought_up(scenes.Neighbours.none(), made, active)
    assert listed(near) == by_hand(made, active)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_whatever_comes_and_goes_the_result_is_that_of_comparing_anew(seed: int, arrivals: list[int]) -> None:
    rng = np.random.default_rng(seed)
    made = table(vectors(sum(arrivals), seed))
    near = scenes.Neighbours.none()
    for count in np.cumsum(arrivals):
        part = first(made, count)
        active = rng.random(count) < 0.7
        near = scenes.brought_up(near, part, active)
        assert listed(near) == listed(scenes.brought_up(scenes.Neighbours.none(), part, active))


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    made = table(vectors(200))
    everyone = np.ones(200, bool)
    whole = scenes.brought_up(scenes.Neighbours.none(), made, everyone)
    monkeypatch.setattr("foureyes.engine.matching.scenes.exact.Exact.at_once", 7)
    monkeypatch.setattr("foureyes.engine.matching.scenes.exact._BASE", 31)
    assert listed(scenes.brought_up(scenes.Neighbours.none(), made, everyone)) == listed(whole)


def test_an_index_finds_nearly_all_and_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foureyes.engine.matching.scenes.approximate.EXACT_ROWS", 1000)
    made = table(vectors(3000), np.arange(3000) // 2)
    active = np.arange(3000) % 5 != 0
    folder, kind = tmp_path / "scenes", ("scene", 1)
    near = scenes.Neighbours.none()
    for count in (2000, 3000):
        part = first(made, count)
        search = scenes.search_for(folder, kind, part, threads=1, keep=True)
        near = scenes.brought_up(near, part, active[:count], search=search)
    again = scenes.search_for(folder, kind, made, threads=1, keep=False)
    assert listed(scenes.brought_up(near, made, active, search=again)) == listed(near)
    truth, found = by_hand(made, active), listed(near)
    met = sum(len(set(one) & set(two)) for one, two in zip(truth, found, strict=True))
    assert met > 0.9 * sum(map(len, truth))
    assert all(made.owner[row] != made.owner[other] for row in range(3000) for _, other in found[row])
    assert all(active[row] and active[other] for row in range(3000) for _, other in found[row])


def test_what_was_found_down_to_another_cosine_is_found_anew(tmp_path: Path) -> None:
    made, folder, kind = table(vectors(50)), tmp_path / "scenes", ("scene", 1)
    near = scenes.brought_up(scenes.Neighbours.none(), made, np.ones(50, bool))
    sha256 = np.random.default_rng(3).integers(0, 256, (50, 32), dtype=np.uint8)
    scale = scenes.Scale(0.2, 0.4)
    scenes.keep_neighbours(folder, kind, sha256, near, scale)
    assert scenes.held_neighbours(folder, kind, sha256).scale == scale
    assert len(scenes.held_neighbours(folder, kind, sha256, 0.2).near.active) == 50
    assert len(scenes.held_neighbours(folder, kind, sha256, scenes.FLOOR).near.active) == 0
    scenes.forget_neighbours(folder, kind)
    assert len(scenes.held_neighbours(folder, kind, sha256).near.active) == 0


def test_an_altered_index_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foureyes.engine.matching.scenes.approximate.EXACT_ROWS", 100)
    made, kind = table(vectors(1200)), ("scene", 1)
    scenes.search_for(tmp_path, kind, made, threads=1, keep=True)
    (held,) = tmp_path.glob("*.ivf")
    content = held.read_bytes()
    held.write_bytes(content[:100] + b"\xff\xff\xff\xff" + content[104:])
    scenes.search_for(tmp_path, kind, made, threads=1, keep=True)
    assert held.read_bytes() == content
    scenes.forget(tmp_path, kind)
    assert [path.suffix for path in tmp_path.iterdir()] == [".ivf"]


def test_an_index_of_the_first_form_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was stated by its digest alone, and met few of the nearest."""
    monkeypatch.setattr("foureyes.engine.matching.scenes.approximate.EXACT_ROWS", 100)
    made, kind = table(vectors(1200)), ("scene", 1)
    scenes.search_for(tmp_path, kind, made, threads=1, keep=True)
    (held,) = tmp_path.glob("*.ivf")
    content, stated = held.read_bytes(), held.with_suffix(".sha256")
    first = faiss.index_factory(WIDTH, f"PCAR{WIDTH},IVF16,SQ8", faiss.METRIC_INNER_PRODUCT)
    first.train(made.values.astype(np.float32))
    first.add(made.values.astype(np.float32))
    faiss.write_index(first, str(held))
    stated.write_text(hashlib.sha256(held.read_bytes()).hexdigest(), "ascii")
    scenes.search_for(tmp_path, kind, made, threads=1, keep=True)
    assert held.read_bytes() == content


def test_lists_of_copies_that_stand_aside_hide_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is next to a query takes no part: what is farther off is met all the same."""
    monkeypatch.setattr("foureyes.engine.matching.scenes.approximate.EXACT_ROWS", 100)
    monkeypatch.setattr("foureyes.engine.matching.scenes.approximate._WAITING", 5000)
    values = vectors(4000, spread=0.35)
    values[:3000] = values[3000]
    made, active = table(values), np.arange(4000) >= 3000
    index = approximate.trained(made.values)
    approximate.fill(index, made.values)
    near = scenes.brought_up(
        scenes.Neighbours.none(), made, active, search=approximate.Approximate(made, index)
    )
    assert listed(near) == by_hand(made, active)


def test_lists_far_from_a_query_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    made = table(vectors(3000))
    index = approximate.trained(made.values)
    approximate.fill(index, made.values)
    never, everyone, found = np.full(3000, 2.0, np.float32), np.ones(3000, bool), []
    for looked_at in (3000, 750):
        monkeypatch.setattr("foureyes.engine.matching.scenes.approximate.LOOKED_AT", looked_at)
        search = approximate.Approximate(made, index)
        found.append(search(np.arange(200), everyone, never))
    near = made.values[:200].astype(np.float64) @ made.values.T.astype(np.float64)
    near[np.arange(200), np.arange(200)] = -1.0
    rows, others = np.nonzero(near >= -np.sort(-near, axis=1)[:, scenes.KEPT - 1, None])
    wanted = set(zip(rows.tolist(), others.tolist(), strict=True))
    every, some = (set(zip(one.row.tolist(), one.other.tolist(), strict=True)) for one in found)
    assert len(wanted & every) > 0.98 * len(wanted)
    assert 0.9 * len(wanted) < len(wanted & some) < len(wanted & every)


def test_vectors_in_a_file_are_those_of_the_catalogue(tmp_path: Path) -> None:
    """They grow, are not read again, and are made anew where the file is of other rows or was cut short."""
    values, kind = vectors(90), ("scene", 1)
    sha256 = np.random.default_rng(5).integers(0, 256, (90, 32), dtype=np.uint8)
    asked: list[tuple[int, int]] = []

    def read(start: int, end: int) -> NDArray[np.uint8]:
        asked.append((start, end))
        return values[start:end].view(np.uint8)

    def held(count: int, *, keep: bool = True, of: NDArray[np.uint8] = sha256) -> bool:
        asked.clear()
        found = scenes.held_vectors(tmp_path / "scenes", kind, of[:count], read, keep=keep)
        return found is not None and np.array_equal(found, values[:count])

    assert not held(50, keep=False)
    assert held(50)
    assert asked[1:] == [(0, 50)]
    assert held(90)
    assert asked[1:] == [(50, 90)]
    assert held(90, keep=False)
    assert asked[1:] == []
    assert held(40)
    other = sha256.copy()
    other[10] ^= 1
    assert not held(90, keep=False, of=other)
    file = tmp_path / "scenes" / "scene-v1.f16"
    file.write_bytes(file.read_bytes()[:-1])
    assert not held(90, keep=False)
    reading = np.memmap(file, np.float16, mode="r", shape=(39, WIDTH))
    assert held(90)
    assert asked[1:] == [(0, 90)]
    assert np.array_equal(reading, values[:39])


def test_few_vectors_need_no_index(tmp_path: Path) -> None:
    assert scenes.search_for(tmp_path, ("scene", 1), table(vectors(50)), threads=1, keep=True) is None


def test_zeros_are_near_nothing() -> None:
    values = np.zeros((20, WIDTH), np.float16)
    near = scenes.brought_up(scenes.Neighbours.none(), table(values), np.ones(20, bool))
    assert not any(listed(near))


def test_what_was_found_is_read_back_unless_it_is_of_other_rows(tmp_path: Path) -> None:
    made = table(vectors(50))
    near = scenes.brought_up(scenes.Neighbours.none(), made, np.ones(50, bool))
    sha256 = np.random.default_rng(3).integers(0, 256, (60, 32), dtype=np.uint8)
    folder, kind = tmp_path / "scenes", ("scene", 1)
    scenes.keep_neighbours(folder, kind, sha256[:50], near)
    assert listed(scenes.held_neighbours(folder, kind, sha256).near) == listed(near)
    other = sha256.copy()
    other[10] ^= 1
    for wrong in (other, sha256[:40]):
        assert len(scenes.held_neighbours(folder, kind, wrong).near.active) == 0
    assert len(scenes.held_neighbours(folder, ("scene", 2), sha256).near.active) == 0
    (held,) = folder.iterdir()
    held.write_bytes(held.read_bytes()[:-40] + bytes(40))
    assert len(scenes.held_neighbours(folder, kind, sha256).near.active) == 0


def test_what_an_older_way_of_looking_found_among_millions_is_looked_for_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = scenes.brought_up(scenes.Neighbours.none(), table(vectors(50)), np.ones(50, bool))
    sha256 = np.random.default_rng(3).integers(0, 256, (50, 32), dtype=np.uint8)
    for compared, stands in ((50, True), (49, False)):
        monkeypatch.setattr("foureyes.engine.matching.scenes.held.EXACT_ROWS", compared)
        monkeypatch.setattr("foureyes.engine.matching.scenes.held.FORM", 1)
        scenes.keep_neighbours(tmp_path, ("scene", 1), sha256, near)
        monkeypatch.setattr("foureyes.engine.matching.scenes.held.FORM", 2)
        held = scenes.held_neighbours(tmp_path, ("scene", 1), sha256).near
        assert (len(held.active) == 50) is stands


def test_films_pair_by_their_nearest_frames() -> None:
    values = vectors(4, spread=0.0)
    values[:] = np.eye(4, WIDTH)
    values[2] = values[0] * np.float16(0.8) + values[3] * np.float16(0.6)
    owner = np.array([0, 0, 1, 1])
    near = scenes.brought_up(scenes.Neighbours.none(), table(values, owner), np.ones(4, bool))
    found = scenes.media_pairs(near, owner, np.array([1.0, 2.0, 3.0, 4.0]), ["aa", "bb"], "scene")
    (pair,) = found.pairs
    assert (pair.a, pair.b, pair.at_a, pair.at_b, pair.model) == ("aa", "bb", 1.0, 3.0, "scene")
    assert pair.cosine == pytest.approx(0.8, abs=1e-3)


def test_a_picture_near_everything_is_held_down() -> None:
    count = 400
    rng = np.random.default_rng(4)
    values = rng.standard_normal((count, 200))
    values[:, 0] = 11  # all lean on one direction, which the first one is
    values[0] = np.eye(1, 200)[0]
    made = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float16)
    near = scenes.brought_up(scenes.Neighbours.none(), table(made), np.ones(count, bool))
    names = [f"{number:04}" for number in range(count)]
    found = scenes.media_pairs(near, np.arange(count), np.zeros(count), names, "scene")
    of_first = [pair for pair in found.pairs if "0000" in {pair.a, pair.b}]
    assert found.hubs == 1
    assert len(of_first) <= scenes.INCOMING_AT_MOST + scenes.KEPT
    assert found.left_out >= count - 1 - scenes.INCOMING_AT_MOST - scenes.KEPT


def test_thousands_of_equal_vectors_make_few_pairs() -> None:
    """Copies that PDQ does not know as such: crops of one meme, pages of one form."""
    count = 2000
    values = np.repeat(vectors(1), count, axis=0)
    near = scenes.brought_up(scenes.Neighbours.none(), table(values), np.ones(count, bool))
    names = [f"{number:04}" for number in range(count)]
    found = scenes.media_pairs(near, np.arange(count), np.zeros(count), names, "scene")
    assert len(found.pairs) <= count * scenes.KEPT
    assert found.left_out == 0 or found.hubs


def test_ten_thousand_copies_stand_as_one() -> None:
    names = [f"{number:05}" for number in range(10_000)]
    chain, star = pairwise(names), ((names[0], name) for name in names)
    for told in (chain, star):
        assert scenes.Stacks(told).others() == set(names[1:])


def test_copies_stand_as_one_whatever_order_they_are_told_in() -> None:
    copies = [("c", "d"), ("a", "b"), ("b", "c"), ("a", "d"), ("x", "y"), ("y", "x")]
    for told in (copies, copies[::-1]):
        stacks = scenes.Stacks(told)
        assert {stacks.first(one) for one in "abcd"} == {"a"}
        assert stacks.others() == {"b", "c", "d", "y"}
        assert stacks.first("z") == "z"
