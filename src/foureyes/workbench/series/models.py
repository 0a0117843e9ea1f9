"""Up to which change each officer has read; which questions of the engine are being answered, and were."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class ChangesRead(models.Model):
    """What one officer marked as read."""

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="changes_read"
    )
    change = models.BigIntegerField()
    """Number of the last change, as the engine counts them."""
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.officer_id} up to {self.change}"


class ReviewClaim(models.Model):
    """A question that one officer is looking at: nobody else is asked it meanwhile."""

    question = models.CharField(max_length=40, unique=True)
    """Key of the question, as the engine names it."""
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            # An officer looks at one question at a time: taking the next lets go of the last.
            models.UniqueConstraint(fields=["officer"], name="one_review_claim_an_officer")
        ]

    def __str__(self) -> str:
        return f"{self.question} by {self.officer_id} until {self.until}"


class ReviewAnswer(models.Model):
    """What an officer answered to a question of the engine, and how much that settled."""

    class Answer(models.TextChoices):
        """Whether the two groups belong together."""

        YES = "yes", "They belong together"
        NO = "no", "They do not"

    question = models.CharField(max_length=40)
    series = models.CharField(max_length=40)
    """Id of the series when it was asked."""
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_answers"
    )
    answer = models.CharField(max_length=3, choices=Answer)
    decision = models.BigIntegerField(null=True, blank=True)
    """Number of the engine's decision; None while a second pair of eyes is waited for."""
    proposal = models.BigIntegerField(null=True, blank=True)
    """Number of the proposal that waits for a second pair of eyes, if any."""
    media = models.PositiveIntegerField()
    """Media that the answer settled."""
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["question"], condition=models.Q(undone_at__isnull=True), name="one_standing_answer"
            ),
            models.CheckConstraint(
                condition=models.Q(answer__in=["yes", "no"])
                & (models.Q(decision__isnull=False) | models.Q(proposal__isnull=False)),
                name="answer_has_effect",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["series", "undone_at"], name="review_answer_by_series"),
            models.Index(fields=["officer", "id"], name="review_answer_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} to {self.question} by {self.officer_id}"
