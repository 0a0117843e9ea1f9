"""What files and their makers say: linked with other reasons, never alone, and nothing where all say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.series.made_up import group, lying, media, members, near, sha, shot
from foureyes.engine.model import FactName, Linkable, Origin, ScenePair
from foureyes.engine.series import LINKS, build, evidence
from foureyes.engine.series.grouping import LINKED
from foureyes.engine.series.links import Signals, propose
from foureyes.engine.series.links.claims import identifier_of, owner_of
from foureyes.engine.series.links.traces import clock_of, counter_of, is_edited, naming_of

TABLES, LAYOUT = FactName.QUANTISATION, FactName.JPEG_LAYOUT
CAMERA = ((TABLES, "aa"), (LAYOUT, "APP1-Exif DQT SOF0 DHT SOS"))
OTHERS = [lying(f"other {n}", f"o{n}/pic.jpg", (TABLES, f"{n}"), (LAYOUT, "DQT")) for n in range(500)]


def said(held: Iterable[Linkable], kind: str, signals: Signals | None = None) -> dict[frozenset[str], float]:
    found = propose(evidence(held, (), signals or Signals()))
    return {frozenset((one.a, one.b)): one.strength for one in found if one.kind == kind}


def pair(a: object, b: object) -> frozenset[str]:
    return frozenset((sha(a), sha(b)))


def scene(a: object, b: object) -> Signals:
    one, other = sorted((sha(a), sha(b)))
    return Signals(scenes=[ScenePair(one, other, 0.7)])


def test_no_weak_kind_and_no_sum_of_them_links_alone() -> None:
    caps: dict[str, float] = {}
    for maker in LINKS:
        if maker.name in {"same-session", "same-maker-traces", "same-source"}:
            caps[maker.group] = max(caps.get(maker.group, 0.0), min(maker.cap, 1.5))
        if maker.name in {"same-session", "same-maker-traces", "same-source", "same-owner", "same-sensor"}:
            assert maker.cap < LINKED
    assert sum(caps.values()) - caps["source"] + 0.4 < LINKED


def test_one_build_is_worth_what_it_is_rare() -> None:
    held = [*OTHERS, lying("a", "x/one.jpg", *CAMERA), lying("b", "x/two.jpg", *CAMERA)]
    assert said(held, "same-maker-traces")[pair("a", "b")] == 1.2
    most = [lying(n, f"x/{n}.jpg", *CAMERA) for n in range(700)]
    assert not said([*OTHERS, *most], "same-maker-traces")


def test_a_build_across_folders_is_looked_for_where_a_dearer_signal_found_something() -> None:
    held = [*OTHERS, lying("a", "x/one.jpg", *CAMERA), lying("b", "y/two.jpg", *CAMERA)]
    assert not said(held, "same-maker-traces")
    assert said(held, "same-maker-traces", scene("a", "b"))[pair("a", "b")] == 1.2
    assert members(build(evidence(held, (), scene("a", "b")), (), ()).series) == set()


def test_a_build_says_nothing_where_both_state_their_camera() -> None:
    stated = (*CAMERA, (FactName.CAMERA_MODEL, "Modelo 5"))
    held = [*OTHERS, lying("a", "x/one.jpg", *stated), lying("b", "x/two.jpg", *stated)]
    assert not said(held, "same-maker-traces")


@pytest.mark.parametrize(
    ("facts", "edited"),
    [
        ([(FactName.SOFTWARE, "Adobe Photoshop CS5 Windows")], True),
        ([(FactName.SOFTWARE, "Picasa 3.0")], True),
        ([(LAYOUT, "APP0-JFIF APP13-Photoshop DQT SOF0 SOS")], True),
        ([(FactName.SOFTWARE, "Ver.1.02")], False),
        ([(FactName.SOFTWARE, "ILCE-6000 v1.00")], False),
        ([(FactName.SOFTWARE, "G930VVRS4BQI1")], False),
        ([], False),
    ],
)
def test_programs_that_save_pictures_anew_are_told(
    facts: Sequence[tuple[FactName, str]],
    edited: bool,
) -> None:
    assert is_edited(media("x", *facts)) is edited


@pytest.mark.parametrize(
    ("path", "pattern", "counter"),
    [
        ("DCIM/IMG_1234.JPG", "IMG_#.jpg", ("IMG_#.jpg", 1234)),
        ("DSC00012.jpg", "DSC#.jpg", ("DSC#.jpg", 12)),
        ("PXL_20230101_123456789.jpg", "PXL_@_#.jpg", None),
        ("IMG-20230101-WA0012.jpg", "IMG-@-WA#.jpg", None),
        ("WhatsApp Image 2023-01-01 at 12.34.56.jpeg", "WhatsApp Image @ at #.#.#.jpeg", None),
        ("12345.jpg", "", ("#.jpg", 12345)),
        ("holiday.jpg", "", None),
        ("", "", None),
    ],
)
def test_names_are_read_as_patterns(path: str, pattern: str, counter: tuple[str, int] | None) -> None:
    assert naming_of(path) == pattern
    assert counter_of(path) == counter


@pytest.mark.parametrize(
    "name",
    ["PXL_20230101_123456789.jpg", "IMG_20230101_123456.jpg", "WhatsApp Image 2023-01-01 at 12.34.56.jpeg"],
)
def test_moments_are_read_out_of_names(name: str) -> None:
    assert clock_of(f"x/{name}") == 1672576496.0


@pytest.mark.parametrize(
    "name", ["IMG_20231399_123456.jpg", "IMG_1234.jpg", "99999999999999999999.jpg", "", "@"]
)
def test_names_without_a_moment_have_none(name: str) -> None:
    assert clock_of(name) is None


@given(st.text(max_size=60))
def test_any_name_is_read(name: str) -> None:
    clock_of(name), naming_of(name), counter_of(name)
    owner = owner_of(name)
    assert len(owner) <= 80
    assert owner.isprintable()


def test_the_same_name_in_500_folders_links_nothing() -> None:
    held = [lying(n, f"card {n}/IMG_0001.jpg", (TABLES, f"{n}"), (LAYOUT, "DQT")) for n in range(500)]
    given = evidence(held, ())
    assert propose(given) == ()
    assert build(given, (), ()).series == ()


def test_numbers_that_follow_each_other_are_a_hint_in_one_folder() -> None:
    held = [*OTHERS, lying("a", "x/IMG_0001.jpg"), lying("b", "x/IMG_0002.jpg"), lying("c", "x/IMG_0090.jpg")]
    found = said(held, "same-session")
    assert found == {pair("a", "b"): 0.8}
    assert members(build(evidence(held, ()), (), ()).series) == set()


def named_at(name: object, seconds: float) -> Linkable:
    moment = datetime(2023, 1, 1, 12, tzinfo=UTC) + timedelta(seconds=seconds)
    return lying(name, f"{name}/PXL_{moment:%Y%m%d_%H%M%S}123.jpg")


def test_moments_in_names_say_less_where_there_are_many() -> None:
    shots = [named_at("a", 0), named_at("b", 9), named_at("c", 2000)]
    assert said(shots, "same-session") == {pair("a", "b"): 1.5}
    crowd = [named_at(n, 1200 * n + 601) for n in range(3000)]
    found = said([*crowd, named_at("b", 1200 * 9 + 721)], "same-session")
    assert 1.0 < found[pair(9, "b")] < 1.5


def test_a_folder_that_was_copied_at_once_has_no_times() -> None:
    def copy(n: int, seconds: float, more: str = "") -> Linkable:
        return lying(f"{n}{more}", f"x/{n // 20:02}-{n % 20:02}{more}.jpg", modified=1e9 + seconds)

    assert not said([copy(n, n / 5) for n in range(200)], "same-session")
    days = [copy(n, 86_400 * n) for n in range(50)]
    burst = copy(49, 86_400 * 49 + 5, "b")
    assert said([*days, burst], "same-session") == {pair(49, "49b"): 0.8}


def test_a_large_folder_says_nothing_and_a_small_one_a_little() -> None:
    small = [lying(n, f"x/{n}.jpg") for n in range(3)]
    large = [lying(f"l{n}", f"y/{n}.jpg") for n in range(400)]
    held = [*OTHERS, *small, *large]
    assert not said(held, "same-source")
    assert said(held, "same-source", scene("l0", "l1")) == {}
    found = said(held, "same-source", scene(0, 1))
    assert set(found) == {pair(0, 1)}
    assert 0.2 < max(found.values()) <= 0.4


def test_the_card_of_one_camera_is_no_reason() -> None:
    on_card = [lying(n, f"x/{n}.jpg", (FactName.CAMERA_MODEL, "Modelo 5")) for n in range(3)]
    assert not said([*OTHERS, *on_card], "same-source", scene(0, 1))


def test_a_series_of_a_source_is_worth_more_than_a_folder_and_does_not_link() -> None:
    named = [
        lying(n, f"{n}/pic.jpg", (FactName.SERIES_NAME, "Harbour  1"), origin=Origin.SOURCE) for n in range(3)
    ]
    found = said([*OTHERS, *named], "same-source")
    assert len(found) == 2
    assert all(1.5 < strength < LINKED for strength in found.values())
    assert build(evidence([*OTHERS, *named], ()), (), ()).series == ()
    vague = [lying(n, f"{n}/pic.jpg", (FactName.SERIES_NAME, "Unknown")) for n in range(3)]
    assert not said([*OTHERS, *vague], "same-source")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Jean-Pierre Grignon", "jean-pierre grignon"),
        ("Copyright 2004 Phil Harvey", "phil harvey"),
        ("(C) by Caplio RR1 User", ""),
        ("Picasa 3.0", ""),
        ("unknown", ""),
        ("COPYRIGHT, 2005", ""),
        ("OLYMPUS DIGITAL CAMERA", ""),
        ("TM&Copyright (C) 2010 Sony Computer Entertainment Inc.", ""),
        ("I'm the author", ""),
        ("Owner's name", ""),
        ("me", ""),
        ("", ""),
    ],
)
def test_names_that_no_person_has_are_thrown_out(text: str, name: str) -> None:
    assert owner_of(text) == name


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("fe3bd2d7bded097fefc98eaecf6ab383", "fe3bd2d7bded097fefc98eaecf6ab383"),
        ("xmp.did:1e18b2c7-7272-481d-9aa2-d0a8ffe5593b", "document 1e18b2c77272481d9aa2d0a8ffe5593b"),
        ("uuid:7378C2F1C0F2DC1196C89D103988A03E", "7378c2f1c0f2dc1196c89d103988a03e"),
        ("C12QSJK01SM", ""),
        ("00000000000000000000000000000111", ""),
        ("not an id", ""),
        ("", ""),
    ],
)
def test_identifiers_that_name_no_picture_are_thrown_out(text: str, kept: str) -> None:
    assert identifier_of(text) == kept


ID = "fe3bd2d7bded097fefc98eaecf6ab383"


def test_one_identifier_is_a_reason_and_a_template_is_none() -> None:
    two = [media(n, (FactName.IMAGE_ID, ID)) for n in range(2)]
    assert said(two, "same-owner") == {pair(0, 1): 3.5}
    many = [media(n, (FactName.IMAGE_ID, ID)) for n in range(9)]
    assert not said(many, "same-owner")


def test_copies_of_one_picture_share_its_identifier() -> None:
    many = [media(n, (FactName.IMAGE_ID, ID)) for n in range(9)]
    found = propose(evidence(many, [near(0, n) for n in range(1, 9)]))
    assert sum(one.kind == "same-owner" for one in found) == 8


def owned(name: object, model: str, owner: str = "Jean Example") -> Linkable:
    return media(name, (FactName.OWNER, owner), (FactName.CAMERA_MODEL, model))


def test_an_owner_joins_devices_and_not_the_pictures_of_one() -> None:
    held = [*OTHERS, owned("a", "Modelo 5"), owned("b", "Modelo 5"), owned("c", "Telefon")]
    found = said(held, "same-owner")
    assert pair("a", "b") not in found
    assert found
    assert all(sha("c") in one for one in found)
    assert set(found.values()) <= {2.22, 2.23, 2.5}
    assert build(evidence(held, ()), (), ()).series == ()


def test_a_name_that_many_models_state_is_of_an_agency() -> None:
    held = [*OTHERS, *(owned(n, f"Modelo {n}") for n in range(6))]
    assert not said(held, "same-owner")


def test_a_lens_is_weaker_than_a_body_and_joins_bodies() -> None:
    def with_lens(name: object, seconds: float, serial: str) -> Linkable:
        one = shot(name, seconds, serial=serial)
        lens = media(name, (FactName.LENS_SERIAL, "00006ef2ca")).facts
        return Linkable(one.sha256, one.kind, one.facts + lens, one.paths)

    bodies = [with_lens("a", 0, "8964244"), with_lens("b", 7200, "7311200")]
    assert said(bodies, "same-camera") == {pair("a", "b"): 3.0}
    assert build(evidence(bodies, ()), (), ()).series == ()
    later = [with_lens("a", 0, "8964244"), with_lens("b", 90 * 86_400, "7311200")]
    assert said(later, "same-camera") == {pair("a", "b"): 2.0}


def test_ten_thousand_of_one_model_in_one_folder_stay_apart_but_for_their_runs() -> None:
    """One build, one pattern of names, one folder, one model: a shot every hour is no scene."""
    held = []
    for n in range(10_000):
        one = shot(n, 3600.0 * n + 61, path=f"DCIM/IMG_{n % 10_000:04}.jpg")
        held.append(
            Linkable(
                one.sha256,
                one.kind,
                (*one.facts, *lying(n, "x/y.jpg", *CAMERA).facts),
                one.paths,
                format="jpeg",
                width=800,
                height=600,
                folders=("1:DCIM",),
            )
        )
    given = evidence(held, ())
    links = propose(given)
    assert len(links) < 3 * len(held)
    assert not [one for one in links if one.kind in {"same-maker-traces", "same-source"}]
    assert sum(one.kind == "same-session" for one in links) < 5, "shots at New Year, whose clock may be unset"
    assert build(given, (), ()).series == ()


def test_a_few_that_belong_are_found_by_reasons_of_several_kinds() -> None:
    named = (*CAMERA, (FactName.OWNER, "Jean Example"))
    held = [
        *OTHERS,
        lying("a", "x/IMG_0001.jpg", *named, (FactName.SERIES_NAME, "Harbour 1")),
        lying("b", "x/IMG_0002.jpg", *named, (FactName.SERIES_NAME, "Harbour 1")),
    ]
    assert members(build(evidence(held, ()), (), ()).series) == {group("a", "b")}


def test_metadata_copied_onto_foreign_pictures_links_nothing() -> None:
    """One camera's whole EXIF on ten pictures that it never took: serials, owner, identifier and moment."""
    copied = shot("source", 5, serial="8964244", at=(48.2, 16.3)).facts
    claims = media(
        "source",
        (FactName.OWNER, "Jean Example"),
        (FactName.IMAGE_ID, ID),
        (FactName.LENS_SERIAL, "00006ef2ca"),
    ).facts
    foreign = [Linkable(sha(n), None, copied + claims, (f"{n}.jpg",), folders=("1:",)) for n in range(10)]
    assert propose(evidence(foreign, ())) == ()


def test_a_serial_of_zeros_on_all_pictures_links_nothing() -> None:
    held = [shot(n, 86_400.0 * n, serial="0000000") for n in range(100)]
    assert build(evidence(held, ()), (), ()).series == ()


def test_a_clock_that_is_wrong_by_years_still_tells_a_scene() -> None:
    """The pauses are right, and serials do not ask for the day."""
    years = 20 * 365 * 86_400.0
    right = [shot(n, 10.0 * n, serial="8964244") for n in range(3)]
    wrong = [shot(f"w{n}", 10.0 * n - years, serial="8964244") for n in range(3)]
    found = members(build(evidence([*right, *wrong], ()), (), ()).series)
    assert found == {group(0, 1, 2), group("w0", "w1", "w2")}


def test_copies_share_build_and_folder_for_being_copies() -> None:
    """Else two empty pages of one scanner would join what copies alone may not."""
    held = [*OTHERS, lying("a", "x/IMG_0001.jpg", *CAMERA), lying("b", "x/IMG_0002.jpg", *CAMERA)]
    found = propose(evidence(held, [near("a", "b", 0, plain=True)], scene("a", "b")))
    assert {one.kind for one in found} == {"same-picture", "same-scene"}
