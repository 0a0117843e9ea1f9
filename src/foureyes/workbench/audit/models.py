"""One entry of the record. The database itself refuses to change or delete it (migration 0002)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """Who did what to which thing, when, chained to the entry before."""

    id = models.BigIntegerField(primary_key=True)
    """1, 2, 3, ... without a gap: `actions.append` gives it while it holds the chain."""
    at = models.CharField(max_length=32)
    """ISO 8601 in UTC with microseconds, as text: the hash covers exactly what is stored."""
    officer = models.CharField(max_length=60)
    """User name; for a refused sign-in the name that was tried."""
    unit = models.CharField(max_length=130, blank=True)
    action = models.CharField(max_length=40)
    thing = models.CharField(max_length=200, blank=True)
    """What it was done to: `media:<sha256>`, `series:<id>`, `officer:<name>`."""
    detail = models.TextField(blank=True)
    """JSON object with sorted keys: reasons, old and new names, counts."""
    previous = models.CharField(max_length=64, unique=True)
    """Hash of the entry before; unique, so the chain cannot fork."""
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        """What the database itself ensures."""

        indexes: ClassVar = [
            models.Index(fields=["officer", "id"], name="audit_by_officer"),
            models.Index(fields=["thing", "id"], name="audit_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.at} {self.officer} {self.action} {self.thing}"
