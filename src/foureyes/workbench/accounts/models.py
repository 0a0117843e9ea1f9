"""Units and officers. An officer belongs to exactly one unit; the unit that holds the workspace is marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """An agency of a country."""

    agency = models.CharField(max_length=120)
    country = models.CharField(
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two letters of ISO 3166-1, such as NL"))],
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


class Role(models.TextChoices):
    """What an officer is here to do; `access.rules` says what each may."""

    EXPERT = "expert", _("Expert")
    COORDINATOR = "coordinator", _("Coordinator")
    EXCHANGE = "exchange", _("Exchange officer")
    APPEAL = "appeal", _("Appeal officer")
    TRAINER = "trainer", _("Trainer")
    TRAINEE = "trainee", _("Trainee")
    OVERSIGHT = "oversight", _("Oversight")
    ADMINISTRATOR = "administrator", _("Administrator")


FIRST_ROLES = (Role.EXPERT, Role.COORDINATOR, Role.EXCHANGE)
"""Of the first officer, who is alone with the workspace."""


class OfficerManager(BaseUserManager["Officer"]):
    """Makes officers with hashed passwords."""

    def make(
        self, username: str, password: str, unit: Unit, full_name: str = "", roles: Iterable[str] = ()
    ) -> Officer:
        """Save a new officer. The password must already be validated (`accounts.actions`)."""
        officer = self.model(username=self.model.normalize_username(username), unit=unit, full_name=full_name)
        officer.set_password(password)
        officer.save(using=self._db)
        RoleHeld.objects.bulk_create(RoleHeld(officer=officer, role=role) for role in roles)
        return officer


class Officer(AbstractBaseUser):
    """A person who works here."""

    class Theme(models.TextChoices):
        """How the pages look."""

        SYSTEM = "system", _("As the computer is set")
        DARK = "dark", _("Dark")
        LIGHT = "light", _("Light")

    class Language(models.TextChoices):
        """In what language the pages speak to them."""

        ENGLISH = "en", "English"
        FRENCH = "fr", "Français"

    username = models.CharField(
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", _("Letters, digits and . @ + - _ only"))],
    )
    full_name = models.CharField(max_length=120, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="officers")
    is_active = models.BooleanField(default=True)
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    language = models.CharField(max_length=2, choices=Language, blank=True, default="")
    """Empty where they never chose one: then what was picked at the sign-in holds, or the browser's."""
    failures = models.PositiveSmallIntegerField(default=0)
    """Wrong passwords and second factors since the last sign-in that came to its end."""
    locked_until = models.DateTimeField(null=True, blank=True)
    must_change_password = models.BooleanField(default=False)
    """The password is an initial one that somebody else knows."""
    made_at = models.DateTimeField(default=timezone.now)

    objects = OfficerManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def is_program(self) -> bool:
        """Whether a program acts as them by a token of its unit: nobody can sign in as them."""
        return not self.has_usable_password()

    @cached_property
    def roles(self) -> frozenset[str]:
        """Values of `Role`; read once per object, so once per request."""
        return frozenset(self.roles_held.values_list("role", flat=True))


class RoleHeld(models.Model):
    """One role of one officer."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="roles_held")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["officer", "role"], name="one_role_held_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.officer} as {self.role}"


class OpenIDBinding(models.Model):
    """Which identity of the OpenID Connect server an officer has (`bound`)."""

    officer = models.OneToOneField(Officer, on_delete=models.CASCADE, related_name="openid")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_officer_per_openid_subject")
        ]

    def __str__(self) -> str:
        return f"{self.officer} is {self.subject} of {self.issuer}"


class OfficerLanguage(models.Model):
    """A language that an officer reads."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(max_length=2)
    """ISO 639-1, lower case (`words.language_code`)."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["officer", "code"], name="one_language_said_once"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z]{2}\Z"), name="language_is_two_letters"),
        ]
        indexes: ClassVar = [models.Index(fields=["code"], name="officers_by_language")]

    def __str__(self) -> str:
        return f"{self.officer} reads {self.code}"


class OfficerSkill(models.Model):
    """Something that an officer knows."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="skills")
    word = models.CharField(max_length=40)
    """In one spelling (`words.in_one_spelling`)."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["officer", "word"], name="one_skill_said_once"),
            models.CheckConstraint(condition=~Q(word=""), name="skill_is_a_word"),
        ]
        indexes: ClassVar = [models.Index(fields=["word"], name="officers_by_skill")]

    def __str__(self) -> str:
        return f"{self.officer} knows {self.word}"


class OpenSession(models.Model):
    """A session in which an officer is signed in. Django's own row says whether it still lives."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=200, blank=True)
    """What the browser says of itself: hostile text."""
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    """To the minute."""

    def __str__(self) -> str:
        return f"{self.officer} since {self.since:%Y-%m-%d %H:%M}"
