"""Two officers change the same thing: the second learns of the first before it counts, and nothing is lost."""

from __future__ import annotations

import html
import re

import pytest

from workbench.cast import give, marks

# isort: split
from django.http import HttpResponse
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.library.holdings import catalogue

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def lake(own_workspace: None, otto: Officer, ida: Officer) -> SeriesSummary:  # noqa: ARG001 - asked for what they do
    """A series that Ida and Otto both see."""
    series = catalogue().series_list()[0]
    give(series.id, otto.unit)
    return series


def hidden(client: Client, series_id: str, form: str) -> dict[str, str]:
    """Hidden fields of a form of the series' page, as it is now."""
    page = client.get(f"/series/{series_id}/").content.decode()
    part = page[page.index(f'action="/series/{series_id}/{form}/"') :]
    part = part[: part.index("</form>")]
    found = re.findall(r'<input type="hidden"\s+name="(\w+)"\s+(?:id="[^"]*"\s+)?value="([^"]*)"', part)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def again(answer: HttpResponse) -> dict[str, str]:
    """What the page that tells of a colleague would send all the same."""
    part = answer.content.decode()
    found = re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', part)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def test_two_names_are_shown_side_by_side(lake: SeriesSummary, as_ida: Client, as_otto: Client) -> None:
    seen = {client: hidden(client, lake.id, "name") for client in (as_ida, as_otto)}
    address = f"/series/{lake.id}/name/"
    assert as_ida.post(address, {**seen[as_ida], "name": "The lake"}).status_code == 302
    answer = as_otto.post(address, {**seen[as_otto], "name": "Lake & <mill>"})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "The lake" in said
    assert "given by ida" in said
    assert "Lake &amp; &lt;mill&gt;" in said
    assert catalogue().series_summary(lake.id).name == "The lake"  # type: ignore[union-attr]  # there or the test fails
    assert Entry.objects.filter(action="series-named").count() == 1, "what did not count is not recorded"
    form = {name: value for name, value in again(answer).items() if name in {"seen", "name"}}
    assert as_otto.post(address, form).status_code == 302
    assert catalogue().series_summary(lake.id).name == "Lake & <mill>"  # type: ignore[union-attr]  # there or the test fails


def test_the_same_name_twice_is_no_conflict(lake: SeriesSummary, as_ida: Client, as_otto: Client) -> None:
    seen = hidden(as_otto, lake.id, "name")
    as_ida.post(f"/series/{lake.id}/name/", {"name": "The lake"})
    assert as_otto.post(f"/series/{lake.id}/name/", {**seen, "name": "The lake"}).status_code == 302


def test_a_second_decision_on_the_same_media_sees_the_first(
    lake: SeriesSummary, as_ida: Client, as_otto: Client
) -> None:
    seen = hidden(as_otto, lake.id, "decide")
    first, other = marks(lake.id)[:2]
    address = f"/series/{lake.id}/decide/"
    as_ida.post(address, {"kind": "belongs", "media": first, "reason": "the same mill"})
    asked = {"kind": "does-not-belong", "media": f"{first} {other}", "reason": "another roof"}
    answer = as_otto.post(address, {**asked, "seen": seen["seen"]})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "the same mill" in said
    assert "another roof" in said
    assert len(catalogue().decisions()) == 1
    assert Entry.objects.filter(action="decided").count() == 1
    form = again(answer)
    assert form["media"].split() == [first, other]
    assert as_otto.post(address, {**asked, "seen": form["seen"]}).status_code == 302
    assert len(catalogue().decisions()) == 2


def test_decisions_on_other_media_do_not_disturb(
    lake: SeriesSummary, as_ida: Client, as_otto: Client
) -> None:
    seen = hidden(as_otto, lake.id, "decide")
    first, other = marks(lake.id)[:2]
    address = f"/series/{lake.id}/decide/"
    as_ida.post(address, {"kind": "belongs", "media": first, "reason": "the same mill"})
    asked = {"kind": "belongs", "media": other, "reason": "the same roof", "seen": seen["seen"]}
    assert as_otto.post(address, asked).status_code == 302


def test_a_decision_that_one_may_not_see_is_not_told(
    lake: SeriesSummary, as_ida: Client, as_otto: Client
) -> None:
    seen = hidden(as_otto, lake.id, "decide")
    hidden_series = catalogue().series_list()[-1]
    form = {"kind": "merge", "other": hidden_series.id, "reason": "a secret of ida's"}
    as_ida.post(f"/series/{lake.id}/decide/", form)
    asked = {"kind": "belongs", "media": marks(lake.id)[0], "reason": "sure", "seen": seen["seen"]}
    answer = as_otto.post(f"/series/{lake.id}/decide/", asked, follow=True)
    assert "secret" not in answer.content.decode()
