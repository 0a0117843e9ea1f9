"""The corpus teaches which frames link nothing: titles that many films of different content show."""

from __future__ import annotations

from itertools import combinations

import pytest

from engine.matching.made_rows import film, rows, sha
from foureyes.engine.matching import NearMedia
from foureyes.engine.matching.plain import PlainMedia
from foureyes.engine.matching.titles import FILMS

CARD = [7, 8, 9]
"""Looks of a title card."""


def pairs(found: NearMedia) -> set[frozenset[str]]:
    return {frozenset((pair.a, pair.b)) for pair in found.pairs}


def titled(count: int, length: int = 30) -> dict[object, list[tuple[int, float]]]:
    """Films of their own content that begin with the same card."""
    return {n: film([*CARD, *range(1000 * (n + 1), 1000 * (n + 1) + length)]) for n in range(count)}


def test_a_title_that_many_films_show_links_none_of_them() -> None:
    found = rows(titled(41)).near()
    assert found.pairs == []
    assert (found.title_frames, found.title_films) == (3, 41)
    assert "3 title frames seen in 41 films link nothing" in list(found.notes())


def test_what_there_is_one_of_is_said_so() -> None:
    plain = PlainMedia([], media=1, blank=1, shared_by_many=0)
    said = NearMedia([], poor_quality=1, left_out=1, title_frames=1, title_films=41, plain=plain).notes()
    assert list(said) == [
        "1 picture or frame is too plain for PDQ (quality below 50)",
        (
            "Of 1 media with nothing PDQ can compare, 0 have the size and thumbnail of another and are linked by "
            "that; 1 blank one and 0 whose thumbnail more than 32 share link nothing; 0 are like no other"
        ),
        "1 title frame seen in 41 films links nothing",
        "1 more pair of copies is not listed: others hold their media together",
    ]


@pytest.mark.parametrize("films", [FILMS - 1, FILMS])
def test_it_takes_so_many_films(films: int) -> None:
    found = rows(titled(films)).near()
    assert (found.title_frames > 0) == (films == FILMS) == (not found.pairs)


def test_the_films_of_a_copied_clip_stay_linked() -> None:
    found = rows({n: film(range(20)) for n in range(15)}, bits_off={n: n % 9 for n in range(15)}).near()
    assert found.title_frames == 0
    assert len(found.pairs) == 15 * 14 / 2


def test_copies_of_a_titled_film_stay_linked_whole() -> None:
    held = titled(12)
    for copy in range(40):
        held[f"copy {copy}"] = held[3]
    found = rows(held).near()
    assert found.title_frames == 3
    of_one_film = {sha(3), *(sha(f"copy {n}") for n in range(40))}
    assert pairs(found) <= {frozenset(two) for two in combinations(of_one_film, 2)}
    assert {one for two in pairs(found) for one in two} == of_one_film
    assert all(pair.shared and pair.shared.share_a == 1.0 for pair in found.pairs)


def test_a_scene_of_a_film_that_has_copies_and_cuts_is_no_title() -> None:
    """Six copies of one film, and clips of it, are one film that shows the scene, not many."""
    scene = range(100, 104)
    whole = film([*range(1000, 1030), *scene])
    held = {f"copy {n}": whole for n in range(6)}
    held |= {f"clip {n}": film([*range(1020 + n, 1030), *scene]) for n in range(6)}
    held["another"] = film([*range(2000, 2030), *scene])
    found = rows(held, bits_off={f"copy {n}": n for n in range(6)}).near()
    assert (found.title_frames, found.title_films) == (0, 0)
    assert {sha("another")} < {one for two in pairs(found) if sha("another") in two for one in two}


def test_a_clip_cut_from_a_titled_film_links_to_it_alone_and_titles_do_not_count() -> None:
    held = titled(12)
    held["clip"] = film([*CARD, *range(4000, 4006)])
    (pair,) = rows(held).near().pairs
    assert {pair.a, pair.b} == {sha("clip"), sha(3)}
    assert pair.shared is not None
    assert sorted([pair.shared.of_a, pair.shared.of_b]) == [6, 30]


def test_a_file_that_is_only_the_title_joins_no_films() -> None:
    held = titled(12)
    held["logo"] = film(CARD)
    assert rows(held).near().pairs == []


def test_a_still_of_the_title_links_to_no_film_and_a_still_of_a_film_does() -> None:
    held = titled(12)
    held["card"], held["card again"], held["still"] = [(8, 0.0)], [(8, 0.0)], [(5003, 0.0)]
    assert pairs(rows(held).near()) == {
        frozenset((sha("card"), sha("card again"))),
        frozenset((sha("still"), sha(4))),
    }


def test_a_title_is_known_by_its_recompressed_frames_too() -> None:
    found = rows(titled(12), bits_off=dict.fromkeys(range(0, 12, 2), 12)).near()
    assert found.pairs == []
    assert found.title_frames == 3


def test_the_order_of_rows_does_not_matter() -> None:
    held = titled(10)
    held["clip"] = film(range(3000, 3020))
    given = rows(held)
    assert given.backwards().near() == given.near()
