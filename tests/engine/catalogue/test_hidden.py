"""Regions that do not count, as they are kept."""

from __future__ import annotations

import math

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, schema
from foureyes.engine.catalogue import hidden as module
from foureyes.engine.catalogue.hidden import WHOLE, box_of
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Hidden, NewRegion

PICTURE, OTHER = (made_up.media(seed).digests.sha256 for seed in (1, 2))
FILM = made_up.media(3, video=True).digests.sha256
BOX = (0.1, 0.2, 0.5, 0.75)


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    items = [made_up.taken("1.jpg", 1), made_up.taken("2.jpg", 2), made_up.taken("3.mp4", 3, video=True)]
    catalogue.commit(catalogue.source("s", "/s", "folder"), items)
    return catalogue


def region(sha256: str = PICTURE, at: float | None = None, why: str = "person") -> NewRegion:
    return NewRegion(sha256, BOX, why, at)


def test_what_is_hidden_is_kept_with_who_why_and_when(filled: Catalogue) -> None:
    assert not filled.any_hidden()
    assert filled.hidden_of([PICTURE]) == {}
    made = filled.hide([region(), region(FILM, 2.5)], officer="ida", tool="finder 1")
    assert made == Hidden(2, 1, 2)
    one, two = filled.hidden_regions()
    assert (one.sha256, one.box, one.why, one.at_seconds) == (PICTURE, BOX, "person", None)
    assert (two.sha256, two.at_seconds, two.officer, two.tool) == (FILM, 2.5, "ida", "finder 1")
    assert filled.hidden_of([PICTURE, OTHER]) == {PICTURE: [one]}
    assert list(filled.hidden_regions(FILM)) == [two]
    assert list(filled.verify()) == []


def test_nothing_is_recorded_twice_and_what_was_withdrawn_is_not_taken_from_a_tool_again(
    filled: Catalogue,
) -> None:
    said = [region(), region(OTHER), region()]
    assert filled.hide(said, officer="ida", tool="finder") == Hidden(2, 1, 2, held=1)
    assert filled.hide(said, officer="otto", tool="finder") == Hidden(held=3)
    assert filled.withdraw_hidden(1, 1, officer="ida", reason="a poster") == 1
    assert filled.hide([region()], officer="otto", tool="finder") == Hidden(withdrawn=1)
    assert filled.hide([region()], officer="otto") == Hidden(1, 3, 3)
    assert filled.withdraw_hidden(3, 3, officer="ida", reason="a poster") == 1
    assert filled.hide([region()], officer="otto") == Hidden(1, 4, 4)


def test_withdrawing_keeps_what_was_said(filled: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BATCH", 2)
    for tool in ("finder", "other"):
        filled.hide([region(one) for one in (PICTURE, OTHER, FILM)], officer="ida", tool=tool)
    assert filled.withdraw_hidden(2, 6, officer="otto", reason="blind", tool="finder") == 2
    assert [one.id for one in filled.hidden_regions()] == [1, 4, 5, 6]
    gone = [one for one in filled.hidden_regions(active_only=False) if one.withdrawn_at]
    assert [(one.id, one.withdrawn_by, one.withdrawn_reason) for one in gone] == [
        (2, "otto", "blind"),
        (3, "otto", "blind"),
    ]
    assert filled.withdraw_hidden(1, 6, officer="otto", reason="all of it") == 4
    assert list(filled.hidden_regions()) == []
    assert filled.any_hidden()
    with pytest.raises(UsageError, match="in force"):
        filled.withdraw_hidden(1, 6, officer="otto", reason="again")
    assert list(filled.verify()) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (NewRegion("ab" * 32, BOX, "person"), "known"),
        (region(at=1.0), "no seconds"),
        (region(FILM, -1.0), "from 0"),
        (region(FILM, math.nan), "from 0"),
        (region(why=" "), "what is in"),
        (region(why="p" * 201), "201"),
        (NewRegion(PICTURE, (0.5, 0.1, 0.5, 0.2), "person"), "left before"),
        (NewRegion(PICTURE, (0.1, 0.1, 1.1, 0.2), "person"), "inside"),
        (NewRegion(PICTURE, (0.1, 0.1, math.nan, 0.2), "person"), "inside"),
    ],
)
def test_what_is_no_region_is_refused_and_nothing_of_its_batch_kept(
    filled: Catalogue, wrong: NewRegion, why: str
) -> None:
    assert filled.unfit([region(), wrong]).keys() == {1}
    with pytest.raises(UsageError, match=why):
        filled.hide([region(), wrong], officer="ida")
    assert not filled.any_hidden()


def test_nobody_hides_and_nobody_withdraws(filled: Catalogue) -> None:
    with pytest.raises(UsageError, match="who hides"):
        filled.hide([region()], officer=" ")
    filled.hide([region()], officer="ida")
    with pytest.raises(UsageError, match="why"):
        filled.withdraw_hidden(1, 1, officer="ida", reason="")


def test_verify_notices_a_region_that_was_changed(filled: Catalogue) -> None:
    filled.hide([region(), region(OTHER)], officer="ida")
    with filled._store.database.writing() as connection:
        if filled._store.database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER hidden_region_no_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER hidden_region_append_only ON hidden_region")
        connection.execute(
            sa.update(schema.hidden_region).where(schema.hidden_region.c.id == 1).values(right=9)
        )
    assert [one.where for one in filled.verify()] == ["hidden_region"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_sides_are_kept_to_the_millionth(sides: list[float]) -> None:
    left, right = sorted(sides[:2])
    top, bottom = sorted(sides[2:])
    try:
        kept = box_of((left, top, right, bottom))
    except UsageError:
        assert min(right - left, bottom - top) <= 1 / WHOLE
        return
    assert kept == pytest.approx([side * WHOLE for side in (left, top, right, bottom)], abs=0.5)
