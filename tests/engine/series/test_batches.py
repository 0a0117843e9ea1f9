"""What a batch links is what the whole linking links of it, and nothing else is touched."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.series.made_corpus import Made, corpus
from foureyes.engine.model import Link
from foureyes.engine.series.links import Signals, Survey, evidence, propose
from foureyes.engine.series.links.moments import holder

SEEDS = st.integers(0, 2**32)


def whole(made: Made) -> list[Link]:
    return list(propose(evidence(made.held, made.near, Signals(scenes=made.scenes, views=made.views))))


def of_batch(made: Made, new: frozenset[str]) -> list[Link]:
    """Links of a batch, from its media and from what a survey finds near them, and nothing else."""
    survey = Survey(one for one in made.held if one.sha256 in new)
    for one in made.held:
        survey.see(one)
    suspects = set(survey.suspects().tolist())
    pairs = [(holder(one.a), holder(one.b)) for one in made.near]
    counts, around = survey.found(pair for pair in pairs if suspects.issuperset(pair))
    near = [one for one in made.near if {one.a, one.b} & new]
    scenes = [one for one in made.scenes if {one.a, one.b} & new]
    views = [one for one in made.views if {one.a, one.b} & new]
    some = new | around | {end for one in (*near, *scenes, *views) for end in (one.a, one.b)}
    held = [one for one in made.held if one.sha256 in some]
    return list(propose(evidence(held, near, Signals(scenes=scenes, views=views), corpus=counts, new=new)))


@settings(max_examples=150)
@given(SEEDS, st.integers(1, 120), st.integers(1, 12))
def test_a_batch_links_as_the_whole_does(seed: int, count: int, many: int) -> None:
    made = corpus(seed, count)
    new = frozenset(one.sha256 for one in made.held[-many:])
    assert of_batch(made, new) == [one for one in whole(made) if {one.a, one.b} & new]
