"""What was placed and assigned follows a series whose id goes, and both parts of one that is split."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cast import give, marks, signed_in

# isort: split
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.models import Assignment, Placed
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series.following import follow
from foureyes.workbench.series.models import Standing, State
from foureyes.workbench.series.standing import set_countries, set_next_step, set_state

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def small(own_workspace: Path) -> list[SeriesSummary]:  # noqa: ARG001 - asked for what it does
    """The series after the largest: one officer merges and splits them alone."""
    return catalogue().series_list()[1:4]


def decide(client: Client, series_id: str, **form: str) -> str:
    return client.post(f"/series/{series_id}/decide/", form, follow=True).content.decode()


def test_a_unit_keeps_sight_when_its_series_becomes_part_of_another(
    ida: Officer, as_ida: Client, otto: Officer, small: list[SeriesSummary]
) -> None:
    large, gone = small[0], small[2]
    give(gone.id, otto.unit)
    set_state(ida, gone.id, State.TAKEN)
    set_next_step(ida, gone.id, "ask about the tram")
    set_countries(ida, gone.id, [("PT", "suspected")])
    told = as_ida.get(f"/series/{large.id}/merge/?other={gone.id}").content.decode()
    assert f"Other unit (AT) will see {large.size} media more" in told
    decide(as_ida, large.id, kind="merge", other=gone.id, reason="the same tram")
    assert catalogue().current_id(gone.id) == large.id
    page = signed_in(otto).get(f"/series/{gone.id}/", follow=True)
    assert page.redirect_chain == [(f"/series/{large.id}/", 302)]
    assert page.status_code == 200
    assert list(Placed.objects.values_list("series", flat=True)) == [large.id]
    entry = Entry.objects.get(action="place-followed")
    assert entry.thing == f"series:{large.id}"
    assert json.loads(entry.detail)["from"] == gone.id
    now = Standing.objects.get(series=large.id)
    assert (now.state, now.next_step, now.countries) == ("taken", "ask about the tram", [["PT", "suspected"]])
    assert follow() == 0


def test_the_higher_handling_code_holds_and_is_said_before(
    as_ida: Client, otto: Officer, small: list[SeriesSummary]
) -> None:
    give(small[0].id, otto.unit)
    give(small[2].id, otto.unit, handling_code="H2")
    told = as_ida.get(f"/series/{small[0].id}/merge/?other={small[2].id}").content.decode()
    assert "Other unit (AT) loses sight of it" in told
    decide(as_ida, small[0].id, kind="merge", other=small[2].id, reason="the same tram")
    assert Placed.objects.get(series=small[0].id).handling_code == "H2"
    assert signed_in(otto).get(f"/series/{small[0].id}/").status_code == 404
    Assignment.objects.update(permitted=True)
    assert signed_in(otto).get(f"/series/{small[0].id}/").status_code == 200


def test_both_parts_of_a_split_stay_in_sight_and_a_place_taken_away_stays_away(
    as_ida: Client, otto: Officer, small: list[SeriesSummary]
) -> None:
    give(small[0].id, otto.unit)
    leaving = marks(small[0].id)[:4]
    said = decide(as_ida, small[0].id, kind="split", media=" ".join(leaving), reason="another room")
    assert "is recorded" in said
    held = catalogue().series_of(catalogue().find(leaving[0])[0])
    if held is None:  # what left did not hold together: it is of no series, and out of sight
        assert signed_in(otto).get(f"/media/{leaving[0]}/").status_code == 404
        return
    assert held.id != small[0].id
    assert signed_in(otto).get(f"/series/{held.id}/").status_code == 200
    Assignment.objects.filter(placed__series=held.id).delete()
    Placed.objects.filter(series=held.id).delete()
    decide(as_ida, small[1].id, kind="belongs", media=marks(small[1].id)[0], reason="sure")
    assert signed_in(otto).get(f"/series/{held.id}/").status_code == 404
