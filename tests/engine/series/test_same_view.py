from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.series.made_up import media, sha, shot
from foureyes.engine.model import Link, ScenePair, ViewPair
from foureyes.engine.series import Signals, build, evidence
from foureyes.engine.series.grouping import LINKED, STRONG
from foureyes.engine.series.links.same_maker_traces import SameMakerTraces
from foureyes.engine.series.links.same_scene import SameScene
from foureyes.engine.series.links.same_view import OF_A_PATTERN, SameView, words

A, B = sorted((sha("a"), sha("b")))
VIEW = ViewPair(A, B, "sift", 84, 0.61, 0.4, covers=0.7)
HELD = [media("a"), media("b")]


def links(*views: ViewPair) -> list[Link]:
    return list(SameView().propose(evidence(HELD, [], Signals(views=views))))


def test_a_view_with_many_points_links_but_joins_no_grown_groups_alone() -> None:
    (link,) = links(VIEW)
    assert LINKED + 0.5 < link.strength < STRONG
    assert link.evidence == "84 points agree over 61 % of one and 40 % of the other"


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (replace(VIEW, mirrored=True), "84 points agree over 61 % of one and 40 % of the other, mirrored"),
        (
            replace(VIEW, at_b=64.0),
            "84 points agree over 61 % of one and 40 % of the other, at 0:00 and 1:04",
        ),
        (replace(VIEW, share_b=0.004), "84 points agree over 61 % of one and under 1 % of the other"),
    ],
)
def test_words(view: ViewPair, said: str) -> None:
    assert words(view) == said


def test_a_thumbnail_is_owned_up_to() -> None:
    assert words(replace(VIEW, small=True)).endswith("(by a thumbnail: the original is not at hand)")


@pytest.mark.parametrize(
    ("serials", "said"),
    [
        (("8964244", "9066611"), "; two bodies: serials 8964244 and 9066611"),
        (("8964244", "8964244"), ""),
        (("8964244", ""), ""),
        (("8964244", "00000000"), ""),
    ],
)
def test_two_bodies_are_said_and_take_nothing_from_a_view(serials: tuple[str, str], said: str) -> None:
    held = [shot(name, serial=serial) for name, serial in zip("ab", serials, strict=True)]
    signals = Signals(views=[VIEW], scenes=[ScenePair(A, B, 0.9)])
    (plain,) = links(VIEW)
    (view,) = SameView().propose(evidence(held, [], signals))
    assert (view.strength, view.evidence) == (plain.strength, plain.evidence + said)
    (likeness,) = SameScene().propose(evidence(held, [], signals))
    assert (likeness.strength, likeness.evidence) == (2.4, "look alike as scenes: 0.90 of 1" + said)


def test_two_media_of_one_view_become_one_series() -> None:
    built = build(evidence(HELD, [], Signals(views=[VIEW])), (), ())
    assert [one.members for one in built.series] == [(A, B)]


@pytest.mark.parametrize("points", [10, 12, 19])
def test_few_points_are_shown_at_most(points: int) -> None:
    assert all(link.strength < LINKED for link in links(replace(VIEW, inliers=points)))


def test_what_is_fixed_in_place_links_nothing() -> None:
    assert not links(replace(VIEW, fixed=True))


def test_a_poster_in_two_rooms_does_not_link_alone() -> None:
    (link,) = links(replace(VIEW, inliers=400, share_a=0.05, share_b=0.05, covers=0.06))
    assert 0 < link.strength < LINKED


def test_views_that_overlap_at_their_edges_link() -> None:
    (link,) = links(replace(VIEW, share_a=0.05, share_b=0.05, covers=0.7))
    assert LINKED + 0.5 < link.strength < STRONG


def test_points_scattered_among_places_that_do_not_agree_count_for_less() -> None:
    assert not links(replace(VIEW, inliers=20, agrees=0.2))
    assert links(replace(VIEW, inliers=20, agrees=0.6))[0].strength >= LINKED


def test_media_that_are_set_aside_are_left_alone() -> None:
    views = Signals(views=[VIEW])
    assert not list(SameView().propose(evidence(HELD[:1], [], views)))


@given(
    st.integers(10, 500),
    st.integers(10, 500),
    st.floats(0.002, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_more_points_never_count_for_less(
    few: int, many: int, share: float, covers: float, agrees: float
) -> None:
    view = replace(VIEW, share_a=share, share_b=share, covers=covers, agrees=agrees)
    strengths = [
        links(replace(view, inliers=points))[0].strength if links(replace(view, inliers=points)) else 0.0
        for points in sorted((few, many))
    ]
    assert strengths == sorted(strengths)
    assert strengths[1] <= SameView.cap


@pytest.mark.parametrize("why", ["alone", "unsure"])
def test_what_only_the_network_finds_or_a_form_may_be_is_a_hint(why: str) -> None:
    (link,) = links(replace(VIEW, inliers=200, alone=why == "alone", unsure=why == "unsure"))
    assert link.strength == OF_A_PATTERN
    assert link.strength + SameMakerTraces.cap < LINKED, "what one program draws comes in its own files"
