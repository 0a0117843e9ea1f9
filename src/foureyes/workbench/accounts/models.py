"""Units and officers. An officer belongs to exactly one unit; the unit that holds the workspace is marked."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Unit(models.Model):
    """An agency of a country."""

    agency = models.CharField(max_length=120)
    country = models.CharField(
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", "Two letters of ISO 3166-1, such as NL")],
    )
    """ISO 3166-1 alpha-2; empty for an international agency or where it was never said."""
    holds_workspace = models.BooleanField(default=False)
    """The one unit that took the material in: everything in the workspace is its own."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "country"], name="one_unit_per_agency_and_country"),
            models.UniqueConstraint(
                fields=["holds_workspace"],
                condition=Q(holds_workspace=True),
                name="one_unit_holds_the_workspace",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} ({self.country})" if self.country else self.agency


class OfficerManager(BaseUserManager["Officer"]):
    """Makes officers with hashed passwords."""

    def make(self, username: str, password: str, unit: Unit, full_name: str = "") -> Officer:
        """Save a new officer. The password must already be validated (`accounts.actions`)."""
        officer = self.model(username=self.model.normalize_username(username), unit=unit, full_name=full_name)
        officer.set_password(password)
        officer.save(using=self._db)
        return officer


class Officer(AbstractBaseUser):
    """A person who works here."""

    class Theme(models.TextChoices):
        """How the pages look."""

        SYSTEM = "system", "As the computer is set"
        DARK = "dark", "Dark"
        LIGHT = "light", "Light"

    username = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+$", "Letters, digits and . @ + - _ only")],
    )
    full_name = models.CharField(max_length=120, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="officers")
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    failures = models.PositiveSmallIntegerField(default=0)
    """Wrong passwords since the last right one."""
    locked_until = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = OfficerManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name or self.username
