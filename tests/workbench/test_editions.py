"""Editions from making to closing: every step recorded, bad input said in words, load by unit and never by person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from workbench.cast import PASSWORD, give, signed_in

# isort: split
from django.test import Client
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat
from foureyes.workbench.access.rules import Action, SeriesAsked, may
from foureyes.workbench.accounts.actions import make_officer
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.live.models import Event
from foureyes.workbench.series.standing import set_state

pytest_plugins = ["workbench.stage"]

TODAY = timezone.now().date()
FORM = {
    "name": "Fifth edition",
    "opens": TODAY.isoformat(),
    "closes": (TODAY + timedelta(days=13)).isoformat(),
    "handling_code": "H1",
    "other_unit_confirms": "on",
    "reveals_soft": "400",
    "reveals_hard": "1000",
    "break_minutes": "10",
}


@pytest.fixture
def edition(as_ida: Client) -> Edition:
    as_ida.post("/editions/new/", FORM)
    return Edition.objects.get()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_the_first_and_the_last_day_are_whole_days_in_utc(
    otto: Officer, series: list[SeriesSummary], monkeypatch: pytest.MonkeyPatch, zone: str, ida: Officer
) -> None:
    """Whatever zone a page speaks in: the same moment for every unit."""
    assert ida.unit.holds_workspace
    give(series[0].id, otto.unit)
    first, last = date(2027, 3, 1), date(2027, 3, 14)
    Edition.objects.update(opens=first, closes=last)

    def sees(day: date, at: time) -> bool:
        moment = datetime.combine(day, at, UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return may(Officer.objects.get(pk=otto.pk), Action.VIEW, SeriesAsked(series[0].id))

    before, after = first - timedelta(days=1), last + timedelta(days=1)
    with timezone.override(zone):
        assert [sees(before, time.max), sees(first, time.min)] == [False, True]
        assert [sees(last, time.max), sees(after, time.min)] == [True, False]


def act(client: Client, what: str, *series: str, **asked: str) -> str:
    form = {"act": what, "series": " ".join(series), **asked}
    return client.post("/series/act/", form, follow=True).content.decode()


def test_an_edition_from_preparing_to_closing(
    as_ida: Client, otto: Officer, edition: Edition, series: list[SeriesSummary]
) -> None:
    at = f"/editions/{edition.id}/"
    one, two, third = (found.id for found in series[:3])
    as_ida.post(f"{at}units/", {"unit": otto.unit_id})
    as_ida.post(f"{at}seats/", {"unit": otto.unit_id, "officer": [otto.id]})
    assert "0 given to nobody yet" in as_ida.get(at).content.decode()
    assert "2 series placed" in act(as_ida, "place", one, two, edition=str(edition.id), code="H1")
    whom = f"{edition.id}/unit:{otto.unit_id}"
    assert "place them first" in act(as_ida, "assign", one, third, whom=whom)
    assert Assignment.objects.count() == 0
    assert "2 series assigned" in act(as_ida, "assign", one, two, whom=whom)
    as_otto = signed_in(otto)
    board = as_otto.get("/series/").content.decode()
    assert one in board
    assert two in board
    assert third not in board
    assert "Taken back for 2 series" in as_ida.post("/series/undo/", follow=True).content.decode()
    assert as_otto.get(f"/series/{one}/").status_code == 404
    act(as_ida, "assign", one, whom=f"{edition.id}/officer:{otto.id}")
    assert as_otto.get(f"/series/{one}/").status_code == 200
    assert "Taken back from them: 1" in act(as_ida, "unassign", one, whom=f"{edition.id}/officer:{otto.id}")
    as_ida.post("/series/undo/")
    assert as_otto.get(f"/series/{one}/").status_code == 200
    as_ida.post(f"{at}close/")
    assert as_otto.get(f"/series/{one}/").status_code == 404
    as_ida.post(f"{at}reopen/")
    assert as_otto.get(f"/series/{one}/").status_code == 200
    as_ida.post(f"{at}units/", {"unit": otto.unit_id, "act": "remove"})
    assert (Seat.objects.count(), Assignment.objects.count(), Placed.objects.count()) == (0, 0, 2)
    assert "Taken out of the edition: 1" in act(as_ida, "unplace", two, edition=str(edition.id))
    recorded = set(Entry.objects.filter(officer="ida").values_list("action", flat=True))
    assert recorded >= {
        "edition-made", "unit-joined", "seated", "placed", "assigned", "assignment-removed",
        "edition-closed", "edition-reopened", "unit-left", "place-removed",
    }  # fmt: skip
    assert Event.objects.filter(what="assignment", series=one).count() >= 4


def test_bad_input_is_said_in_words(as_ida: Client, edition: Edition, series: list[SeriesSummary]) -> None:
    wrong = {
        "lies before the first": {"closes": "2020-01-01"},
        "before the reveals are used up": {"reveals_soft": "2000"},
        "already exists": {"name": "Fifth edition"},
        "Enter a valid date": {"opens": "someday"},
    }
    for words, changed in wrong.items():
        answer = as_ida.post("/editions/new/", {**FORM, "name": "Sixth", **changed})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert Edition.objects.count() == 1
    one = series[0].id
    assert "below H1" in act(as_ida, "place", one, edition=str(edition.id), code="H0")
    assert "Choose a handling code" in act(as_ida, "place", one, edition=str(edition.id), code="H9")
    assert "Choose an edition" in act(as_ida, "place", one, edition="x", code="H1")
    act(as_ida, "place", one, edition=str(edition.id), code="H1")
    higher = as_ida.post(f"/editions/{edition.id}/change/", {**FORM, "handling_code": "H2"})
    assert "raise theirs first" in higher.content.decode()
    assert "takes part in the edition" in act(as_ida, "assign", one, whom=f"{edition.id}/unit:99999")
    assert "1 series is gone" in act(as_ida, "next-step", one, "S-GONE", text="look")
    assert as_ida.post("/series/act/", {"act": "state", "series": "S-GONE"}).status_code == 404
    assert "at least one series" in act(as_ida, "state")
    assert "Choose what is to be done" in act(as_ida, "burn", one)
    assert "Choose a state" in act(as_ida, "state", one, state="burnt")
    assert "meanwhile" in act(as_ida, "state", f"{one}:7", state="taken")
    assert as_ida.get("/editions/99999/").status_code == 404


def test_load_and_progress_is_of_units_and_days(
    as_ida: Client, ida: Officer, otto: Officer, edition: Edition, series: list[SeriesSummary]
) -> None:
    assert (
        "No series lies in this edition" in as_ida.get(f"/editions/{edition.id}/progress/").content.decode()
    )
    one = series[1].id
    as_ida.post(f"/editions/{edition.id}/units/", {"unit": otto.unit_id})
    as_ida.post(f"/editions/{edition.id}/seats/", {"unit": otto.unit_id, "officer": [otto.id]})
    act(as_ida, "place", one, edition=str(edition.id), code="H1")
    act(as_ida, "assign", one, whom=f"{edition.id}/unit:{otto.unit_id}")
    Officer.objects.filter(id=otto.id).update(full_name="Otto Ottokar")
    set_state(Officer.objects.get(id=otto.id), one, "taken")
    shown = as_ida.get(f"/editions/{edition.id}/progress/").content.decode()
    cells = shown.partition("Other unit (AT)")[2].partition("</tr>")[0]
    assert [cell.partition("</td>")[0] for cell in cells.split('class="number">')[1:]][:3] == ["1", "1", "0"]
    assert TODAY.isoformat() in shown
    assert "Other unit (AT) by day" in shown
    assert "Ottokar" not in shown
    assert "otto" not in shown
    colleague = make_officer("lena", PASSWORD, ida.unit)
    assert signed_in(colleague).get(f"/editions/{edition.id}/progress/").status_code == 404
