from __future__ import annotations

from foureyes.engine.model import Fact, FactName, FactValue, Origin
from foureyes.engine.series import about


def stated(origin: Origin, **values: FactValue) -> tuple[Fact, ...]:
    return tuple(Fact(FactName[name.upper()], value, origin) for name, value in values.items())


def test_cameras_times_and_places_are_summed_up_commonest_first() -> None:
    canon = stated(Origin.EXIF, camera_maker="Canon", camera_model="Canon EOS 600D", body_serial="17")
    nikon = stated(Origin.EXIF, camera_maker="NIKON", camera_model="D70")
    said = about(
        {
            "a": (*canon, *stated(Origin.EXIF, captured_at="2015-02-26T18:11:18")),
            "b": (
                *canon,
                *stated(Origin.EXIF, captured_at="2015-02-27T08:00:00", latitude=59.4371, longitude=24.7),
            ),
            "c": nikon,
        }
    )
    assert said.cameras == ("Canon EOS 600D no. 17", "NIKON D70")
    assert said.span == "2015-02-26 to 2015-02-27"
    assert said.places == ("59.437, 24.700",)


def test_the_serial_that_is_stated_first_is_shown() -> None:
    facts = (
        *stated(Origin.EXIF, camera_model="EOS", body_serial="323076198820"),
        *stated(Origin.MAKER_NOTE, body_serial="ZC3031830"),
    )
    assert about({"a": facts}).cameras == ("EOS no. 323076198820",)


def test_a_latitude_without_its_longitude_is_no_place() -> None:
    assert about({"a": (*stated(Origin.EXIF, latitude=1.0), *stated(Origin.XMP, longitude=2.0))}).places == ()


def test_nothing_stated_is_said_as_nothing() -> None:
    said = about({"a": ()})
    assert (said.span, said.cameras, said.places) == ("", (), ())
