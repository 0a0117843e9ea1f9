"""Tokens of programs, and answers kept so that a repeated request changes nothing twice."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Unit


class Scope(models.TextChoices):
    """What a token is for. Every token reads; it sees what its unit sees."""

    READ = "read", _("Read series, media facts, links and decisions")
    SEARCH = "search", _("Search for a hash or a picture")
    DECIDE = "decide", _("Name series, make and withdraw decisions")
    FIND = "find", _("Write notes, tasks, requests and clues")
    REVEAL = "reveal", _("Fetch sharp pictures; each is counted and recorded")


class Token(models.Model):
    """The right of one program of a unit. The secret itself is kept nowhere."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tokens")
    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="token_of_program"
    )
    """The service officer whom the program acts as: nobody can sign in as them."""
    purpose = models.CharField(max_length=100)
    scopes = models.JSONField()
    """Values of `Scope`."""
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tokens_made"
    )
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tokens_revoked",
    )
    used_at = models.DateTimeField(null=True, blank=True)
    """The last time, to the minute."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("made_at")), name="token_expires_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="token_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer.username}: {self.purpose}"


class Answered(models.Model):
    """A request that changed something, under the key that the program gave it, and what was answered."""

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=64)
    asked_sha256 = models.CharField(max_length=64)
    """Over method, address and body: the same key for something else is refused."""
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    """None while the first request is under way."""
    body = models.TextField(blank=True)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "key"], name="one_answer_per_token_and_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.token_id}"
