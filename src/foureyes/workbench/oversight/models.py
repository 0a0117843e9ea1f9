"""How often an officer was refused something within an hour: what keeps refusals from flooding the record."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Refusal(models.Model):
    """Refusals of one officer, one action and one kind of thing within one hour. Old ones are deleted."""

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refusals")
    action = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    """`series`, `media`, `holdings`, `list`, or empty for what is of no one thing."""
    hour = models.DateTimeField()
    """Its beginning, UTC."""
    times = models.PositiveIntegerField(default=0)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["officer", "action", "kind", "hour"], name="one_count_of_refusals_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.officer} {self.action} {self.kind}: {self.times} from {self.hour}"
