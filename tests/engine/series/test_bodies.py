"""Whom sensors are asked about: originals of one model that something else brings near, and few of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.series.made_up import sha, shot
from foureyes.engine.model import Fact, FactName, Link, Linkable, Origin
from foureyes.engine.series import evidence
from foureyes.engine.series.bodies import TOGETHER, Asked, asked, is_original

SIDE = 1536


def original(name: object, *facts: Fact, model: str = "Modelo 5", serial: str = "") -> Linkable:
    one = shot(name, 60.0, model=model, serial=serial)
    size = Fact(FactName.STATED_SIZE, "4000x3000", Origin.EXIF)
    return replace(one, facts=(*one.facts, size, *facts), format="jpeg", width=4000, height=3000)


def link(a: object, b: object, strength: float, kind: str = "same-place-and-time") -> Link:
    one, other = sorted((sha(a), sha(b)))
    return Link(one, other, kind, strength, "because")


def questions(held: list[Linkable], *links: Link) -> list[Asked]:
    return asked(evidence(held, ()), links, SIDE)


@pytest.mark.parametrize(("strength", "count"), [(0.9, 0), (1.0, 1), (4.4, 1), (5.0, 0)])
def test_only_what_a_sensor_could_settle_is_asked(strength: float, count: int) -> None:
    assert len(questions([original("a"), original("b")], link("a", "b", strength))) == count


@pytest.mark.parametrize(
    "other",
    [
        original("b", model="Modelo 6"),
        original("b", serial="7311200"),
        replace(original("b"), width=3000, height=2250),
        replace(original("b"), format="png"),
        replace(original("b"), facts=shot("b", 60.0).facts),
        original("b", Fact(FactName.SOFTWARE, "Adobe Photoshop CS5", Origin.EXIF)),
    ],
    ids=["model", "serials", "size", "format", "no size stated", "edited"],
)
def test_others_are_not_asked(other: Linkable) -> None:
    assert questions([original("a", serial="8964244"), other], link("a", "b", 3.0)) == []


def test_standing_pictures_are_compared_with_lying_ones() -> None:
    standing = replace(original("b"), width=3000, height=4000)
    assert is_original(standing, SIDE)
    assert len(questions([original("a"), standing], link("a", "b", 3.0))) == 1


def test_small_pictures_have_too_little_to_say() -> None:
    assert not is_original(replace(original("a"), width=1500, height=1000), SIDE)


def test_those_of_one_run_speak_together_and_are_not_asked_about_each_other() -> None:
    held = [original(n) for n in range(12)]
    run = [link(n, n + 1, 4.5, "same-camera") for n in range(10)]
    found = questions(held, *run, *(link(n, 11, 2.0 + n / 10) for n in range(11)), link(0, 10, 2.0))
    assert len(found) == 1
    assert {found[0].a, found[0].b} == {sha(10), sha(11)}
    many, one = sorted((found[0].of_a, found[0].of_b), key=len, reverse=True)
    assert (len(many), one) == (TOGETHER, (sha(11),))
    assert many[0] == sha(10)


def test_the_order_of_links_does_not_matter() -> None:
    held = [original(n) for n in range(6)]
    links = [link(n, m, 2.0) for n in range(6) for m in range(n)]
    assert questions(held, *links) == questions(held[::-1], *links[::-1])
    assert len(questions(held, *links)) == 15
