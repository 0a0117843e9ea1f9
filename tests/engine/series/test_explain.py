"""An explanation must be true of what is stored, and say it hop by hop."""

from __future__ import annotations

from collections.abc import Sequence

from engine.series.made_up import decision, near, sha, shot
from foureyes.engine.model import Decision, DecisionKind, Link, Linkable, NearPair, Series
from foureyes.engine.series import Built, build, evidence, explain


class Standing:
    """What a run has left behind, asked as the catalogue is."""

    def __init__(self, held: Sequence[Linkable], pairs: Sequence[NearPair], *decisions: Decision) -> None:
        self._built: Built = build(evidence(held, pairs), decisions, ())
        self._decisions = decisions

    def series_of(self, sha256: str) -> Series | None:
        return next((one for one in self._built.series if sha256 in one.members), None)

    def series(self, series_id: str) -> Series | None:
        return next((one for one in self._built.series if one.id == series_id), None)

    def links_of(self, sha256: str) -> list[Link]:
        return [link for link in self._built.links if sha256 in {link.a, link.b}]

    def decisions(self) -> Sequence[Decision]:
        return self._decisions


RUN = [shot(n, 8.0 * n, serial="8964244") for n in range(6)]


def test_every_hop_is_a_stored_reason_and_the_path_is_whole() -> None:
    found = explain(sha(0), sha(5), Standing(RUN, []))
    assert found.together
    assert found.hops[0].a == sha(0)
    assert found.hops[-1].b == sha(5)
    assert all(one.b == two.a for one, two in zip(found.hops, found.hops[1:], strict=False))
    assert all({link.a, link.b} == {hop.a, hop.b} for hop in found.hops for link in hop.links)
    assert "3 steps apart" in found.sentence
    assert "body serial 8964244" in found.sentence


def test_one_strong_hop_is_better_than_three() -> None:
    found = explain(sha(0), sha(5), Standing(RUN, [near(0, 5, 2)]))
    assert [link.kind for link in found.hops[0].links] == ["same-picture"]
    assert "one step apart" in found.sentence


def test_a_ruling_is_a_hop_with_its_officer_and_reason() -> None:
    standing = Standing([*RUN, shot(20)], [], decision(1, DecisionKind.BELONGS, [20], range(6)))
    found = explain(sha(20), sha(3), standing)
    assert found.hops[0].decisions[0].id == 1
    assert "Ines ruled: belongs (seen side by side)" in found.sentence


def test_apart_by_ruling_says_who_and_what_is_nearest() -> None:
    standing = Standing(RUN, [], decision(1, DecisionKind.DOES_NOT_BELONG, [5], range(5)))
    found = explain(sha(4), sha(5), standing)
    assert not found.together
    assert "Ines ruled them apart on 01.06.2020: does-not-belong (seen side by side)." in found.sentence
    assert "The nearest reason is same-camera" in found.sentence
    assert [hop.links[0].kind for hop in found.hops] == ["same-camera"]


def test_two_series_name_the_nearest_reason_between_them() -> None:
    later = [shot(10 + n, 9 * 3600 + 8.0 * n, serial="8964244") for n in range(6)]
    found = explain(sha(0), sha(15), Standing([*RUN, *later], []))
    assert not found.together
    assert "The nearest reason between their series is same-camera" in found.sentence
    assert "Grown groups join only on several members' reasons" in found.sentence


def test_strangers_have_nothing_but_a_measured_distance() -> None:
    standing = Standing([*RUN, shot(20)], [])
    assert explain(sha(0), sha(20), standing).sentence.endswith("Nothing that is known links them.")
    assert "differ in 61 of 256 bits" in explain(sha(0), sha(20), standing, nearest_bits=61).sentence


def test_a_media_and_itself() -> None:
    assert explain(sha(0), sha(0), Standing(RUN, [])).sentence == "They are one file: the same bytes."
