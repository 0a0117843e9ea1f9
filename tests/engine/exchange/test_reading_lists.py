"""Reading a list from the caller's side: what is refused at once, what is told on the way, and by whom."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange.made_lists import EMPTY_MD5, SAMPLES, column, md5, media, read_here, vics
from foureyes.engine.errors import HashListError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.exchange.hash_lists import HASH_LIST_FORMATS, caging
from foureyes.engine.exchange.hash_lists.base import Trouble
from foureyes.engine.exchange.hash_lists.wire import pack_batch, pack_trouble, unpack_batch, unpack_trouble
from foureyes.engine.model import ListFault


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list with a placeholder and a broken record."""
    path = tmp_path / "list.json"
    content = vics(
        [media(n) for n in range(5)] + [media(5, MD5=EMPTY_MD5, SHA1=None), media(6, MD5="broken"), media(7)],
        indent=1,
    )
    path.write_bytes(content)
    return path


def test_broken_records_are_told_with_record_and_line_and_the_rest_taken(listed: Path) -> None:
    faults: list[ListFault] = []
    batches = list(hash_lists.read(listed, on_fault=faults.append))
    assert [bytes(row).hex().upper() for row in column(batches, "md5")] == [
        md5(n) for n in (0, 1, 2, 3, 4, 7)
    ]
    assert [fault.record for fault in faults] == [6, 7]
    assert all('"MediaID"' in listed.read_text().split("\n")[fault.line] for fault in faults)


def test_strict_refuses_a_broken_record_and_no_placeholder(listed: Path) -> None:
    with pytest.raises(HashListError, match=r"record 7, line \d+: its MD5 .* refused"):
        list(hash_lists.read(listed, strict=True))
    listed.write_bytes(vics([media(1), media(2, MD5=EMPTY_MD5, SHA1=None)]))
    assert sum(map(len, hash_lists.read(listed, strict=True))) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"PK\x03\x04rest", "zip archive: unpack"),
        (b"\x1f\x8b\x08rest", "gzip: unpack"),
        (b"Dear all,\n", "no hash list of a known form"),
        (b"\x89PNG\r\n\x1a\n", "no hash list of a known form"),
    ],
)
def test_what_is_no_list_is_refused_at_once(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    for ask in (hash_lists.sniff, hash_lists.read):
        with pytest.raises(HashListError, match=words):
            ask(path)
    if "known form" in words:
        with pytest.raises(HashListError) as refused:
            hash_lists.sniff(path)
        assert all(member.form in str(refused.value) for member in HASH_LIST_FORMATS)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(HashListError, match="cannot be read"):
        hash_lists.read(tmp_path / "none")
    with pytest.raises(HashListError, match="is no file"):
        hash_lists.read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(HashListError, match="is no file"):
        hash_lists.sniff(tmp_path / "pipe")


def test_unknown_names_are_refused_before_anything_is_read(listed: Path) -> None:
    with pytest.raises(HashListError, match="no format 'xls'"):
        hash_lists.read(listed, format="xls")
    with pytest.raises(HashListError, match="no jurisdiction 'mars'"):
        hash_lists.read(listed, profile="mars")


def test_a_list_named_as_another_form_is_refused_or_all_faults(listed: Path) -> None:
    with pytest.raises(HashListError, match="names no column"):
        list(hash_lists.read(listed, format="icse"))


def test_a_worker_that_answers_nonsense_is_told_not_believed(
    listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caging, "_PROGRAM", "engine.exchange.lying_worker")
    with pytest.raises(HashListError, match="nonsense"):
        list(hash_lists.read(listed))


def test_codes_mean_what_their_jurisdiction_says() -> None:
    assert {"vics", "us", "uk", "interpol", "autopsy", "ncmec"} <= set(hash_lists.jurisdictions())
    for name in hash_lists.jurisdictions():
        table = hash_lists.jurisdiction(name)
        assert table.title
        assert table.source
        assert table.uncategorised | table.non_pertinent <= set(table.codes)
        assert not table.uncategorised & table.non_pertinent
        assert hash_lists.meaning(name, None) is None
        assert hash_lists.meaning(name, -1) is None
        assert hash_lists.meaning(name, 999) is None
        assert hash_lists.sense(name, 999) is hash_lists.Sense.UNKNOWN
        assert hash_lists.sense(name, None) is hash_lists.Sense.UNCATEGORISED


def test_0_and_5_are_swapped_between_programs_and_never_confused() -> None:
    assert hash_lists.meaning("us", 0) == hash_lists.meaning("autopsy", 5) == "non-pertinent"
    assert hash_lists.meaning("us", 5) == hash_lists.meaning("autopsy", 0) == "uncategorised"
    assert hash_lists.sense("vics", 0) is hash_lists.sense("autopsy", 5) is hash_lists.Sense.NON_PERTINENT
    assert hash_lists.sense("vics", 5) is hash_lists.sense("autopsy", 0) is hash_lists.Sense.UNCATEGORISED
    assert hash_lists.sense("us", 1) is hash_lists.Sense.CATEGORISED


@pytest.mark.parametrize("profile", ["vics", "autopsy", "us"])
def test_the_raw_code_is_kept_whatever_the_profile(profile: str, listed: Path) -> None:
    assert column(list(hash_lists.read(listed, profile=profile)), "category").tolist() == [0, 1, 2, 3, 4, 1]


@pytest.mark.parametrize("name", ["vics", "ncmec"])
def test_a_batch_crosses_the_wire_unchanged(name: str) -> None:
    (batch,) = read_here(name, SAMPLES[name])[0]
    again = unpack_batch(pack_batch(batch))
    for column_name in ("sha256", "sha1", "md5", "pdq", "has", "category", "removed", "raw_end"):
        assert np.array_equal(getattr(again, column_name), getattr(batch, column_name))
    assert again.raw == batch.raw
    assert (again.identity is None) == (batch.identity is None)


@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=30), longer=st.booleans())
def test_a_bent_batch_is_refused_or_consistent(place: float, junk: bytes, longer: bool) -> None:
    packed = pack_batch(read_here("vics", SAMPLES["vics"])[0][0])
    at = int(place * len(packed))
    bent = packed[:at] + junk + packed[at if longer else at + len(junk) :]
    try:
        batch = unpack_batch(bent)
    except ValueError:
        return
    assert int(batch.raw_end[-1]) == len(batch.raw)
    assert (np.diff(batch.raw_end) >= 0).all()
    assert batch.has.max() <= 15


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0" * 5,
        struct.pack("<IQB", 2**31, 0, 0),
        struct.pack("<IQB", 1, 2**60, 0),
        struct.pack("<IQB", 0, 1, 0) + b"x",
    ],
)
def test_batches_that_promise_too_much_are_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="batch"):
        unpack_batch(payload)


def test_words_of_a_worker_are_made_harmless() -> None:
    trouble = unpack_trouble(pack_trouble(Trouble(ListFault(3, 4, "a\x1b[31m\nb é" * 99), broken=False)))
    assert (trouble.fault.record, trouble.fault.line, trouble.broken) == (3, 4, False)
    assert trouble.fault.detail.isascii()
    assert trouble.fault.detail.isprintable()
    assert len(trouble.fault.detail) <= 200
