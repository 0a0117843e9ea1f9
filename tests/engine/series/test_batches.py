"""What a batch links is what the whole linking links of it, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.series.made_corpus import Made, corpus
from foureyes.engine.model import Link
from foureyes.engine.series.links import Columns, Counting, Signals, Survey, evidence, propose, traits_of
from foureyes.engine.series.links.around import Around
from foureyes.engine.series.links.moments import HolderPair, holder
from foureyes.engine.series.links.nearby import Order, beside
from foureyes.engine.series.links.shots import shot_of

SEEDS = st.integers(0, 2**32)


def whole(made: Made) -> list[Link]:
    return list(propose(evidence(made.held, made.near, Signals(scenes=made.scenes, views=made.views))))


def of_batch(made: Made, new: frozenset[str], columns: Columns) -> list[Link]:
    """Links of a batch, from its media and from what a survey finds near them, and nothing else."""
    survey = Survey((one for one in made.held if one.sha256 in new), columns)
    counts = survey.corpus(of_suspects(made, survey.suspects()))
    assert counts == one_by_one(made, new)
    some = survey.candidates(counts)
    around = survey.near((one for one in made.held if one.sha256 in some), counts)
    assert around <= some
    assert not around & new
    near = [one for one in made.near if {one.a, one.b} & new]
    scenes = [one for one in made.scenes if {one.a, one.b} & new]
    views = [one for one in made.views if {one.a, one.b} & new]
    some = new | around | {end for one in (*near, *scenes, *views) for end in (one.a, one.b)}
    held = [one for one in made.held if one.sha256 in some]
    return list(propose(evidence(held, near, Signals(scenes=scenes, views=views), corpus=counts, new=new)))


def of_suspects(made: Made, suspects: NDArray[np.uint64]) -> Iterator[HolderPair]:
    some = set(suspects.tolist())
    pairs = [(holder(one.a), holder(one.b)) for one in made.near]
    return (pair for pair in pairs if some.issuperset(pair))


def one_by_one(made: Made, new: frozenset[str]) -> object:
    """The same counts, media by media."""
    read = {one.sha256: (one, traits_of(one, shot_of(one))) for one in made.held}
    batch = {sha256: read[sha256] for sha256 in new}
    counting = Counting(Around(batch).wanted(traits for _, traits in batch.values()))
    for _, traits in read.values():
        counting.add(traits)
    return counting.corpus(of_suspects(made, counting.suspects()))


@settings(max_examples=150)
@given(SEEDS, st.integers(1, 120), st.integers(1, 12))
def test_a_batch_links_as_the_whole_does(seed: int, count: int, many: int) -> None:
    made = corpus(seed, count)
    new = frozenset(one.sha256 for one in made.held[-many:])
    expected = [one for one in whole(made) if {one.a, one.b} & new]
    assert of_batch(made, new, Columns.of(made.held)) == expected


@settings(max_examples=50)
@given(SEEDS, st.integers(1, 120), st.integers(1, 12))
def test_columns_that_were_kept_are_those_that_are_made_anew(seed: int, count: int, many: int) -> None:
    """Of some media more is known now than when they were read first, and some are held no more."""
    made = corpus(seed, count)
    changed = {one.sha256 for one in made.held[-many:]}
    gone = {one.sha256 for one in made.held[:2]}
    before = [
        replace(one, paths=("elsewhere.jpg",), facts=()) if one.sha256 in changed else one
        for one in made.held
    ]
    kept = Columns.of(before)
    kept = kept.where(~kept.places_of(changed | gone))
    now = Columns.together([kept, Columns.of(one for one in made.held if one.sha256 in changed - gone)])
    still = [one for one in made.held if one.sha256 not in gone]
    made = replace(made, held=[*(one for one in still if one.sha256 not in changed), *made.held[-many:]])
    made = replace(made, held=[one for one in made.held if one.sha256 not in gone])
    anew = Columns.of(made.held)
    assert all(np.array_equal(now[name], anew[name]) for name in anew.of_media)
    assert all(np.array_equal(now.of_claims[name], anew.of_claims[name]) for name in anew.of_claims)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=30),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=6),
    st.integers(1, 3),
)
def test_who_stands_beside_is_found(
    held: list[tuple[int, int]], new: list[tuple[int, int]], reach: int
) -> None:
    """Whatever decides among those at one place, the next ones are among those that are found."""
    found = set(beside(order_of(held), order_of(new), reach).tolist())
    for tie in (1, -1):
        for line, at in new:
            before = sorted((one, tie * n, n) for n, (on, one) in enumerate(held) if on == line and one <= at)
            after = sorted((one, tie * n, n) for n, (on, one) in enumerate(held) if on == line and one >= at)
            assert {n for _, _, n in (*before[-reach:], *after[:reach])} <= found
    for number in found:
        line, at = held[number]
        assert line in {one for one, _ in new}


def order_of(stood: list[tuple[int, int]]) -> Order:
    both = np.array(stood, np.int64).reshape(-1, 2)
    return Order(both[:, 0], [both[:, 1]], np.arange(len(both)))
