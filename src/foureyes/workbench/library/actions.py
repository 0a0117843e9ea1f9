"""Revealing media, and searching: checked, counted and recorded in one transaction.

Nothing sharp leaves, and no search is answered, without its entry in the record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404

from foureyes.engine.model import Digest
from foureyes.workbench.access.rules import Action, MediaAsked, require, scope_of
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append, append_many
from foureyes.workbench.library.breaks import begin_break
from foureyes.workbench.library.caps import allowance_of
from foureyes.workbench.library.models import Exposure
from foureyes.workbench.library.questions import FARTHEST, Question
from foureyes.workbench.library.reach import media_asked_each
from foureyes.workbench.library.searching import Answer, answer
from foureyes.workbench.library.settled import settled_among

REQUEST_KEY = re.compile(r"[0-9a-zA-Z-]{16,40}")
SERIES_ID = re.compile(r"[0-9A-Za-z-]{1,40}")


class CapReached(Exception):
    """The officer's reveals of the day do not suffice; the message says so in words. Nothing was revealed."""


class BreakDue(CapReached):
    """Nothing sharp is shown before a break, or before it is put off."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a reveal came to."""

    shown: Sequence[MediaAsked]
    settled: Sequence[MediaAsked]
    """Asked for as well and not shown: nobody sees these again unasked."""


def reveal(
    viewer: object, marks: Sequence[str], series: str, request_key: str, *, settled_too: bool = False
) -> Revealed:
    """Let the viewer see these media sharp, once; a request that comes twice is recorded once.

    Settled ones are left out unless `settled_too` says that they are asked for by name.

    Raises:
        django.http.Http404: one of them is not there or not for this viewer (then none is revealed), or
            the request is malformed.
        CapReached: it would be more than the officer may see in a day (then none is revealed, and the
            refusal is recorded).
        BreakDue: a break comes first, which begins now; it is recorded.
    """
    well_formed = REQUEST_KEY.fullmatch(request_key) and (not series or SERIES_ID.fullmatch(series))
    if not well_formed or not 1 <= len(marks) <= settings.FOUREYES_REVEAL_AT_MOST:
        raise Http404
    asked = media_asked_each(marks)
    officer = _who_may(viewer, asked)
    recorded = _recorded(officer, request_key)
    settled = frozenset[str]() if settled_too else settled_among(officer, asked) - recorded
    shown = [one for one in asked if one.sha256 not in settled]
    refusal = None
    try:
        if shown:
            refusal = _record(officer, [one.sha256 for one in shown], series, request_key)
    except IntegrityError:
        # The same request came twice at once: the other one recorded it.
        if not _recorded(officer, request_key):
            raise
    if refusal:
        raise refusal
    return Revealed(shown, [one for one in asked if one.sha256 in settled])


def _who_may(viewer: object, asked: Sequence[MediaAsked]) -> Officer:
    """The viewer, who may have all of these revealed; the scope is read once, however many they are.

    Raises:
        django.http.Http404: they may not.
    """
    officer = require(viewer, Action.REVEAL, asked[0])
    scope = scope_of(viewer)
    if not all(scope.covers(one) for one in asked):
        raise Http404
    return officer


@transaction.atomic
def search(viewer: object, question: Question, radius: int) -> tuple[int, Answer]:
    """What the viewer may see of the same picture; gives the number of the entry in the record, too.

    Raises:
        django.http.Http404: not an officer, or a radius that no form offers.
        foureyes.engine.errors.EngineError: the engine cannot answer; nothing is recorded then.
    """
    if not isinstance(viewer, Officer) or not viewer.is_active or not 0 <= radius <= FARTHEST:
        raise Http404
    found = answer(viewer, question, radius)
    detail: dict[str, str | int | list[str]] = {"radius": radius, "found": found.found}
    sha256 = question.digests.get(Digest.SHA256, "")
    if sha256 and not question.name.endswith(sha256):
        detail["sha256"] = sha256
    return append(viewer, Did.SEARCHED, question.name, detail).id, found


@transaction.atomic
def _record(officer: Officer, sha256s: Sequence[str], series: str, request_key: str) -> CapReached | None:
    """Record the reveal, or that it was refused; then why, in words. To raise here would undo the record."""
    # Two requests at once must not both take the last of the day; SQLite lets one write at a time anyway.
    Officer.objects.select_for_update().get(pk=officer.pk)
    known = _recorded(officer, request_key)
    fresh = [sha256 for sha256 in sha256s if sha256 not in known]
    if not fresh:
        return None
    allowance = allowance_of(officer)
    if allowance.break_due:
        return BreakDue(begin_break(officer, allowance).rest())
    if len(fresh) > allowance.left:
        tried: dict[str, str | int | list[str]] = {
            "asked": len(fresh),
            "seen": allowance.seen,
            "cap": allowance.cap,
        }
        append(officer, Did.REVEAL_REFUSED, f"officer:{officer.username}", tried)
        return CapReached(allowance.refusal(len(fresh)))
    Exposure.objects.bulk_create(
        Exposure(officer=officer, media=sha256, series=series, request_key=request_key) for sha256 in fresh
    )
    detail = {"series": series} if series else {}
    append_many(officer, Did.MEDIA_REVEALED, [(f"media:{sha256}", detail) for sha256 in fresh])
    return None


def _recorded(officer: Officer, request_key: str) -> set[str]:
    kept = Exposure.objects.filter(officer=officer, request_key=request_key)
    return set(kept.values_list("media", flat=True))
