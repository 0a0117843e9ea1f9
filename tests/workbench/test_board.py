"""The board: filters in the address, search over everything written and read, bulk steps with undo, few queries."""

from __future__ import annotations

import string
from pathlib import Path

from hypothesis import given as any_of
from hypothesis import strategies

from workbench.cast import PASSWORD, give, signed_in

# isort: split
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.models import Assignment, Placed
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue, close
from foureyes.workbench.series import words
from foureyes.workbench.series.boards import board
from foureyes.workbench.series.filters import SORTS, Filters, filters_of
from foureyes.workbench.series.models import Standing
from foureyes.workbench.series.standing import set_countries, set_next_step, set_state
from workbench.filled import Plan, fill

pytest_plugins = ["workbench.stage"]


def shown(viewer: Officer, query: str) -> list[str]:
    return [row.id for row in board(viewer, filters_of(QueryDict(query))).rows]


def test_every_filter_and_sort_stands_in_the_address(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    one, two, three, four = (found.id for found in series)
    set_state(ida, two, "taken")
    set_countries(ida, three, [("PT", "suspected"), ("ES", "confirmed")])
    assignment = give(four, otto.unit)
    everything = {one, two, three, four}
    for sort in (*SORTS, *(f"-{name}" for name in SORTS)):
        assert set(shown(ida, f"sort={sort}")) == everything
    assert shown(ida, "state=taken") == [two]
    assert shown(ida, "country=pt") == [three]
    assert shown(ida, f"unit={otto.unit_id}") == [four]
    assert shown(ida, f"unit={ida.unit_id}") == [two]
    assert shown(ida, f"edition={assignment.placed.edition_id}") == [four]
    assert shown(ida, "edition=99999") == []
    assert shown(ida, "mine=1") == [two]
    assert set(shown(ida, "unassigned=1")) == everything - {four}
    assert set(shown(ida, "unread=1")) == everything
    assert shown(ida, "sort=-state")[0] == two
    assert (
        set(shown(ida, "state=burnt&unit=x&edition=-1&page=99999999&view=x&country=Portugal")) == everything
    )
    assert shown(otto, "") == [four]
    foreign = give(one, make_officer("tess", PASSWORD, ida.unit).unit).placed.edition_id
    assert shown(make_officer("olaf", PASSWORD, otto.unit), f"edition={foreign}") == []


def test_search_reads_what_people_wrote_and_what_files_state(
    ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    one, two = series[0].id, series[1].id
    words.keep("note:1", two, "A Świnoujście  tram\nstands in the CAFÉ window")
    set_next_step(ida, one, "Ask Zürich")
    assert shown(ida, "q=swinoujscie+cafe") == [two]
    assert shown(ida, "q=zurich") == [one]
    assert shown(ida, "q=0830201") == [two]  # a camera's serial number
    assert shown(ida, "q=lake%2Fimg_00") == [one]  # a path
    assert shown(ida, "q=%25") == []
    give(one, otto.unit)
    assert shown(otto, "q=lake%2Fimg_00") == []  # paths are not another unit's
    assert shown(otto, "q=swinoujscie") == []
    words.keep("note:1", two, "nothing of that")
    assert shown(ida, "q=tram") == []
    words.forget("note:1")
    assert words.series_with("nothing") == set()


def test_bulk_steps_go_through_or_say_why_and_are_undone(
    as_ida: Client, ida: Officer, series: list[SeriesSummary]
) -> None:
    one, two = series[0].id, series[1].id
    form = {
        "act": "state",
        "state": "taken",
        "series": f"{one}:0 {two}:0",
        "next": "state=prepared&sort=name",
    }
    answer = as_ida.post("/series/act/", form, follow=True)
    assert answer.redirect_chain == [("/series/?state=prepared&sort=name", 302)]
    assert "2 series: taken." in answer.content.decode()
    stale = as_ida.post("/series/act/", {**form, "series": f"{one}:0 {series[2].id}:0"}, follow=True)
    assert "1 series: taken. 1 not: Somebody changed this series meanwhile" in stale.content.decode()
    as_ida.post("/series/act/", {**form, "state": "under-analysis", "series": f"{one} {two}"})
    undone = as_ida.post("/series/undo/", {"next": "evil://x?sort=name"}, follow=True)
    assert "Taken back for 2 series" in undone.content.decode()
    assert undone.redirect_chain == [("/series/", 302)]
    assert {one.state for one in Standing.objects.filter(series__in=[one, two])} == {"taken"}
    assert "nothing to take back" in as_ida.post("/series/undo/", follow=True).content.decode()
    proposed = as_ida.post(
        "/series/act/", {"act": "identified", "series": two, "reason": "known"}, follow=True
    )
    assert "1 proposal waits" in proposed.content.decode()
    assert Entry.objects.filter(action="state-changed", officer=ida.username).count() == 7
    piece = as_ida.post(
        f"/series/{one}/standing/", {"act": "state", "state": "prepared", "series": f"{one}:99"}
    )
    assert "meanwhile" in piece.content.decode()


def test_saved_views_are_ones_own_and_the_units(
    as_ida: Client, ida: Officer, otto: Officer, series: list[SeriesSummary]
) -> None:
    del series
    as_ida.post(
        "/series/views/", {"name": "Portugal, taken", "next": "country=PT&state=taken&evil=1", "shared": "1"}
    )
    as_ida.post("/series/views/", {"name": "only mine", "next": "mine=1"})
    assert "needs a name" in as_ida.post("/series/views/", {"name": " \x00 "}, follow=True).content.decode()
    lena = make_officer("lena", PASSWORD, ida.unit)
    seen = signed_in(lena).get("/series/").content.decode()
    assert "?state=taken&amp;country=PT" in seen
    assert "only mine" not in seen
    assert "Portugal, taken" not in signed_in(otto).get("/series/").content.decode()
    view = ida.saved_views.get(shared=True)
    assert signed_in(lena).post(f"/series/views/{view.id}/remove/").status_code == 404
    as_ida.post(f"/series/views/{view.id}/remove/")
    assert ida.saved_views.count() == 1


@any_of(
    strategies.dictionaries(
        strategies.sampled_from(["q", "state", "country", "unit", "edition", "mine", "sort", "view", "page"]),
        strategies.text(string.printable, max_size=12),
    )
)
def test_whatever_stands_in_the_address_a_filter_comes_of_it(asked: dict[str, str]) -> None:
    untrusted = QueryDict(mutable=True)
    untrusted.update(asked)
    filters = filters_of(untrusted)
    assert filters_of(QueryDict(filters.query())) == filters
    assert filters_of(QueryDict(Filters().query())) == Filters()


def test_queries_do_not_grow_with_the_series(ida: Officer, otto: Officer, tmp_path: Path) -> None:
    few, many = _queries(ida, otto, tmp_path / "few", 10), _queries(ida, otto, tmp_path / "many", 200)
    assert few == many


def _queries(ida: Officer, otto: Officer, folder: Path, count: int) -> list[int]:
    """Queries of the board over so many series, each placed, given and taken."""
    for table in (Standing, Assignment, Placed):
        table.objects.all().delete()
    captured = []
    with override_settings(FOUREYES_WORKSPACE=fill(folder, _many(count), unlinked=0).path):
        held = catalogue().series_list(limit=1000)
        assert len(held) == count
        for one in held:
            give(one.id, otto.unit)
            Standing.objects.create(series=one.id, state="taken", taken_by=ida, taken_unit=ida.unit)
        client = signed_in(ida)
        client.get("/series/")
        for query in ("", "q=nikon", "edition=1&mine=1&unassigned=1"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/series/?{query}").status_code == 200
            captured.append(len(queries))
        close()
    return captured


def _many(count: int) -> tuple[Plan, ...]:
    return tuple(Plan(f"room{number}", 1, 1) for number in range(count))
