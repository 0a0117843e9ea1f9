"""Strengths beside labels: what is right stands, what is wrong is moved, and nothing is put to use."""

from __future__ import annotations

import json

import pytest

from engine.series.made_up import decision, media, near, sha, shot
from foureyes.engine.model import DecisionKind, ScenePair
from foureyes.engine.series import LinkEvidence, evidence
from foureyes.engine.series.calibration import from_json
from foureyes.engine.series.labelling import labels_of, scored_by, totals_of
from foureyes.engine.series.links import Signals, propose
from foureyes.engine.series.recalibrating import crossings, recalibrate, to_json

BELONGS, MERGE, SPLIT, OUT = (
    DecisionKind.BELONGS,
    DecisionKind.MERGE,
    DecisionKind.SPLIT,
    DecisionKind.DOES_NOT_BELONG,
)


def grouped(*groups: range) -> dict[str, frozenset[str]]:
    return {sha(name): frozenset([f"group {at}"]) for at, group in enumerate(groups) for name in group}


def copies(pairs: list[tuple[int, int]], bits: int, count: int = 200) -> LinkEvidence:
    return evidence([media(name) for name in range(count)], [near(a, b, bits) for a, b in pairs])


TRUE = [(name, name + 1) for name in range(0, 100, 2)]
LABELS = grouped(*(range(name, name + 2) for name in range(0, 200, 2)))


def test_strengths_that_are_right_stand() -> None:
    given = copies(TRUE, 20)
    made = recalibrate(given, LABELS, "a test")
    (kind,) = made.kinds
    assert (kind.kind, kind.true, kind.false, kind.moved) == ("same-picture", 50, 0, False)
    assert propose(given) == propose(evidence(given.media.values(), given.near, calibration=made.calibration))


def test_strengths_that_labels_contradict_are_lowered() -> None:
    """Forms of one make: as often near as copies are, and no copies."""
    given = copies([*TRUE, *((name, name + 1) for name in range(101, 199, 2))], 20)
    made = recalibrate(given, LABELS, "a test")
    (kind,) = made.kinds
    assert kind.moved
    assert kind.after.cllr < kind.before.cllr
    after = evidence(given.media.values(), given.near, calibration=made.calibration)
    stood = propose(given)
    crossed = crossings(given.media, stood, propose(after))
    assert len(crossed) == len(stood)
    assert all(one.after < 4.0 <= one.before for one in crossed)
    assert crossings(given.media, stood, stood) == []


def test_what_a_fitted_curve_costs_is_of_what_it_would_propose() -> None:
    """Likenesses refuted by a closer look say half: nothing is moved, so the costs are the same."""
    pairs = [ScenePair(*sorted((sha(a), sha(a + 1))), 0.8, refuted=a > 0) for a in range(3)]
    given = evidence([media(name) for name in range(8)], [], Signals(scenes=pairs))
    (kind,) = recalibrate(given, grouped(range(4), range(4, 8)), "a test").kinds
    assert (kind.kind, kind.moved) == ("same-scene", False)
    assert kind.after == kind.before


def alike(model: str) -> LinkEvidence:
    """Pairs that a network of a unit's own puts at .9 where they are true, and at .3 where they are not."""
    true = [ScenePair(*sorted((sha(a), sha(b))), 0.9, model=model, as_shipped=0.95) for a, b in TRUE]
    false = [ScenePair(*sorted((sha(a), sha(a + 1))), 0.3, model=model) for a in range(1, 99, 2)]
    return evidence([media(name) for name in range(200)], [], Signals(scenes=[*true, *false]))


def test_another_network_says_nothing_until_labels_show_what_it_is_worth() -> None:
    given = alike("scene-00c0ffee")
    assert propose(given) == ()
    made = recalibrate(given, LABELS, "a test")
    (kind,) = made.kinds
    assert (kind.kind, kind.true, kind.false, kind.moved) == ("same-scene/scene-00c0ffee", 50, 49, True)
    assert kind.after.cllr < kind.before.cllr == 1.0
    read = from_json(to_json(made, "a test"))
    after = propose(evidence(given.media.values(), [], given.signals, read))
    assert {(one.a, one.b) for one in after} == {tuple(sorted((sha(a), sha(b)))) for a, b in TRUE}
    assert max(one.strength for one in after) <= 2.5
    assert after[0].evidence == "look alike as scenes: 0.90 of 1 by scene-00c0ffee"
    again = recalibrate(evidence(given.media.values(), [], given.signals, read), LABELS, "again")
    assert not again.kinds[-1].moved
    other = alike("scene-0badcafe")
    assert propose(evidence(other.media.values(), [], other.signals, read)) == ()


def test_of_a_pair_that_several_networks_name_the_surest_counts() -> None:
    pair = ScenePair(*sorted((sha(0), sha(1))), 0.8, model="scene")
    signals = Signals(scenes=[pair, ScenePair(pair.a, pair.b, 0.99, model="scene-0badcafe", as_shipped=0.99)])
    alone, both = (
        propose(evidence([media(0), media(1)], [], one)) for one in (Signals(scenes=[pair]), signals)
    )
    assert alone == both


def test_the_data_file_is_read_as_it_was_meant() -> None:
    given = copies([*TRUE, *((name, name + 1) for name in range(101, 199, 2))], 20)
    made = recalibrate(given, LABELS, "2026-11-28, a test")
    text = to_json(made, "a test")
    read = from_json(text)
    assert read.made == "2026-11-28, a test"
    assert read.formulas == made.calibration.formulas
    assert read.curves == made.calibration.curves
    stated = json.loads(text)["formulas"]["same-picture"]
    assert (stated["bench"]["true"], stated["bench"]["false"], stated["version"]) == (50, 49, 3)


def test_a_media_with_many_links_counts_once() -> None:
    held = [shot(n, 5.0 * n, serial="8964244") for n in range(40)]
    labels = grouped(range(40))
    (found,) = scored_by(propose(evidence(held, [])), labels).values()
    assert sum(one.weight for one in found) == pytest.approx(totals_of(labels).true)


def test_rulings_are_labels() -> None:
    ruled = [
        decision(1, BELONGS, [1], [2, 3]),
        decision(2, SPLIT, [10, 11], [2, 3, 1]),
        decision(3, OUT, [20, 21], [2, 3]),
        decision(4, MERGE, [], [30, 31, 32]),
        decision(5, OUT, [31], [2], withdrawn=True),
        decision(6, DecisionKind.NEGATIVE, [77], []),
    ]
    labels = labels_of(ruled)
    homes: dict[frozenset[str], set[str]] = {}
    for name in (1, 2, 3, 10, 11, 20, 21, 30, 31, 32):
        homes.setdefault(labels[sha(name)], set()).add(sha(name))
    expected = ([1, 2, 3], [10, 11], [20], [21], [30, 31, 32])
    assert sorted(map(sorted, homes.values())) == sorted(sorted(map(sha, one)) for one in expected)
    assert sha(77) not in labels


def test_nobody_ruled_and_nothing_moves() -> None:
    given = copies(TRUE, 20)
    made = recalibrate(given, labels_of([]), "a test")
    assert made.kinds == ()
    assert made.calibration.curves == given.calibration.curves
