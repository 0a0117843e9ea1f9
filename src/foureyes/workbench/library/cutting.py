"""Cuts media links when a right may have gone: an assignment, a seat, a unit's part, an edition, a placing.

Whoever still sees the material is given new links when they ask; what was opened before opens no more. It
decides no right: it asks who is concerned, not who lost what.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Model, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from foureyes.workbench.access.models import Assignment, Edition, Placed, Seat, TakesPart
from foureyes.workbench.accounts.models import OpenSession, Unit
from foureyes.workbench.library.links import cut


@dataclass(frozen=True, slots=True)
class Cutting:
    """Called when the transaction is committed; the same one is kept once in it."""

    of: str
    number: int | None

    def __call__(self) -> None:
        """Cut the links of every session that is concerned."""
        whose = Q(**{self.of: self.number})
        cut(OpenSession.objects.filter(whose).values_list("key", flat=True).distinct())


def _of_assignment(one: Assignment) -> Cutting:
    return Cutting("officer", one.officer_id) if one.officer_id else Cutting("officer__unit", one.unit_id)


CONCERNED: dict[type[Model], Callable[..., Cutting]] = {
    Assignment: _of_assignment,
    Seat: lambda one: Cutting("officer", one.officer_id),
    TakesPart: lambda one: Cutting("officer__unit", one.unit_id),
    Placed: lambda one: Cutting("officer__seats__edition", one.edition_id),
    Edition: lambda one: Cutting("officer__seats__edition", one.pk),
    Unit: lambda one: Cutting("officer__unit", one.pk),
}


@receiver(post_delete)
@receiver(post_save)
def _changed(sender: type[Model], instance: Model, *, created: bool = False, **_: object) -> None:
    """What is new takes no right away; what is changed or deleted may."""
    concerned = CONCERNED.get(sender)
    if concerned is None or created:
        return
    cutting = concerned(instance)
    if all(waiting[1] != cutting for waiting in connection.run_on_commit):
        transaction.on_commit(cutting)
