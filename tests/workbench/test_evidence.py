"""Timeline and maps: who gets what, and how many queries it takes."""

from __future__ import annotations

from pathlib import Path

from workbench.cast import give

# isort: split
import pytest
import sqlalchemy as sa
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foureyes.engine.catalogue import SeriesSummary
from foureyes.engine.model import Fact, FactName, Origin
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library import holdings
from foureyes.workbench.series.moments import Doubt, Lane
from foureyes.workbench.series.positions import board_map, positions_of, series_map
from foureyes.workbench.series.timeline import timeline
from workbench.filled import PLANS, fill

pytest_plugins = ["workbench.stage"]

PIECE = {"X-Foureyes-Piece": "1"}


def test_the_timeline_says_what_files_and_disks_say(ida: Officer, series: list[SeriesSummary]) -> None:
    shown = timeline(ida, series[0].id)
    lanes = {one.lane for one in shown.moments}
    assert lanes == {Lane.CAPTURED, Lane.FILE}
    captured = [one for one in shown.moments if one.lane is Lane.CAPTURED]
    assert len(captured) == 18
    assert all(set(one.doubts) == {Doubt.NO_ZONE, Doubt.FILE_OLDER} for one in captured)
    assert shown.undated == 36
    assert sum(len(day.marks) for day in shown.days if day.lane is Lane.CAPTURED) == 18
    assert [dict(day.doubts) for day in shown.days if day.lane is Lane.CAPTURED] == [{Doubt.FILE_OLDER: 18}]


def test_times_of_files_stay_with_the_unit_that_holds_them(
    otto: Officer, series: list[SeriesSummary]
) -> None:
    give(series[0].id, otto.unit)
    shown = timeline(otto, series[0].id)
    assert {one.lane for one in shown.moments} == {Lane.CAPTURED}
    assert not shown.with_files
    assert all(Doubt.FILE_OLDER not in one.doubts for one in shown.moments)


def test_what_a_source_states_of_places_stays_with_the_unit_that_holds_it() -> None:
    facts = [
        Fact(FactName.LATITUDE, 1.0, Origin.EXIF),
        Fact(FactName.LONGITUDE, 2.0, Origin.EXIF),
        Fact(FactName.GPS_ERROR, 12.5, Origin.EXIF),
        Fact(FactName.LATITUDE, 5.0, Origin.SOURCE),
        Fact(FactName.LONGITUDE, 6.0, Origin.SOURCE),
        Fact(FactName.LATITUDE, 7.0, Origin.XMP),
    ]
    assert [(one.latitude, one.error) for one in positions_of(0, facts, with_sources=True)] == [
        (1.0, 12.5),
        (5.0, 0.0),
    ]
    assert [one.latitude for one in positions_of(0, facts, with_sources=False)] == [1.0]


def test_places_of_a_series_are_listed_with_their_media(ida: Officer, series: list[SeriesSummary]) -> None:
    shown = series_map(ida, series[0].id)
    assert [len(one.marks) for one in shown.spots] == [9, 9]
    assert shown.unplaced == 36


def test_the_map_of_the_board_shows_only_what_the_viewer_sees(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    placed = {one.id for one in series if series_map(ida, one.id).positions}
    assert len(placed) == 3
    assert {one.series_id for one in board_map(ida)} == placed
    assert board_map(otto) == []
    give(series[1].id, otto.unit)
    assert {one.series_id for one in board_map(otto)} == {series[1].id}


@pytest.mark.parametrize("name", ["series:timeline", "series:map"])
def test_a_piece_has_no_page_around_it(as_ida: Client, series: list[SeriesSummary], name: str) -> None:
    address = reverse(name, args=[series[0].id])
    piece = as_ida.get(address, headers=PIECE).content.decode()
    page = as_ida.get(address).content.decode()
    assert "<html" not in piece
    assert "<html" in page
    assert "json" in piece


@pytest.mark.parametrize("name", ["series:timeline", "series:map", "series:board-map"])
def test_queries_do_not_grow_with_media(tmp_path: Path, as_ida: Client, name: str) -> None:
    counts = []
    for number, plans in enumerate((PLANS[3:], PLANS[:1])):
        path = fill(tmp_path / str(number), plans).path
        with override_settings(FOUREYES_WORKSPACE=path):
            held = holdings.catalogue()
            series_id = held.series_list()[0].id
            address = reverse(name, args=[] if name == "series:board-map" else [series_id])
            as_ida.get(address, headers=PIECE)
            statements: list[str] = []

            def told(*args: object, kept: list[str] = statements) -> None:
                kept.append(str(args[2]))

            sa.event.listen(sa.engine.Engine, "before_cursor_execute", told)
            with CaptureQueriesContext(connection) as asked:
                assert as_ida.get(address, headers=PIECE).status_code == 200
            sa.event.remove(sa.engine.Engine, "before_cursor_execute", told)
            counts.append((len(asked), len(statements)))
        holdings.close()
    assert counts[0] == counts[1]
