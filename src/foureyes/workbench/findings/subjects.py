"""What a form says that a new finding is about: only what the viewer may add findings to.

Written as `series:S-…`, `media:<mark>`, `region:7`, `decision:3`, `note:12` or `request:5`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import Http404

from foureyes.workbench.access.rules import Action
from foureyes.workbench.findings.models import Finding, Note, Question, Region
from foureyes.workbench.findings.reach import About, about_media, about_series, require_finding
from foureyes.workbench.series.reach import decisions_for

NUMBER = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a new finding is about."""

    about: About
    region: Region | None = None
    decision: int | None = None
    root: Note | None = None
    """The note that starts the thread."""
    question: Question | None = None

    @property
    def above(self) -> tuple[Finding | None, ...]:
        """The findings that it answers or is about."""
        return (self.region, self.root, self.question)

    @property
    def written(self) -> str:
        """As a form says it."""
        for name, one in (("note", self.root), ("request", self.question), ("region", self.region)):
            if one is not None:
                return f"{name}:{one.pk}"
        if self.decision is not None:
            return f"decision:{self.decision}"
        return f"media:{self.about.mark}" if self.about.media else self.about.name


def subject_of(viewer: object, untrusted_text: str) -> Subject:
    """What the form says, for a viewer who may add findings to it.

    Raises:
        django.http.Http404: it is nothing, is not there, or is not for this viewer.
    """
    kind, _, name = untrusted_text.partition(":")
    if kind == "series":
        return Subject(about_series(viewer, Action.FIND, name))
    if kind == "media":
        return Subject(about_media(viewer, Action.FIND, name))
    if not NUMBER.fullmatch(name):
        raise Http404
    return _numbered(viewer, kind, int(name))


def _numbered(viewer: object, kind: str, number: int) -> Subject:
    if kind == "region":
        _officer, region, about = require_finding(
            viewer, Action.FIND, Region.objects.filter(pk=number).first()
        )
        return Subject(about, region=region)
    if kind == "request":
        asked = Question.objects.select_related("region").filter(pk=number).first()
        _officer, question, about = require_finding(viewer, Action.FIND, asked)
        return Subject(about, region=question.region, question=question)
    if kind == "note":
        return _thread(viewer, number)
    if kind == "decision":
        return _decision(viewer, number)
    raise Http404


def _thread(viewer: object, number: int) -> Subject:
    found = Note.objects.select_related("root", "region", "question").filter(pk=number).first()
    _officer, note, about = require_finding(viewer, Action.FIND, found)
    root = note.root or note
    return Subject(about, region=note.region, decision=note.decision, root=root, question=note.question)


def _decision(viewer: object, number: int) -> Subject:
    for one in decisions_for(viewer):
        if one.id == number and one.series:
            about = about_series(viewer, Action.FIND, one.series[0])
            return Subject(about, decision=number)
    raise Http404
