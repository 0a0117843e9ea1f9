"""What all findings have: what they are about, who wrote them, their version, who withdrew them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from foureyes.workbench.access.models import HandlingCode
from foureyes.workbench.accounts.models import Officer, Unit


class Finding(models.Model):
    """Something that an officer wrote about a media or a series. It is withdrawn, never deleted."""

    series = models.CharField(max_length=40, blank=True)
    """Id of the series, where it is about one: the id that it had when this was written. Else empty."""
    media = models.CharField(max_length=64, blank=True)
    """SHA-256, where it is about a media: it shows in whatever series holds the media now."""
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    """The officer's unit when it was written: who provides the information."""
    at = models.DateTimeField(default=timezone.now)
    handling_code = models.CharField(max_length=2, choices=HandlingCode, default=HandlingCode.H1)
    from_course = models.BooleanField(default=False)
    """Written by somebody who is here as a trainee only."""
    key = models.CharField(max_length=40, blank=True)
    """One per form that was handed out: sent twice, it counts once."""
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        """Rows of its own for each kind."""

        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(media="", series=""), name="%(class)s_is_about_something"),
            models.CheckConstraint(condition=Q(media="") | Q(series=""), name="%(class)s_is_about_one_thing"),
            models.CheckConstraint(
                condition=Q(handling_code__in=HandlingCode.values), name="%(class)s_has_a_known_code"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="%(class)s_withdrawn_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["officer", "key"], condition=~Q(key=""), name="%(class)s_sent_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["media"], name="%(class)s_by_media"),
            models.Index(fields=["series"], name="%(class)s_by_series"),
        ]

    @property
    def is_withdrawn(self) -> bool:
        """Whether somebody took it back; it stays, and can be put back."""
        return self.withdrawn_at is not None
