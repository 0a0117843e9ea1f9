"""The index gives exactly what comparing everything gives, however the rows came and whatever was merged."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.matching.index import made_up
from engine.matching.index.made_up import Rows
from foureyes.engine.errors import (
    IndexOutdated,
    StorageFull,
    UsageError,
    WorkspaceDamaged,
    WorkspaceTooNew,
)
from foureyes.engine.matching.index import Hits, Index, Unseen, among, clear, cutting, held, joining, runs
from foureyes.engine.matching.index.manifest import read_manifest
from foureyes.engine.matching.index.streaming import pass_by
from foureyes.engine.matching.orientations import INVERSE, NEGATIVE, RowPairs, questions_of

Found = list[tuple[int, int, int]]


@pytest.fixture(params=["scanned", "looked up"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small runs would never get tables, nor be looked up in them: make them."""
    if request.param == "looked up":
        monkeypatch.setattr(runs, "FEW_ROWS", 1)
        monkeypatch.setattr(runs, "scan_nanoseconds", lambda _: float("inf"))
        monkeypatch.setattr(cutting, "scan_nanoseconds", lambda _: float("inf"))
        cutting.plan.cache_clear()


def fill(index: Index, given: Rows, *cuts: int) -> None:
    for first, last in zip((0, *cuts), (*cuts, len(given.values)), strict=True):
        index.update(*given.part(first, last), earlier=given.earlier)


def opened(tmp_path: Path, given: Rows, *cuts: int) -> Index:
    index = Index.open(tmp_path / "index", write=True)
    fill(index, given, *cuts)
    return index


def stored(index: Index) -> dict[tuple[int, int], int]:
    a, b, distance, _ = index.pairs()
    return dict(zip(zip(a.tolist(), b.tolist(), strict=True), distance.tolist(), strict=True))


def listed(hits: Hits) -> Found:
    return sorted(zip(hits.number.tolist(), hits.distance.tolist(), hits.orientation.tolist(), strict=True))


def brute(given: Rows, question: NDArray[np.uint8], radius: int) -> Found:
    """Every good row within the radius of any of the question's hashes, at its nearest."""
    distances = np.bitwise_count(given.values[:, None, :32] ^ question.reshape(1, -1, 32)).sum(2, dtype=int)
    return [
        (row, int(distances[row].min()), int(distances[row].argmin()))
        for row in range(len(distances))
        if given.quality[row] >= 50 and distances[row].min() <= radius
    ]


@pytest.mark.parametrize("cuts", [(), (1,), (60, 61, 200)])
def test_stored_pairs_are_those_of_comparing_all(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    given = made_up.rows(1, 300, equal=0)
    index = opened(tmp_path, given, *cuts)
    expected = made_up.oracle(given)
    assert len(expected) > 50
    assert stored(index) == expected
    assert stored(Index.open(tmp_path / "index")) == expected
    assert index.manifest.poor == (given.quality < 50).sum()


def test_orientations_are_those_of_the_later_row(tmp_path: Path) -> None:
    given = made_up.rows(2, 250, equal=0)
    a, b, distance, orientation = opened(tmp_path, given, 90, 170).pairs()
    hashes = questions_of(given.values).reshape(-1, 9, 32)
    met = np.bitwise_count(hashes[a, 0] ^ hashes[b, orientation]).sum(axis=1, dtype=int)
    back = INVERSE[orientation]
    turned_back = np.bitwise_count(hashes[b, 0] ^ hashes[a, back]).sum(axis=1, dtype=int)
    assert (np.minimum(met, turned_back) == distance).all()
    assert set(orientation.tolist()) >= {0, 1, 3, NEGATIVE}


def test_equal_rows_are_joined_and_never_squared(tmp_path: Path) -> None:
    """Whatever is near is connected; three thousand copies make three thousand pairs or few more."""
    one, other = made_up.rows(3, 2, poor=0).values
    copies = np.repeat(one[None], 3000, axis=0)
    values = np.concatenate([copies[:1500], [other], copies[1500:]])
    given = Rows(values, np.full(3001, 90, np.int16), np.zeros((3001, 32), np.uint8), np.zeros(3001))
    index = opened(tmp_path, given, 700, 1600)
    a, b, distance, _ = index.pairs()
    assert len(a) < 3010
    assert not distance.any()
    assert set(a.tolist()) | set(b.tolist()) == set(range(3001)) - {1500}
    assert len(index.search(one).number) == 3000
    assert sum(len(run.words) for run in index._runs) <= len(index._runs) + 1


def test_thousands_of_near_copies_keep_few_pairs_and_say_how_many_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "STORED_NEIGHBOURS", 4)
    rng = np.random.default_rng(4)
    one = rng.integers(0, 256, 256, dtype=np.uint8)
    values = np.stack([made_up.flipped(rng, one, 8) for _ in range(300)])
    given = Rows(values, np.full(300, 90, np.int16), np.zeros((300, 32), np.uint8), np.zeros(300))
    index = opened(tmp_path, given, 150)
    assert len(index.pairs().a) < 300 * 4 * 3
    assert index.manifest.left_out > 0
    assert len(made_up.oracle(given)) > 10 * len(index.pairs().a)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("radius", [0, 7, 31, 40, 63])
def test_a_question_finds_what_comparing_all_finds(tmp_path: Path, radius: int) -> None:
    given = made_up.rows(5, 400, spread=70)
    index = opened(tmp_path, given, 100, 300)
    rng = np.random.default_rng(radius)
    found = 0
    for row in range(0, 400, 40):
        question = made_up.flipped(rng, given.values[row], radius // 2)
        for asked in (question, question.reshape(8, 32), question[:32]):
            expected = brute(given, asked, radius)
            assert listed(index.search(asked, radius)) == expected
            found += len(expected)
    assert found > 20


@pytest.mark.usefixtures("way")
def test_the_least_favourable_neighbours_are_found(tmp_path: Path) -> None:
    """Exactly as many bits as each chunk may differ in, one more in all but one of them."""
    row = np.random.default_rng(6).integers(0, 256, 256, dtype=np.uint8)
    given = Rows(row[None], np.array([90], np.int16), np.zeros((1, 32), np.uint8), np.zeros(1))
    index = opened(tmp_path, given)
    order = np.random.default_rng(cutting.PERMUTATION_SEED).permutation(256)
    widths = cutting.chunk_widths(1)
    how = cutting.plan(widths, 1, 31)
    stored_bits = np.arange(256) ^ 7 ^ 0  # bits of little-endian words as numpy packs them
    place_of = np.argsort(np.arange(256) // 8 * 8 + 7 - np.arange(256) % 8)
    assert (stored_bits >= 0).all()
    for poor in range(len(widths)):
        bits = []
        for chunk, (low, flips) in enumerate(zip(how.low, how.flips, strict=True)):
            bits += [int(low) + step for step in range(flips if chunk == poor else flips + 1)]
        question = np.unpackbits(row[:32])
        question[order[place_of[bits]]] ^= 1
        assert len(bits) == 31
        assert listed(index.search(np.packbits(question))) == [(0, 31, 0)]


def test_what_the_index_has_not_seen_is_compared_one_by_one(tmp_path: Path) -> None:
    given = made_up.rows(7, 200)
    index = opened(tmp_path, given.part(0, 120))
    late = given.part(120, 200)
    unseen = Unseen.of(late.values[:, :32].copy(), late.quality, late.owners, late.at_seconds, 120)
    for row in range(0, 200, 20):
        both = held.nearest_first([index.search(given.values[row]), unseen.search(given.values[row])])
        assert listed(both) == brute(given, given.values[row], 31)
        assert (np.diff(both.distance) >= 0).all()
        assert (both.owner == given.owners[both.number]).all()


def test_runs_are_merged_and_readers_go_on(tmp_path: Path) -> None:
    given = made_up.rows(8, 300)
    index = opened(tmp_path, given.part(0, 30))
    reader = Index.open(tmp_path / "index")
    before = listed(reader.search(given.values[3]))
    for first in range(30, 300, 30):
        index.update(*given.part(first, first + 30), earlier=given.earlier)
    assert len(index.run_rows) <= 3
    assert {path.name for path in (tmp_path / "index").iterdir()} == {*index.manifest.names, "manifest.json"}
    assert listed(reader.search(given.values[3])) == before
    assert not reader.current()
    again = Index.open(tmp_path / "index")
    assert again.current()
    assert listed(again.search(given.values[3])) == brute(given, given.values[3], 31)


def test_a_reader_whose_manifest_is_out_of_date_reads_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = made_up.rows(9, 100)
    index = opened(tmp_path, given.part(0, 50))
    old = index.manifest
    index.update(*given.part(50, 100), earlier=given.earlier)
    answers = iter([old])
    monkeypatch.setattr(held, "read_manifest", lambda folder: next(answers, None) or read_manifest(folder))
    assert Index.open(tmp_path / "index").manifest.watermark == 100


def test_pairs_are_found_without_keeping_them(tmp_path: Path) -> None:
    given = made_up.rows(10, 200, equal=0)
    index = opened(tmp_path, given.part(0, 120))
    before = sorted(path.name for path in (tmp_path / "index").iterdir())
    found = index.update(*given.part(120, 200), earlier=given.earlier, keep=False).pairs
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == before
    pairs = set(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert pairs | set(stored(index)) == set(made_up.oracle(given))


def test_many_new_rows_are_joined_instead_of_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "_JOIN_NANOSECONDS", 0)
    given = made_up.rows(11, 300, equal=0)
    assert stored(opened(tmp_path, given, 150)) == made_up.oracle(given)


@pytest.mark.parametrize("radius", [0, 16, 31])
def test_few_meet_many_that_pass_by(radius: int) -> None:
    given = made_up.rows(18, 300, spread=45).values.reshape(-1, 32)
    few, many = given[::40].copy(), given
    a, b, distance = pass_by(few, many, radius)
    found = sorted(zip(a.tolist(), b.tolist(), distance.tolist(), strict=True))
    apart = np.bitwise_count(few[:, None] ^ many).sum(axis=2, dtype=int)
    expected = [(int(i), int(j), int(apart[i, j])) for i, j in np.argwhere(apart <= radius)]
    assert found == expected
    assert len(found) >= len(few)


def test_the_least_favourable_pair_passes_by_and_is_seen() -> None:
    """Two bits in every piece but one, which differs in one: in each piece in turn."""
    for poor in range(16):
        bits = np.zeros((32, 8), np.uint8)
        bits[:16, 3] = bits[16:, 6] = 1
        bits[16 + poor, 6] = 0
        row = np.packbits(bits.reshape(-1))
        assert [part.tolist() for part in pass_by(row[None], np.zeros((1, 32), np.uint8), 31)] == [
            [0],
            [0],
            [31],
        ]


def test_no_rows_make_no_pairs(tmp_path: Path) -> None:
    given = made_up.rows(12, 10)
    index = Index.open(tmp_path / "index", write=True)
    assert len(index.update(*given.part(0, 0), earlier=given.earlier).pairs.a) == 0
    assert listed(index.search(given.values[0])) == []
    assert len(index.pairs().a) == 0
    index.update(given.values, np.zeros(10, np.int16), given.owners, given.at_seconds, earlier=given.earlier)
    assert (index.manifest.watermark, index.manifest.poor, index.run_rows) == (10, 10, ())
    assert stored(index) == {}


@pytest.mark.parametrize("radius", [-1, 64, 255])
def test_a_radius_out_of_range_is_refused(tmp_path: Path, radius: int) -> None:
    index = Index.open(tmp_path / "index", write=True)
    with pytest.raises(UsageError, match="0 to 63"):
        index.search(np.zeros(32, np.uint8), radius)
    with pytest.raises(UsageError, match="0 to 63"):
        Index.open(tmp_path / "other", radius=radius)


@pytest.mark.parametrize(
    "question", [np.zeros(31, np.uint8), np.zeros(32, np.int64), np.zeros((3, 32), np.uint8)]
)
def test_other_questions_are_refused(tmp_path: Path, question: NDArray[np.uint8]) -> None:
    with pytest.raises(UsageError, match="32 or 8 x 32 bytes"):
        Index.open(tmp_path / "index", write=True).search(question)


def test_a_truncated_run_is_named_and_made_anew(tmp_path: Path) -> None:
    given = made_up.rows(13, 100)
    index = opened(tmp_path, given)
    (run,) = index.manifest.runs
    path = tmp_path / "index" / run.name
    content = path.read_bytes()
    path.write_bytes(content[:-100])
    with pytest.raises(WorkspaceDamaged, match=f"{run.name}.*--rebuild"):
        Index.open(tmp_path / "index")
    path.write_bytes(b"x" * len(content))
    with pytest.raises(WorkspaceDamaged, match="first page"):
        Index.open(tmp_path / "index")
    path.unlink()
    with pytest.raises(WorkspaceDamaged, match="missing"):
        Index.open(tmp_path / "index")
    clear(tmp_path / "index")
    assert stored(opened(tmp_path, given)) == stored(index)


def test_a_changed_byte_is_found_by_reading_all_again(tmp_path: Path) -> None:
    index = opened(tmp_path, made_up.rows(14, 100))
    assert list(index.verify()) == []
    for file in (*index.manifest.runs, *index.manifest.pair_files):
        path = tmp_path / "index" / file.name
        content = bytearray(path.read_bytes())
        content[5000] ^= 1
        path.write_bytes(content)
        assert list(index.verify()) == [f"{file.name} is not what was written"]
        content[5000] ^= 1
        path.write_bytes(content)


def test_an_index_of_another_version_is_refused_and_told_apart(tmp_path: Path) -> None:
    opened(tmp_path, made_up.rows(15, 50))
    path = tmp_path / "index" / "manifest.json"
    stated = json.loads(path.read_text())
    for change, error in (
        ({"foureyes-index": 99}, WorkspaceTooNew),
        ({"foureyes-index": 0}, IndexOutdated),
        ({"permutation": 5}, IndexOutdated),
        ({"index": {}}, WorkspaceDamaged),
        ({"foureyes-index": "x"}, WorkspaceDamaged),
    ):
        path.write_text(json.dumps(stated | change))
        with pytest.raises(error, match="--rebuild"):
            Index.open(tmp_path / "index")
    path.write_text("{")
    with pytest.raises(WorkspaceDamaged, match="--rebuild"):
        Index.open(tmp_path / "index")


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """A quota: the kernel refuses to let any file of this process grow beyond it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    given = made_up.rows(16, 300)
    index = opened(tmp_path, given.part(0, 100))
    before = stored(index)
    with files_at_most(10_000), pytest.raises(StorageFull):
        index.update(*given.part(100, 300), earlier=given.earlier)
    again = Index.open(tmp_path / "index", write=True)
    assert (again.manifest.watermark, stored(again)) == (100, before)
    again.update(*given.part(100, 300), earlier=given.earlier)
    (tmp_path / "whole").mkdir()
    assert stored(again) == stored(opened(tmp_path / "whole", given, 100))


def test_rows_left_out_take_no_pair_of_others_with_them(tmp_path: Path) -> None:
    """The first of many copies may be the one that must not link: the others stay together without it."""
    rng = np.random.default_rng(17)
    given = made_up.rows(17, 240, equal=0.7)
    pairs = opened(tmp_path, given, 80, 160).pairs()
    rows = rng.random(240) < 0.6
    left = Rows(given.values[rows], given.quality[rows], given.owners[rows], given.at_seconds[rows])
    (tmp_path / "left").mkdir()
    expected = opened(tmp_path / "left", left).pairs()
    found = among(pairs, rows)
    assert (found.a < found.b).all()
    for one, other in ((found, expected), (expected, found)):
        families = components(one, len(left.values))
        assert (families[other.a] == families[other.b]).all()
    near = set(made_up.oracle(left))
    assert set(zip(found.a.tolist(), found.b.tolist(), strict=True)) <= near


def components(pairs: RowPairs, count: int) -> NDArray[np.int32]:
    edges = (np.ones(len(pairs.a)), (pairs.a, pairs.b))
    return connected_components(coo_array(edges, shape=(count, count)), directed=False)[1]
