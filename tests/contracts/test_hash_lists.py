"""What every format of hash lists must keep to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.made_lists import COUNT, SAMPLES, column, raw_of, read_here
from foureyes.engine.errors import HashListError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.exchange.hash_lists import HASH_LIST_FORMATS, HashListFormat
from foureyes.engine.exchange.hash_lists.base import ROWS_AT_MOST, Unreadable
from foureyes.engine.model import ListBatch, ListFault

WIDTHS = {"sha256": (1, 32), "sha1": (2, 20), "md5": (4, 16), "pdq": (8, 32)}
GARBAGE = [
    b"\0",
    b"{",
    b"[",
    b"<",
    b'{"value":[',
    b"\xff" * 3000,
    b"\x00\x01" * 999,
    b"a;b;c\n" * 9,
    b"<images>" * 50,
    b'"' * 77,
]


@pytest.fixture(params=HASH_LIST_FORMATS, ids=lambda member: member.name)
def member(request: pytest.FixtureRequest) -> HashListFormat:
    one: HashListFormat = request.param
    return one


def consistent(batch: ListBatch) -> None:
    """Columns are of one length, zero where they have nothing, and the raw bytes add up."""
    count = len(batch)
    assert 0 < count <= ROWS_AT_MOST
    for name, (bit, width) in WIDTHS.items():
        digests = getattr(batch, name)
        assert digests.shape == (count, width)
        assert digests.dtype == np.uint8
        assert not digests[batch.has & bit == 0].any()
    assert batch.has.dtype == np.uint8
    assert batch.category.dtype == np.int32
    assert batch.removed.dtype == np.bool_
    assert batch.category.shape == batch.removed.shape == batch.raw_end.shape == (count,)
    assert batch.identity is None or (batch.identity.dtype.name, len(batch.identity)) == ("uint64", count)
    assert batch.raw_end[-1] == len(batch.raw)
    assert (np.diff(batch.raw_end) > 0).all()


def test_names_are_unique_and_every_one_says_its_form() -> None:
    assert len({member.name for member in HASH_LIST_FORMATS}) == len(HASH_LIST_FORMATS)
    assert all(member.form and member.extensions for member in HASH_LIST_FORMATS)
    assert set(SAMPLES) == {member.name for member in HASH_LIST_FORMATS}


def test_its_own_files_are_recognised_by_it_first(member: HashListFormat) -> None:
    first = next(one for one in HASH_LIST_FORMATS if one.recognises(SAMPLES[member.name]))
    assert first is member


@pytest.mark.parametrize("head", [b"", b" \n", b"Dear colleagues,\n", b"\x89PNG\r\n\x1a\n", *GARBAGE[:-2]])
def test_what_is_no_list_is_recognised_by_none(member: HashListFormat, head: bytes) -> None:
    assert not member.recognises(head)


@pytest.mark.parametrize("chunk_bytes", [37, 1 << 20])
def test_every_record_comes_once_in_order_with_its_bytes(member: HashListFormat, chunk_bytes: int) -> None:
    sample = SAMPLES[member.name]
    batches, troubles = read_here(member.name, sample, chunk_bytes)
    assert troubles == []
    assert sum(map(len, batches)) == COUNT
    for batch in batches:
        consistent(batch)
    places = [sample.index(raw) for raw in raw_of(batches)]
    assert places == sorted(set(places))
    tombstones = column(batches, "removed")
    assert (column(batches, "has")[~tombstones] > 0).all()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", *GARBAGE])
def test_nothing_and_garbage_are_told_never_raised(member: HashListFormat, content: bytes) -> None:
    try:
        batches, troubles = read_here(member.name, content)
    except Unreadable:
        return
    assert batches == []
    assert troubles or not content.strip(b"\n\xef\xbb\xbf")


def test_cut_anywhere_it_gives_what_stands_before_the_cut(member: HashListFormat) -> None:
    sample = SAMPLES[member.name]
    whole = raw_of(read_here(member.name, sample)[0])
    for cut in range(1, len(sample), max(1, len(sample) // 150)):
        try:
            batches, troubles = read_here(member.name, sample[:cut], 512)
        except Unreadable:
            continue
        for batch in batches:
            consistent(batch)
        given_before = raw_of(batches)
        complete = [raw for raw in whole if sample.index(raw) + len(raw) < cut]
        assert given_before[: len(complete)] == complete
        assert len(given_before) <= len(complete) + 1, "at most the line that was cut may come as well"
        assert troubles or member.name in {"icse", "nsrl", "digests"} or len(given_before) == len(whole)


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40), chunk=st.integers(1, 5000))
@pytest.mark.parametrize("name", list(SAMPLES))
def test_damage_in_the_middle_never_raises_and_never_bends_columns(
    name: str, place: float, junk: bytes, chunk: int
) -> None:
    sample = SAMPLES[name]
    at = int(place * len(sample))
    try:
        batches, _ = read_here(name, sample[:at] + junk + sample[at + len(junk) :], max(chunk, 64))
    except Unreadable:
        return
    for batch in batches:
        consistent(batch)


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=400))
@pytest.mark.parametrize("name", list(SAMPLES))
def test_any_bytes_are_read_or_told(name: str, content: bytes) -> None:
    try:
        batches, _ = read_here(name, content, 64)
    except Unreadable:
        return
    for batch in batches:
        consistent(batch)


def test_in_the_cage_it_is_the_same(member: HashListFormat, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(SAMPLES[member.name])
    assert hash_lists.sniff(path) == member.name
    inside = list(hash_lists.read(path))
    here = read_here(member.name, SAMPLES[member.name])[0]
    assert raw_of(inside) == raw_of(here)
    for name in ("sha256", "sha1", "md5", "pdq", "has", "category", "removed"):
        assert np.array_equal(column(inside, name), column(here, name))


def test_a_letter_is_no_list_even_where_the_format_is_named(member: HashListFormat, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"Dear colleagues,\nplease find attached\n")
    faults: list[ListFault] = []
    try:
        assert list(hash_lists.read(path, format=member.name, on_fault=faults.append)) == []
    except HashListError:
        return
    assert faults
