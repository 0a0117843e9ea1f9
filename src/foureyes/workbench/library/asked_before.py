"""The last searches of a session, so that an answer can be come back to. Keeps hashes and marks, no pixel.

What is shown of an answer is checked against the viewer's rights each time (`queries.search_page`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpRequest

from foureyes.workbench.library.questions import Question
from foureyes.workbench.library.searching import Answer, Hit

KEY = "searches"
KEPT_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One search as it was answered."""

    number: int
    """Of its entry in the record."""
    said: str
    name: str
    notes: Sequence[str]
    radius: int
    found: int
    set_aside: int
    hits: Sequence[Hit]


def keep(request: HttpRequest, number: int, question: Question, radius: int, answer: Answer) -> None:
    """Remember one search; the oldest of ten is forgotten."""
    kept: list[dict[str, Any]] = [one for one in _kept(request) if one["number"] != number]
    kept.append(
        {
            "number": number,
            "said": question.said,
            "name": question.name,
            "notes": list(question.notes),
            "radius": radius,
            "found": answer.found,
            "set_aside": answer.set_aside,
            "hits": [asdict(hit) for hit in answer.hits],
        }
    )
    request.session[KEY] = kept[-KEPT_AT_MOST:]


def asked(request: HttpRequest, untrusted_number: str) -> Asked | None:
    """The search of this number, if this session asked it and remembers."""
    for one in _kept(request):
        if str(one["number"]) == untrusted_number:
            return Asked(**{**one, "hits": [Hit(**hit) for hit in one["hits"]]})
    return None


def _kept(request: HttpRequest) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = request.session.get(KEY, [])
    return kept
