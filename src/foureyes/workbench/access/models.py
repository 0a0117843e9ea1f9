"""What other units were given: whole series, by name. Nothing else of a workspace reaches them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from foureyes.workbench.accounts.models import Unit


class Assignment(models.Model):
    """A series that a unit other than the holding one may work on."""

    series = models.CharField(max_length=40)
    """The series' id in the catalogue."""
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "unit"], name="one_assignment_per_series_and_unit")
        ]

    def __str__(self) -> str:
        return f"{self.series} to {self.unit}"
