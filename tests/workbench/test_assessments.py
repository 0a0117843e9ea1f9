"""Assessments: proposed with the working shown, confirmed by a second person or not at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.cast import give, marks
from workbench.filled import fill
from workbench.found import ASSESSED, WALLPAPER

# isort: split
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.editions import actions as editions
from foureyes.workbench.findings.actions import assessments, regions
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Assessment
from foureyes.workbench.series import words
from foureyes.workbench.series.models import Standing

pytest_plugins = ["workbench.stage"]


@pytest.fixture
def lake(series: list[SeriesSummary], ida: Officer, otto: Officer) -> str:
    """A series that Otto's unit was given, too."""
    assert ida.unit != otto.unit
    give(series[0].id, otto.unit)
    return series[0].id


def assess(officer: Officer, lake: str, **form: str) -> Assessment:
    asked = {**ASSESSED, "on": f"series:{lake}", "reasoning": "the plugs and the roofs", **form}
    return assessments.propose(officer, asked)


def confirm(officer: Officer, assessment: Assessment) -> None:
    assert assessment.proposal is not None
    editions.confirm(officer, assessment.proposal.pk, "the roofs are from there")
    assessment.refresh_from_db()


def test_a_second_person_makes_it_stand_and_a_later_one_takes_its_place(
    ida: Officer, otto: Officer, lake: str
) -> None:
    region = regions.draw(ida, {**WALLPAPER, "media": marks(lake)[0]})
    first = assess(ida, lake, clues=str(region.pk))
    assert first.countries == [["PL", "likely", 60], ["CZ", "possible", None]]
    assert words.series_with("the roofs") == {lake}
    assert not Standing.objects.filter(series=lake).exclude(countries=[]).exists()
    confirm(otto, first)
    assert first.confirmed_at is not None
    assert Standing.objects.get(series=lake).countries == [["PL", "confirmed"], ["CZ", "confirmed"]]
    second = assess(otto, lake, countries="", reasoning="the plugs were bought abroad")
    confirm(ida, second)
    first.refresh_from_db()
    assert first.superseded_by == second
    assert second.superseded_by is None
    assert Standing.objects.get(series=lake).countries == []
    assert verify().problem == ""


def test_nobody_confirms_their_own_and_no_row_says_otherwise(ida: Officer, otto: Officer, lake: str) -> None:
    assessment = assess(ida, lake)
    assert assessment.proposal is not None
    with pytest.raises(editions.NotDone, match="yourself"):
        editions.confirm(ida, assessment.proposal.pk)
    rows = Assessment.objects.filter(pk=assessment.pk)
    now = timezone.now()
    for broken in (
        {"confirmed_at": now},
        {"confirmed_at": now, "proposal": None},
        {"proposal": None},
        {"reasoning": "something else"},
        {"countries": [["DE", "near-certain", None]]},
        {"handling_code": "H0"},
        {"superseded_by": assessment.pk},
        {"source": "Z"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**broken)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE findings_assessment SET confirmed_at = at")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM findings_assessment")
    rows.update(version=5)
    confirm(otto, assessment)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(reasoning="something else")


FORGED = """
INSERT OR REPLACE INTO findings_assessment (id, series, media, reasoning, confirmed_at, proposal_id, officer_id,
    unit_id, at, version, handling_code, from_course, key, countries, source, information)
SELECT id, series, media, 'forged', confirmed_at, proposal_id, officer_id,
    unit_id, at, version, handling_code, from_course, key, countries, source, information
FROM findings_assessment WHERE id = %s
"""


def test_a_confirmation_is_of_one_assessment_and_of_its_clues_for_good(
    ida: Officer, otto: Officer, lake: str
) -> None:
    region = regions.draw(ida, {**WALLPAPER, "media": marks(lake)[0]})
    confirmed, other = assess(ida, lake, clues=str(region.pk)), assess(ida, lake, reasoning="another")
    confirm(otto, confirmed)
    assert other.proposal is not None
    # A proposal that says nothing of an assessment, confirmed, and an assessment that claims it.
    claimed = editions.propose(ida, "assessment", lake, {"assessment": 0}, "an assessment")
    editions.Proposal.objects.filter(pk=claimed.pk).update(
        state="confirmed", confirmer=otto, confirmer_unit=otto.unit, answered_at=timezone.now()
    )
    unproposed = Assessment.objects.create(
        series=lake, officer=ida, unit=ida.unit, reasoning="x", source="A", information="1"
    )
    ways = (
        (
            "UPDATE findings_assessment SET proposal_id = %s, confirmed_at = at WHERE id = %s",
            [claimed.pk, unproposed.pk],
        ),
        (FORGED, [confirmed.pk]),
        ("DELETE FROM findings_assessment_clues", []),
        ("UPDATE findings_assessment_clues SET region_id = region_id", []),
        ("INSERT INTO findings_assessment_clues (assessment_id, region_id) VALUES (%s, 0)", [confirmed.pk]),
    )
    for statement, values in ways:
        with (
            pytest.raises(DatabaseError, match=r"stands|another assessment"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)
    confirmed.refresh_from_db()
    assert (confirmed.reasoning, list(confirmed.clues.all())) == ("the plugs and the roofs", [region])


def test_what_changed_under_the_proposal_is_not_confirmed(ida: Officer, otto: Officer, lake: str) -> None:
    region = regions.draw(ida, {**WALLPAPER, "media": marks(lake)[0]})
    assessment = assess(ida, lake, clues=str(region.pk))
    assessment.clues.clear()
    with pytest.raises(editions.NotDone, match="not what was proposed"):
        confirm(otto, assessment)
    assessment.refresh_from_db()
    assert assessment.confirmed_at is None


def test_a_higher_code_is_neither_shown_nor_confirmed_nor_on_the_board(
    as_ida: Client, as_otto: Client, ida: Officer, otto: Officer, lake: str
) -> None:
    assessment = assess(ida, lake, handling_code="H2")
    assert assessment.proposal is not None
    assert as_otto.get(f"/assessment/{assessment.pk}/").status_code == 404
    said = as_otto.get(f"/confirm/{assessment.proposal.pk}/").content.decode()
    assert "the plugs" not in said
    assert "PL" not in said
    assert "the plugs" in as_ida.get(f"/confirm/{assessment.proposal.pk}/").content.decode()
    with pytest.raises(editions.NotDone, match="handling code"):
        confirm(otto, assessment)
    assert words.series_with("the roofs") == set()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"countries": "Poland likely"}, "not understood"),
        ({"countries": "PL surely"}, "not understood"),
        ({"countries": "ZZ likely"}, "no country"),
        ({"countries": "PL likely\nPL possible"}, "stands once"),
        ({"countries": "PL likely 70\nCZ possible 40"}, "more than 100"),
        ({"source": ""}, "how good"),
        ({"reasoning": " "}, "Nothing is written"),
        ({"clues": "999999"}, "is gone"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    ida: Officer, lake: str, changed: dict[str, str], said: str
) -> None:
    with pytest.raises(NotDone, match=said):
        assess(ida, lake, **changed)
    assert not Assessment.objects.exists()


def test_the_form_keeps_what_was_typed(as_ida: Client, lake: str) -> None:
    region = (
        as_ida.post("/findings/new/region/", {**WALLPAPER, "on": f"media:{marks(lake)[0]}"})
        .headers["Location"]
        .split("/")[2]
    )
    form = {**ASSESSED, "on": f"series:{lake}", "reasoning": "the roofs", "countries": "XX", "clue": region}
    answer = as_ida.post("/findings/new/assessment/", form)
    assert answer.status_code == 422
    kept = answer.content.decode()
    assert "the roofs" in kept
    assert re.search(rf'value="{region}"\s+checked', kept)
    done = as_ida.post("/findings/new/assessment/", {**form, "countries": ""}, follow=True)
    assert "unknown" in done.content.decode()


ON_POSTGRESQL = """
import json, sys
from pathlib import Path
from foureyes.workbench import serving
serving.prepare(Path(sys.argv[1]), workbench_database_url=sys.argv[2])
from django.db import DatabaseError, transaction
from django.utils import timezone
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models import Assessment
from foureyes.workbench.library.holdings import catalogue
from workbench.found import find
ida = Officer.objects.get()
series = catalogue().series_list()[0].id
assessment = find(ida, series, catalogue().members_of(series)[0][:16]).assessment
said = []
rows = Assessment.objects.filter(pk=assessment.pk)
from django.db import connection
ways = [lambda: rows.update(confirmed_at=timezone.now()), lambda: rows.update(countries=[]), rows.delete]
ways += [lambda: connection.cursor().execute("TRUNCATE findings_assessment_clues")]
for way in ways:
    try:
        with transaction.atomic():
            way()
        said.append("went through")
    except DatabaseError as error:
        said.append(str(error).splitlines()[0])
print(json.dumps(said))
"""


@pytest.mark.postgresql
def test_postgresql_lets_none_stand_without_a_second_person(workbench_url: str, tmp_path: Path) -> None:
    workspace = fill(tmp_path / "workspace").path
    command = [sys.executable, "-c", ON_POSTGRESQL, str(workspace), workbench_url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    confirmed, changed, deleted, emptied = json.loads(done.stdout)
    assert "stands for good" in emptied
    assert "a second person confirms" in confirmed
    assert "stands as it was proposed" in changed
    assert "stands for good" in deleted or "violates foreign key" in deleted
