"""Up to which change of the workspace each officer has read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ChangesRead(models.Model):
    """What one officer marked as read."""

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="changes_read"
    )
    change = models.BigIntegerField()
    """Number of the last change, as the engine counts them."""
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.officer_id} up to {self.change}"
