"""What a corpus does that was made to join everything: what is linked, what is not, and what the report says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.series.made_up import NOON, decision, group, media, members, near, sha, sharing, shot
from foureyes.engine.model import (
    DecisionKind,
    FactName,
    Link,
    Linkable,
    MediaKind,
    NearPair,
    QuestionKind,
    ViewPair,
)
from foureyes.engine.series import Built, LinkEvidence, build, evidence, links, questions
from foureyes.engine.series.links import GROUP_OF, LINKS, Signals


class Seen:
    """Every view that was found, as strong as views get."""

    name = "seen"
    version = 1
    group = "scene"
    cap = 5.5

    def propose(self, given: LinkEvidence) -> Iterator[Link]:
        for one in given.signals.views:
            yield Link(one.a, one.b, self.name, self.cap, f"{one.inliers} points", self.version)


@pytest.fixture(autouse=True)
def with_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LINKS", (*LINKS, Seen()))
    monkeypatch.setitem(GROUP_OF, "seen", "scene")


def view(
    a: object,
    b: object,
    *,
    a_in_b: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
    turned: float = 0.0,
) -> ViewPair:
    """All of `a` is to be seen in a box of `b` (left, top, right, bottom), perhaps at an angle."""
    left, top, right, bottom = a_in_b
    width, height = right - left, bottom - top
    corners = [(x, y, left + x * width, top + y * height) for x in (0.05, 0.95) for y in (0.05, 0.95)]
    way = (width, turned, left, 0.0, height, top, turned, 0.0, 1.0)
    if sha(a) < sha(b):
        return ViewPair(
            sha(a), sha(b), "xfeat", 80, 0.81, 0.81 * width * height, points=tuple(corners), homography=way
        )
    points = tuple((x, y, u, v) for u, v, x, y in corners)
    back = (1 / width, -turned, -left / width, 0.0, 1 / height, -top / height, -turned, 0.0, 1.0)
    return ViewPair(sha(b), sha(a), "xfeat", 80, 0.81 * width * height, 0.81, points=points, homography=back)


def session(first: int, *, serial: str = "8964244", at: float = 0.0, count: int = 5) -> list[Linkable]:
    return [shot(first + n, at + 5.0 * n, serial=serial) for n in range(count)]


def built(held: list[Linkable], pairs: list[NearPair] | None = None, *views: ViewPair) -> Built:
    return build(evidence(held, pairs or [], Signals(views=views)), (), ())


def test_ten_thousand_copies_of_one_meme_are_one_stack_and_join_no_series() -> None:
    """Every tenth copy lies in somebody's session, as alike to its first picture as a copy is."""
    copies = 10_000
    held = [media(("meme", n)) for n in range(copies)]
    pairs = [near(("meme", 0), ("meme", n), 6) for n in range(1, copies)]
    for owner in range(5):
        held += session(owner * 10, serial=f"896424{owner}7", at=owner * 90_000.0)
        pairs.append(near(("meme", owner * 10), owner * 10, 20))
    found = built(held, pairs)
    assert max(len(one.members) for one in found.series) == copies + 5
    # Copies are copies: the five pictures alike to them are of the stack, and their sessions stay their own.
    meme = next(one for one in found.series if len(one.members) > copies)
    assert {sha(owner * 10) for owner in range(5)} <= set(meme.members)
    assert members(found.series) >= {group(*(owner * 10 + n for n in range(1, 5))) for owner in range(5)}
    assert len([note for note in found.notes if "hold several series together" in note]) == 20
    assert any("more media link what nothing else connects" in note for note in found.notes)


def test_a_corpus_of_one_camera_model_is_not_one_series() -> None:
    """Two hundred owners of the most sold phone, no serials: sessions stay apart, days or minutes."""
    held = [
        shot(owner * 10 + n, owner * 7200.0 + 5.0 * n, model="Telefon 12")
        for owner in range(200)
        for n in range(4)
    ]
    found = built(held)
    assert max((len(one.members) for one in found.series), default=0) <= 4


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_collage_of_two_series_joins_neither(size: int) -> None:
    held = [
        *session(0, count=size),
        *session(100, serial="77315526", at=90_000.0, count=size),
        media("collage"),
    ]
    sides = (
        view(0, "collage", a_in_b=(0.0, 0.0, 0.5, 1.0)),
        view(100, "collage", a_in_b=(0.5, 0.0, 1.0, 1.0)),
    )
    found = built(held, [], *sides)
    expected = {group(*range(size)), group(*range(100, 100 + size))} if size > 1 else set()
    assert members(found.series) == expected
    assert found.notes == (
        f"{sha('collage')} alone would hold several series together: its links do not count until a person rules",
    )
    asked = questions(found.series, found.links, [], loners=True)
    between = {frozenset((one.a, one.b)) for one in asked if one.kind is QuestionKind.BETWEEN}
    assert between == {group(0, "collage"), group(100, "collage")}


def test_a_room_that_shows_two_details_is_no_collage() -> None:
    held = [media("room"), *(media(n) for n in range(6))]
    details = [view(n, "room", a_in_b=(0.0, 0.2, 0.4, 0.6), turned=0.2) for n in range(3)]
    details += [view(n, "room", a_in_b=(0.6, 0.2, 1.0, 0.6), turned=-0.2) for n in range(3, 6)]
    assert members(built(held, [], *details).series) == {group("room", *range(6))}


def test_a_person_may_rule_that_the_collage_belongs() -> None:
    held = [*session(0), *session(100, serial="77315526", at=90_000.0), media("collage")]
    sides = (view(0, "collage", a_in_b=(0, 0, 0.5, 1)), view(100, "collage", a_in_b=(0.5, 0, 1, 1)))
    given = evidence(held, [], Signals(views=sides))
    ruled = [decision(1, DecisionKind.BELONGS, ["collage"], range(5))]
    assert members(build(given, ruled, ()).series) == {group(*range(5), "collage"), group(*range(100, 105))}


def test_a_film_of_three_hours_with_one_shared_second_links_nothing() -> None:
    """A title card in both: one frame by hash, and the same frame by its points."""
    held = [media(name, kind=MediaKind.VIDEO, frames=10_800) for name in ("long", "other")]
    held += [media(n, kind=MediaKind.VIDEO, frames=60) for n in range(2)]
    pairs = [
        near("long", "other", 0, shared=sharing((1, 1), (10_800, 10_800))),
        near(0, 1, 2, shared=sharing((60, 60), (60, 60))),
    ]
    found = built(held, pairs, view("long", "other"))
    assert members(found.series) == {group(0, 1)}
    assert {one.strength for one in found.links if one.a in group("long", "other")} == {2.5, 3.5}


def test_a_compilation_of_two_films_goes_with_one_and_is_asked_of_the_other() -> None:
    """Versions of two films, stills of each, and a film cut together from both: 46 frames of one, 54 of the other."""
    films = {"a": [0, 1, 2], "b": [10, 11, 12]}
    held = [media("cut", kind=MediaKind.VIDEO, frames=100)]
    pairs = []
    for name, shares in (("a", 46), ("b", 54)):
        held += [media(one, kind=MediaKind.VIDEO, frames=150) for one in films[name]] + [media(name)]
        one, two, three = films[name]
        whole = sharing((150, 150), (150, 150))
        pairs += [near(one, two, 1, shared=whole), near(two, three, 1, shared=whole), near(one, name, 0)]
        pairs += [near("cut", film, 0, shared=sharing((shares, shares), (100, 150))) for film in films[name]]
        pairs.append(near("cut", name, 8))
    found = built(held, pairs)
    assert members(found.series) == {group("a", *films["a"]), group("b", "cut", *films["b"])}
    asked = questions(found.series, found.links, [])
    assert any(sha("cut") in (one.a, one.b) for one in asked if one.kind is QuestionKind.BETWEEN)


def test_a_wrong_clock_parts_a_session_and_joins_no_other() -> None:
    """A camera whose clock was set back by a year, and one whose clock was never set."""
    held = [
        *session(0),
        *session(10, at=-365 * 86_400.0),
        *session(20, serial="77315526", at=-365 * 86_400.0),
    ]
    unset = [
        media(30 + n, (FactName.CAMERA_MODEL, "Modelo 5"), (FactName.CAPTURED_AT, "2000-01-01T00:00:01"))
        for n in range(5)
    ]
    found = built([*held, *unset])
    assert members(found.series) == {group(*range(5)), group(*range(10, 15)), group(*range(20, 25))}
    strong = [
        one
        for one in found.links
        if {one.a, one.b} & group(*range(5)) and {one.a, one.b} & group(*range(10, 15))
    ]
    assert all(one.strength < 4 for one in strong), (
        "one body, a year apart by its clock: not linked by itself"
    )


def test_a_serial_of_zeros_is_no_serial() -> None:
    held = [shot(n, n * 86_400.0, serial="0000000") for n in range(50)]
    assert built(held).series == ()


def test_metadata_copied_onto_foreign_pictures_links_none_of_them() -> None:
    stamped = [
        media(
            n,
            (FactName.CAMERA_MODEL, "Modelo 5"),
            (FactName.BODY_SERIAL, "8964244"),
            (FactName.CAPTURED_AT, NOON.replace(tzinfo=None).isoformat()),
        )
        for n in range(40)
    ]
    assert built(stamped).series == ()
