"""What an officer has read of their inbox."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.findings.models import Finding, Note, Notice, Question, Task

STAYING = (Notice.Kind.QUESTION, Notice.Kind.TASK)
"""What stays until something is done about it."""


@transaction.atomic
def read_about(officer: Officer, findings: list[Finding]) -> None:
    """Mark what the officer was told of these findings as read; requests and tasks stay."""
    unread = Notice.objects.filter(officer=officer, read_at__isnull=True).exclude(kind__in=STAYING)
    for kind, name in ((Note, "note"), (Task, "task"), (Question, "question")):
        numbers = [one.pk for one in findings if isinstance(one, kind)]
        if numbers:
            unread.filter(**{f"{name}__in": numbers}).update(read_at=timezone.now())


@transaction.atomic
def read_all(officer: Officer) -> int:
    """Mark all that others said to the officer as read; gives how much. Requests and tasks stay."""
    unread = Notice.objects.filter(officer=officer, read_at__isnull=True).exclude(kind__in=STAYING)
    return unread.update(read_at=timezone.now())
