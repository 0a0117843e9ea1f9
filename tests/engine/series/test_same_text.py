"""What a shared text is worth: rare and long ones something, short and common ones nothing, none enough alone."""

from __future__ import annotations

import pytest

from engine.series.made_up import media as made_media
from engine.series.made_up import sha
from foureyes.engine.matching.texts import Read, shared_texts
from foureyes.engine.model import Link, Linkable, ScenePair, TextLine, TextPair
from foureyes.engine.series import Signals, build, evidence
from foureyes.engine.series.links.same_text import SameText

HERE = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.2), (0.1, 0.2))
THERE = ((0.7, 0.7), (0.9, 0.7), (0.9, 0.9), (0.7, 0.9))


def held(count: int) -> list[Linkable]:
    return [made_media(n) for n in range(count)]


def pair(
    text: str = "Pension Edelweiss", *, letters: int = 25, holders: int = 2, fixed: bool = False
) -> TextPair:
    a, b = sorted((sha(0), sha(1)))
    return TextPair(a, b, text, letters, holders, HERE, HERE if fixed else THERE, fixed=fixed)


def link(one: TextPair, media: int = 5000) -> Link | None:
    found = list(SameText().propose(evidence(held(media), [], Signals(texts=[one]))))
    assert len(found) <= 1
    return found[0] if found else None


def strength(one: TextPair, media: int = 5000) -> float:
    made = link(one, media)
    return made.strength if made else 0.0


def test_a_rare_and_long_text_is_worth_most_and_never_enough() -> None:
    assert strength(pair()) == SameText.cap == 2.4


@pytest.mark.parametrize("letters", [1, 2])
def test_what_chance_gives_is_worth_nothing(letters: int) -> None:
    assert strength(pair(letters=letters)) == 0


def test_it_is_worth_the_more_the_longer_and_the_rarer_it_is() -> None:
    by_length = [strength(pair(letters=letters)) for letters in (3, 6, 10, 15, 20)]
    by_holders = [strength(pair(holders=holders)) for holders in (1000, 300, 100, 30, 10)]
    for rising in (by_length, by_holders):
        assert rising == sorted(rising)
        assert len(set(rising)) == len(rising)


def test_in_a_small_corpus_nothing_is_rare() -> None:
    assert strength(pair(), media=2) == 0
    assert strength(pair(), media=20) <= 1.0


def test_what_is_laid_over_both_pictures_at_one_place_is_worth_less() -> None:
    assert strength(pair(fixed=True)) == 1.4


def test_the_words_say_the_text_and_where_it_stands() -> None:
    made = link(pair())
    assert made is not None
    assert made.evidence == (
        'both bear the text "Pension Edelweiss": upper left of one, lower right of the other (2 pictures have it)'
    )
    made = link(pair(fixed=True))
    assert made is not None
    assert made.evidence == (
        'both bear the text "Pension Edelweiss": at the same place of both frames, upper left (2 pictures have it)'
    )


def test_a_long_text_ends_where_it_was_cut() -> None:
    made = link(pair("the front desk is open all night " * 5))
    assert made is not None
    assert f'both bear the text "{("the front desk is open all night " * 5)[:59]}…"' in made.evidence


def test_no_text_writes_what_cannot_be_printed() -> None:
    made = link(pair("Pension\x1b[2J\u202eEdelweiss" + "x" * 500))
    assert made is not None
    assert made.evidence.isprintable()
    assert len(made.evidence) < 200


def reads(texts: list[str]) -> list[Read]:
    return [Read(sha(n), [TextLine(text, 0.99, HERE)]) for n, text in enumerate(texts)]


def test_ten_thousand_pictures_with_the_mark_of_one_site_are_not_linked_by_it() -> None:
    """Nor by it and a likeness that says something of its own."""
    marked = shared_texts(reads(["www.pictures-of-example.net"] * 10_000))
    scenes = [ScenePair(*sorted((sha(n), sha(n + 1))), 0.85) for n in range(0, 400, 2)]
    given = evidence(held(10_000), [], Signals(scenes=scenes, texts=marked))
    assert not list(SameText().propose(given))
    assert build(given, (), ()).series == ()


def test_a_site_that_marks_some_pictures_of_many_links_none_of_them() -> None:
    for count in (900, 300, 100):
        marked = shared_texts(reads(["www.pictures-of-example.net"] * count))
        given = evidence(held(10_000), [], Signals(texts=marked))
        links = list(SameText().propose(given))
        assert len(links) <= 2 * count
        assert build(given, (), ()).series == ()


def test_a_text_and_a_likeness_link_and_neither_does_alone() -> None:
    a, b = sorted((sha(0), sha(1)))
    texts = [pair()]
    scenes = [ScenePair(a, b, 0.85)]
    media = held(5000)
    assert build(evidence(media, [], Signals(texts=texts)), (), ()).series == ()
    assert build(evidence(media, [], Signals(scenes=scenes)), (), ()).series == ()
    (made,) = build(evidence(media, [], Signals(scenes=scenes, texts=texts)), (), ()).series
    assert made.members == (a, b)


def test_a_text_in_one_half_of_many_pictures_holds_no_series_together() -> None:
    """A hundred pictures of fifty rooms bear a mark: each room is found by its likeness at most."""
    marked = shared_texts(reads(["www.pictures-of-example.net"] * 100))
    scenes = [ScenePair(*sorted((sha(2 * n), sha(2 * n + 1))), 0.95) for n in range(50)]
    built = build(evidence(held(10_000), [], Signals(scenes=scenes, texts=marked)), (), ())
    assert max((len(one.members) for one in built.series), default=0) <= 2


def test_what_is_laid_over_two_pictures_does_not_link_two_rooms_that_look_alike() -> None:
    a, b = sorted((sha(0), sha(1)))
    given = evidence(held(5000), [], Signals(scenes=[ScenePair(a, b, 0.9)], texts=[pair(fixed=True)]))
    assert build(given, (), ()).series == ()
