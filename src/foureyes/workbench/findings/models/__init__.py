"""Rows of findings: regions, notes, tasks, requests for a second pair of eyes, and notices of them."""

from __future__ import annotations

from foureyes.workbench.findings.models.base import Finding
from foureyes.workbench.findings.models.notes import EarlierText, Mention, Note
from foureyes.workbench.findings.models.notices import Notice
from foureyes.workbench.findings.models.questions import Question, Reached
from foureyes.workbench.findings.models.regions import WHOLE, Clue, Region, Thing
from foureyes.workbench.findings.models.tasks import Task

__all__ = [
    "WHOLE",
    "Clue",
    "EarlierText",
    "Finding",
    "Mention",
    "Note",
    "Notice",
    "Question",
    "Reached",
    "Region",
    "Task",
    "Thing",
]
