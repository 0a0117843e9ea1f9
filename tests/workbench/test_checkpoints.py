"""Checkpoints of the record: when one is made, what it refuses to sign, how few rows it reads, how it leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workbench.cast import signed_in

# isort: split
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit import merkle, offline_verify
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.audit.checkpoints import make_checkpoint
from foureyes.workbench.audit.departures import send_out
from foureyes.workbench.audit.growth import grow
from foureyes.workbench.audit.models import Checkpoint, Departure, Entry, Mention, Tile
from foureyes.workbench.audit.queries import how_far_signed
from foureyes.workbench.audit.trees import RecordBroken, Tree, leaf_of
from workbench import tampering
from workbench.proving import act, checked, exported

pytest_plugins = ["workbench.stage", "workbench.signed_record"]


def test_nothing_is_signed_that_contradicts_the_last_checkpoint(signed: Path, ida: Officer) -> None:
    assert signed.exists()
    tampering.take_protection_away()
    act(ida, 1)
    tampering.sql("UPDATE audit_entry SET officer = 'otto' WHERE id = 601")
    with pytest.raises(RecordBroken, match="Entry 601 was altered"):
        make_checkpoint()
    tampering.rebuild_chain()
    tampering.alter()
    tampering.rebuild_chain()
    with pytest.raises(RecordBroken, match="The record up to entry 600 is not what was signed"):
        make_checkpoint()


@pytest.mark.usefixtures("signed")
def test_a_root_reads_few_rows_however_long_the_record_is(ida: Officer) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            tree = Tree()
            size = Entry.objects.count()
            tree.root(size)
            tree.inclusion(1, size)
            tree.consistency(300, size)
        return len(captured)

    few = queries()
    act(ida, 2000)
    with CaptureQueriesContext(connection) as first:
        assert make_checkpoint() is not None
    act(ida, 1)
    with CaptureQueriesContext(connection) as second:
        assert make_checkpoint() is not None
    assert Tile.objects.count() == 2601 // 256
    assert queries() <= few + 1
    assert len(second) < len(first)
    leaves = [leaf_of(entry) for entry in Entry.objects.order_by("id")]
    growing = offline_verify.Tree()
    for leaf in leaves:
        growing.add(leaf)
    assert Tree().root(2601) == growing.root()
    assert Tree().peaks(2601) == growing.peaks
    for number in (1, 256, 257, 2560, 2561, 2601):
        path = Tree().inclusion(number, 2601)
        assert merkle.includes(leaves[number - 1], number - 1, 2601, path, growing.root())


def test_a_checkpoint_is_made_when_something_is_new(ida: Officer) -> None:
    assert make_checkpoint() is None
    act(ida, 1)
    assert make_checkpoint() is not None
    assert make_checkpoint() is None
    act(ida, 1)
    assert make_checkpoint(not_within=timedelta(minutes=5)) is None
    assert how_far_signed().unsigned == 1
    assert make_checkpoint() is not None
    assert how_far_signed().left is None


def test_a_clock_that_was_set_back_does_not_stop_the_signing(ida: Officer) -> None:
    act(ida, 1)
    assert make_checkpoint() is not None
    act(ida, 1)
    ahead = make_checkpoint()
    assert ahead is not None
    act(ida, 1)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="milliseconds")
    size = ahead.size + 1
    grow(size)
    Checkpoint.objects.create(
        size=size, root=Tree().root(size).hex(), at=tomorrow, key=ahead.key, note=ahead.note
    )
    act(ida, 1)
    assert make_checkpoint(not_within=timedelta(minutes=5)) is not None


def test_what_could_not_leave_leaves_later_once(ida: Officer, out: Path) -> None:
    gone = out / "unplugged"
    act(ida, 2)
    make_checkpoint()
    with override_settings(FOUREYES_RECORD_OUT=gone):
        with pytest.raises(OSError, match="No such file"):
            send_out()
        assert not Departure.objects.exists()
        act(ida, 1)
        make_checkpoint()
        gone.mkdir()
        assert [one.size for one in send_out()] == [2, 3]
        assert send_out() == []
    assert sorted(path.name for path in gone.iterdir()) == [
        "checkpoint-000000000002.txt",
        "checkpoint-000000000003.txt",
        "entries-000000000001-000000000002.sha256",
        "entries-000000000003-000000000003.sha256",
    ]
    newest = how_far_signed().left
    assert newest is not None
    assert newest.size == 3


def test_sign_ins_are_signed_as_well(ida: Officer, tmp_path: Path) -> None:
    signed_in(ida).post("/sign-out/")
    make_checkpoint()
    assert "entries 1 to 2" in checked(exported(tmp_path))


def test_series_and_media_that_an_entry_names_are_found_again(ida: Officer) -> None:
    detail: dict[str, str | int | list[str]] = {
        "series": ["S-A", "S-B"],
        "media": ["aa", "bb"],
        "reason": "x",
    }
    entry = append(ida, Did.DECIDED, "series:S-A", detail)
    assert set(Mention.objects.filter(entry=entry).values_list("thing", flat=True)) == {
        "series:S-B",
        "media:aa",
        "media:bb",
    }
