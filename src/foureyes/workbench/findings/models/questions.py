"""Requests for a second pair of eyes, and whom they reached."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models.base import Finding
from foureyes.workbench.findings.models.regions import Region


class Question(Finding):
    """A question to those who know. It stays open until who asked closes it."""

    text = models.TextField()
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="questions"
    )
    selection = models.JSONField(default=list, blank=True)
    """SHA-256 of media of the series that it is about, where it is about a selection."""
    words = models.CharField(max_length=300, blank=True)
    """Languages and skills that it was addressed to, with a comma between."""
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Finding.Meta):
        """What the database itself ensures."""

        abstract = False
        constraints: ClassVar = [
            *Finding.Meta.constraints,
            models.CheckConstraint(condition=~Q(text=""), name="question_says_something"),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"


class Reached(models.Model):
    """One officer whom a request reached, or who took it up unasked."""

    class Why(models.TextChoices):
        """Why it reached them."""

        NAMED = "named", _("by name")
        UNIT = "unit", _("through the unit")
        KNOWS = "knows", _("by what they know")
        CAME = "came", _("of their own accord")

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="reached")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="reached")
    why = models.CharField(max_length=6, choices=Why)
    at = models.DateTimeField(default=timezone.now)
    answering_at = models.DateTimeField(null=True, blank=True)
    """Since when they are at it: others see it."""
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["question", "officer"], name="reached_once"),
            models.CheckConstraint(
                condition=Q(answering_at__isnull=True) | Q(declined_at__isnull=True),
                name="nobody_answers_and_declines",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} to {self.officer}"
