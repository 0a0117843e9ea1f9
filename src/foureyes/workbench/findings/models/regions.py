"""Regions: where in a picture or a film a clue is seen or heard, and what is the same thing elsewhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models.base import Finding

WHOLE = 1_000_000
"""Width and height of a picture, in the millionths of it that shapes are kept in."""


class Clue(models.TextChoices):
    """Kinds of clues."""

    OBJECT = "object", _("object")
    TEXT = "text", _("text")
    SOUND = "sound", _("sound")
    PLACE = "place", _("place")
    PERSON_MARK = "person-mark", _("person mark")
    CLOTHING = "clothing", _("clothing")
    SOCKET = "socket", _("socket")
    PRODUCT = "product", _("product")
    VIEW = "view-from-window", _("view from window")
    OTHER = "other", _("other")


class Thing(models.Model):
    """One thing that is met in several regions: the same wallpaper, the same bag."""

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"thing {self.pk}"


class Region(Finding):
    """A box or a polygon on a media, as it is displayed (upright), with the clue that is to be seen there."""

    clue = models.CharField(max_length=16, choices=Clue)
    name = models.CharField(max_length=200)
    tells = models.TextField(blank=True)
    """What it may tell."""
    speaks_for = models.CharField(max_length=100, blank=True)
    """Countries, ISO 3166-1 alpha-2, in order, with a space between."""
    speaks_against = models.CharField(max_length=100, blank=True)
    left = models.PositiveIntegerField()
    """The box, or the box around the polygon, in millionths of the picture's width and height."""
    top = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    points = models.JSONField(default=list, blank=True)
    """Corners of a polygon in millionths, `[[x, y], ...]`; empty for a box."""
    from_ms = models.PositiveBigIntegerField(null=True, blank=True)
    """Where in the film it begins, in milliseconds; the same as `to_ms` for one frame; None for a picture."""
    to_ms = models.PositiveBigIntegerField(null=True, blank=True)
    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, null=True, blank=True, related_name="regions")
    """Shared with the regions that show the same thing."""

    class Meta(Finding.Meta):
        """What the database itself ensures."""

        abstract = False
        constraints: ClassVar = [
            *Finding.Meta.constraints,
            models.CheckConstraint(
                condition=Q(width__gte=1, height__gte=1, left__lt=WHOLE, top__lt=WHOLE),
                name="region_has_an_area",
            ),
            models.CheckConstraint(
                condition=Q(width__lte=WHOLE - F("left")) & Q(height__lte=WHOLE - F("top")),
                name="region_lies_in_the_picture",
            ),
            models.CheckConstraint(
                condition=Q(from_ms__isnull=True, to_ms__isnull=True)
                | (Q(from_ms__isnull=False) & Q(to_ms__gte=F("from_ms"))),
                name="region_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=Q(clue__in=Clue.values), name="region_has_a_known_clue"),
            models.CheckConstraint(condition=~Q(media=""), name="region_is_on_a_media"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.name}"
