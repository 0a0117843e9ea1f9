"""Times of different clocks: brought to UTC where satellites or stated zones tell it, weak, and never alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.series.made_up import media, sha
from foureyes.engine.model import Fact, FactName, Link, Linkable, MediaKind, Origin, ScenePair
from foureyes.engine.series import build, evidence
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.series.links import Signals, propose
from foureyes.engine.series.links.shots import shot_of

HERE = (48.2, 16.37)
NEAR = (48.2003, 16.37)
"""33 metres from there."""


def still(
    name: str,
    taken: str,
    *,
    model: str = "Phone 1",
    satellite: str = "",
    at: tuple[float, float] | None = HERE,
    origin: Origin = Origin.EXIF,
) -> Linkable:
    facts = [
        Fact(FactName.CAMERA_MAKER, "Maker", Origin.EXIF),
        Fact(FactName.CAMERA_MODEL, model, Origin.EXIF),
        Fact(FactName.CAPTURED_AT, taken, origin),
    ]
    if satellite:
        facts.append(Fact(FactName.GPS_TIME, satellite, Origin.EXIF))
    if at:
        facts += [Fact(FactName.LATITUDE, at[0], Origin.EXIF), Fact(FactName.LONGITUDE, at[1], Origin.EXIF)]
    return replace(media(name), facts=tuple(facts), folders=("1:x",))


def film(name: str, taken: str, *, model: str = "Phone 1") -> Linkable:
    one = still(name, taken, model=model, at=NEAR, origin=Origin.CONTAINER)
    return replace(one, kind=MediaKind.VIDEO)


def said(
    *held: Linkable, kind: str = "same-place-and-time", signals: Signals | None = None
) -> dict[str, Link]:
    """Links of one kind by the names of the two, as long as those are one letter."""
    names = {sha(letter): letter for letter in "abcdefgh"}
    found = propose(evidence(held, (), signals or Signals()))
    return {
        "".join(sorted(names[one] for one in (link.a, link.b))): link for link in found if link.kind == kind
    }


def test_a_film_and_stills_of_one_phone_are_near_in_time_by_utc_and_do_not_link_alone() -> None:
    photo = still("a", "2022-06-01T14:00:00", satellite="2022-06-01T12:00:00Z")
    clip = film("b", "2022-06-01T12:05:00+00:00")
    link = said(photo, clip)["ab"]
    assert link.evidence == "33 metres apart and 5 minutes, one clock corrected by 2 h 00 min"
    unknown = said(photo, film("b", "2022-06-01T12:05:00"))["ab"]
    assert "unknown times" in unknown.evidence
    assert unknown.strength < link.strength < LINKED
    assert not build(evidence([photo, clip], ()), (), ()).series


def test_with_another_reason_it_links() -> None:
    photo = still("a", "2022-06-01T14:00:00+02:00")
    clip = film("b", "2022-06-01T12:05:00+00:00")
    one, other = sorted((sha("a"), sha("b")))
    scenes = Signals(scenes=[ScenePair(one, other, 0.85)])
    assert len(build(evidence([photo, clip], (), scenes), (), ()).series) == 1
    assert said(photo, clip)["ab"].evidence.endswith("5 minutes, one clock corrected by 2 h 00 min")


def test_two_phones_and_a_camera_an_hour_off_at_one_place() -> None:
    first = still("a", "2022-06-01T14:00:00", satellite="2022-06-01T12:00:00Z")
    second = still("b", "2022-06-01T14:10:00+02:00", model="Phone 2")
    camera = still("c", "2022-06-01T13:05:00", model="Camera")
    found = said(first, second, camera)
    assert found["ab"].evidence == "0 metres apart and 10 minutes; 3 visits are held from here"
    assert "one clock" not in found["ac"].evidence, "its clock states no zone: nothing can correct it"
    assert found["ac"].evidence.startswith("0 metres apart and 55 minutes")


def test_a_clock_whose_zone_changes_between_two_days_is_right_on_both() -> None:
    """The phone's stills keep their satellite time; the camera was set to another zone at night."""
    phone = [
        still("a", "2022-06-01T14:00:00", satellite="2022-06-01T12:00:00Z"),
        still("b", "2022-06-02T14:00:00", satellite="2022-06-02T12:00:00Z"),
    ]
    camera = [
        still("c", "2022-06-01T14:05:00+02:00", model="Camera", at=NEAR),
        still("d", "2022-06-02T05:05:00-07:00", model="Camera", at=NEAR),
    ]
    found = said(*phone, *camera)
    assert found["ac"].evidence.startswith("33 metres apart and 5 minutes;")
    assert "5 minutes, one clock corrected by 9 h 00 min" in found["bd"].evidence
    assert found["bd"].strength < LINKED


def test_a_clock_that_says_the_same_hour_in_another_zone_is_at_another_time() -> None:
    held = [
        still("a", "2022-06-01T14:00:00", satellite="2022-06-01T12:00:00Z"),
        still("b", "2022-06-01T14:05:00-07:00", model="Camera"),
    ]
    assert "0.4 days apart" in said(*held)["ab"].evidence
    assert said(*held)["ab"].strength < LINKED


@pytest.mark.parametrize("taken", ["2022-07-11T14:00:00+02:00", "2010-01-01T00:05:00+00:00"])
def test_a_clock_that_jumped_links_nothing(taken: str) -> None:
    held = [
        still("a", "2022-06-01T14:00:00", satellite="2022-06-01T12:00:00Z"),
        still("b", taken, model="Camera", at=NEAR),
        film("c", "2010-01-01T00:06:00+00:00"),
    ]
    assert not build(evidence(held, ()), (), ()).series


def test_zones_are_those_that_the_camera_wrote() -> None:
    assert shot_of(still("a", "2022-06-01T14:00:00+02:00")).utc == 1_654_084_800
    assert shot_of(still("a", "2022-06-01T14:00:00")).utc is None
    assert shot_of(still("a", "2022-06-01T14:00:00+02:00", origin=Origin.XMP)).utc is None
    both = still("a", "2022-06-01T14:00:00+02:00", satellite="2022-06-01T12:00:30Z")
    assert shot_of(both).utc == 1_654_084_830


def test_two_cameras_next_to_each_other_in_a_folder_were_at_work_within_minutes() -> None:
    phone = still("a", "2022-06-01T14:00:00", satellite="2022-06-01T12:00:00Z", at=None)
    clip = replace(film("b", "2022-06-01T12:00:40+00:00"), paths=("b.mp4",))
    other = still("c", "2022-06-01T05:07:00-07:00", model="Camera", at=None)
    found = said(phone, clip, other, kind="same-session")
    assert found["ab"].evidence == "40 seconds apart, one clock corrected by 2 h 00 min"
    assert found["bc"].evidence == "380 seconds apart, one clock corrected by 7 h 00 min"
    assert found["ab"].strength > found["bc"].strength
    assert max(link.strength for link in found.values()) <= 1
    later = still("c", "2022-06-01T05:27:00-07:00", model="Camera", at=None)
    assert "bc" not in said(phone, clip, later, kind="same-session")


def test_one_camera_by_one_clock_is_not_said_twice() -> None:
    held = [
        still("a", "2022-06-01T14:00:00+02:00", at=None),
        still("b", "2022-06-01T14:00:20+02:00", at=None),
    ]
    assert not said(*held, kind="same-session")
