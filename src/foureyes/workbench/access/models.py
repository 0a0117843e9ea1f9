"""What decides need to know: editions, who takes part, which series lie in them, and who was given them.

Rows only; what follows from them is decided in `rules`, and `editions` changes them.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Officer, Unit


class HandlingCode(models.TextChoices):
    """Who may do what with a piece of information (Europol's handling codes)."""

    H0 = "H0", _("H0: police use, to prevent and combat crime")
    H1 = "H1", _("H1: not in court without the provider's permission")
    H2 = "H2", _("H2: not passed on without the provider's permission")
    H3 = "H3", _("H3: other restrictions")


CODES = HandlingCode.values


class Edition(models.Model):
    """One holding of the taskforce."""

    name = models.CharField(max_length=120, unique=True)
    opens = models.DateField()
    closes = models.DateField()
    """The last day; both days are included, in UTC."""
    closed_at = models.DateTimeField(null=True, blank=True)
    """When a coordinator closed it before its last day."""
    handling_code = models.CharField(max_length=2, choices=HandlingCode, default=HandlingCode.H1)
    """The floor: no series in this edition has a lower code."""
    all_series_to_all = models.BooleanField(default=False)
    """Every expert of the edition sees every series in it, assigned or not."""
    other_unit_confirms = models.BooleanField(default=True)
    """Who confirms is of another unit than who proposed."""
    reveals_soft = models.PositiveIntegerField(default=400)
    """Reveals of one officer in a day (UTC) from which a break is proposed."""
    reveals_hard = models.PositiveIntegerField(default=1000)
    """Reveals of one officer in a day beyond which nothing sharp is shown."""
    break_minutes = models.PositiveSmallIntegerField(default=10)
    made_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="editions_made")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(closes__gte=F("opens")), name="edition_closes_after_it_opens"),
            models.CheckConstraint(condition=Q(handling_code__in=CODES), name="edition_has_a_known_code"),
            models.CheckConstraint(
                condition=Q(reveals_soft__lte=F("reveals_hard")) & Q(reveals_hard__gte=1),
                name="edition_soft_cap_below_hard",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TakesPart(models.Model):
    """A unit that takes part in an edition."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="units")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="takes_part")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "unit"], name="one_part_per_edition_and_unit")
        ]

    def __str__(self) -> str:
        return f"{self.unit} in {self.edition}"


class Seat(models.Model):
    """An officer who takes part in an edition."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="seats")
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "officer"], name="one_seat_per_edition_and_officer")
        ]

    def __str__(self) -> str:
        return f"{self.officer} in {self.edition}"


class Placed(models.Model):
    """A series that was prepared for an edition."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="placed")
    series = models.CharField(max_length=40)
    """The series' id in the catalogue."""
    handling_code = models.CharField(max_length=2, choices=HandlingCode)
    placed_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="series_placed")
    placed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "series"], name="one_place_per_edition_and_series"),
            models.CheckConstraint(condition=Q(handling_code__in=CODES), name="placed_has_a_known_code"),
        ]
        indexes: ClassVar = [models.Index(fields=["series"], name="placed_by_series")]

    def __str__(self) -> str:
        return f"{self.series} in {self.edition}"


class Assignment(models.Model):
    """A series of an edition, given to a unit, or to one officer of it."""

    placed = models.ForeignKey(Placed, on_delete=models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assignments")
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
    )
    """None gives it to the whole unit."""
    permitted = models.BooleanField(default=False)
    """The provider permits this unit what the handling code (H2, H3) otherwise keeps from it."""
    given_by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="assignments_given")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["placed", "unit"],
                condition=Q(officer__isnull=True),
                name="one_assignment_per_series_and_unit",
            ),
            models.UniqueConstraint(
                fields=["placed", "officer"], name="one_assignment_per_series_and_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placed} to {self.officer or self.unit}"
