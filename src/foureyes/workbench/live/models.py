"""What happened to a series, in the order in which it was committed: what the live channel tells."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from foureyes.workbench.accounts.models import Officer


class Event(models.Model):
    """One thing that changed. It says that something changed, never what it says: pages ask for that."""

    series = models.CharField(max_length=40, blank=True)
    """Id of the series; empty for what is of no one series."""
    officer = models.CharField(max_length=60, blank=True)
    """User name of who did it; empty for what the machine did by itself."""
    to = models.CharField(max_length=60, blank=True)
    """User name of the one officer whom it is for; empty for all who see the series."""
    what = models.CharField(max_length=40)
    thing = models.CharField(max_length=100, blank=True)
    """What it was done to: `note:12`, `region:7`, `media:<mark>`."""
    handling_code = models.CharField(max_length=2, blank=True)
    """Of what was written: told to those alone whom it allows to read that; empty for what is told to all."""
    units = models.JSONField(default=list, blank=True)
    """Ids of the units that provide it, where there is a handling code."""
    concerned = models.JSONField(default=list, blank=True)
    """Ids of further series that one must see to be told."""
    version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        indexes: ClassVar = [models.Index(fields=["series", "id"], name="event_by_series")]

    def __str__(self) -> str:
        return f"{self.id} {self.what} {self.thing} by {self.officer}"


class Whereabouts(models.Model):
    """Whether an officer hides where on a series they look. That they are on it is always seen."""

    officer = models.OneToOneField(Officer, on_delete=models.CASCADE, related_name="whereabouts")
    place_hidden = models.BooleanField(default=False)

    # The plugin of mypy loses Django's own where apps listen to each other's models.
    objects: ClassVar[models.Manager[Whereabouts]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.officer}: {'place hidden' if self.place_hidden else 'place shown'}"
