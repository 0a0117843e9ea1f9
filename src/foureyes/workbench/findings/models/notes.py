"""Notes and their threads, earlier texts, and who was mentioned."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models.base import Finding
from foureyes.workbench.findings.models.questions import Question
from foureyes.workbench.findings.models.regions import Region


class Note(Finding):
    """What somebody wrote; a reply has a root and is about what the root is about."""

    text = models.TextField()
    root = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="notes")
    decision = models.PositiveBigIntegerField(null=True, blank=True)
    """Number of the decision that it is about, as the engine counts them."""
    question = models.ForeignKey(
        Question, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )
    """The request for a second pair of eyes that this answers."""

    class Meta(Finding.Meta):
        """What the database itself ensures."""

        abstract = False
        constraints: ClassVar = [
            *Finding.Meta.constraints,
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


class EarlierText(models.Model):
    """What a note said before an edit."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="earlier")
    version = models.PositiveIntegerField()
    text = models.TextField()
    until = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "version"], name="one_text_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.note} as version {self.version}"


class Mention(models.Model):
    """An officer who is named in a note and sees what it is about."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="mentions")
    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="mentions")

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "officer"], name="one_mention_per_note_and_officer")
        ]

    def __str__(self) -> str:
        return f"{self.officer} in {self.note}"
