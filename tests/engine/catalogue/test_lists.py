from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue import made_lists, made_up
from engine.catalogue.made_lists import Record, batch, meta
from foureyes.engine.catalogue import Catalogue, digest_files
from foureyes.engine.catalogue.digest_files import DigestFile, DigestSpill, write_digests
from foureyes.engine.catalogue.hits import NewHit
from foureyes.engine.errors import NothingToDo, UsageError, WorkspaceDamaged
from foureyes.engine.model import ChangeKind, Digest, ListBatch, ListFault, ListKind

ONE = made_up.media(1).digests.sha256


def add(catalogue: Catalogue, *records: Record, name: str = "list", kind: ListKind = ListKind.KNOWN) -> int:
    return catalogue.add_list(meta(name, kind), [batch(*records)]).id


def test_a_list_is_kept_with_all_that_is_stated_of_it(catalogue: Catalogue) -> None:
    faults = [ListFault(2, 17, "no digest")]
    held = catalogue.add_list(
        meta("icse", version="7"), [batch(made_lists.of_media(1)), batch(made_lists.of_media(2))], faults
    )
    assert catalogue.lists() == [held]
    assert (held.id, held.name, held.kind, held.format) == (1, "icse", ListKind.KNOWN, "digests")
    assert (held.origin, held.handling_code, held.version, held.officer) == ("made up", "H1", "7", "ana")
    assert (held.records, held.faults, held.removed, held.withdrawn_at) == (2, 1, 0, None)
    assert catalogue.held_list(1).faults() == faults
    assert list(catalogue.verify()) == []


def test_raw_records_come_back_byte_for_byte_and_in_order(catalogue: Catalogue) -> None:
    """Through many blocks, one record larger than a block among them."""
    raws = [b"%d:" % number + bytes([number % 251]) * (number % 3000) for number in range(3000)]
    raws[1000] = b"x" * 3_000_000
    records = [Record(md5=number.to_bytes(16, "big"), raw=raw) for number, raw in enumerate(raws)]
    held = catalogue.add_list(meta(), [batch(*records[:1500]), batch(*records[1500:])])
    assert list(catalogue.raw_records(held.id)) == raws
    assert [catalogue.raw_record(held.id, number) for number in (0, 999, 1000, 1001, 2999)] == [
        raws[number] for number in (0, 999, 1000, 1001, 2999)
    ]
    with pytest.raises(UsageError, match="no record 3000"):
        catalogue.raw_record(held.id, 3000)


def test_a_list_without_records_leaves_nothing(catalogue: Catalogue) -> None:
    with pytest.raises(NothingToDo):
        add(catalogue)
    assert catalogue.lists() == []
    assert list(catalogue.workspace.lists.iterdir()) == []
    assert list(catalogue.changes()) == []


def test_a_reader_that_fails_midway_leaves_nothing(catalogue: Catalogue) -> None:
    def broken() -> Iterator[ListBatch]:
        yield batch(made_lists.of_media(1))
        raise ValueError("the list ends here")

    with pytest.raises(ValueError, match="ends here"):
        catalogue.add_list(meta(), broken())
    assert list(catalogue.workspace.lists.iterdir()) == []
    assert add(catalogue, made_lists.of_media(1)) == 1


def test_what_is_not_stated_is_refused(catalogue: Catalogue) -> None:
    for wrong, said in (
        (replace(meta(), name=" "), "name"),
        (replace(meta(), officer=""), "who"),
        (replace(meta(), handling_code="H9"), "handling code"),
    ):
        with pytest.raises(UsageError, match=said):
            catalogue.add_list(wrong, [batch(made_lists.of_media(1))])


def test_the_same_version_is_refused_until_the_first_is_withdrawn(catalogue: Catalogue) -> None:
    add(catalogue, made_lists.of_media(1))
    with pytest.raises(UsageError, match="already"):
        add(catalogue, made_lists.of_media(1))
    catalogue.add_list(meta(version="2"), [batch(made_lists.of_media(1))])
    catalogue.withdraw_list(1, "bo", "wrong file")
    assert add(catalogue, made_lists.of_media(1)) == 3


def test_a_withdrawn_list_stays_on_record(catalogue: Catalogue) -> None:
    number = add(catalogue, made_lists.of_media(1))
    withdrawn = catalogue.withdraw_list(number, "bo", "sent by mistake")
    assert (withdrawn.withdrawn_by, withdrawn.withdrawn_reason) == ("bo", "sent by mistake")
    assert catalogue.lists() == []
    assert catalogue.lists(active_only=False) == [withdrawn]
    with pytest.raises(UsageError, match="withdrawn already"):
        catalogue.withdraw_list(number, "bo", "again")
    with pytest.raises(UsageError, match="no list 9"):
        catalogue.withdraw_list(9, "bo", "why not")
    kinds = [change.kind for change in catalogue.changes()]
    assert kinds == [ChangeKind.LIST_ADDED, ChangeKind.LIST_WITHDRAWN]
    assert list(catalogue.verify()) == []


def test_changes_are_asked_since_a_number_or_a_moment(catalogue: Catalogue) -> None:
    add(catalogue, made_lists.of_media(1))
    (first,) = catalogue.changes()
    catalogue.withdraw_list(1, "bo", "mistake")
    assert [one.kind for one in catalogue.changes(since=first.id)] == [ChangeKind.LIST_WITHDRAWN]
    both = list(catalogue.changes(since=first.at))
    assert [one.id for one in both] == [first.id, first.id + 1]
    assert list(catalogue.changes(since=both[-1].at))[-1] == both[-1]
    assert list(catalogue.changes(since=catalogue.last_change())) == []
    with pytest.raises(UsageError, match="UTC"):
        list(catalogue.changes(since=first.at.replace(tzinfo=None)))


@pytest.mark.parametrize("part", ["records", "raw", "blocks", "sha1"])
def test_a_damaged_file_of_a_list_is_named(catalogue: Catalogue, part: str) -> None:
    add(catalogue, made_lists.of_media(1))
    path = catalogue.workspace.lists / f"000001-{part}"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert [problem.where for problem in catalogue.verify()] == [path.name]


def test_a_cut_off_file_of_digests_is_no_answer(catalogue: Catalogue) -> None:
    add(catalogue, made_lists.of_media(1), made_lists.of_media(2))
    path = catalogue.workspace.lists / "000001-sha1"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WorkspaceDamaged, match="000001-sha1"):
        catalogue.held_list(1).digests("sha1")


def test_a_missing_file_of_a_list_is_named_and_stops_the_next_writer(catalogue: Catalogue) -> None:
    add(catalogue, made_lists.of_media(1))
    (catalogue.workspace.lists / "000001-raw").unlink()
    assert [problem.where for problem in catalogue.verify()] == ["000001-raw"]
    with pytest.raises(WorkspaceDamaged, match="000001-raw"):
        catalogue._store.recover(parts=False)


def test_hits_are_told_until_the_list_is_withdrawn_and_change_once(catalogue: Catalogue) -> None:
    catalogue.commit(catalogue.source("s", "/s", "folder"), [made_up.taken("a.jpg", 1)])
    number = add(catalogue, made_lists.of_media(1))
    wanted = {(1, number): NewHit(Digest.SHA1, 0, 4)}
    assert catalogue.record_hits([number], (1, 1), wanted, []) == 1
    assert catalogue.record_hits([number], (1, 1), wanted, []) == 0
    (hit,) = catalogue.list_hits(ONE)
    assert (hit.by, hit.category, hit.list_id, hit.sha256) == (Digest.SHA1, 4, number, ONE)
    assert catalogue.hits_of_list(number) == [hit]
    assert catalogue.hit_counts() == {number: 1}
    catalogue.withdraw_list(number, "bo", "mistake")
    assert catalogue.list_hits(ONE) == []
    assert catalogue.drop_withdrawn_hits() == 1
    assert [one.kind for one in catalogue.changes()] == [
        ChangeKind.LIST_ADDED,
        ChangeKind.LISTED,
        ChangeKind.LIST_WITHDRAWN,
        ChangeKind.UNLISTED,
    ]


rows = st.lists(st.binary(min_size=3, max_size=3), max_size=60)


@pytest.mark.parametrize("width", [8, 16, 20, 32])
@given(held=rows, asked=rows)
def test_a_search_finds_what_comparing_all_finds(
    width: int, held: list[bytes], asked: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Digests that differ only at their end, or only at their start, and equal ones; spilled in small runs."""
    table, questions = (_wide(values, width) for values in (held, asked))
    folder = tmp_path_factory.getbasetemp()
    found = _written(folder, table, width, run_rows=7).find(questions)
    expected = [
        (row, record)
        for row, question in enumerate(questions.tolist())
        for record, digest in enumerate(table.tolist())
        if question == digest
    ]
    assert list(zip(found.row.tolist(), found.record.tolist(), strict=True)) == expected


@given(held=rows)
def test_spilled_digests_are_sorted_and_none_is_lost(
    held: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    table = _wide(held, 20)
    digests, records = _written(tmp_path_factory.getbasetemp(), table, 20, run_rows=5).all()
    assert digests.tolist() == sorted(table.tolist())
    assert sorted(records.tolist()) == list(range(len(table)))
    assert (table[records] == digests).all()
    file = DigestFile(tmp_path_factory.getbasetemp() / "digests", 20, len(table))
    some, of_some = file.of_records(np.arange(0, len(table), 3))
    assert sorted(of_some.tolist()) == list(range(0, len(table), 3))
    assert (table[of_some] == some).all()


def _wide(values: list[bytes], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    made = [
        bytes([value[0] & 1]) + bytes(width - 3) + bytes(byte & 1 for byte in value[1:]) for value in values
    ]
    return np.frombuffer(b"".join(made), np.uint8).reshape(-1, width)


def _written(
    folder: Path, table: np.ndarray[tuple[int, int], np.dtype[np.uint8]], width: int, run_rows: int
) -> DigestFile:
    before, digest_files.RUN_ROWS = digest_files.RUN_ROWS, run_rows
    try:
        with DigestSpill(folder / "spill", width) as spill:
            for at in range(0, len(table), 3):
                spill.add(table[at : at + 3], np.arange(at, min(at + 3, len(table))))
            write_digests(folder / "digests", spill)
    finally:
        digest_files.RUN_ROWS = before
    assert not (folder / "spill").exists()
    return DigestFile(folder / "digests", width, len(table))
