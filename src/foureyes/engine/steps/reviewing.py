"""Answers to the engine's questions as rulings. Asks nobody, and knows no officer's rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Decision, DecisionKind, Question, QuestionKind


class Ruling(NamedTuple):
    """What an answer rules."""

    kind: DecisionKind
    series: tuple[str, ...]
    media: tuple[str, ...]
    anchors: tuple[str, ...]
    sizes: tuple[int, ...]
    """Media in each of the series."""


def ruling_of(members_of: Callable[[str], Sequence[str]], question: Question, *, together: bool) -> Ruling:
    """The ruling that an answer to a question comes to; `members_of` gives the media of a series, by its id.

    Raises:
        UsageError: a series that it is about is no more.
    """
    ids = tuple(dict.fromkeys(one for one in (question.series, question.home) if one))
    members = {one: members_of(one) for one in ids}
    if not all(members.values()):
        raise UsageError("The series of this question is no more: it has become another one since.")
    joint = question.kind is QuestionKind.JOINT
    merge = together and len(ids) > 1
    if merge:
        kind = DecisionKind.MERGE
    elif together:
        kind = DecisionKind.BELONGS
    else:
        kind = DecisionKind.SPLIT if joint and len(question.few) > 1 else DecisionKind.DOES_NOT_BELONG
    media = () if merge else question.few
    about = ids if merge else ids[:1]
    held = {sha256 for one in about for sha256 in members[one]} if about else {question.b}
    sizes = tuple(len(members[one]) for one in about)
    return Ruling(kind, about, media, tuple(sorted(held - set(media))), sizes)


def record(catalogue: Catalogue, ruled: Ruling, *, officer: str, reason: str) -> Decision:
    """Record it. It binds from the next linking on, until it is withdrawn."""
    return catalogue.record_decision(
        ruled.kind,
        series=ruled.series,
        media=ruled.media,
        anchors=ruled.anchors,
        officer=officer,
        reason=reason,
    )
