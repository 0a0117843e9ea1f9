"""What waits in an officer's inbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models.notes import Note
from foureyes.workbench.findings.models.questions import Question
from foureyes.workbench.findings.models.tasks import Task


class Notice(models.Model):
    """One thing that an officer is told of, until they have read it or done what it asks."""

    class Kind(models.TextChoices):
        """What it tells."""

        MENTION = "mention", _("mentions you")
        REPLY = "reply", _("replied")
        TASK = "task", _("has a task for you")
        DONE = "done", _("did your task")
        QUESTION = "question", _("asks for your eyes")
        ANSWER = "answer", _("answered you")
        CLOSED = "closed", _("closed the request")

    officer = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    by = models.ForeignKey(Officer, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    question = models.ForeignKey(
        Question, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(note__isnull=False) | Q(task__isnull=False) | Q(question__isnull=False),
                name="notice_of_something",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["officer", "read_at", "-id"], name="notice_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.kind} to {self.officer}"
