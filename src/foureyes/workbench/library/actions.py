"""Revealing media: checks, counts and records in one transaction. Nothing sharp leaves without it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404

from foureyes.workbench.access.rules import Action, MediaAsked, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append_many
from foureyes.workbench.library.models import Exposure
from foureyes.workbench.library.reach import media_asked

REQUEST_KEY = re.compile(r"[0-9a-zA-Z-]{16,40}")
SERIES_ID = re.compile(r"[0-9A-Za-z-]{1,40}")


def reveal(viewer: object, marks: Sequence[str], series: str, request_key: str) -> list[MediaAsked]:
    """Let the viewer see these media sharp, once; a request that comes twice is recorded once.

    Raises:
        django.http.Http404: one of them is not there or not for this viewer (then none is revealed), or
            the request is malformed.
    """
    well_formed = REQUEST_KEY.fullmatch(request_key) and (not series or SERIES_ID.fullmatch(series))
    if not well_formed or not 1 <= len(marks) <= settings.FOUREYES_REVEAL_AT_MOST:
        raise Http404
    asked = list({one.sha256: one for one in map(media_asked, marks)}.values())
    officers = [require(viewer, Action.REVEAL, one) for one in asked]
    try:
        _record(officers[0], [one.sha256 for one in asked], series, request_key)
    except IntegrityError:
        # The same request came twice at once: the other one recorded it.
        if not _recorded(officers[0], request_key):
            raise
    return asked


@transaction.atomic
def _record(officer: Officer, sha256s: Sequence[str], series: str, request_key: str) -> None:
    known = _recorded(officer, request_key)
    fresh = [sha256 for sha256 in sha256s if sha256 not in known]
    if not fresh:
        return
    Exposure.objects.bulk_create(
        Exposure(officer=officer, media=sha256, series=series, request_key=request_key) for sha256 in fresh
    )
    detail = {"series": series} if series else {}
    append_many(officer, Did.MEDIA_REVEALED, [(f"media:{sha256}", detail) for sha256 in fresh])


def _recorded(officer: Officer, request_key: str) -> set[str]:
    kept = Exposure.objects.filter(officer=officer, request_key=request_key)
    return set(kept.values_list("media", flat=True))
