"""VICS lists against every trap that real exports were seen to hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange.made_lists import (
    EMPTY_MD5,
    EMPTY_SHA1,
    MODELS,
    PHOTODNA,
    column,
    md5,
    media,
    pdq,
    raw_of,
    read_here,
    sha1,
    sha256,
    vics,
    vics_case,
)
from foureyes.engine.errors import HashListError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.exchange.hash_lists.base import Unreadable
from foureyes.engine.exchange.hash_lists.vics_writing import write_vics
from foureyes.engine.model import NO_CATEGORY


def hexes(rows: np.ndarray[Any, Any]) -> list[str]:
    return [bytes(row).hex().upper() for row in rows]


def one(**changed: Any) -> Any:
    """The one batch of a list of one record."""
    batches, troubles = read_here("vics", vics([media(1, **changed)]))
    assert troubles == []
    (batch,) = batches
    return batch


@pytest.mark.parametrize("version", list(MODELS))
@pytest.mark.parametrize("dumped", [{}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t"}])
@pytest.mark.parametrize("chunk_bytes", [64, 1000, 1 << 20])
def test_hash_sets_of_every_version_in_every_layout(
    version: str, dumped: dict[str, Any], chunk_bytes: int
) -> None:
    records = [media(n) for n in range(40)]
    batches, troubles = read_here("vics", vics(records, version, **dumped), chunk_bytes)
    assert troubles == []
    assert hexes(column(batches, "md5")) == [md5(n) for n in range(40)]
    assert hexes(column(batches, "sha1")) == [sha1(n) for n in range(40)]
    assert column(batches, "category").tolist() == [n % 6 for n in range(40)]
    assert [json.loads(raw) for raw in raw_of(batches)] == records


def test_media_of_cases_are_read_through_every_case() -> None:
    cases: tuple[list[Any], ...] = (
        [media(1), media(2)],
        [],
        [media(3, MediaFiles=[{"MD5": md5(9), "FileName": "a", "FilePath": "b"}] * 3)],
    )
    batches, troubles = read_here("vics", vics_case(*cases), 128)
    assert troubles == []
    assert hexes(column(batches, "md5")) == [md5(1), md5(2), md5(3)]


def test_one_binary_of_many_occurrences_is_one_record() -> None:
    files = [{"MD5": md5(1), "FileName": f"{n}.jpg", "FilePath": "x"} for n in range(116)]
    batches, _ = read_here("vics", vics_case([media(1, MediaFiles=files), media(2)]))
    assert sum(map(len, batches)) == 2


def test_counts_that_are_stated_are_not_believed() -> None:
    content = vics_case([media(n) for n in range(3)]).replace(
        b'"TotalMediaFiles": 7', b'"TotalMediaFiles": 34731'
    )
    assert sum(map(len, read_here("vics", content)[0])) == 3


def test_a_root_that_is_an_array_and_a_list_before_its_model_are_read() -> None:
    records = [media(n) for n in range(3)]
    model_last = {"value": records, **MODELS["2.0"]}
    for content in (
        json.dumps(records),
        json.dumps(model_last),
        json.dumps({"x": [[{}], {"value": 1}], "value": records}),
    ):
        assert sum(map(len, read_here("vics", content.encode(), 50)[0])) == 3


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (0, 0),
        (5, 5),
        (None, NO_CATEGORY),
        (..., NO_CATEGORY),
        ("", NO_CATEGORY),
        ("0", 0),
        ("5", 5),
        (7, 7),
        (1.0, 1),
        (123456789012 % 2**31, 123456789012 % 2**31),
    ],
)
def test_category_0_and_5_and_none_are_never_confused(stated: Any, code: int) -> None:
    batch = one(Category=stated)
    assert batch.category.tolist() == [code]
    assert b"Category" not in batch.raw if stated is ... else json.loads(batch.raw)["Category"] == stated


@pytest.mark.parametrize("stated", [True, False, -1, "CAM", 1.5, [1], 2**31, "99999999999"])
def test_a_category_that_is_no_code_is_a_fault_not_a_guess(stated: Any) -> None:
    batches, (trouble,) = read_here("vics", vics([media(1, Category=stated), media(2)]))
    assert hexes(column(batches, "md5")) == [md5(2)]
    assert (trouble.fault.record, trouble.broken) == (1, True)


@pytest.mark.parametrize("stated", [True, "true", "True", "false", 1])
def test_is_precategorized_says_nothing(stated: Any) -> None:
    assert one(IsPrecategorized=stated, Category=None).category.tolist() == [NO_CATEGORY]


@pytest.mark.parametrize("stated", ["false", "true", "False", False, True, None])
def test_flags_as_text_survive_as_they_stand(stated: Any) -> None:
    assert json.loads(one(VictimIdentified=stated).raw)["VictimIdentified"] == stated


@pytest.mark.parametrize("size", [0, 123, "123", "", None, "1,234"])
def test_media_size_in_any_form_is_no_concern(size: Any) -> None:
    assert len(one(MediaSize=size)) == 1


@pytest.mark.parametrize(
    "form",
    [
        str.upper,
        str.lower,
        str.title,
        lambda text: f" {text} ",
        lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    ],
)
def test_digests_in_any_case_and_spelling(form: Any) -> None:
    content = vics([media(1, MD5="PLACE")]).replace(b"PLACE", form(md5(1)).encode())
    (batch,) = read_here("vics", content)[0]
    assert hexes(batch.md5) == [md5(1)]


@pytest.mark.parametrize("key", ["md5", "Md5", "\\u004dD5"])
def test_keys_spelt_otherwise_are_found(key: str) -> None:
    content = f'{{"value":[{{"MediaID":1,"{key}":"{md5(1)}"}}]}}'.encode()
    (batch,) = read_here("vics", content)[0]
    assert hexes(batch.md5) == [md5(1)]


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    content = (
        f'{{"value":[{{"MediaID":1,"MD5":"{md5(1)}","Category":0,"MD5":"{md5(2)}","Category":5}}]}}'.encode()
    )
    (batch,) = read_here("vics", content)[0]
    assert (hexes(batch.md5), batch.category.tolist()) == ([md5(2)], [5])


def test_sha256_and_pdq_are_taken_where_they_stand() -> None:
    batch = one(SHA256=sha256(1), AlternativeHashes=[{"MD5": md5(1), "HashName": "PDQ", "HashValue": pdq(1)}])
    assert batch.has.tolist() == [15]
    assert bytes(batch.sha256[0]).hex() == sha256(1)
    assert bytes(batch.pdq[0]).hex() == pdq(1)
    assert bytes(one(PDQ=pdq(2)).pdq[0]).hex() == pdq(2)


@pytest.mark.parametrize(
    "changed",
    [
        {"PhotoDNA": PHOTODNA},
        {"AlternativeHashes": [{"MD5": md5(1), "HashName": "PhotoDNA", "HashValue": PHOTODNA}]},
        {
            "AlternativeHashes": [
                {"HashName": "PhotoDNA", "HashValue": PHOTODNA},
                {"HashName": "pdq", "HashValue": ""},
            ]
        },
    ],
)
def test_photodna_is_kept_and_never_taken_for_pdq(changed: dict[str, Any]) -> None:
    batch = one(**changed)
    assert batch.has.tolist() == [6]
    assert not batch.pdq.any()
    assert PHOTODNA.encode() in batch.raw
    alone = one(MD5=EMPTY_MD5, SHA1=None, **changed)
    assert alone.has.tolist() == [0], "what only PhotoDNA could match is kept, and matched by nothing"
    assert PHOTODNA.encode() in alone.raw


@pytest.mark.parametrize(
    "digests", [{"MD5": EMPTY_MD5, "SHA1": EMPTY_SHA1}, {"MD5": EMPTY_MD5.lower(), "SHA1": None}]
)
def test_digests_of_an_empty_file_are_placeholders(digests: dict[str, Any]) -> None:
    batches, (trouble,) = read_here("vics", vics([media(1, **digests), media(2)]))
    assert hexes(column(batches, "md5")) == [md5(2)]
    assert (trouble.fault.record, trouble.broken) == (1, False)
    assert "empty file" in trouble.fault.detail


def test_a_placeholder_beside_a_digest_drops_out_alone() -> None:
    batch = one(MD5=EMPTY_MD5)
    assert (batch.has.tolist(), hexes(batch.sha1)) == ([2], [sha1(1)])
    assert not batch.md5.any()


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_is_no_obstacle(mark: bytes) -> None:
    assert sum(map(len, read_here("vics", mark + vics([media(1)]), 16)[0])) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_read(encoding: str) -> None:
    text = vics([media(1), media(2)]).decode()
    content = ("﻿" + text if encoding == "utf-16-be" else text).encode(encoding)
    batches, troubles = read_here("vics", content, 101)
    assert troubles == []
    assert hexes(column(batches, "md5")) == [md5(1), md5(2)]


def test_a_record_in_another_encoding_is_told_and_the_rest_taken() -> None:
    content = vics([media(1), media(2, Tags="Küche"), media(3)], indent=1).replace(
        "Küche".encode(), "Küche".encode("latin-1")
    )
    batches, (trouble,) = read_here("vics", content)
    assert hexes(column(batches, "md5")) == [md5(1), md5(3)]
    assert "UTF-8" in trouble.fault.detail
    assert trouble.fault.record == 2


def test_the_shape_of_2_0_that_broke_an_importer_is_read() -> None:
    """Arrays and objects where a name or a value was expected: autopsy_addon_modules issue 25."""
    batch = one(
        Tags=[["a"], {"b": []}],
        MediaFiles=[],
        Exifs=[{"MD5": md5(5), "PropertyName": "Make"}],
        Series={"Name": None},
    )
    assert hexes(batch.md5) == [md5(1)]
    noisy = {"odata.id": "x", "odata.editLink": "y", "MediaFiles@odata.navigationLinkUrl": "z"}
    assert hexes(one(**noisy).md5) == [md5(1)]


BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "a quote is missing": lambda text: text.replace(b'"Tags": "', b'"Tags": ', 1),
    "a closing quote is missing": lambda text: text.replace(b'wall"', b"wall", 1),
    "a brace is missing": lambda text: text[:-1],
    "a bracket too many": lambda text: text.replace(b"[1, 2.5", b"[[1, 2.5", 1),
    "a comma is missing": lambda text: text.replace(b'", "', b'" "', 1),
    "a control character": lambda text: text.replace(b"kitchen", b"kit\x00chen", 1),
    "no value": lambda text: text.replace(b'"MediaID": 5', b'"MediaID": ', 1),
    "words": lambda text: b"lost in transfer " + text[40:],
    "a number with a leading nought": lambda text: text.replace(b'"MediaID": 5', b'"MediaID": 05', 1),
    "half of it": lambda text: text[: len(text) // 2],
    "a word that is not one of three": lambda text: text.replace(b"null", b"nul", 1),
    "an escape that is none": lambda text: text.replace(b"\\\\ wall", b"\\x wall", 1),
    "not a number": lambda text: text.replace(b"null", b"NaN", 1),
    "an element that is no object": lambda _: b"[1, 2]",
}


@pytest.mark.parametrize("broken", list(BREAKS))
@pytest.mark.parametrize("chunk_bytes", [300, 1 << 20])
@pytest.mark.parametrize(
    "alternatives", [[], [{"MD5": md5(77), "HashName": "PhotoDNA", "HashValue": "A"}] * 3]
)
def test_a_broken_record_in_the_middle_costs_itself(
    broken: str, chunk_bytes: int, alternatives: list[Any]
) -> None:
    records = [json.dumps(media(n, AlternativeHashes=alternatives)).encode() for n in range(10)]
    records[5] = BREAKS[broken](records[5])
    content = b'{"value":[\n' + b",\n".join(records) + b"\n]}"
    batches, troubles = read_here("vics", content, chunk_bytes)
    assert hexes(column(batches, "md5")) == [md5(n) for n in range(10) if n != 5]
    (trouble,) = troubles
    assert (trouble.fault.record, trouble.fault.line, trouble.broken) == (6, 7, True)


@pytest.mark.parametrize("digest", ["12345", "Z" * 32, "0" * 31, 7, ["a"], "É" * 32])
def test_a_digest_that_is_none_is_a_fault_with_record_and_line(digest: Any) -> None:
    content = vics([media(n) if n != 3 else media(3, MD5=digest) for n in range(6)], indent=1)
    batches, (trouble,) = read_here("vics", content)
    assert len(column(batches, "md5")) == 5
    assert trouble.fault.record == 4
    lines = content.decode().split("\n")
    assert lines[trouble.fault.line].strip() == '"MediaID": 3,', "the line is that of the brace before"
    assert "MD5" in trouble.fault.detail


def test_a_record_without_any_digest_is_a_fault() -> None:
    _, (trouble,) = read_here("vics", vics([media(1, MD5=..., SHA1=""), media(2)]))
    assert trouble.fault.detail == "no digest that could be matched"


@pytest.mark.parametrize("chunk_bytes", [100, 1 << 20])
def test_a_truncated_list_gives_what_it_has_and_says_so(chunk_bytes: int) -> None:
    whole = vics([media(n) for n in range(20)], indent=1)
    batches, (trouble,) = read_here("vics", whole[: whole.index(b'"MediaID": 15') + 40], chunk_bytes)
    assert hexes(column(batches, "md5")) == [md5(n) for n in range(15)]
    assert trouble.fault.detail == "the file ends within this record"
    assert trouble.fault.record == 16
    batches, (trouble,) = read_here("vics", whole.rstrip()[:-1].rstrip()[:-1], chunk_bytes)
    assert sum(map(len, batches)) == 20
    assert trouble.fault.detail == "the file ends before its list does"


def test_deep_nesting_costs_one_record_and_no_stack() -> None:
    deep = b'{"MediaID":1,"Tags":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    good = json.dumps(media(2)).encode()
    batches, (trouble,) = read_here("vics", b'{"value":[' + deep + b",\n" + good + b"]}")
    assert trouble.fault.record == 1
    assert hexes(column(batches, "md5")) == [md5(2)]


@pytest.mark.parametrize(
    "content", [b"{}", b'{"value": 7}', b'{"value": {"MD5": 1}}', b'"value"', b'{"Media": [1]']
)
def test_json_without_a_list_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable, match="no list"):
        read_here("vics", content)


def test_an_empty_list_is_empty() -> None:
    assert read_here("vics", vics([])) == ([], [])


def test_unknown_fields_survive_a_round_trip_byte_by_byte(tmp_path: Path) -> None:
    records = [
        media(n, **{f"X-{n}": {"deep": [n, "ü", 1e-7, "\\u00e9"]}, "PhotoDNA": PHOTODNA}) for n in range(50)
    ]
    source, copy = tmp_path / "list.json", tmp_path / "copy.json"
    source.write_bytes(vics(records, "1.3", indent=2))
    first = list(hash_lists.read(source))
    assert (
        write_vics((raw for batch in first for raw in hash_lists.records_of(batch)), copy, data_model="US")
        == 50
    )
    again = list(hash_lists.read(copy))
    assert raw_of(again) == raw_of(first)
    for name in ("sha256", "sha1", "md5", "pdq", "has", "category"):
        assert np.array_equal(column(again, name), column(first, name))
    written = json.loads(copy.read_bytes())
    assert written["value"] == records
    assert written["@odata.context"].endswith("2.0.xml/US/$metadata#Media")


def test_nothing_is_written_of_what_is_no_vics_record(tmp_path: Path) -> None:
    target = tmp_path / "list.json"
    target.write_text("before")
    with pytest.raises(HashListError, match="record 2"):
        write_vics([b"{}", b"a;b"], target)
    with pytest.raises(HashListError, match="data model"):
        write_vics([], target, data_model="FR")
    assert [path.name for path in tmp_path.iterdir()] == ["list.json"]
    assert target.read_text() == "before"


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_DIGEST = st.none() | st.just("") | st.binary(min_size=16, max_size=16).map(bytes.hex)
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {"MediaID": st.integers()},
        optional={
            "MD5": _DIGEST | _DIGEST.map(lambda text: text and text.upper()),
            "SHA1": st.binary(min_size=20, max_size=20).map(bytes.hex),
            "Category": st.none() | st.integers(0, 9) | st.integers(0, 9).map(str),
            "Tags": _JSON,
            'Mé\\"': _JSON,
            "PhotoDNA": st.none() | st.just("") | st.just("AAAA"),
        },
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    records=_RECORDS,
    indent=st.sampled_from([None, 0, 3]),
    ascii_only=st.booleans(),
    chunk_bytes=st.integers(16, 600),
)
def test_whatever_is_written_is_read_as_the_json_module_reads_it(
    records: list[dict[str, Any]], indent: int | None, ascii_only: bool, chunk_bytes: int
) -> None:
    content = json.dumps({**MODELS["2.0"], "value": records}, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    )
    try:
        content.decode()
    except UnicodeDecodeError:
        return
    batches, troubles = read_here("vics", content, chunk_bytes)
    wanted = [
        record for record in records if record.get("MD5") or record.get("SHA1") or record.get("PhotoDNA")
    ]
    assert [json.loads(raw) for raw in raw_of(batches)] == wanted
    assert len(troubles) == len(records) - len(wanted)
    if wanted:
        codes = [record.get("Category") for record in wanted]
        assert column(batches, "category").tolist() == [
            NO_CATEGORY if code is None else int(code) for code in codes
        ]
        assert hexes(column(batches, "md5")) == [(record.get("MD5") or "0" * 32).upper() for record in wanted]
