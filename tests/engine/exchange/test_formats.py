"""What each format but VICS says, and the forms of its own that it must not trip over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.exchange.made_lists import (
    EMPTY_MD5,
    EMPTY_SHA1,
    ICSE_HEAD,
    SAMPLES,
    column,
    icse,
    md5,
    ncmec,
    nsrl,
    nsrl_database,
    pdq,
    raw_of,
    read_here,
    sha1,
    sha256,
    threat_exchange,
)
from foureyes.engine.errors import HashListError
from foureyes.engine.exchange import hash_lists
from foureyes.engine.exchange.hash_lists.base import Unreadable
from foureyes.engine.model import NO_CATEGORY


def hexes(rows: Any) -> list[str]:
    return [bytes(row).hex() for row in rows]


# ICSE


def test_icse_baseline_is_a_code_and_nothing_is_none() -> None:
    batches, troubles = read_here("icse", icse(6))
    assert troubles == []
    assert column(batches, "category").tolist() == [1, 0, NO_CATEGORY] * 2
    assert hexes(column(batches, "sha1")) == [sha1(n).lower() for n in range(6)]
    assert b'"one; two"' in raw_of(batches)[0]


def test_icse_records_with_photodna_alone_are_kept_and_match_nothing() -> None:
    line = ";".join(["", "", "", "AB" * 144, *[""] * 12])
    batches, troubles = read_here("icse", f"{ICSE_HEAD}\r\n{line}\r\n".encode())
    assert (troubles, column(batches, "has").tolist()) == ([], [0])


def test_icse_a_quote_that_never_ends_costs_its_line() -> None:
    lines = icse(5).decode().split("\n")
    lines[3] = '"' + lines[3]
    batches, (trouble,) = read_here("icse", "\n".join(lines).encode())
    assert sum(map(len, batches)) == 4
    assert (trouble.fault.record, trouble.fault.line) == (3, 4)
    quoted = ICSE_HEAD.encode() + b'\n"' + md5(1).encode() + b";\n"
    assert "quote" in read_here("icse", quoted)[1][0].fault.detail


def test_icse_columns_are_told_by_name_not_by_place() -> None:
    content = f"SHA1;Baseline;Image ID;MD5\n{sha1(1)};No;7;{md5(1)}\n".encode()
    (batch,) = read_here("icse", content)[0]
    assert (hexes(batch.md5), batch.category.tolist()) == ([md5(1).lower()], [0])
    with pytest.raises(Unreadable, match="names no column"):
        read_here("icse", b"ZZ40;Image ID\n1;2\n")


def test_icse_a_baseline_in_other_words_and_a_short_line_are_faults() -> None:
    content = (
        f"MD5;Image ID;Baseline\n{md5(1)};1;Oui\n{md5(2)};2\n{md5(3)};3;YES\n{EMPTY_MD5};4;Yes\n".encode()
    )
    batches, troubles = read_here("icse", content)
    assert hexes(column(batches, "md5")) == [md5(3).lower()]
    assert [(trouble.fault.record, trouble.broken) for trouble in troubles] == [
        (1, True),
        (2, True),
        (4, False),
    ]


# NCMEC


def test_ncmec_tombstones_name_what_they_take_back() -> None:
    (batch,), troubles = read_here("ncmec", ncmec(3))
    assert troubles == []
    assert batch.removed.tolist() == [False, False, False, True]
    assert batch.has.tolist() == [14, 14, 14, 0]
    assert batch.category.tolist() == [11, 22, 11, NO_CATEGORY]
    assert batch.identity is not None
    assert batch.identity[3] == batch.identity[1]
    assert len(set(batch.identity[:3].tolist())) == 3


def test_ncmec_the_same_id_of_another_member_or_kind_is_another_entry() -> None:
    def entry(kind: str, member: str) -> str:
        return f'<{kind}><member id="{member}">M</member><id>1</id><fingerprints><md5>{md5(1)}</md5></fingerprints></{kind}>'

    content = f"<queryResult><images>{entry('image', '1')}{entry('image', '2')}</images><videos>{entry('video', '1')}</videos></queryResult>"
    (batch,), _ = read_here("ncmec", content.encode())
    assert batch.identity is not None
    assert len(set(batch.identity.tolist())) == 3


@pytest.mark.parametrize("chunk_bytes", [50, 1 << 20])
@pytest.mark.parametrize("broken", ["</fingerprints>", "<md5>", "</image>", "<id>"])
def test_ncmec_a_broken_entry_costs_itself(broken: str, chunk_bytes: int) -> None:
    content = ncmec(4)
    at = content.index(broken.encode(), content.index(b"<id>i1</id>"))
    batches, (trouble,) = read_here("ncmec", content[:at] + content[at + len(broken) :], chunk_bytes)
    assert hexes(column(batches, "md5"))[:-1] == [md5(n).lower() for n in (0, 2, 3)]
    assert (trouble.fault.record, trouble.fault.line, trouble.fault.detail) == (2, 5, "no XML")


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY b "cccccccccc">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        '<!-- x --><!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]>',
    ],
)
def test_ncmec_declares_no_entities_and_fetches_nothing(declared: str) -> None:
    content = ncmec(2).decode().replace("<queryResult", declared + "<queryResult", 1)
    with pytest.raises(Unreadable, match="document type"):
        read_here("ncmec", content.encode())


def test_ncmec_an_undeclared_entity_is_a_broken_entry() -> None:
    _, (trouble, *_) = read_here("ncmec", ncmec(2).replace(b"<id>i0", b"<id>&bomb;i0"))
    assert trouble.fault.detail == "no XML"


def test_ncmec_what_is_commented_out_is_no_entry() -> None:
    inside = f"<!-- <image><id>z</id><fingerprints><md5>{md5(9)}</md5></fingerprints></image> -->".encode()
    for place in (b"<images", b"<feedback>"):
        batches, troubles = read_here("ncmec", ncmec(3).replace(place, inside + place, 1), 40)
        assert troubles == []
        assert md5(9).lower() not in hexes(column(batches, "md5"))


def test_ncmec_a_further_page_and_a_cut_file_are_told() -> None:
    paging = "<paging><next>/v2/entries?start=2</next></paging>"
    _, (trouble,) = read_here("ncmec", ncmec(2, paging))
    assert ("further page" in trouble.fault.detail, trouble.broken) == (True, False)
    two_pages = ncmec(2, paging) + b"\n" + ncmec(3)
    batches, troubles = read_here("ncmec", two_pages)
    assert (sum(map(len, batches)), troubles) == (7, [])
    _, (trouble,) = read_here("ncmec", ncmec(3)[:-60])
    assert "ends within this entry" in trouble.fault.detail


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8"])
def test_ncmec_in_the_encoding_that_it_declares(encoding: str) -> None:
    content = (
        ncmec(2).decode().replace('encoding="UTF-8"', f'encoding="{encoding}"').replace(">M<", ">Müller<")
    )
    batches, troubles = read_here("ncmec", content.encode(encoding), 77)
    assert (sum(map(len, batches)), troubles) == (3, [])


@pytest.mark.parametrize(
    "wrong", ["<classification>bad</classification>", "<fingerprints><md5>12</md5></fingerprints>"]
)
def test_ncmec_values_that_make_no_sense_are_faults(wrong: str) -> None:
    content = f"<queryResult><images><image><id>1</id>{wrong}</image><deletedImage/></images></queryResult>"
    batches, troubles = read_here("ncmec", content.encode())
    assert [trouble.fault.record for trouble in troubles] == [1, 2]
    assert sum(map(len, batches)) == 0


# NSRL


def test_nsrl_text_is_read_whatever_stands_in_file_names() -> None:
    content = nsrl(4).replace(b'"a ""b"", c.txt"', b'"a "b, c.txt')
    batches, troubles = read_here("nsrl", content)
    assert troubles == []
    assert hexes(column(batches, "md5")) == [md5(n).lower() for n in range(4)]
    assert raw_of(batches)[0].endswith(b'""')


def test_nsrl_empty_files_and_short_lines() -> None:
    content = nsrl(2) + f'"{EMPTY_SHA1}","{EMPTY_MD5}","0","nul",0,1,"2",""\r\n"AB"\r\n'.encode()
    batches, troubles = read_here("nsrl", content)
    assert sum(map(len, batches)) == 2
    assert [(trouble.fault.record, trouble.fault.line, trouble.broken) for trouble in troubles] == [
        (3, 4, False),
        (4, 5, True),
    ]


@pytest.mark.parametrize("table", ["METADATA", "FILE"])
def test_nsrl_database_is_read_in_the_cage(table: str, tmp_path: Path) -> None:
    path = tmp_path / "rds.db"
    nsrl_database(path, 70_000, table)
    assert hash_lists.sniff(path) == "nsrl"
    batches = list(hash_lists.read(path))
    assert sum(map(len, batches)) == 70_000
    assert (column(batches, "has") == 7).all()
    last = batches[-1]
    assert (hexes(last.sha256[-1:]), hexes(last.md5[-1:])) == ([sha256(69_999)], [md5(69_999).lower()])
    assert list(tmp_path.iterdir()) == [path]


def test_nsrl_databases_of_another_kind_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rds.db"
    nsrl_database(path, 10, "OTHER")
    with pytest.raises(HashListError, match="without the tables"):
        list(hash_lists.read(path))
    path.unlink()
    nsrl_database(path, 5000)
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
    with pytest.raises(HashListError, match="damaged"):
        list(hash_lists.read(path))


# PDQ


def test_pdq_in_threat_exchanges_form() -> None:
    rows = json.loads(threat_exchange(3))["data"]
    rows += [
        {"id": "9", "type": "HASH_MD5", "indicator": md5(1)},
        {"id": "1", "type": "HASH_PDQ", "should_delete": True},
    ]
    (batch,), troubles = read_here("pdq", json.dumps({"data": rows}).encode())
    assert troubles == []
    assert batch.has.tolist() == [8, 8, 8, 4, 0]
    assert hexes(batch.pdq[:3]) == [pdq(n) for n in range(3)]
    assert batch.removed.tolist() == [False] * 4 + [True]
    assert batch.identity is not None
    assert batch.identity[4] == batch.identity[1]


@pytest.mark.parametrize("quality", [49, "49", 0, -1, 49.9])
def test_pdq_of_low_quality_is_left_out_and_told(quality: Any) -> None:
    rows = json.loads(threat_exchange(2))["data"]
    rows[0]["quality"] = quality
    table = f"pdq,quality\n{pdq(0)},{quality}\n{pdq(1)},50\n".encode()
    for content in (
        json.dumps({"data": rows}).encode(),
        json.dumps(rows).encode(),
        "\n".join(map(json.dumps, rows)).encode(),
        table,
    ):
        batches, (trouble,) = read_here("pdq", content)
        assert hexes(column(batches, "pdq")) == [pdq(1)]
        assert (trouble.fault.record, trouble.broken, "quality" in trouble.fault.detail) == (1, False, True)


def test_pdq_signals_of_other_kinds_are_told_and_never_mixed_in() -> None:
    table = f"signal_type,signal\npdq,{pdq(1)}\nvpdq,{pdq(2)}\nmd5,{md5(3)}\ntmk,AAAA\npdq,zz\n".encode()
    batches, troubles = read_here("pdq", table)
    assert column(batches, "has").tolist() == [8, 4]
    assert [(trouble.fault.record, trouble.broken) for trouble in troubles] == [
        (2, False),
        (4, False),
        (5, True),
    ]


def test_pdq_plain_lines_are_told_from_sha256_by_their_bits(tmp_path: Path) -> None:
    path = tmp_path / "hashes.txt"
    path.write_text("".join(f"{pdq(n)}\n" for n in range(20)))
    assert hash_lists.sniff(path) == "pdq"
    path.write_text("".join(f"{sha256(n)}\n" for n in range(20)))
    assert hash_lists.sniff(path) == "digests"
    path.write_text(f"{pdq(1)},87,a.jpg\n")
    assert hash_lists.sniff(path) == "pdq"
    path.write_text("".join(f"{pdq(n)}\n" for n in range(2)))
    assert column(list(hash_lists.read(path, format="pdq")), "has").tolist() == [8, 8], (
        "too few to be told apart: named"
    )


# plain digests


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "{}  a file.jpg",
        "{} *a file.jpg",
        "{}\ta",
        "{},a",
        "{};a",
        '"{}"',
        '"{}","a"',
        "\\{}  a\\nb",
        "MD5 (a (b).jpg) = {}",
        "  {}  ",
    ],
)
def test_digests_in_the_forms_of_the_usual_programs(line: str) -> None:
    content = "".join(line.format(md5(n)) + "\r\n" for n in range(3)).encode()
    batches, troubles = read_here("digests", content)
    assert troubles == []
    assert hexes(column(batches, "md5")) == [md5(n).lower() for n in range(3)]


def test_digests_of_several_lengths_in_one_list() -> None:
    content = f"MD5\n# made up\n\n{md5(1)}\n{sha1(2)}\n{sha256(3)}".encode()
    batches, troubles = read_here("digests", content)
    assert (troubles, column(batches, "has").tolist()) == ([], [4, 2, 1])
    assert hexes(column(batches, "md5")[:1]) == [md5(1).lower()]
    assert hexes(column(batches, "sha256")[2:]) == [sha256(3)]


def test_digests_lines_that_are_none_are_named() -> None:
    content = f"{md5(1)}\nnonsense\n{md5(2)[:-1]}\n{EMPTY_MD5}\n{md5(3)}\n".encode()
    batches, troubles = read_here("digests", content, 40)
    assert sum(map(len, batches)) == 2
    assert [(trouble.fault.record, trouble.fault.line, trouble.broken) for trouble in troubles] == [
        (2, 2, True),
        (3, 3, True),
        (4, 4, False),
    ]


def test_digests_of_hashdeep() -> None:
    head = "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /\n## $ hashdeep -r .\n##\n"
    rows = "".join(f'{n},{md5(n)},{sha256(n)},/a, "b"/{n}.jpg\n' for n in range(3))
    (batch,), troubles = read_here("digests", (head + rows).encode(), 30)
    assert (troubles, batch.has.tolist()) == ([], [5, 5, 5])
    with pytest.raises(Unreadable, match="columns"):
        read_here("digests", b"%%%% HASHDEEP-1.0\nno columns\n")


@pytest.mark.parametrize("name", ["icse", "nsrl", "digests"])
@pytest.mark.parametrize("ended", [True, False])
def test_a_line_of_megabytes_costs_itself(name: str, ended: bool) -> None:
    long = b"a" * (3 << 20) + (b"\n" if ended else b"")
    batches, troubles = read_here(
        name, SAMPLES[name] + long + (SAMPLES[name].splitlines(keepends=True)[-1] if ended else b"")
    )
    assert len(troubles) == 1
    assert "bytes" in troubles[0].fault.detail
    assert sum(map(len, batches)) == 12 + ended


@pytest.mark.parametrize(
    "flood",
    [
        b"<image " + b"a" * 3_000_000,
        b"<image " + b'"' * 300_001,
        b"<image>" + b"<next>a" * 40_000,
        b"<image>" + b"<!--a-->" * 40_000,
        b"<!--" * 500_000,
    ],
    ids=["attributes", "quotes", "pages", "comments", "openings"],
)
def test_ncmec_floods_end_soon(flood: bytes) -> None:
    batches, troubles = read_here("ncmec", b"<queryResult>" + flood, 4 << 20)
    assert (batches, len(troubles)) == ([], 1)


@pytest.mark.parametrize(
    "flood",
    [
        b"},{" * 20_000,
        b"," * 500_000,
        b'{"MediaID":1,"MD5":"x' + b',\n{"a":[' * 50_000,
        b'{"a":"' + b"x" * 3_000_000,
    ],
    ids=["braces", "commas", "brackets", "string"],
)
def test_vics_floods_end_soon(flood: bytes) -> None:
    batches, troubles = read_here("vics", b'{"value":[' + flood, 1 << 20)
    assert (batches, len(troubles)) == ([], 1)
