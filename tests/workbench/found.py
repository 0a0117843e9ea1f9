"""Findings of every kind for the tests, made through the actions."""

from __future__ import annotations

from dataclasses import dataclass

from foureyes.workbench.access.rules import Action, may_ever
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.actions import assessments, notes, questions, regions, tasks
from foureyes.workbench.findings.models import Assessment, Note, Question, Region, Task

WALLPAPER = {"clue": "object", "name": "striped wallpaper", "shape": "xywh=percent:10,20,30,40"}
SECRET = "sold in one town only"


@dataclass(frozen=True)
class Found:
    """One finding of each kind."""

    note: Note
    region: Region
    task: Task
    question: Question
    assessment: Assessment


ASSESSED = {"countries": "PL likely 60\ncz possible", "source": "B", "information": "2"}


def find(officer: Officer, series_id: str, mark: str) -> Found:
    """One of each on a media and its series, by the officer; the request reaches a colleague of the unit."""
    if not any(may_ever(one, Action.FIND) for one in officer.unit.officers.exclude(pk=officer.pk)):
        Officer.objects.make("uma", "correct horse battery", officer.unit, roles=["expert"])
    region = regions.draw(officer, {**WALLPAPER, "media": mark, "tells": SECRET, "speaks_for": "pl cz"})
    asked = {"on": f"series:{series_id}", "text": SECRET, "unit": str(officer.unit_id)}
    return Found(
        note=notes.write(officer, {"on": f"series:{series_id}", "text": SECRET}).note,
        region=region,
        task=tasks.give(officer, {"on": f"region:{region.pk}", "text": SECRET}),
        question=questions.ask(officer, asked),
        assessment=assessments.propose(
            officer,
            {**ASSESSED, "on": f"series:{series_id}", "reasoning": f"{SECRET} {Assessment.objects.count()}"},
        ),
    )
