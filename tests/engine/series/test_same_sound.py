"""What the same sound is worth: a hint, less where many hold it, nothing where an opening is seen too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.series.made_up import media, near, sha
from foureyes.engine.model import Link, MediaKind, NearPair, ScenePair, SoundPair, ViewPair
from foureyes.engine.series import LINKS, Signals, evidence
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.series.links.same_scene import SameScene
from foureyes.engine.series.links.same_sound import SameSound

FILMS = sorted(sha(n) for n in range(60))
A, B = FILMS[:2]
LONG = SoundPair(A, B, 0.02, 30.0, 10.0, 70.0, share=0.3)


def said(
    *sounds: SoundPair,
    views: tuple[ViewPair, ...] = (),
    scenes: tuple[ScenePair, ...] = (),
    copies: tuple[NearPair, ...] = (),
) -> list[Link]:
    films = [replace(media(n), kind=MediaKind.VIDEO) for n in range(60)]
    signals = Signals(sounds=sounds, views=views, scenes=scenes)
    return list(SameSound().propose(evidence(films, copies, signals)))


def view(at_a: float, at_b: float) -> ViewPair:
    return ViewPair(A, B, "sift", 40, 0.5, 0.5, at_a=at_a, at_b=at_b)


def test_it_is_told_with_its_times_in_both() -> None:
    (link,) = said(LONG)
    assert (link.a, link.b, link.kind, link.strength) == (A, B, "same-sound", 1.4)
    assert link.evidence == (
        f"30 seconds sound the same: 0:10-0:40 of {A[:12]} and 1:10-1:40 of {B[:12]}; 2 % of bits differ"
    )


def test_it_never_links_alone_nor_with_what_looks_alike() -> None:
    assert SameSound.cap + SameScene.cap < LINKED
    assert [maker.group for maker in LINKS].count(SameSound.group) == 1


@pytest.mark.parametrize(("seconds", "error"), [(4.6, 0.17), (5.0, 0.16), (2.0, 0.0)])
def test_little_or_much_spoilt_is_not_worth_saying(seconds: float, error: float) -> None:
    assert not said(replace(LONG, seconds=seconds, bit_error=error))


def test_longer_and_cleaner_says_more() -> None:
    lengths = [said(replace(LONG, seconds=seconds))[0].strength for seconds in (5.0, 8.0, 15.0)]
    errors = [said(replace(LONG, seconds=10.0, bit_error=error))[0].strength for error in (0.15, 0.08, 0.0)]
    assert lengths == sorted(set(lengths))
    assert errors == sorted(set(errors))


def test_the_more_films_hold_it_the_less_it_says() -> None:
    strengths = [said(replace(LONG, holders=holders))[0].strength for holders in (2, 3, 5, 8)]
    assert strengths == sorted(set(strengths), reverse=True)
    assert "5 films hold it" in said(replace(LONG, holders=5))[0].evidence


def test_a_jingle_of_ten_films_says_nothing() -> None:
    pairs = [
        replace(LONG, a=one, b=other, holders=10)
        for number, one in enumerate(FILMS[:10])
        for other in FILMS[number + 1 : 10]
    ]
    assert not said(*pairs)


@pytest.mark.parametrize("at", [(12.0, 75.0), (38.0, 98.0), (8.0, 68.0)])
def test_an_opening_that_is_seen_too_says_nothing(at: tuple[float, float]) -> None:
    assert not said(LONG, views=(view(*at),))
    assert not said(LONG, scenes=(ScenePair(A, B, 0.9, *at),))


@pytest.mark.parametrize("at", [(50.0, 75.0), (12.0, 20.0)])
def test_what_is_seen_at_another_moment_is_other_evidence(at: tuple[float, float]) -> None:
    assert said(LONG, views=(view(*at),), scenes=(ScenePair(A, B, 0.9, *at),))


def test_of_copies_it_says_nothing_unless_most_of_a_film_sounds_the_same() -> None:
    copy = (replace(near(0, 1), a=A, b=B),)
    assert not said(LONG, copies=copy)
    assert said(replace(LONG, share=0.6), copies=copy)
    assert said(replace(LONG, share=0.6), views=(view(12.0, 75.0),))
    assert not said(replace(LONG, share=0.9, seconds=8.0), copies=copy)


def test_what_is_not_held_is_passed_over() -> None:
    assert not said(replace(LONG, b="f" * 64))
