"""What was revealed to whom: the officer's own count of exposure."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Exposure(models.Model):
    """One reveal of one media to one officer."""

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exposures")
    media = models.CharField(max_length=64)
    """SHA-256 of the media."""
    series = models.CharField(max_length=40, blank=True)
    """Id of the series from which it was revealed; empty from the media's own page."""
    request_key = models.CharField(max_length=40)
    """Made by the page for each press of the key: a request that is sent twice counts once."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["officer", "request_key", "media"], name="one_exposure_per_request"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["officer", "at"], name="exposure_by_officer")]

    def __str__(self) -> str:
        return f"{self.media[:16]} to {self.officer_id}"
