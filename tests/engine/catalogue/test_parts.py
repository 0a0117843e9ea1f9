from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.catalogue import made_up
from foureyes.engine.catalogue import read_part, write_part
from foureyes.engine.errors import WorkspaceDamaged
from foureyes.engine.model import (
    Fact,
    FactName,
    Fault,
    FaultCode,
    Occurrence,
    Origin,
    Outcome,
    TakenIn,
    Times,
)

FACTS = some.lists(
    some.builds(
        Fact,
        some.sampled_from(FactName),
        some.one_of(some.text(), some.integers(), some.floats(allow_nan=False)),
        some.sampled_from(Origin),
    ),
    max_size=4,
).map(tuple)
FAULTS = some.one_of(some.none(), some.builds(Fault, some.sampled_from(FaultCode), some.text(max_size=50)))
NUMBERS = some.one_of(some.none(), some.integers())
PATHS = some.one_of(some.text(), some.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
ITEMS = some.builds(
    TakenIn,
    some.builds(Occurrence, PATHS, NUMBERS, some.builds(Times, NUMBERS, NUMBERS, NUMBERS), FACTS, FAULTS),
    some.sampled_from(Outcome),
    some.one_of(some.none(), some.just("ab" * 32)),
    some.one_of(
        some.none(),
        some.builds(
            lambda media, facts, fault: replace(media, facts=facts, fault=fault),
            some.sampled_from([made_up.media(1), made_up.media(2, video=True)]),
            FACTS,
            FAULTS,
        ),
    ),
    FAULTS,
)


@given(items=some.lists(ITEMS, max_size=6))
def test_what_is_written_is_read(items: list[TakenIn], tmp_path_factory: pytest.TempPathFactory) -> None:
    part = tmp_path_factory.getbasetemp() / "any.parquet"
    write_part(part, items)
    assert read_part(part) == items


def test_batches_of_an_ingest_survive(tmp_path: Path) -> None:
    (items,) = made_up.batches(5, count=1, size=200)
    write_part(tmp_path / "1.parquet", items)
    assert read_part(tmp_path / "1.parquet") == items
    assert [path.name for path in tmp_path.iterdir()] == ["1.parquet"]


def test_a_number_that_is_none_is_kept(tmp_path: Path) -> None:
    fact = Fact(FactName.LATITUDE, math.nan, Origin.EXIF)
    write_part(tmp_path / "1.parquet", [TakenIn(Occurrence("a", facts=(fact,)), Outcome.OTHER)])
    (item,) = read_part(tmp_path / "1.parquet")
    (kept,) = item.occurrence.facts
    assert isinstance(kept.value, float)
    assert math.isnan(kept.value)


def test_a_damaged_part_is_named(tmp_path: Path) -> None:
    part = tmp_path / "7.parquet"
    write_part(part, [made_up.taken("a", 1)])
    whole = part.read_bytes()
    part.write_bytes(whole[:-20])
    with pytest.raises(WorkspaceDamaged, match=r"7\.parquet"):
        read_part(part)
    part.write_bytes(b"\x80\x04\x95 a pickle, say")
    with pytest.raises(WorkspaceDamaged, match=r"7\.parquet"):
        read_part(part)
