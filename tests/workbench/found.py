"""Findings of every kind for the tests, made through the actions."""

from __future__ import annotations

from dataclasses import dataclass

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.actions import notes, questions, regions, tasks
from foureyes.workbench.findings.models import Note, Question, Region, Task

WALLPAPER = {"clue": "object", "name": "striped wallpaper", "shape": "xywh=percent:10,20,30,40"}
SECRET = "sold in one town only"


@dataclass(frozen=True)
class Found:
    """One finding of each kind."""

    note: Note
    region: Region
    task: Task
    question: Question


def find(officer: Officer, series_id: str, mark: str) -> Found:
    """One of each on a media and its series, by the officer; the request reaches a colleague of the unit."""
    if not officer.unit.officers.exclude(pk=officer.pk).exists():
        Officer.objects.make("uma", "correct horse battery", officer.unit, roles=["expert"])
    region = regions.draw(officer, {**WALLPAPER, "media": mark, "tells": SECRET, "speaks_for": "pl cz"})
    asked = {"on": f"series:{series_id}", "text": SECRET, "unit": str(officer.unit_id)}
    return Found(
        note=notes.write(officer, {"on": f"series:{series_id}", "text": SECRET}).note,
        region=region,
        task=tasks.give(officer, {"on": f"region:{region.pk}", "text": SECRET}),
        question=questions.ask(officer, asked),
    )
