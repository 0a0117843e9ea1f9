"""What was revealed to whom and for how long: the officer's own count. Breaks, and how pictures are drawn."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


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


class EndedSession(models.Model):
    """A session that ended while links of it might still be good; told to every process (`ended.py`)."""

    session = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of its key."""
    until = models.DateTimeField()
    """When the last of its links has expired."""

    def __str__(self) -> str:
        return f"{self.session[:8]} until {self.until}"


class CutLinks(models.Model):
    """A session whose links from before some right went are refused, by every process (`ended.py`)."""

    session = models.CharField(max_length=64, primary_key=True)
    """SHA-256 of its key."""
    until = models.FloatField()
    """Unix time: what is good no longer than this is refused, and was made before."""

    def __str__(self) -> str:
        return f"{self.session[:8]} until {self.until}"


class Looked(models.Model):
    """Seconds of a day in which an officer had something sharp of a series on the screen: for them alone."""

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="looked")
    day = models.DateField()
    """In UTC."""
    series = models.CharField(max_length=40, blank=True)
    seconds = models.FloatField(default=0)
    last = models.DateTimeField()
    """Until when the seconds are told: what is told next can be no longer than since then."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["officer", "day", "series"], name="looked_once_per_day_and_series"
            ),
            models.CheckConstraint(condition=Q(seconds__gte=0), name="looked_no_less_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.day} {self.series} {self.seconds:.0f} s"


class Break(models.Model):
    """A break of one officer, or that one was put off."""

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="breaks")
    day = models.DateField()
    """In UTC."""
    number = models.PositiveIntegerField()
    """The first break of the day is 1."""
    seen = models.PositiveIntegerField()
    """Reveals of the day when it began."""
    began = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    put_off = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    """Why it was put off."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["officer", "day", "number"], condition=Q(put_off=False), name="each_break_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["officer", "day"], condition=Q(put_off=True), name="one_break_put_off_a_day"
            ),
            models.CheckConstraint(
                condition=Q(put_off=False) | ~Q(reason=""), name="a_break_is_put_off_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.day} no. {self.number}{' put off' if self.put_off else ''}"


class MoreAllowed(models.Model):
    """Reveals that a coordinator allowed one officer beyond the hard cap of the day."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="more_allowed"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="allowed_more")
    reveals = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(by=F("officer")), name="nobody_allows_themselves_more"),
            models.CheckConstraint(
                condition=Q(reveals__gte=1) & ~Q(reason=""), name="more_is_a_number_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reveals} more for {self.officer_id} by {self.by_id}"


class Viewing(models.Model):
    """How one officer wants pictures drawn, covered and revealed."""

    class Blur(models.IntegerChoices):
        """How coarse a covered picture is: pixels across."""

        SIXTEEN = 16, _("16 pixels across")
        EIGHT = 8, _("8 pixels across")
        FOUR = 4, _("4 pixels across")
        NOTHING = 0, _("no picture, a plain tile")

    class Mask(models.TextChoices):
        """What stays covered of a revealed picture."""

        NONE = "none", _("nothing")
        MIDDLE = "middle", _("its middle, until M is held")

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="viewing", primary_key=True
    )
    blur = models.PositiveSmallIntegerField(choices=Blur, default=Blur.SIXTEEN)
    mask = models.CharField(max_length=8, choices=Mask, default=Mask.NONE)
    size = models.PositiveSmallIntegerField(default=2)
    """Of tiles: 0 to 4."""
    colour = models.BooleanField(default=False)
    """Revealed pictures are in colour at once."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(blur__in=[0, 4, 8, 16]), name="viewing_has_a_known_blur"),
            models.CheckConstraint(condition=Q(mask__in=["none", "middle"]), name="viewing_has_a_known_mask"),
            models.CheckConstraint(condition=Q(size__lte=4), name="viewing_has_a_known_size"),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id}: {self.blur}, {self.mask}, {self.size}"
