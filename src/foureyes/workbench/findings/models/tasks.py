"""Tasks: what is to be done about a series, a media or a region, by whom and until when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from foureyes.workbench.accounts.models import Officer, Unit
from foureyes.workbench.findings.models.base import Finding
from foureyes.workbench.findings.models.regions import Region


class Task(Finding):
    """Something to do: for an officer, for a unit, or for nobody yet."""

    text = models.CharField(max_length=2_000)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    to_officer = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    to_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    due = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Finding.Meta):
        """What the database itself ensures."""

        abstract = False
        constraints: ClassVar = [
            *Finding.Meta.constraints,
            models.CheckConstraint(condition=~Q(text=""), name="task_says_something"),
            models.CheckConstraint(
                condition=Q(to_officer__isnull=True) | Q(to_unit__isnull=True), name="task_for_one_or_a_unit"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"
