"""Reads about officers and units."""

from __future__ import annotations

from django.utils import timezone

from foureyes.workbench.accounts.models import Officer, Unit


def anyone_yet() -> bool:
    """Whether the workbench has any officer: the first start makes one."""
    return Officer.objects.exists()


def all_officers() -> list[Officer]:
    """Every officer with the unit, those who were made first at the top."""
    return list(Officer.objects.select_related("unit").order_by("made_at", "id"))


def is_locked(username: str) -> bool:
    """Whether too many wrong passwords lock this name now."""
    return Officer.objects.filter(username=username, locked_until__gt=timezone.now()).exists()


def holding_unit() -> Unit | None:
    """The unit that took the workspace's material in."""
    return Unit.objects.filter(holds_workspace=True).first()
