"""From evidence and rulings to series: rulings bind every later run, ids and names outlive it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.series.made_up import decision, group, members, near, sha, shot
from foureyes.engine.model import Decision, DecisionKind, Linkable, NearPair, Series
from foureyes.engine.series import Built, build, evidence

BELONGS, OUT = DecisionKind.BELONGS, DecisionKind.DOES_NOT_BELONG
MERGE, SPLIT = DecisionKind.MERGE, DecisionKind.SPLIT


def run(*names: int, serial: str = "", start: float = 0.0) -> list[Linkable]:
    return [shot(name, start + 8.0 * place, serial=serial) for place, name in enumerate(names)]


A, B = run(0, 1, 2, 3, serial="8964244"), run(10, 11, 12, 13, serial="1670520998", start=10**7)
LONE = [shot(20), shot(21)]
HELD = [*A, *B, *LONE]


def built(
    *decisions: Decision,
    held: list[Linkable] = HELD,
    pairs: list[NearPair] | None = None,
    before: Built | None = None,
) -> Built:
    return build(evidence(held, pairs or []), decisions, before.series if before else ())


def test_scenes_become_series_with_their_reasons() -> None:
    result = built()
    assert members(result.series) == {group(0, 1, 2, 3), group(10, 11, 12, 13)}
    for one in result.series:
        assert one.links
        assert {link.a for link in one.links} | {link.b for link in one.links} == set(one.members)
        assert not one.named_by_person
    assert [one.id for one in result.series] == sorted(one.id for one in result.series)


def test_nothing_gives_nothing() -> None:
    assert built(held=[]) == ((), (), {}, ())


class TestRulings:
    def test_what_belongs_stays_without_any_evidence(self) -> None:
        result = built(decision(1, BELONGS, [20], [0, 1, 2, 3]))
        assert group(0, 1, 2, 3, 20) in members(result.series)

    def test_what_does_not_belong_leaves_and_never_comes_back(self) -> None:
        strong = [near(3, name, 0) for name in (0, 1, 2)]
        result = built(decision(1, OUT, [3], [0, 1, 2]), pairs=strong)
        assert group(0, 1, 2) in members(result.series)
        assert not [one for one in result.series if sha(3) in one.members]

    def test_a_third_media_does_not_bring_together_what_was_ruled_apart(self) -> None:
        bridge = [near(20, 3, 0), near(20, 0, 0)]
        result = built(decision(1, OUT, [3], [0, 1, 2]), pairs=bridge)
        assert not [one for one in result.series if {sha(3), sha(0)} <= set(one.members)]

    def test_merged_series_are_one_and_a_split_parts_them(self) -> None:
        merged = built(decision(1, MERGE, [], [0, 1, 2, 3, 10, 11, 12, 13]))
        assert members(merged.series) == {group(0, 1, 2, 3, 10, 11, 12, 13)}
        parted = built(decision(1, SPLIT, [2, 3], [0, 1]))
        assert members(parted.series) == {group(0, 1), group(2, 3), group(10, 11, 12, 13)}

    def test_those_who_leave_together_stay_together(self) -> None:
        parted = built(decision(1, SPLIT, [0, 3], [1, 2]))
        assert members(parted.series) >= {group(0, 3), group(1, 2)}

    def test_withdrawn_rulings_have_no_effect(self) -> None:
        withdrawn = [
            decision(1, OUT, [3], [0, 1, 2], withdrawn=True),
            decision(2, BELONGS, [20], [0], withdrawn=True),
        ]
        assert built(*withdrawn) == built()

    @pytest.mark.parametrize("later", [BELONGS, OUT])
    def test_of_two_that_contradict_the_later_holds_and_the_notes_say_so(self, later: DecisionKind) -> None:
        kinds = [OUT, BELONGS] if later is BELONGS else [BELONGS, OUT]
        rulings = [decision(number, kind, [20], [0, 1, 2, 3]) for number, kind in enumerate(kinds, 1)]
        for given_order in (rulings, rulings[::-1]):
            result = built(*given_order)
            assert (group(0, 1, 2, 3, 20) in members(result.series)) == (later is BELONGS)
            assert len([note for note in result.notes if note.startswith("decision 1 ")]) == 1

    def test_media_that_are_gone_do_not_disturb(self) -> None:
        result = built(
            decision(1, BELONGS, [20, "gone"], [0, "gone too"]), decision(2, OUT, ["gone"], ["gone too"])
        )
        assert group(0, 1, 2, 3, 20) in members(result.series)
        assert not result.notes

    def test_what_belongs_goes_with_most_of_its_anchors(self) -> None:
        """The series it was added to has come apart since: 3 was ruled out of it."""
        rulings = [decision(1, BELONGS, [20], [0, 1, 2, 3]), decision(2, OUT, [0], [1, 2, 3])]
        assert group(1, 2, 3, 20) in members(built(*rulings).series)

    @settings(max_examples=60)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(list(DecisionKind)),
                st.sets(st.sampled_from([0, 1, 2, 3, 10, 11, 20, 21]), min_size=1, max_size=3),
                st.sets(st.sampled_from([0, 1, 2, 3, 10, 11, 20, 21]), min_size=1, max_size=5),
            ),
            max_size=7,
        )
    )
    def test_the_latest_ruling_of_all_always_holds(
        self, plan: list[tuple[DecisionKind, set[int], set[int]]]
    ) -> None:
        rulings = [decision(number, *ruled) for number, ruled in enumerate(plan, 1)]
        result = built(*rulings)
        assert result == built(*rulings[::-1])
        if not plan:
            return
        kind, ruled, anchors = plan[-1]
        home = {one: number for number, series in enumerate(result.series) for one in series.members}
        rest = anchors - ruled
        if kind in {OUT, SPLIT}:
            pairs = [(sha(a), sha(b)) for a in ruled for b in rest]
            assert not [1 for a, b in pairs if a in home and home[a] == home.get(b)]
        elif kind is BELONGS and rest:
            assert any(home.get(sha(next(iter(ruled)))) == home.get(sha(b), -1) for b in rest)
        elif kind is MERGE and len(anchors | ruled) > 1:
            assert len({home.get(sha(one)) for one in anchors | ruled}) == 1


class TestIdentity:
    def test_ids_survive_a_second_run_and_new_arrivals(self) -> None:
        first = built()
        grown = built(held=[*HELD, *run(4, 5, serial="8964244", start=32)], before=first)
        assert {one.id for one in grown.series} == {one.id for one in first.series}
        assert group(0, 1, 2, 3, 4, 5) in members(grown.series)
        assert not grown.aliases

    def test_a_persons_name_stays_with_its_id(self) -> None:
        first = built()
        named = replace(first.series[0], name="Blue room", named_by_person=True)
        again = build(evidence([*HELD, shot(30)], []), (), [named, *first.series[1:]])
        kept = next(one for one in again.series if one.id == named.id)
        assert (kept.name, kept.named_by_person) == ("Blue room", True)

    def test_merged_series_keep_the_larger_ones_id_and_the_other_redirects(self) -> None:
        held = [*run(0, 1, 2, 3, 4, serial="8964244"), *B]
        first = built(held=held)
        larger = next(one for one in first.series if sha(0) in one.members)
        smaller = next(one for one in first.series if sha(10) in one.members)
        renamed = [larger, replace(smaller, name="Attic", named_by_person=True)]
        merge = decision(1, MERGE, [], [0, 1, 2, 3, 4, 10, 11, 12, 13])
        merged = build(evidence(held, []), [merge], renamed)
        assert [one.id for one in merged.series] == [larger.id]
        assert merged.aliases == {smaller.id: larger.id}
        assert merged.series[0].name == "Attic"
        assert [note for note in merged.notes if larger.id in note] or merged.series[0].named_by_person

    def test_of_a_split_series_the_larger_part_keeps_the_id(self) -> None:
        held = run(0, 1, 2, 3, 4, serial="8964244")
        first = built(held=held)
        parted = built(decision(1, SPLIT, [0, 1], [2, 3, 4]), held=held, before=first)
        keeper = next(one for one in parted.series if one.id == first.series[0].id)
        assert set(keeper.members) == group(2, 3, 4)
        assert len({one.id for one in parted.series}) == 2

    def test_an_id_is_never_given_to_another_series(self) -> None:
        """Members of a series that fell apart must not bring its id back for others."""
        first = built(held=A)
        strangers = built(held=B, before=first)
        assert {one.id for one in strangers.series}.isdisjoint({one.id for one in first.series})
        assert any("holds nothing together" in note for note in strangers.notes)
        assert not any("()" in note for note in strangers.notes)

    def test_an_id_is_not_given_again_when_its_series_is_long_gone(self) -> None:
        first = built(held=A)
        between = built(held=B, before=first)
        ever = {one.id for one in (*first.series, *between.series)}
        back = build(evidence([*A, *B], []), (), between.series, ever)
        (kept,) = (one for one in back.series if sha(0) in one.members)
        assert kept.id not in ever

    def test_one_member_among_strangers_carries_no_id_and_no_name_over(self) -> None:
        old = Series("S-OLD", "Attic", named_by_person=True, members=tuple(map(sha, (0, 90, 91, 92))))
        made = build(evidence(A, []), (), [old])
        assert sha(0) in made.series[0].members
        assert made.series[0].id != "S-OLD"
        assert made.series[0].name != "Attic"
        assert made.aliases == {}
        assert any("S-OLD (Attic) holds nothing together" in note for note in made.notes)

    def test_a_new_id_has_its_form_and_depends_on_members_alone(self) -> None:
        forward, backward = built(), built(held=HELD[::-1])
        assert forward == backward
        for one in forward.series:
            assert one.id.startswith("S-")
            assert len(one.id) == 10


class TestNames:
    def test_a_camera_and_a_day_name_a_series(self) -> None:
        assert {one.name for one in built().series} == {
            "Hersteller Modelo 5, 1 Jun 2020",
            "Hersteller Modelo 5, 25 Sep 2020",
        }

    def test_copies_are_named_by_their_shortest_file(self) -> None:
        held = [Linkable(sha(name), None, (), (f"x/{name}.png",)) for name in ("bridge", "bridge-rotated")]
        assert [one.name for one in built(held=held, pairs=[near("bridge", "bridge-rotated")]).series] == [
            "copies of bridge.png"
        ]

    def test_hostile_text_does_not_get_into_a_name(self) -> None:
        held = [shot(n, 5.0 * n, model="M\u202e\x1b[2J\n" + "x" * 500, serial="8964244") for n in range(3)]
        name: str = built(held=held).series[0].name
        assert name.isprintable()
        assert len(name) < 120


def test_ten_thousand_copies_of_one_picture_are_one_series() -> None:
    held = [Linkable(sha(n), None, (), ("meme.jpg",)) for n in range(10_000)]
    result = built(held=held, pairs=[near(0, n, 0) for n in range(1, 10_000)])
    assert [len(one.members) for one in result.series] == [10_000]
    assert isinstance(result.series[0], Series)
