"""VICS cases against every trap that real exports were seen to hold."""

from __future__ import annotations

import base64
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.reading.sources import read_all, zipped
from foureyes.engine import errors, reading
from foureyes.engine.model import FactName, FaultCode, Occurrence, Origin, Times
from foureyes.engine.reading import vics_facts
from foureyes.engine.settings import EngineSettings, ReadingSettings

MD5 = "0CC175B9C0F1B6A831C399E269772661"
SHA1 = "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"
MODELS = {
    "1.2": {"odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.2.xml#Cases"},
    "1.3": {"odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Cases"},
    "2.0": {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases"
    },
}


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "MediaID": number,
        "MD5": MD5,
        "RelativeFilePath": f"Files\\{number}.jpg",
        "MediaFiles": [{"MD5": MD5, "FileName": f"{number}.jpg", "FilePath": "DCIM"}],
        **changes,
    }


def case(*media: Any, version: str = "2.0", **fields: Any) -> dict[str, Any]:
    return {
        **MODELS[version],
        "value": [{"CaseID": "{1}", "CaseNumber": "SYN-1", **fields, "Media": list(media)}],
    }


def write(folder: Path, content: dict[str, Any] | bytes, *files: str) -> Path:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "case.json").write_bytes(text)
    return folder / "case.json"


def planned(path: Path) -> list[Occurrence]:
    return [one for unit in reading.plan(path, ReadingSettings()) for one in unit.occurrences]


def stated(path: Path) -> dict[FactName, Any]:
    (occurrence,) = planned(path)
    assert all(fact.origin is Origin.SOURCE for fact in occurrence.facts)
    return {fact.name: fact.value for fact in occurrence.facts}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_version_with_and_without_a_byte_order_mark(tmp_path: Path, mark: bytes) -> None:
    noise = {"odata.id": "x", "MediaFiles@odata.navigationLinkUrl": "y"}
    write(tmp_path, b"", "Files/1.jpg").unlink()
    for version in MODELS:
        content = json.dumps(case(record(**(noise if version == "1.3" else {})), version=version), indent=2)
        (tmp_path / f"{version}.json").write_bytes(mark + content.encode())
    assert read_all(tmp_path / "1.3.json") == {"1.3.json!/1/DCIM/1.jpg": b"Files/1.jpg"}
    assert read_all(tmp_path) == {f"{version}.json!/1/DCIM/1.jpg": b"Files/1.jpg" for version in MODELS}


def test_one_file_named_by_many_entries_is_many_occurrences(tmp_path: Path) -> None:
    entries = [{"FilePath": f"phone\\{i}", "FileName": "a.jpg", "SourceID": "SRC1"} for i in range(450)]
    path = write(tmp_path, case(record(MediaFiles=entries)), "Files/1.jpg")
    found = read_all(path)
    assert set(found) == {f"case.json!/1/SRC1/phone/{i}/a.jpg" for i in range(450)}
    assert set(found.values()) == {b"Files/1.jpg"}
    assert [len(unit.members) for unit in reading.plan(path, ReadingSettings())] == [200, 200, 50]


def test_entries_of_one_path_are_told_apart(tmp_path: Path) -> None:
    entry = {"FilePath": "a.jpg", "FileName": "a.jpg"}
    path = write(
        tmp_path, case(record(MediaFiles=[entry, entry]), record(2, MediaFiles=[entry])), "Files/1.jpg"
    )
    assert list(read_all(path)) == ["case.json!/1/a.jpg", "case.json!/1/a.jpg (2)", "case.json!/2/a.jpg"]


def test_a_record_without_entries_is_still_one(tmp_path: Path) -> None:
    path = write(tmp_path, case(record(MediaFiles=[])), "Files/1.jpg")
    assert read_all(path) == {"case.json!/1/Files/1.jpg": b"Files/1.jpg"}


def values(path: Path, name: FactName) -> list[Any]:
    """The value of one fact, or None, for each occurrence."""
    return [next((fact.value for fact in one.facts if fact.name is name), None) for one in planned(path)]


def test_categories_stay_as_they_are_stated(tmp_path: Path) -> None:
    codes = [0, 5, "0", "5", None, "A", 2, True, []]
    path = write(tmp_path, case(*(record(Category=code) for code in codes)))
    assert values(path, FactName.CATEGORY) == [0, 5, 0, 5, None, "A", 2, None, None]
    assert {type(value) for value in values(path, FactName.CATEGORY)} == {int, str, type(None)}


def test_flags_may_be_text(tmp_path: Path) -> None:
    flags = ["false", "True", False, True, "", None, "maybe"]
    path = write(tmp_path, case(*(record(VictimIdentified=flag, IsPrecategorized="true") for flag in flags)))
    assert values(path, FactName.VICTIM_IDENTIFIED) == [0, 1, 0, 1, None, None, None]
    doubts = values(path, FactName.METADATA_FAULT)
    assert doubts == [None] * 6 + ["VictimIdentified is neither true nor false"]


def test_all_that_a_record_states(tmp_path: Path) -> None:
    photodna = base64.b64encode(bytes(144)).decode()
    content = record(
        SHA1=SHA1,
        Series="SYN-SERIES",
        Tags="kitchen",
        Comments="seen \x07before",
        OffenderIdentified="false",
        IsDistributed=1,
        AlternativeHashes=[
            {"HashName": "PhotoDNA", "HashValue": photodna},
            {"HashName": "other", "HashValue": "x"},
        ],
        Exifs=[
            {"PropertyName": "Make", "PropertyValue": "Acme"},
            {"PropertyName": "Exif:Model", "PropertyValue": "One"},
            {"PropertyName": "Body Serial Number", "PropertyValue": 17},
            {"PropertyName": "DateTimeOriginal", "PropertyValue": "2020:02:03 04:05:06"},
        ],
        MediaMetadata=[
            {"PropertyName": "Software", "PropertyValue": "v1"},
            "nonsense",
            {"PropertyName": None},
        ],
    )
    assert stated(write(tmp_path, case(content), "Files/1.jpg")) == {
        FactName.STATED_MD5: MD5.lower(),
        FactName.STATED_SHA1: SHA1.lower(),
        FactName.SERIES_NAME: "SYN-SERIES",
        FactName.TAG: "kitchen",
        FactName.COMMENT: "seen  before",
        FactName.OFFENDER_IDENTIFIED: 0,
        FactName.DISTRIBUTED: 1,
        FactName.PHOTODNA: photodna,
        FactName.CAMERA_MAKER: "Acme",
        FactName.CAMERA_MODEL: "One",
        FactName.BODY_SERIAL: "17",
        FactName.CAPTURED_AT: "2020-02-03T04:05:06",
        FactName.SOFTWARE: "v1",
        FactName.CASE_NUMBER: "SYN-1",
    }


def test_digests_of_nothing_are_placeholders(tmp_path: Path) -> None:
    nothing = {"MD5": "D41D8CD98F00B204E9800998ECF8427E", "SHA1": "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"}
    said = stated(write(tmp_path, case(record(**nothing, PhotoDNA="AAAA")), "Files/1.jpg"))
    assert said == {
        FactName.METADATA_FAULT: "PhotoDNA is not 144 bytes in base 64",
        FactName.CASE_NUMBER: "SYN-1",
    }


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("2025-01-02T03:04:05.0000Z", 1_735_787_045_000_000_000),
        ("2025-01-02T03:04:05.1234567Z", 1_735_787_045_123_456_700),
        ("2025-01-02T03:04:05+01:00", 1_735_783_445_000_000_000),
        ("2025-01-02T03:04:05+01:00Z", 1_735_783_445_000_000_000),
        ("2025-01-02T03:04:05.5-0230", 1_735_796_045_500_000_000),
        ("2025-01-02 03:04:05", 1_735_787_045_000_000_000),
        ("2025-01-02", 1_735_776_000_000_000_000),
        ("/Date(1735787045000)/", 1_735_787_045_000_000_000),
        ("/Date(-1000+0200)/", -1_000_000_000),
        ("0001-01-01T00:00:00", None),
        ("2025-02-30T00:00:00", None),
        ("yesterday", None),
        (1735787045, None),
    ],
)
def test_times_in_the_forms_that_exports_have(text: object, nanoseconds: int | None) -> None:
    assert vics_facts.moment_ns(text) == nanoseconds


def test_an_entry_has_its_own_times_and_state(tmp_path: Path) -> None:
    entry = {"FilePath": "a.jpg", "Created": "1970-01-01T00:00:01Z", "Written": "1970-01-01T00:00:02Z"}
    deleted = {"FilePath": "b.jpg", "Unallocated": "true", "Deleted": "false", "ParentFilePath": "D\\x.zip"}
    path = write(tmp_path, case(record(MediaFiles=[entry, deleted])), "Files/1.jpg")
    (unit,) = reading.plan(path, ReadingSettings())
    first, second = [opened.occurrence for opened in reading.open_unit(unit, EngineSettings())]
    assert first.times == Times(created_ns=10**9, modified_ns=2 * 10**9)
    assert (first.size, second.times) == (11, Times())
    comments = [fact.value for fact in second.facts if fact.name is FactName.COMMENT]
    assert comments == ["unallocated", "inside D\\x.zip"]


def test_a_size_may_be_text(tmp_path: Path) -> None:
    path = write(tmp_path, case(*(record(MediaSize=size) for size in (11, "11", None, "many", 10**30))))
    assert [one.size for one in planned(path)] == [11, 11, None, None, None]
    assert {one.fault and one.fault.code for one in planned(path)} == {FaultCode.MISSING_MEDIA}


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ({"GPSLatitude": "12 deg 34'56.78\"", "GPSLatitudeRef": "S", "GPSLongitude": "0", "GPSLongitudeRef": "E"}, (-12.582439, 0)),
        ({"GPSLatitude": "41, 53, 2.44", "GPSLatitudeRef": "North", "GPSLongitude": "12, 30, 0", "GPSLongitudeRef": "W"}, (41.884011, -12.5)),
        ({"GPSLatitude": "41.5 N", "GPSLongitude": "2.5W"}, (41.5, -2.5)),
        ({"Lat": "-33.9", "Lon": "151.2"}, (-33.9, 151.2)),
        ({"GPSLatitude": "41.5", "GPSLongitude": "2.5"}, None),
        ({"GPSLatitude": "41.5", "GPSLatitudeRef": "?", "GPSLongitude": "2", "GPSLongitudeRef": "E"}, None),
        ({"GPSLatitude": "41.5", "GPSLatitudeRef": "E", "GPSLongitude": "2", "GPSLongitudeRef": "E"}, None),
        ({"GPSLatitude": "91", "GPSLatitudeRef": "N", "GPSLongitude": "2", "GPSLongitudeRef": "E"}, None),
        ({"GPSLatitude": "1, 2, 3, 4", "GPSLatitudeRef": "N", "GPSLongitude": "2", "GPSLongitudeRef": "E"}, None),
        ({"GPSLatitude": "1 61 0", "GPSLatitudeRef": "N", "GPSLongitude": "2", "GPSLongitudeRef": "E"}, None),
        ({"GPSLatitude": "1" * 10_000, "GPSLatitudeRef": "N"}, None),
        ({"Lat": "-33.9"}, None),
        ({"Lat": "nan", "Lon": "1"}, None),
    ],
)  # fmt: skip
def test_a_position_is_on_earth_and_in_a_stated_hemisphere(
    properties: dict[str, str], place: tuple[float, float] | None
) -> None:
    said = dict(vics_facts.position({key.lower(): value for key, value in properties.items()}))
    if place is None:
        assert list(said) == [FactName.GPS_REJECTED]
    else:
        assert (said[FactName.LATITUDE], said[FactName.LONGITUDE]) == pytest.approx(place, abs=1e-6)


def test_media_outside_the_folder_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "export").mkdir()
    up = [
        "..\\secret.jpg",
        "Files\\..\\..\\secret.jpg",
        "/etc/passwd",
        "\\\\host\\a.jpg",
        "C:\\a.jpg",
        "a\0b",
    ]
    media = [record(i, RelativeFilePath=path) for i, path in enumerate(up, 1)]
    found = read_all(write(tmp_path / "export", case(*media), "Files/1.jpg"))
    assert found == {f"case.json!/{i}/DCIM/{i}.jpg": FaultCode.MISSING_MEDIA for i in range(1, len(up) + 1)}


def test_a_link_in_the_media_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "2.jpg").write_bytes(b"secret")
    (tmp_path / "export" / "Files").mkdir(parents=True)
    (tmp_path / "export" / "Files" / "1.jpg").symlink_to(tmp_path / "secret" / "2.jpg")
    (tmp_path / "export" / "More").symlink_to(tmp_path / "secret")
    source = write(tmp_path / "export", case(record(), record(2, RelativeFilePath="More\\2.jpg")))
    found = read_all(source)
    assert found["case.json!/1/DCIM/1.jpg"] is FaultCode.SYMBOLIC_LINK
    assert isinstance(found["case.json!/2/DCIM/2.jpg"], FaultCode)
    assert b"secret" not in found.values()


def test_names_that_differ_in_case_are_found(tmp_path: Path) -> None:
    path = write(tmp_path, case(record(RelativeFilePath="FILES\\IMG_É.JPG")), "Files/img_é.jpg")
    assert read_all(path) == {"case.json!/1/DCIM/1.jpg": "Files/img_é.jpg".encode()}


def test_files_that_no_entry_names_are_read_too(tmp_path: Path) -> None:
    path = write(tmp_path, case(record(), record(2)), "Files/1.jpg", "Files/extra.jpg", "other/b.jpg")
    assert read_all(tmp_path) == {
        "case.json!/1/DCIM/1.jpg": b"Files/1.jpg",
        "case.json!/2/DCIM/2.jpg": FaultCode.MISSING_MEDIA,
        "Files/extra.jpg": b"Files/extra.jpg",
        "other/b.jpg": b"other/b.jpg",
    }
    assert "other/b.jpg" not in read_all(path)  # the file was given, not the folder: only its own media


def test_archives_among_the_media_are_descended_into(tmp_path: Path) -> None:
    path = write(tmp_path, case(record()), "Files/1.jpg")
    (tmp_path / "Files" / "1.jpg").write_bytes(zipped({"in.jpg": b"inside"}))
    assert read_all(path) == {"case.json!/1/DCIM/1.jpg!/in.jpg": b"inside"}
    (unit,) = reading.plan(path, ReadingSettings())
    (inside,) = [opened.occurrence for opened in reading.open_unit(unit, EngineSettings())]
    stated = {fact.name for fact in inside.facts}
    assert FactName.CASE_NUMBER in stated
    assert FactName.STATED_MD5 not in stated, "that of the archive is not that of what lies in it"


def test_a_record_that_makes_no_sense_costs_itself_only(tmp_path: Path) -> None:
    bad = ["text", 5, {}, [], {"RelativeFilePath": 5}, {"RelativeFilePath": "a", "MediaFiles": [1]}, None]
    path = write(tmp_path, case(record(), *bad, record(3)), "Files/1.jpg", "Files/3.jpg")
    assert read_all(path) == {
        "case.json!/1/DCIM/1.jpg": b"Files/1.jpg",
        **{f"case.json!/{number}": FaultCode.BAD_RECORD for number in range(2, 2 + len(bad))},
        f"case.json!/{2 + len(bad)}/DCIM/3.jpg": b"Files/3.jpg",
    }


def test_what_is_no_json_any_more_is_said_with_its_place(tmp_path: Path) -> None:
    text = json.dumps(case(record(), record(2), record(3))).encode()
    at = text.index(b'"MediaID": 3')
    write(tmp_path, text[:at] + b"\x00\x01 garbage", "Files/1.jpg", "Files/2.jpg", "Files/3.jpg")
    found = read_all(tmp_path)
    assert found["case.json!/2/DCIM/2.jpg"] == b"Files/2.jpg"
    assert found["case.json"] is FaultCode.BAD_RECORD
    assert found["Files/3.jpg"] == b"Files/3.jpg"  # not lost: read as an ordinary file
    (detail,) = [one.fault.detail for one in planned(tmp_path) if one.path == "case.json" and one.fault]
    assert "after record 2" in detail
    first, last = (
        int(word.replace(",", "")) for word in detail.split("bytes ")[1].split(", after")[0].split(" and ")
    )
    assert first <= at <= last


def test_a_case_that_is_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    text = json.dumps(case(*(record(i) for i in range(1, 500)))).encode()
    write(tmp_path, text[: len(text) // 2])
    found = planned(tmp_path / "case.json")
    assert 200 < len(found) < 300
    assert found[-1].fault is not None
    assert found[-1].fault.code is FaultCode.BAD_RECORD


def test_the_case_number_is_given_only_where_it_is_certain(tmp_path: Path) -> None:
    two = case(*(record(i) for i in range(1, 1000)))
    two["value"].append({"CaseNumber": "SYN-2", "Media": [record(i) for i in range(1000, 2000)]})
    path = write(tmp_path, two)
    numbers = {
        int(one.path.split("/")[1]): fact.value
        for one in planned(path)
        for fact in one.facts
        if fact.name is FactName.CASE_NUMBER
    }
    assert len(numbers) > 1500
    assert all(number == ("SYN-1" if at < 1000 else "SYN-2") for at, number in numbers.items())
    last = {
        **MODELS["2.0"],
        "value": [{"Media": [record()], "CaseNumber": "1"}, {"Media": [record(2)], "CaseNumber": "2"}],
    }
    assert all(
        fact.name is not FactName.CASE_NUMBER for one in planned(write(tmp_path, last)) for fact in one.facts
    )


def test_a_hash_list_is_refused_in_words(tmp_path: Path) -> None:
    content = {**MODELS["2.0"], "value": [{"MediaID": 1, "MD5": MD5, "Category": 1}]}
    path = write(tmp_path, content)
    with pytest.raises(errors.UsageError, match="is a hash list, not a case") as raised:
        list(reading.plan(path, ReadingSettings()))
    assert "foureyes hashlist add" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_files_in_one_folder_are_both_read(tmp_path: Path) -> None:
    write(tmp_path, case(record()), "Files/1.jpg", "Files/2.jpg")
    (tmp_path / "part2.json").write_text(json.dumps(case(record(2))))
    (tmp_path / "list.json").write_text(json.dumps({**MODELS["1.3"], "value": [{"MD5": MD5}]}))
    (tmp_path / "notes.json").write_text("{}")
    assert read_all(tmp_path) == {
        "case.json!/1/DCIM/1.jpg": b"Files/1.jpg",
        "part2.json!/1/DCIM/2.jpg": b"Files/2.jpg",
        "list.json": FaultCode.UNSUPPORTED,
        "notes.json": b"{}",
    }


def test_units_are_the_same_every_time_and_small(tmp_path: Path) -> None:
    path = write(
        tmp_path, case(*(record(i) for i in range(1, 30))), *(f"Files/{i}.jpg" for i in range(1, 30))
    )
    settings = replace(ReadingSettings(), unit_files=10, unit_bytes=100)
    units = list(reading.plan(path, settings))
    assert units == list(reading.plan(path, settings))
    assert all(unit.size <= 100 and len(unit.members) <= 10 for unit in units)
    assert sum(len(unit.members) for unit in units) == 29
    assert all(len(pickle.dumps(unit)) < 5_000 for unit in units)


@pytest.mark.parametrize("value", ["[" * 10_000, '[{"Media":[' + '{"a":' * 10_000])
def test_hostile_nesting_is_a_fault(tmp_path: Path, value: str) -> None:
    head = json.dumps(MODELS["2.0"])[:-1]
    path = write(tmp_path, f'{head}, "value": {value}'.encode())
    (code,) = [one.fault.code for one in planned(path) if one.fault]
    assert code in (FaultCode.BAD_RECORD, FaultCode.OUT_OF_MEMORY)
