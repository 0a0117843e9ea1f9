"""Archives of every kind, whole: found by content, streamed through the cage, nested, skipped."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import py7zr
import pytest
import zstandard

from engine.reading.sources import linked_zip, read_all, tarred, zipped
from foureyes.engine import reading
from foureyes.engine.model import FaultCode, Times
from foureyes.engine.reading.signatures import archive_kind
from foureyes.engine.settings import EngineSettings, ReadingSettings

NOISE = random.Random(1).randbytes(700_000)
MEMBERS = {"DCIM/a.jpg": b"picture a" * 100, "DCIM/b.jpg": NOISE, "notes.txt": b"x"}


def seven(members: dict[str, bytes], **options: object) -> bytes:
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w", **options) as archive:  # type: ignore[arg-type]  # options by name
        for name, content in members.items():
            archive.writef(io.BytesIO(content), name)
    return packed.getvalue()


PACKED = {
    "zip": zipped(MEMBERS),
    "zip stored": zipped(MEMBERS, zipfile.ZIP_STORED),
    "zip bzip2": zipped(MEMBERS, zipfile.ZIP_BZIP2),
    "zip lzma": zipped(MEMBERS, zipfile.ZIP_LZMA),
    "tar": tarred(MEMBERS),
    "tar gnu": tarred(MEMBERS, format_=tarfile.GNU_FORMAT),
    "tar old": tarred(MEMBERS, format_=tarfile.USTAR_FORMAT),
    "tar.gz": tarred(MEMBERS, "w:gz"),
    "tar.bz2": tarred(MEMBERS, "w:bz2"),
    "tar.xz": tarred(MEMBERS, "w:xz"),
    "tar.zst": zstandard.compress(tarred(MEMBERS)),
    "7z": seven(MEMBERS),
    "7z bzip2": seven(MEMBERS, filters=[{"id": py7zr.FILTER_BZIP2}]),
    "7z deflate and bcj": seven(MEMBERS, filters=[{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_DEFLATE}]),
    "7z zstd": seven(MEMBERS, filters=[{"id": py7zr.FILTER_ZSTD, "level": 3}]),
    "7z ppmd": seven(MEMBERS, filters=[{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}]),
}


def test_every_member_of_every_kind_comes_back(tmp_path: Path) -> None:
    for number, packed in enumerate(PACKED.values()):
        (tmp_path / f"{number:02}.jpg").write_bytes(packed)  # the name must not matter
    assert read_all(tmp_path) == {
        f"{number:02}.jpg!/{name}": content
        for number in range(len(PACKED))
        for name, content in MEMBERS.items()
    }


@pytest.mark.parametrize("kind", ["tar.zst", "7z"])
def test_an_archive_is_a_source_by_itself(tmp_path: Path, kind: str) -> None:
    (tmp_path / "holiday.jpg").write_bytes(PACKED[kind])
    (unit,) = reading.plan(tmp_path / "holiday.jpg", ReadingSettings())
    assert unit.reader == "archive"
    assert read_all(tmp_path / "holiday.jpg") == {f"holiday.jpg!/{k}": v for k, v in MEMBERS.items()}


def test_a_single_packed_file(tmp_path: Path) -> None:
    for name, packed in {
        "a.mp4.gz": gzip.compress(NOISE),
        "b.mp4.bz2": bz2.compress(NOISE),
        "c.mp4.xz": lzma.compress(NOISE),
        "d.mp4.zst": zstandard.compress(NOISE),
        "e.mp4.gz": gzip.compress(NOISE[:9]) + gzip.compress(NOISE[9:]),
        "f": bz2.compress(NOISE),
    }.items():
        (tmp_path / name).write_bytes(packed)
    assert read_all(tmp_path) == {
        "a.mp4.gz!/a.mp4": NOISE,
        "b.mp4.bz2!/b.mp4": NOISE,
        "c.mp4.xz!/c.mp4": NOISE,
        "d.mp4.zst!/d.mp4": NOISE,
        "e.mp4.gz!/e.mp4": NOISE,
        "f!/f (unpacked)": NOISE,
    }


def test_the_name_and_time_that_a_gzip_states(tmp_path: Path) -> None:
    with (
        (tmp_path / "x").open("wb") as file,
        gzip.GzipFile("IMG_1.jpg", "wb", 6, file, 1_600_000_000) as packed,
    ):
        packed.write(b"abc")
    (unit,) = reading.plan(tmp_path / "x", ReadingSettings())
    (occurrence,) = [opened.occurrence for opened in reading.open_unit(unit, EngineSettings())]
    assert occurrence.path == "x!/IMG_1.jpg"
    assert occurrence.times == Times(modified_ns=1_600_000_000_000_000_000)


def test_sizes_and_times_as_the_archive_states_them(tmp_path: Path) -> None:
    expected = {"zip": 1_580_608_922, "tar": 1_600_000_000, "tar.xz": 1_600_000_000}
    for kind in expected:
        (tmp_path / kind).write_bytes(PACKED[kind])
    (unit,) = reading.plan(tmp_path, ReadingSettings())
    found = [opened.occurrence for opened in reading.open_unit(unit, EngineSettings())]
    assert [one.size for one in found] == [len(content) for content in MEMBERS.values()] * 3
    for one in found:
        assert one.times.modified_ns == expected[one.path.partition("!")[0]] * 10**9


def test_archives_within_archives_to_a_limit(tmp_path: Path) -> None:
    packed = zipped({"deep.jpg": NOISE, "other.jpg": b"y"})
    for packer in (tarred, seven, zipped):
        packed = packer({"in": packed, "beside.jpg": b"z"})
    (tmp_path / "out").write_bytes(packed)
    settings = replace(
        EngineSettings(), reading=replace(ReadingSettings(), nesting_at_most=3), memory_bytes=1000
    )
    expected = {
        "out!/in!/in!/in!/deep.jpg": NOISE,
        "out!/in!/in!/in!/other.jpg": b"y",
        "out!/in!/in!/beside.jpg": b"z",
        "out!/in!/beside.jpg": b"z",
        "out!/beside.jpg": b"z",
    }
    assert read_all(tmp_path, settings) == expected
    settings = replace(settings, reading=replace(ReadingSettings(), nesting_at_most=2))
    found = read_all(tmp_path, settings)
    assert found.pop("out!/in!/in!/in") is FaultCode.NESTED_TOO_DEEP
    assert found == {path: content for path, content in expected.items() if "!/in!/in!/in!/" not in path}


def test_nothing_unpacked_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.zip").write_bytes(zipped({"b.tar": tarred({"c.jpg": NOISE})}))
    opened_files = len(list(Path("/proc/self/fd").iterdir()))
    settings = replace(EngineSettings(), memory_bytes=1000)
    assert read_all(tmp_path / "in", settings) == {"a.zip!/b.tar!/c.jpg": NOISE}
    assert list(tmp_path.iterdir()) == [tmp_path / "in"]
    assert len(list(Path("/proc/self/fd").iterdir())) == opened_files


@pytest.mark.parametrize("read_bytes", [0, 100_000])
def test_members_may_be_skipped_or_left_half_read(tmp_path: Path, read_bytes: int) -> None:
    for number, packed in enumerate(PACKED.values()):
        (tmp_path / f"{number:02}").write_bytes(packed)
    (unit,) = reading.plan(tmp_path, ReadingSettings())
    found = []
    for opened in reading.open_unit(unit, EngineSettings()):
        assert opened.stream is not None
        last = opened.occurrence.path.endswith("notes.txt")
        found.append(opened.stream.read() if last else opened.stream.read(read_bytes))
    contents = list(MEMBERS.values())
    assert found == [contents[0][:read_bytes], contents[1][:read_bytes], b"x"] * len(PACKED)


def test_a_walk_may_be_left_in_the_middle(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(PACKED["tar.gz"])
    (unit,) = reading.plan(tmp_path, ReadingSettings())
    opened = reading.open_unit(unit, EngineSettings())
    assert next(opened).stream is not None
    opened.close()  # type: ignore[attr-defined]  # every reader is a generator
    assert next(opened, None) is None


def test_more_members_than_one_answer_lists(tmp_path: Path) -> None:
    members = {f"{i:04}.jpg": b"%d" % i for i in range(1203)}
    (tmp_path / "t").write_bytes(tarred(members))
    (tmp_path / "z").write_bytes(zipped(members))
    assert read_all(tmp_path) == {f"{a}!/{name}": content for a in "tz" for name, content in members.items()}


def test_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    packed = zipped({"1.jpg": b"1", "2.jpg": b"2", "3.jpg": b"3"}, zipfile.ZIP_STORED)
    (tmp_path / "z").write_bytes(re.sub(rb"[123]\.jpg", b"a.jpg", packed))
    assert read_all(tmp_path) == {"z!/a.jpg": b"1", "z!/a.jpg (2)": b"2", "z!/a.jpg (3)": b"3"}


def test_names_in_the_encodings_that_zips_have(tmp_path: Path) -> None:
    packed = zipped({"XXXXXX.jpg": b"cp437", "YYYYYY.jpg": b"utf-8 without its mark", "é.jpg": b"marked"})
    packed = packed.replace(b"XXXXXX", b"caf\x82__").replace(b"YYYYYY", "né__n".encode())
    (tmp_path / "z").write_bytes(packed)
    assert sorted(read_all(tmp_path)) == ["z!/café__.jpg", "z!/né__n.jpg", "z!/é.jpg"]


def test_a_zip_of_more_than_four_gigabytes_by_its_numbers(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, archive.open("a.jpg", "w", force_zip64=True) as file:
        file.write(b"a" * 10)
    # The sizes and the offset move into a zip64 field of the table, as writers of large zips do.
    wide = b"\x01\x00\x18\x00" + (10).to_bytes(8, "little") * 2 + bytes(8)
    table_at = packed.getvalue().index(b"PK\x01\x02")
    table = bytearray(packed.getvalue()[table_at:-22])
    table[20:28], table[42:46] = b"\xff" * 8, b"\xff" * 4
    table[30:32] = len(wide).to_bytes(2, "little")
    table = table[:51] + wide
    end = bytearray(packed.getvalue()[-22:])
    end[12:16] = len(table).to_bytes(4, "little")
    (tmp_path / "z").write_bytes(packed.getvalue()[:table_at] + table + end)
    assert zipfile.ZipFile(tmp_path / "z").read("a.jpg") == b"a" * 10
    assert read_all(tmp_path) == {"z!/a.jpg": b"a" * 10}


def test_links_and_devices_inside_are_reported(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind in {
            "link": tarfile.SYMTYPE,
            "hard": tarfile.LNKTYPE,
            "pipe": tarfile.FIFOTYPE,
            "disk": tarfile.BLKTYPE,
            "folder": tarfile.DIRTYPE,
        }.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    for name, content in {"t": packed.getvalue(), "tz": gzip.compress(packed.getvalue())}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "z").write_bytes(linked_zip("link", "/etc/passwd"))
    codes = {
        "link": FaultCode.SYMBOLIC_LINK,
        "hard": FaultCode.SYMBOLIC_LINK,
        "pipe": FaultCode.SPECIAL_FILE,
        "disk": FaultCode.SPECIAL_FILE,
    }
    expected = {f"{archive}!/{name}": code for archive in ("t", "tz") for name, code in codes.items()}
    assert read_all(tmp_path) == {**expected, "z!/link": FaultCode.SYMBOLIC_LINK}


def test_empty_archives_and_empty_members_are_said(tmp_path: Path) -> None:
    for name, content in {
        "a.zip": zipped({}),
        "b.tar.gz": tarred({}, "w:gz"),
        "c.7z": seven({}),
        "d.zip": zipped({"empty.jpg": b""}),
        "e.tar": tarred({"empty.jpg": b""}),
        "f.gz": gzip.compress(b""),
        "g.zip": zipped({"folder/": b""}),
    }.items():
        (tmp_path / name).write_bytes(content)
    assert read_all(tmp_path) == {
        "a.zip": FaultCode.EMPTY,
        "b.tar.gz!/b.tar": bytes(10240),  # nothing but zeros: by content no tar, but a packed file
        "c.7z": FaultCode.EMPTY,
        "d.zip!/empty.jpg": FaultCode.EMPTY,
        "e.tar!/empty.jpg": FaultCode.EMPTY,
        "f.gz!/f": FaultCode.EMPTY,
        "g.zip": FaultCode.EMPTY,
    }


def test_a_jpeg_with_an_archive_behind_it_is_a_jpeg(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"\xff\xd8\xff\xe0 picture" + zipped({"b": b"c"}))
    assert list(read_all(tmp_path)) == ["a.zip"]


def test_containers_that_are_not_read_are_said(tmp_path: Path) -> None:
    heads = [b"Rar!\x1a\x07\x01\x00", b"Rar!\x1a\x07\x00", b"MSCF\0\0\0\0", b"EVF\x09\x0d\x0a\xff\x00\x01"]
    for number, head in enumerate(heads):
        (tmp_path / f"{number}.jpg").write_bytes(head + NOISE)
    (tmp_path / "b.zip").write_bytes(zipped({"c.jpg": heads[0] + NOISE}))
    found = read_all(tmp_path)
    assert set(found.values()) == {FaultCode.UNSUPPORTED}
    assert set(found) == {"0.jpg", "1.jpg", "2.jpg", "3.jpg", "b.zip!/c.jpg"}


def test_media_are_no_archives() -> None:
    for head in (b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"PK", b"BZh9 no", bytes(512), b"0" * 512, b""):
        assert archive_kind(head) is None
