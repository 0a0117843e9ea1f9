"""What each kind of link says of real situations, and of the traps that facts set."""

from __future__ import annotations

import pytest

from engine.series.made_up import media, near, sha, sharing, shot
from foureyes.engine.model import FactName, Link, Linkable, MediaKind, NearPair, Origin, ScenePair
from foureyes.engine.series import evidence
from foureyes.engine.series.grouping import LINKED, STRONG
from foureyes.engine.series.links import Signals, propose
from foureyes.engine.series.links.base import LinkMaker
from foureyes.engine.series.links.same_camera import SameCamera
from foureyes.engine.series.links.same_picture import SamePicture
from foureyes.engine.series.links.same_place_time import SamePlaceAndTime
from foureyes.engine.series.links.shots import serial_of, shot_of

HOUR = 3600.0
DAY = 24 * HOUR


def links(
    maker: LinkMaker, held: list[Linkable], pairs: list[NearPair] | None = None
) -> dict[frozenset[str], Link]:
    proposed = maker.propose(evidence(held, pairs or []))
    return {frozenset((link.a, link.b)): link for link in proposed}


def pair(a: object, b: object) -> frozenset[str]:
    return frozenset((sha(a), sha(b)))


class TestSamePicture:
    def test_the_evidence_says_bits_and_orientation(self) -> None:
        found = links(SamePicture(), [media("a"), media("b")], [near("a", "b", 12, orientation=1)])
        link = found[pair("a", "b")]
        assert link.evidence == "12 of 256 bits differ, rotated by 90 degrees"
        assert LINKED <= link.strength <= SamePicture.cap

    def test_a_negative_says_so_and_joins_no_two_grown_groups(self) -> None:
        found = links(SamePicture(), [media("a"), media("b")], [near("a", "b", 0, orientation=8)])
        link = found[pair("a", "b")]
        assert link.evidence == "0 of 256 bits differ, as a negative"
        assert LINKED < link.strength < STRONG

    def test_fewer_bits_are_stronger_and_the_radius_still_links(self) -> None:
        strengths = [
            links(SamePicture(), [media("a"), media("b")], [near("a", "b", bits)])[pair("a", "b")].strength
            for bits in (0, 10, 31)
        ]
        assert strengths == sorted(strengths, reverse=True)
        assert strengths[-1] >= LINKED

    def test_a_still_of_a_clip_names_the_second(self) -> None:
        clip = media("clip", kind=MediaKind.VIDEO, frames=40)
        for name in ("still", "other", "third"):
            found = links(SamePicture(), [clip, media(name)], [near(name, "clip", 3, at_b=64.2)])
            assert found[pair("clip", name)].evidence.startswith("still matches the clip at 1:04")

    def test_a_still_of_a_film_joins_no_two_grown_groups(self) -> None:
        clip = media("clip", kind=MediaKind.VIDEO, frames=40)
        found = links(SamePicture(), [clip, media("still")], [near("still", "clip", 0)])
        assert LINKED < found[pair("clip", "still")].strength < STRONG

    def test_a_clip_cut_from_a_film_says_where(self) -> None:
        names = ["clip", "film"] if sha("clip") < sha("film") else ["film", "clip"]
        clips = [media(name, kind=MediaKind.VIDEO, frames=20) for name in names]
        shared = sharing((15, 15), (15, 200), (0, 15, 70, 85))
        link = links(SamePicture(), clips, [near("clip", "film", 0, at_b=70, shared=shared)])
        said = link[pair("clip", "film")]
        assert said.strength == SamePicture.cap
        a, b = sha(names[0])[:12], sha(names[1])[:12]
        expected = {
            "clip": f"100 % of {a} is in {b}, 0:00-0:15 at 1:10-1:25; 8 % of {b} (15 frames)",
            "film": f"8 % of {a} is in {b}, 1:10-1:25 at 0:00-0:15; 100 % of {b} (15 frames)",
        }
        assert said.evidence == expected[names[0]] + "; nearest frames: 0 of 256 bits differ"

    @pytest.mark.parametrize(
        ("seen", "of", "links_them"),
        [(1, 5, False), (2, 20, True), (3, 40, False), (20, 40, True), (39, 400, False), (40, 400, True)],
    )
    def test_films_link_from_two_frames_and_a_tenth_on(self, seen: int, of: int, links_them: bool) -> None:
        clips = [media(name, kind=MediaKind.VIDEO, frames=of) for name in "ab"]
        shared = sharing((seen, seen), (of, of))
        link = links(SamePicture(), clips, [near("a", "b", 31, shared=shared)])[pair("a", "b")]
        assert (link.strength >= LINKED) == links_them

    def test_the_more_two_films_share_the_stronger_they_link(self) -> None:
        clips = [media(name, kind=MediaKind.VIDEO, frames=100) for name in "ab"]
        strengths = [
            links(SamePicture(), clips, [near("a", "b", 3, shared=sharing((n, n), (100, 100)))])[
                pair("a", "b")
            ].strength
            for n in (1, 5, 10, 30, 50, 51)
        ]
        assert strengths == sorted(set(strengths))
        assert strengths[-2] < STRONG
        of_pictures = links(SamePicture(), [media("a"), media("b")], [near("a", "b", 3)])
        assert strengths[-1] == of_pictures[pair("a", "b")].strength

    def test_a_long_film_with_one_shared_second_does_not_link(self) -> None:
        clips = [media(name, kind=MediaKind.VIDEO, frames=240) for name in "ab"]
        shared = sharing((1, 1), (240, 240))
        link = links(SamePicture(), clips, [near("a", "b", 0, at_a=5000, shared=shared)])[pair("a", "b")]
        assert link.strength < LINKED
        assert "under 1 %" in link.evidence

    def test_a_course_that_a_drawing_spoils_counts_by_the_time_it_runs_in_step(self) -> None:
        clips = [media(name, kind=MediaKind.VIDEO, frames=100) for name in "ab"]
        for frames, linked in ((9, True), (3, False)):
            shared = sharing((frames, frames), (100, 100), (0, 30, 5, 35))
            link = links(SamePicture(), clips, [near("a", "b", 20, shared=shared)])[pair("a", "b")]
            assert (link.strength >= LINKED) == linked

    def test_a_film_with_one_frame_to_compare_links_by_it(self) -> None:
        clips = [media(name, kind=MediaKind.VIDEO, frames=9) for name in "ab"]
        link = links(SamePicture(), clips, [near("a", "b", 0, shared=sharing((1, 1), (1, 9)))])
        assert link[pair("a", "b")].strength >= LINKED

    def test_plain_pictures_link_at_the_threshold_and_say_why(self) -> None:
        found = links(SamePicture(), [media("a"), media("b")], [near("a", "b", 0, plain=True)])
        assert found[pair("a", "b")].strength == LINKED
        assert "one thumbnail" in found[pair("a", "b")].evidence

    def test_clips_of_a_single_frame_link_by_it(self) -> None:
        clips = [media(name, kind=MediaKind.VIDEO, frames=1) for name in "ab"]
        assert links(SamePicture(), clips, [near("a", "b", 0)])[pair("a", "b")].strength >= LINKED

    def test_media_that_are_not_held_are_passed_over(self) -> None:
        assert not links(SamePicture(), [media("a")], [near("a", "gone")])


class TestSameCamera:
    def test_a_serial_in_one_scene_is_strong(self) -> None:
        held = [shot(n, 20.0 * n, serial="8964244") for n in range(5)]
        found = links(SameCamera(), held)
        assert found[pair(0, 1)].strength >= STRONG
        assert "body serial 8964244" in found[pair(0, 1)].evidence

    @pytest.mark.parametrize(
        ("pause", "at_least", "below"), [(5 * HOUR, 4, 4.2), (3 * DAY, 4, 4.2), (40 * DAY, 2, 4)]
    )
    def test_a_serial_says_less_after_a_pause(self, pause: float, at_least: float, below: float) -> None:
        found = links(SameCamera(), [shot("a", 0, serial="8964244"), shot("b", pause, serial="8964244")])
        assert at_least <= found[pair("a", "b")].strength < below

    @pytest.mark.parametrize(
        "serial",
        [
            "",
            "0",
            "0000000000",
            "NO= 00000",
            "111111111",
            "123456",
            "12345678",
            "0123456789",
            "987654321",
            "STANDARD",
            "00LANDSC",
            "None",
            "xxx",
            "   ",
        ],
    )
    def test_worthless_serials_name_no_camera(self, serial: str) -> None:
        assert not serial_of(serial)
        held = [shot(n, n * 5 * HOUR, serial=serial) for n in range(3)]
        assert all(link.strength < LINKED for link in links(SameCamera(), held).values())

    @pytest.mark.parametrize(
        ("stated", "read"),
        [("NO= 2001f1c0   ", "2001f1c0"), ("0323076198820", "323076198820"), ("46FFBD0C", "46ffbd0c")],
    )
    def test_real_serials_are_read(self, stated: str, read: str) -> None:
        assert serial_of(stated) == read

    def test_a_serial_that_two_models_state_is_a_default(self) -> None:
        held = [
            shot("a", 0, serial="55512399", model="One"),
            shot("b", 9 * HOUR, serial="55512399", model="One"),
            shot("c", 99 * HOUR, serial="55512399", model="Two"),
        ]
        assert not [link for link in links(SameCamera(), held).values() if link.strength >= LINKED]

    def test_two_bodies_of_one_model_side_by_side_stay_apart(self) -> None:
        held = [shot(n, 5.0 * n, serial=["2001f1c0", "20025295"][n % 2]) for n in range(8)]
        found = links(SameCamera(), held)
        assert pair(0, 2) in found
        assert pair(0, 1) not in found
        assert pair(1, 2) not in found

    def test_without_a_serial_a_burst_links_and_a_walk_does_not(self) -> None:
        found = links(SameCamera(), [shot("a", 0), shot("b", 12), shot("c", 300)])
        assert found[pair("a", "b")].strength >= LINKED
        assert found[pair("b", "c")].strength < LINKED

    def test_numbers_of_shots_between_keep_a_scene_together(self) -> None:
        """25 shots in 166 seconds lie between: the camera never paused, though nothing of it is held."""
        held = [shot("a", 0, path="DCIM/IMG_4883.JPG"), shot("b", 166, path="DCIM/IMG_4908.JPG")]
        link = links(SameCamera(), held)[pair("a", "b")]
        assert link.strength >= LINKED
        assert "file numbers 4883 and 4908" in link.evidence

    def test_numbers_that_run_against_time_unlink(self) -> None:
        held = [shot("a", 0, path="IMG_4908.JPG"), shot("b", 12, path="IMG_4883.JPG")]
        assert not links(SameCamera(), held)

    def test_a_number_passes_its_end(self) -> None:
        held = [shot("a", 0, path="DSC_9999.JPG"), shot("b", 12, path="DSC_0001.JPG")]
        assert links(SameCamera(), held)[pair("a", "b")].strength >= LINKED

    def test_another_lens_is_another_camera(self) -> None:
        assert not links(SameCamera(), [shot("a", 0, lens="18-55"), shot("b", 4, lens="70-300")])

    def test_a_corpus_of_one_model_links_only_what_is_very_close(self) -> None:
        """Ten thousand sessions of one phone in a year: two of them meet within half a minute by chance."""
        crowd = [shot(n, n * 3100.0) for n in range(10_000)]
        chance = shot("chance", 3100.0 * 5000 + 40)
        found = links(SameCamera(), [*crowd, chance])
        assert not [link for link in found.values() if link.strength >= LINKED]

    def test_a_run_of_a_camera_cut_by_a_walk_is_two_scenes_however_near_the_numbers_are(self) -> None:
        first = [shot(n, 8.0 * n, serial="46ffbd0c", number=3560 + n) for n in range(6)]
        second = [shot(10 + n, 270 + 8.0 * n, serial="46ffbd0c", number=3566 + n) for n in range(6)]
        found = links(SameCamera(), [*first, *second])
        across = [link for key, link in found.items() if key & {sha(4), sha(5)} and key & {sha(10), sha(11)}]
        assert across
        assert all(link.strength <= LINKED for link in across)

    def test_a_clock_that_was_never_set_tells_nothing(self) -> None:
        held = [
            media(n, (FactName.CAMERA_MODEL, "M"), (FactName.CAPTURED_AT, "2010-01-01T00:03:07"))
            for n in "ab"
        ]
        assert shot_of(held[0]).taken is None
        assert not links(SameCamera(), held)

    def test_an_edit_that_kept_its_metadata_links_but_not_strongly(self) -> None:
        link = links(SameCamera(), [shot("a", 7.25), shot("b", 7.25)])[pair("a", "b")]
        assert LINKED <= link.strength < STRONG

    def test_metadata_copied_onto_foreign_pictures_links_nothing(self) -> None:
        held = [shot(n, 7.25, serial="8964244", at=(48.2, 16.37)) for n in range(40)]
        assert not links(SameCamera(), held)
        assert not links(SamePlaceAndTime(), held)

    def test_forty_copies_of_one_picture_keep_their_moment(self) -> None:
        held = [shot(n, 7.25, serial="8964244") for n in range(40)]
        copies = [near(0, n) for n in range(1, 40)]
        assert links(SameCamera(), held, copies)

    def test_times_of_a_container_and_of_a_still_are_not_compared(self) -> None:
        still = shot("a", 0)
        clip = media(
            "b",
            (FactName.CAMERA_MAKER, "Hersteller"),
            (FactName.CAMERA_MODEL, "Modelo 5"),
            (FactName.CAPTURED_AT, "2020-06-01T12:00:04"),
            origin=Origin.CONTAINER,
        )
        assert not links(SameCamera(), [still, clip])


class TestSamePlaceAndTime:
    def test_near_in_place_and_time_links(self) -> None:
        held = [shot("a", 0, at=(48.2, 16.37)), shot("b", 600, at=(48.20005, 16.37))]
        link = links(SamePlaceAndTime(), held)[pair("a", "b")]
        assert link.strength >= LINKED
        assert link.evidence == "6 metres apart and 10 minutes"

    def test_the_same_place_on_another_day_is_a_hint(self) -> None:
        held = [shot("a", 0, at=(48.2, 16.37)), shot("b", 9 * DAY, at=(48.2, 16.37))]
        link = links(SamePlaceAndTime(), held)[pair("a", "b")]
        assert 1 < link.strength < LINKED
        assert "9.0 days apart" in link.evidence

    def test_strength_falls_with_distance_and_with_stated_error(self) -> None:
        def strength(north: float, error: float | None = None) -> float:
            held = [shot("a", 0, at=(48.2, 16.37), error=error), shot("b", 60, at=(48.2 + north, 16.37))]
            found = links(SamePlaceAndTime(), held)
            return found[pair("a", "b")].strength if found else 0.0

        assert strength(0.0003) > strength(0.0009) > strength(0.0013) > 0
        assert strength(0.002) == 0
        assert strength(0.0003) > strength(0.0003, error=100) > strength(0.0003, error=900)

    def test_a_landmark_links_nobody(self) -> None:
        crowd = [shot(n, n * DAY, model=f"M{n}", at=(48.8584, 2.2945)) for n in range(300)]
        assert not [link for link in links(SamePlaceAndTime(), crowd).values() if link.strength > 1.5]

    @pytest.mark.parametrize(
        ("latitude", "longitude"),
        [
            (59.99999, 10.0),
            (60.00001, 10.0),
            (-0.00001, 0.00001),
            (69.9999, -120.0),
            (0.99999, 179.0),
            (89.9, 5.0),
        ],
    )
    def test_neighbours_are_found_across_the_lines_of_the_grid(
        self, latitude: float, longitude: float
    ) -> None:
        for north in (-0.0003, 0.0003):
            for east in (-0.0002, 0.0002):
                held = [
                    shot("a", 0, at=(latitude, longitude)),
                    shot("b", 60, at=(latitude + north, longitude + east)),
                ]
                assert links(SamePlaceAndTime(), held)

    def test_nought_nought_is_no_place(self) -> None:
        assert shot_of(shot("a", 0, at=(0.0, 0.0))).latitude is None


@pytest.mark.parametrize(
    "worthless",
    [
        "A11111111", "AA1111111", "111111111120090123ABC11T111111", "12341234", "121212", "SN123456789",
        "0123456789", "20070913-132352", "20000000", "S/N 000000", "ffffffff", "987654321",
    ],
)  # fmt: skip
def test_fillers_are_no_serials(worthless: str) -> None:
    assert serial_of(worthless) == ""


@pytest.mark.parametrize(
    "real",
    [
        "46ffbd0c", "323076198820", "ZC3031830", "8964244", "2001f1c0", "20025295", "K2221240", "00006ef2ca",
        "S010604030293", "0171612001128001", "02000019", "143008611", "C3221324657219", "1000f46",
    ],
)  # fmt: skip
def test_serials_of_real_cameras_stand(real: str) -> None:
    assert serial_of(real)


def test_the_order_of_media_and_pairs_does_not_matter() -> None:
    held = [shot(n, 7.0 * n, serial="8964244", at=(48.2 + n / 1e5, 16.3)) for n in range(12)]
    held += [media(f"received {n}") for n in range(12)]
    pairs = [near(n, n + 1) for n in range(11)]
    names = sorted(one.sha256 for one in held)
    scenes = [ScenePair(names[n], names[n + 1], 0.8) for n in range(23)]
    forward = propose(evidence(held, pairs, Signals(scenes=scenes)))
    assert forward == propose(evidence(held[::-1], pairs[::-1], Signals(scenes=scenes[::-1])))
    assert {"same-picture", "same-camera", "same-place-and-time", "same-scene"} <= {
        link.kind for link in forward
    }


def test_links_are_few_for_many_media() -> None:
    held = [shot(n, 5.0 * n, serial="8964244", at=(48.2, 16.37)) for n in range(3000)]
    assert len(propose(evidence(held, []))) <= 3000 * 2 * 2


def scenes_of(held: list[Linkable], cosine: float, *, refuted: bool = False) -> list[Link]:
    a, b = sorted(one.sha256 for one in held)
    signals = Signals(scenes=[ScenePair(a, b, cosine, refuted=refuted)])
    return [link for link in propose(evidence(held, [], signals)) if link.kind == "same-scene"]


def test_looking_alike_says_half_where_a_closer_look_found_nothing() -> None:
    held = [media(1), media(2)]
    [said], [refuted] = scenes_of(held, 0.9), scenes_of(held, 0.9, refuted=True)
    assert refuted.strength == said.strength / 2
    assert "no surface of one was found in the other" in refuted.evidence


def test_looking_alike_says_nothing_beside_a_camera() -> None:
    held = [shot(n, 600.0 * n, serial="8964244") for n in range(2)]
    assert scenes_of(held, 0.9) == []


def test_looking_alike_alone_never_links() -> None:
    [said] = scenes_of([media(1), media(2)], 1.0)
    assert said.strength < LINKED
