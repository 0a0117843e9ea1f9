from __future__ import annotations

import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import Comparison, Fingerprint

MANY = sorted(made_up.media(seed).digests.sha256 for seed in range(8))


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    items = [made_up.taken(f"{seed}.jpg", seed) for seed in range(8)]
    catalogue.commit(catalogue.source("s", "/s", "folder"), items)
    return catalogue


def outcome(a: int, b: int, score: float = 7.0, kind: str = "xfeat", version: int = 1) -> Comparison:
    return Comparison(MANY[a], MANY[b], kind, version, score, b"{}" if score else b"")


def test_outcomes_are_read_as_written_those_without_a_result_too(filled: Catalogue) -> None:
    written = [outcome(0, 1), outcome(1, 6, 0.0), outcome(2, 3), outcome(2, 3, 1.5, "sensor")]
    filled.record_comparisons(written)
    assert sorted(filled.comparisons("xfeat", 1), key=lambda one: one.a) == written[:3]
    assert list(filled.comparisons("xfeat", 2)) == []
    assert list(filled.comparisons("never", 1)) == []
    asked = {(MANY[1], MANY[6]), (MANY[0], MANY[7]), (MANY[2], MANY[3])}
    assert filled.compared("xfeat", 1, asked) == {
        (MANY[1], MANY[6]): written[1],
        (MANY[2], MANY[3]): written[2],
    }
    assert list(filled.verify()) == []


def test_a_newer_outcome_replaces_an_older_one(filled: Catalogue) -> None:
    filled.record_comparisons([outcome(0, 1, 3.0), outcome(4, 5)])
    filled.record_comparisons([outcome(0, 1, 9.0, version=2)])
    assert [one.score for one in filled.comparisons("xfeat", 2)] == [9.0]
    assert [(one.a, one.b) for one in filled.comparisons("xfeat", 1)] == [(MANY[4], MANY[5])]


def test_more_outcomes_than_one_page_come_whole(filled: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foureyes.engine.catalogue.comparisons._PAGE", 3)
    written = [outcome(a, b) for a in range(8) for b in range(a + 1, 8)]
    filled.record_comparisons(written)
    assert {(one.a, one.b) for one in filled.comparisons("xfeat", 1)} == {(one.a, one.b) for one in written}


@pytest.mark.parametrize("wrong", [(1, 0), (3, 3)])
def test_a_pair_out_of_order_is_refused(filled: Catalogue, wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="not in order"):
        filled.record_comparisons([outcome(*wrong)])


def test_media_that_are_not_held_are_refused_and_nothing_is_left(filled: Catalogue) -> None:
    foreign = Comparison(MANY[0], "f" * 64, "xfeat", 1, 1.0)
    with pytest.raises(ValueError, match="not held"):
        filled.record_comparisons([outcome(0, 1), foreign])
    assert list(filled.comparisons("xfeat", 1)) == []
    with pytest.raises(ValueError, match="not held"):
        filled.record_fingerprints([("f" * 64, Fingerprint("late", 1, b"1234"))])


def test_fingerprints_made_late_count_beside_the_others(filled: Catalogue) -> None:
    before = filled.fingerprints("pdq").values.copy()
    filled.record_fingerprints([(MANY[2], Fingerprint("late", 1, b"abcd", 90, 1.5))])
    filled.record_fingerprints([(MANY[0], Fingerprint("late", 1, b"efgh"))])
    table = filled.fingerprints("late")
    assert [bytes(value) for value in table.values] == [b"abcd", b"efgh"]
    assert (int(table.quality[0]), float(table.at_seconds[0])) == (90, 1.5)
    assert (filled.fingerprints("pdq").values == before).all()
    assert list(filled.verify()) == []
