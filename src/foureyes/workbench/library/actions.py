"""Revealing media, and searching: checked, counted and recorded in one transaction.

Nothing sharp leaves, and no search is answered, without its entry in the record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404

from foureyes.engine.model import Digest
from foureyes.workbench.access.rules import Action, MediaAsked, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append, append_many
from foureyes.workbench.library.caps import allowance_of
from foureyes.workbench.library.models import Exposure
from foureyes.workbench.library.questions import FARTHEST, Question
from foureyes.workbench.library.reach import media_asked
from foureyes.workbench.library.searching import Answer, answer

REQUEST_KEY = re.compile(r"[0-9a-zA-Z-]{16,40}")
SERIES_ID = re.compile(r"[0-9A-Za-z-]{1,40}")


class CapReached(Exception):
    """The officer's reveals of the day do not suffice; the message says so in words. Nothing was revealed."""


def reveal(viewer: object, marks: Sequence[str], series: str, request_key: str) -> list[MediaAsked]:
    """Let the viewer see these media sharp, once; a request that comes twice is recorded once.

    Raises:
        django.http.Http404: one of them is not there or not for this viewer (then none is revealed), or
            the request is malformed.
        CapReached: it would be more than the officer may see in a day (then none is revealed, and the
            refusal is recorded).
    """
    well_formed = REQUEST_KEY.fullmatch(request_key) and (not series or SERIES_ID.fullmatch(series))
    if not well_formed or not 1 <= len(marks) <= settings.FOUREYES_REVEAL_AT_MOST:
        raise Http404
    asked = list({one.sha256: one for one in map(media_asked, marks)}.values())
    officers = [require(viewer, Action.REVEAL, one) for one in asked]
    try:
        refusal = _record(officers[0], [one.sha256 for one in asked], series, request_key)
    except IntegrityError:
        # The same request came twice at once: the other one recorded it.
        if not _recorded(officers[0], request_key):
            raise
        refusal = ""
    if refusal:
        raise CapReached(refusal)
    return asked


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
def _record(officer: Officer, sha256s: Sequence[str], series: str, request_key: str) -> str:
    """Record the reveal, or that it was refused; then why, in words. An error here would undo the record."""
    # Two requests at once must not both take the last of the day; SQLite lets one write at a time anyway.
    Officer.objects.select_for_update().get(pk=officer.pk)
    known = _recorded(officer, request_key)
    fresh = [sha256 for sha256 in sha256s if sha256 not in known]
    if not fresh:
        return ""
    allowance = allowance_of(officer)
    if len(fresh) > allowance.left:
        tried: dict[str, str | int | list[str]] = {
            "asked": len(fresh),
            "seen": allowance.seen,
            "cap": allowance.cap,
        }
        append(officer, Did.REVEAL_REFUSED, f"officer:{officer.username}", tried)
        return allowance.refusal(len(fresh))
    Exposure.objects.bulk_create(
        Exposure(officer=officer, media=sha256, series=series, request_key=request_key) for sha256 in fresh
    )
    detail = {"series": series} if series else {}
    append_many(officer, Did.MEDIA_REVEALED, [(f"media:{sha256}", detail) for sha256 in fresh])
    return ""


def _recorded(officer: Officer, request_key: str) -> set[str]:
    kept = Exposure.objects.filter(officer=officer, request_key=request_key)
    return set(kept.values_list("media", flat=True))
