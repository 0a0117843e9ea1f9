"""Records that oversight read, and what was refused to whom, without letting anybody flood the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from foureyes.workbench.access.rules import (
    Action,
    Asked,
    ListAsked,
    MediaAsked,
    Refused,
    SeriesAsked,
    require_ever,
)
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.oversight.models import Refusal

KEPT = timedelta(days=2)
"""How long counts of refusals are kept."""


@transaction.atomic
def record_reading(viewer: object, thing: str, stated: Mapping[str, str | int]) -> Officer:
    """Record that oversight reads the record, with what was looked for.

    Raises:
        django.http.Http404: not for this viewer.
    """
    officer = require_ever(viewer, Action.READ_RECORD)
    append(officer, Did.RECORD_READ, thing, dict(stated))
    return officer


@transaction.atomic
def record_export(viewer: object, stated: Mapping[str, str | int]) -> Officer:
    """Record that oversight takes a part of the record away.

    Raises:
        django.http.Http404: not for this viewer.
    """
    officer = require_ever(viewer, Action.READ_RECORD)
    append(officer, Did.RECORD_EXPORTED, "record", dict(stated))
    return officer


@transaction.atomic
def record_refusal(refused: Refused) -> None:
    """Count a refusal; the 1st, 10th, 100th, ... of its kind within an hour becomes an entry.

    However often somebody asks, an hour leaves a handful of entries for each action and kind of thing.
    """
    kind, thing = _thing_of(refused.asked)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    counted, new = Refusal.objects.select_for_update().get_or_create(
        officer=refused.officer, action=refused.action, kind=kind, hour=hour
    )
    counted.times += 1
    counted.save(update_fields=["times"])
    if str(counted.times).strip("0") == "1":
        append(
            refused.officer,
            Did.ACCESS_REFUSED,
            thing,
            {"action": refused.action, "within-the-hour": counted.times},
        )
    if new:
        Refusal.objects.filter(hour__lt=hour - KEPT).delete()


def _thing_of(asked: Asked | None) -> tuple[str, str]:
    if isinstance(asked, SeriesAsked):
        return "series", f"series:{asked.id}"
    if isinstance(asked, MediaAsked):
        return "media", f"media:{asked.sha256}"
    if isinstance(asked, ListAsked):
        return "list", f"list:{asked.handling_code}"
    return ("", "") if asked is None else ("holdings", "holdings")
