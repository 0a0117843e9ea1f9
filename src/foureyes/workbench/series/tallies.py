"""Counts notes and decisions by unit and day, as they are announced. Keeps no name of an officer."""

from __future__ import annotations

from django.db.models import F
from django.db.models.signals import post_save
from django.dispatch import receiver

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.live.actions import What
from foureyes.workbench.live.models import Event
from foureyes.workbench.series.models import Tally

COUNTED = frozenset({What.NOTE.value, What.DECISION.value})


@receiver(post_save, sender=Event)
def _count(instance: Event, *, created: bool, **_: object) -> None:
    """Inside the transaction of the announcement, so that what is rolled back is not counted.

    What is announced to one officer (a mention) was announced to all as well, and counts once.
    """
    if not created or instance.what not in COUNTED or not instance.series or instance.to:
        return
    unit = Officer.objects.filter(username=instance.officer).values_list("unit_id", flat=True).first()
    if unit is None:
        return
    tally, _made = Tally.objects.get_or_create(
        day=instance.at.date(), unit_id=unit, series=instance.series, what=instance.what
    )
    Tally.objects.filter(id=tally.id).update(count=F("count") + 1)
