"""What hash lists say on the pages, what they keep out of sight, and what changed since an officer last looked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from workbench.cast import give, marks, signed_in

# isort: split
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, SeriesSummary, Workspace
from foureyes.engine.model import DecisionKind, ListKind, NewList
from foureyes.engine.settings import EngineSettings
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue
from workbench.filled import drawn
from workbench.test_search import found, said

pytest_plugins = ["workbench.stage"]

LAKE = 1000


def members(number: int) -> tuple[str, ...]:
    held = catalogue().series(catalogue().series_list()[number].id)
    assert held is not None
    return held.members


def add(
    workspace: Path, name: str, sha256s: Any, kind: ListKind, *, code: str = "H1", linked: bool = True
) -> int:
    """Hold a list of digests, check everything against it and link, unless told not to."""
    lines = workspace / f"{name}.txt"
    lines.write_text("".join(f"{sha256}\n" for sha256 in sha256s), encoding="ascii")
    meta = NewList(name, kind, "", officer="ida", version="7", handling_code=code)
    with Catalogue.open(Workspace.open(workspace), EngineSettings(), write=True) as writing:
        made = pipeline.add_list(writing, lines, meta, EngineSettings())
        if linked:
            pipeline.link(writing)
    return made.id


def ask_lake(client: Client) -> Any:
    form = {"picture": SimpleUploadedFile("x.png", drawn(LAKE)), "radius": "31"}
    return client.post("/search/ask/", form, follow=True)


def test_what_is_set_aside_is_out_of_sight_and_counted(own_workspace: Path, as_ida: Client) -> None:
    before = found(ask_lake(as_ida))
    assert len(before) == 3
    aside = [catalogue().find(mark)[0] for mark in before[:2]]
    add(own_workspace, "system files", aside, ListKind.IRRELEVANT)
    answer = ask_lake(as_ida)
    assert found(answer) == before[2:]
    assert "2 media besides are set aside by hash lists" in said(answer)
    for address in ("/series/", "/sources/"):
        assert "2 set aside by hash lists" in said(as_ida.get(address))
        assert 'href="/set-aside/"' in as_ida.get(address).content.decode()
    shown = as_ida.get("/set-aside/")
    assert "system files" in said(shown)
    assert "2 media set aside" in said(shown)
    for series in catalogue().series_list():
        grid = as_ida.get(f"/series/{series.id}/grid/").json()
        assert not {one[:16] for one in aside} & set(grid["marks"])
    for mark in before[:2]:
        assert mark not in shown.content.decode()
        page = as_ida.get(f"/media/{mark}/")
        assert "Set aside" in said(page)
        assert "data-preview" not in page.content.decode()
        assert "data-preview" in as_ida.get(f"/media/{mark}/?set-aside=show").content.decode()
        neighbours = as_ida.get(f"/media/{before[2]}/").content.decode()
        assert f'data-mark="{mark}"' not in neighbours
    assert as_ida.get(f"/why/?a={before[0]}&b={before[2]}").headers["Location"] == f"/media/{aside[0]}/"
    opened = Entry.objects.filter(action="media-opened", thing=f"media:{aside[0]}").order_by("id")
    assert list(opened.values_list("detail", flat=True)) == [
        '{"set-aside":"not shown"}',
        '{"set-aside":"shown"}',
    ]


def test_members_are_out_of_sight_before_the_next_linking(own_workspace: Path, as_ida: Client) -> None:
    series_id = catalogue().series_list()[0].id
    aside = members(0)[:5]
    add(own_workspace, "system files", aside, ListKind.IRRELEVANT, linked=False)
    from foureyes.engine.steps.listed import check_lists  # noqa: PLC0415 - a step that `link` takes first

    with Catalogue.open(Workspace.open(own_workspace), EngineSettings(), write=True) as writing:
        check_lists(writing)
    assert catalogue().series_summary(series_id).size == 54  # type: ignore[union-attr]  # there or the test fails
    page = as_ida.get(f"/series/{series_id}/")
    assert "49 media" in said(page)
    assert "5 media set aside by hash lists" in said(page)
    table = as_ida.get(f"/series/{series_id}/grid/").json()
    assert len(table["marks"]) == 49
    row = re.search(
        rf'href="/series/{series_id}/".*?</tr>', as_ida.get("/series/").content.decode(), re.DOTALL
    )
    assert row is not None
    assert 'data-label="Media">49<' in row[0]


def test_a_ruling_brings_what_was_set_aside_back(own_workspace: Path, as_ida: Client) -> None:
    series_id, aside = catalogue().series_list()[0].id, members(0)[0]
    add(own_workspace, "system files", [aside], ListKind.IRRELEVANT)
    assert "Set aside" in said(as_ida.get(f"/media/{aside[:16]}/"))
    pipeline.decide(
        catalogue(), DecisionKind.BELONGS, [series_id], [aside], officer="ida", reason="a list is wrong"
    )
    assert "data-preview" in as_ida.get(f"/media/{aside[:16]}/").content.decode()


def test_lists_are_told_on_media_and_series_by_their_handling_code(
    own_workspace: Path, as_ida: Client, otto: Officer
) -> None:
    series_id, chosen = catalogue().series_list()[0].id, members(0)[0]
    give(series_id, otto.unit)
    add(own_workspace, "seen before", [chosen], ListKind.KNOWN, code="H1", linked=False)
    add(own_workspace, "held back", [chosen], ListKind.KNOWN, code="H2")
    ida, other = as_ida, signed_in(otto)
    for page in (f"/media/{chosen[:16]}/", f"/series/{series_id}/"):
        assert "seen before version 7" in said(ida.get(page))
        assert "held back version 7" in said(ida.get(page))
        assert "seen before version 7" in said(other.get(page))
        assert "held back" not in said(other.get(page))
    assert "met by SHA-256" in said(ida.get(f"/media/{chosen[:16]}/"))
    assert other.get("/set-aside/").status_code == 404


def test_changes_are_told_by_series_until_they_are_read(own_workspace: Path, as_ida: Client) -> None:
    every = catalogue().series_list()
    page = as_ida.get("/changes/")
    assert [one.id for one in every if f'href="/series/{one.id}/"' not in page.content.decode()] == []
    assert "4 unread" in said(page)
    last = re.search(r'name="last" value="(\d+)"', page.content.decode())
    assert last is not None
    as_ida.post("/changes/read/", {"last": last[1]})
    assert "Nothing changed since you last looked" in said(as_ida.get("/changes/"))
    assert "unread" not in said(as_ida.get("/changes/"))
    chosen = members(0)[:3]
    add(own_workspace, "seen before", chosen, ListKind.KNOWN)
    page = as_ida.get("/changes/")
    assert "3 media came onto the hash list seen before" in said(page)
    assert "A hash list was added: seen before" in said(page)
    assert "A new series" not in said(page)
    assert "A new series" in said(as_ida.get("/changes/?all=1"))
    as_ida.post("/changes/read/", {"last": "1"})
    assert "2 unread" in said(as_ida.get("/changes/")), "what was read stays read, and no more than that"


def test_changes_are_of_what_the_viewer_sees(own_workspace: Path, otto: Officer, as_otto: Client) -> None:
    mine, other = catalogue().series_list()[:2]
    assert "unread" not in said(as_otto.get("/changes/"))
    give(mine.id, otto.unit)
    add(own_workspace, "held back", members(0)[:3], ListKind.KNOWN, code="H3")
    page = signed_in(otto).get("/changes/")
    assert f'href="/series/{mine.id}/"' in page.content.decode()
    assert "1 unread" in said(page)
    assert other.id not in page.content.decode()
    assert "held back" not in said(page)


@pytest.mark.parametrize("last", ["", "-1", "many", "9" * 40])
@pytest.mark.usefixtures("workspace")
def test_a_mark_that_is_no_number_is_refused(as_ida: Client, last: str) -> None:
    assert as_ida.post("/changes/read/", {"last": last}).status_code == 404


def test_a_series_that_was_merged_away_leads_on(
    own_workspace: Path, otto: Officer, series_pair: tuple[SeriesSummary, SeriesSummary]
) -> None:
    big, small = series_pair
    give(small.id, otto.unit)
    pipeline.decide(
        catalogue(), DecisionKind.MERGE, [big.id, small.id], [], officer="ida", reason="the same wallpaper"
    )
    with Catalogue.open(Workspace.open(own_workspace), EngineSettings(), write=True) as writing:
        pipeline.link(writing)
    page = signed_in(otto).get("/changes/")
    assert "The series became part of another" in said(page)
    assert big.id not in page.content.decode()


@pytest.fixture
def series_pair(own_workspace: Path) -> tuple[SeriesSummary, SeriesSummary]:
    """The largest series and the next."""
    assert own_workspace.is_dir()
    big, small = catalogue().series_list()[:2]
    assert marks(big.id)
    return big, small
