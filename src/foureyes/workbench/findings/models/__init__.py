"""Rows of findings: regions, notes, tasks, requests for a second pair of eyes, and notices; assessments."""

from __future__ import annotations

from foureyes.workbench.findings.models.assessments import Assessment, Certainty, Information, Reliability
from foureyes.workbench.findings.models.base import Finding
from foureyes.workbench.findings.models.notes import EarlierText, Mention, Note
from foureyes.workbench.findings.models.notices import Notice
from foureyes.workbench.findings.models.questions import Question, Reached
from foureyes.workbench.findings.models.regions import WHOLE, Clue, Region, Thing
from foureyes.workbench.findings.models.tasks import Task

__all__ = [
    "WHOLE",
    "Assessment",
    "Certainty",
    "Clue",
    "EarlierText",
    "Finding",
    "Information",
    "Mention",
    "Note",
    "Notice",
    "Question",
    "Reached",
    "Region",
    "Reliability",
    "Task",
    "Thing",
]
