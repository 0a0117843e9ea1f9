"""Archives that are damaged, locked, or built to do harm: each costs itself only, and is said."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import py7zr
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.sources import Contents, read_all, tarred, zipped
from foureyes.engine import errors, reading
from foureyes.engine.model import FaultCode
from foureyes.engine.reading.names import LONGEST, Namer, harmless
from foureyes.engine.settings import EngineSettings, ReadingSettings

NOISE = random.Random(2).randbytes(300_000)
THREE = {"1.jpg": NOISE, "2.jpg": NOISE[::-1], "3.jpg": b"three"}


def settings(**limits: float) -> EngineSettings:
    return replace(EngineSettings(), reading=replace(ReadingSettings(), **limits))


def test_a_damaged_zip_member_costs_itself_only(tmp_path: Path) -> None:
    packed = bytearray(zipped(THREE, zipfile.ZIP_STORED))
    packed[packed.index(NOISE[::-1]) + 200_000] ^= 1
    (tmp_path / "z").write_bytes(packed)
    assert read_all(tmp_path) == {
        "z!/1.jpg": NOISE,
        "z!/2.jpg": FaultCode.ARCHIVE_DAMAGED,
        "z!/3.jpg": b"three",
    }


def test_a_zip_member_without_its_header_costs_itself_only(tmp_path: Path) -> None:
    packed = bytearray(zipped(THREE))
    second = packed.index(b"PK\x03\x04", 10)
    packed[second : second + 2] = b"XX"
    (tmp_path / "z").write_bytes(packed)
    found = read_all(tmp_path)
    assert found == {"z!/1.jpg": NOISE, "z!/2.jpg": FaultCode.ARCHIVE_DAMAGED, "z!/3.jpg": b"three"}


@pytest.mark.parametrize("streamed", [False, True])
def test_a_zip_that_lost_its_end_is_read_from_its_start(tmp_path: Path, *, streamed: bool) -> None:
    packed = zipped(THREE)
    if streamed:  # sizes stand after each member, as phones and web sites write them
        stream = Pipe()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # a stream that cannot seek
            archive.mkdir("folder")
            for name, content in THREE.items():
                archive.writestr(name, content)
        packed = stream.content
    (tmp_path / "a").write_bytes(packed[: packed.index(b"PK\x01\x02")])
    (tmp_path / "b").write_bytes(packed[:400_000])
    assert read_all(tmp_path) == {
        "a": FaultCode.ARCHIVE_DAMAGED,
        "a!/1.jpg": NOISE,
        "a!/2.jpg": NOISE[::-1],
        "a!/3.jpg": b"three",
        "b": FaultCode.ARCHIVE_DAMAGED,
        "b!/1.jpg": NOISE,
        "b!/2.jpg": FaultCode.ARCHIVE_DAMAGED,
    }


class Pipe(io.RawIOBase):
    """What zipfile writes to when it cannot go back."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all that comes
        self.content += bytes(data)
        return len(data)


def test_a_zip_with_something_before_it(tmp_path: Path) -> None:
    inner = zipped(THREE)
    (tmp_path / "z").write_bytes(b"PK\x03\x04 a picture's tail " + inner)
    assert read_all(tmp_path) == {f"z!/{name}": content for name, content in THREE.items()}


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": lambda content: bz2.compress(content, 1),
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


def test_a_tar_that_is_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    for name, packer in PACKERS.items():
        (tmp_path / name).write_bytes(packer(tarred(THREE))[:470_000])
    found = read_all(tmp_path)
    for name in PACKERS:
        assert found.pop(name) is FaultCode.ARCHIVE_DAMAGED, name
        assert found.pop(f"{name}!/1.jpg") == NOISE, name
        assert found.pop(f"{name}!/2.jpg") is FaultCode.ARCHIVE_DAMAGED, name
    assert not found


def test_a_bad_header_in_the_middle_is_not_taken_for_the_end(tmp_path: Path) -> None:
    packed = bytearray(tarred(THREE))
    packed[packed.index(b"2.jpg") + 100] ^= 0xFF
    for name, packer in PACKERS.items():
        (tmp_path / name).write_bytes(packer(bytes(packed)))
    expected: Contents = dict.fromkeys(PACKERS, FaultCode.ARCHIVE_DAMAGED)
    assert read_all(tmp_path) == expected | {f"{name}!/1.jpg": NOISE for name in PACKERS}


def test_a_packed_file_that_is_cut_off(tmp_path: Path) -> None:
    names = [name for name in PACKERS if name != "plain"]
    for name in names:
        (tmp_path / f"a.mp4.{name}").write_bytes(PACKERS[name](NOISE)[:200_000])
    assert read_all(tmp_path) == {f"a.mp4.{name}!/a.mp4": FaultCode.ARCHIVE_DAMAGED for name in names}


def test_a_damaged_7z(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with py7zr.SevenZipFile(packed, "w") as archive:
        for name, content in THREE.items():
            archive.writef(io.BytesIO(content), name)
    broken = bytearray(packed.getvalue())
    broken[400_000] ^= 0xFF
    (tmp_path / "a").write_bytes(broken)
    (tmp_path / "b").write_bytes(packed.getvalue()[:400_000])
    found = read_all(tmp_path)
    assert found["a!/1.jpg"] == NOISE
    assert found["a!/2.jpg"] is FaultCode.ARCHIVE_DAMAGED
    assert found["b"] is FaultCode.ARCHIVE_DAMAGED  # its table stands at the end


def test_nonsense_behind_a_signature(tmp_path: Path) -> None:
    heads = [
        b"PK\x03\x04",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"BZh91AY&SY",
    ]
    for number, head in enumerate(heads):
        (tmp_path / str(number)).write_bytes(head + NOISE)
    found = read_all(tmp_path)
    damaged = {path.partition("!")[0] for path, code in found.items() if code is FaultCode.ARCHIVE_DAMAGED}
    assert damaged == {str(number) for number in range(len(heads))}


def test_locked_archives_are_said(tmp_path: Path) -> None:
    for name, header in {"a": False, "b": True}.items():
        with py7zr.SevenZipFile(tmp_path / name, "w", password="pw", header_encryption=header) as archive:
            archive.writef(io.BytesIO(NOISE), "x.jpg")
    packed = bytearray(zipped({"x.jpg": NOISE, "y.jpg": b"y"}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "c").write_bytes(packed)
    assert read_all(tmp_path) == {
        "a!/x.jpg": FaultCode.ENCRYPTED,
        "b": FaultCode.ENCRYPTED,
        "c!/x.jpg": FaultCode.ENCRYPTED,
        "c!/y.jpg": b"y",
    }


def test_a_method_that_is_not_read_is_said(tmp_path: Path) -> None:
    packed = bytearray(zipped({"x.jpg": NOISE, "y.jpg": b"y"}))
    table = packed.index(b"PK\x01\x02")
    packed[table + 10] = 98
    (tmp_path / "z").write_bytes(packed)
    assert read_all(tmp_path) == {"z!/x.jpg": FaultCode.UNSUPPORTED, "z!/y.jpg": b"y"}


def test_a_zip_member_that_hides_its_bytes_is_still_read(tmp_path: Path) -> None:
    packed = bytearray(zipped({"x.jpg": NOISE}))
    table = packed.index(b"PK\x01\x02")
    packed[table + 24 : table + 28] = bytes(4)  # "no bytes"
    (tmp_path / "z").write_bytes(packed)
    assert read_all(tmp_path) == {"z!/x.jpg": FaultCode.ARCHIVE_DAMAGED}


def test_a_bomb_of_one_layer(tmp_path: Path) -> None:
    zeros = gzip.compress(bytes(80_000_000))
    assert 80_000_000 / len(zeros) > 1000
    (tmp_path / "a.gz").write_bytes(zeros)
    (tmp_path / "b.jpg").write_bytes(b"after it")
    found = read_all(tmp_path)
    assert found == {"a.gz!/a": FaultCode.ARCHIVE_BOMB, "b.jpg": b"after it"}


def test_a_bomb_is_found_while_its_members_are_skipped(tmp_path: Path) -> None:
    tar = tarred({"1.jpg": NOISE, "zeros": bytes(80_000_000), "2.jpg": NOISE})
    (tmp_path / "t").write_bytes(bz2.compress(tar))
    (unit,) = reading.plan(tmp_path, ReadingSettings())
    limits = settings(archive_ratio_at_most=100)
    found = [(o.occurrence.path, o.occurrence.fault) for o in reading.open_unit(unit, limits)]
    assert [path for path, _ in found] == ["t!/1.jpg", "t!/zeros", "t"]
    assert found[-1][1] is not None
    assert found[-1][1].code is FaultCode.ARCHIVE_BOMB


def test_a_bomb_of_nested_layers_counts_against_the_outermost(tmp_path: Path) -> None:
    layer = zipped({"zeros": bytes(20_000_000)})
    layer = zipped({f"{i}.zip": layer for i in range(5)})  # within itself no layer is a bomb
    layer = zipped({f"{i}.zip": layer for i in range(5)})
    (tmp_path / "z.zip").write_bytes(layer)
    (tmp_path / "z2.jpg").write_bytes(b"after it")
    found = read_all(tmp_path)
    assert [path for path, code in found.items() if code is FaultCode.ARCHIVE_BOMB] == [
        "z.zip!/0.zip!/3.zip!/zeros"
    ]
    assert found["z2.jpg"] == b"after it"
    assert len(found) == 5


def overlapping(copies: int) -> bytes:
    """Many lines of the table of contents that point at one member (Fifield's first construction)."""
    content = zlib.compress(bytes(1_000_000))[2:-4]
    checksum = zlib.crc32(bytes(1_000_000))
    local = (
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, checksum, len(content), 1_000_000, 1, 0)
        + b"a"
    )
    first = b"".join((local[:-1] + b"f", content))
    table = b""
    for i in range(copies + 1):
        fields = (20, 20, 0, 8, 0, 33, checksum, len(content), 1_000_000, 4, 0, 0, 0, 0, 0)
        offset = 0 if i == 0 else len(first)
        table += struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fields, offset) + b"%04d" % i
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, copies + 1, copies + 1, len(table), len(first) * 2, 0)
    return first + local + content + table + end


def test_members_that_lie_over_each_other_are_a_bomb(tmp_path: Path) -> None:
    (tmp_path / "z").write_bytes(overlapping(copies=2000))
    found = read_all(tmp_path)
    assert found.pop("z") is FaultCode.ARCHIVE_BOMB
    assert set(found) == {"z!/0000", "z!/0001"}  # what came before it is kept


def test_a_zip_that_holds_itself_ends(tmp_path: Path) -> None:
    quine = tmp_path / "q.zip"
    packed = zipped({"x.jpg": NOISE}, zipfile.ZIP_STORED)
    for _ in range(8):
        packed = zipped({"r.zip": packed}, zipfile.ZIP_STORED)
    quine.write_bytes(packed)
    assert list(read_all(tmp_path).values()) == [FaultCode.NESTED_TOO_DEEP]


def test_more_members_than_the_settings_allow(tmp_path: Path) -> None:
    (tmp_path / "z").write_bytes(zipped({f"{i}.jpg": b"x" for i in range(20)}))
    found = read_all(tmp_path, settings(archive_members_at_most=10))
    assert found.pop("z") is FaultCode.ARCHIVE_BOMB
    assert len(found) == 10


def test_a_member_larger_than_the_settings_allow(tmp_path: Path) -> None:
    (tmp_path / "z").write_bytes(zipped({"1.jpg": NOISE, "2.jpg": b"small"}))
    found = read_all(tmp_path, settings(member_bytes_at_most=1000))
    assert found == {"z!/1.jpg": FaultCode.TOO_LARGE, "z!/2.jpg": b"small"}


def test_names_that_lead_outside_lead_nowhere(tmp_path: Path) -> None:
    names = ["../../up.jpg", "/etc/passwd", "C:\\Users\\x.jpg", "a/./b//c.jpg", "..\\w.jpg"]
    (tmp_path / "t").write_bytes(tarred(dict.fromkeys(names, b"kept")))
    (tmp_path / "z").write_bytes(zipped(dict.fromkeys(names, b"kept")))
    expected = ["(up)/(up)/up.jpg", "etc/passwd", "C/Users/x.jpg", "a/b/c.jpg", "(up)/w.jpg"]
    assert read_all(tmp_path) == {f"{archive}!/{name}": b"kept" for archive in "tz" for name in expected}


def test_a_tar_name_that_is_not_utf8_comes_back_exactly(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(tarred({"caf\udce9.jpg": b"x"}, format_=tarfile.GNU_FORMAT))
    assert list(read_all(tmp_path)) == ["t!/caf\udce9.jpg"]


@given(st.one_of(st.binary(max_size=60), st.text("./\\:CD\0ab", max_size=30).map(str.encode)))
def test_a_path_never_escapes(untrusted_name: bytes) -> None:
    path = harmless(untrusted_name)
    parts = path.split("/")
    assert path
    assert not {"", ".", ".."} & set(parts)
    assert not {"\0", "\\"} & set(path)
    assert not (len(parts[0]) == 2 and parts[0][0].isascii() and parts[0][0].isalpha() and parts[0][1] == ":")
    assert len(path) <= LONGEST


def test_a_name_of_any_length_is_cut() -> None:
    assert len(harmless(b"a/" * 1_000_000 + b"end.jpg")) <= LONGEST
    assert harmless(b"a/" * 1_000_000 + b"end.jpg").endswith("/end.jpg")


@given(st.lists(st.sampled_from([b"a", b"a (2)", b"b", b"/a", b""]), max_size=30))
def test_no_two_members_share_a_path(names: list[bytes]) -> None:
    namer = Namer()
    paths = [namer.path(name) for name in names]
    assert len(set(paths)) == len(paths)


def test_an_unpacker_that_wants_too_much_memory_costs_its_archive_only(tmp_path: Path) -> None:
    packed = bytearray(lzma.compress(NOISE))
    block = packed[
        12:24
    ]  # size, flags, filter id, length of its properties, size of its dictionary, ..., CRC
    assert block[2:4] == b"\x21\x01"
    block[4] = 40  # 4 GB
    packed[12:24] = block[:8] + zlib.crc32(block[:8]).to_bytes(4, "little")
    (tmp_path / "a.xz").write_bytes(packed)
    (tmp_path / "b.zip").write_bytes(zipped({"1.xz": bytes(packed), "2.jpg": b"two"}))
    (tmp_path / "c.zip").write_bytes(zipped({"3.jpg": b"three"}))
    assert read_all(tmp_path) == {
        "a.xz": FaultCode.OUT_OF_MEMORY,
        "b.zip!/1.xz": FaultCode.OUT_OF_MEMORY,
        "b.zip!/2.jpg": b"two",
        "c.zip!/3.jpg": b"three",
    }


def test_a_drive_pulled_out_while_an_archive_is_read_is_no_damaged_archive(tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "t").write_bytes(gzip.compress(tarred(THREE))[:470_000])
    (unit,) = reading.plan(drive, ReadingSettings())
    opened = reading.open_unit(unit, EngineSettings())
    assert next(opened).occurrence.path == "t!/1.jpg"
    drive.rename(tmp_path / "unplugged")
    with pytest.raises(errors.SourceLost, match="went away"):
        for _ in opened:
            pass
