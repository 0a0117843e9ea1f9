"""What one officer proposed and another must confirm. The database refuses one pair of eyes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.access.models import Edition
from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.audit.models import Entry


def series_concerned(series: str, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of every series that a proposal is about; none where it is about the workspace as a whole."""
    others = asked.get("series", [])
    named = [series, *others] if isinstance(others, list) else [series]
    return tuple(dict.fromkeys(str(one) for one in named if one))


class Proposal(models.Model):
    """Something that takes effect once a second person confirms it."""

    class Kind(models.TextChoices):
        """What is proposed."""

        MERGE = "merge", _("Merge two series")
        SPLIT = "split", _("Split a series")
        ASSESSMENT = "assessment", _("Assessment of countries")
        IDENTIFIED = "identified", _("Close a series as identified")
        EXPORT = "export", _("Export beyond H1")

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("Waits for a second pair of eyes")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    series = models.CharField(max_length=40, blank=True)
    """Id of the series that it is about; others stand in `asked`. Empty: the workspace as a whole."""
    asked = models.JSONField(default=dict)
    """What takes effect, as the app that proposed it reads it."""
    reason = models.TextField()
    other_unit = models.BooleanField(default=False)
    """Who confirms must be of another unit (said by the edition when it was proposed)."""
    proposer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="proposed")
    proposer_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    confirmer = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="answered"
    )
    confirmer_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    """Why it was confirmed or refused."""

    class Meta:
        """What the database itself ensures: four eyes."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | (
                    Q(confirmer__isnull=False)
                    & Q(confirmer_unit__isnull=False)
                    & Q(answered_at__isnull=False)
                ),
                name="confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn") | Q(confirmer__isnull=True) | ~Q(confirmer=F("proposer")),
                name="confirmed_by_another_officer",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(other_unit=False) | ~Q(confirmer_unit=F("proposer_unit")),
                name="confirmed_by_another_unit",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["merge", "split", "assessment", "identified", "export"])
                & Q(state__in=["open", "confirmed", "refused", "withdrawn"]),
                name="proposal_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="open")
                | Q(confirmer__isnull=True, confirmer_unit__isnull=True, answered_at__isnull=True),
                name="open_is_unanswered",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused")
                | Q(confirmer__isnull=False, confirmer_unit__isnull=False, answered_at__isnull=False),
                name="refused_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn")
                | Q(confirmer__isnull=True, confirmer_unit__isnull=True, answered_at__isnull=False),
                name="withdrawn_by_nobody_else",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="proposal_by_state"),
            models.Index(fields=["series", "id"], name="proposal_by_series"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} of {self.series}, {self.state}"

    @property
    def concerns(self) -> tuple[str, ...]:
        """Ids of every series that it is about."""
        return series_concerned(self.series, self.asked if isinstance(self.asked, dict) else {})


class Release(models.Model):
    """That what a confirmed proposal was about left: once. What is to leave again is proposed anew."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="release")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"proposal {self.proposal_id} left, {self.at}"
