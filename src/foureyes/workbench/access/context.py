"""Tells every page what the roles of its officer can use, so that it offers nothing that answers 404.

It only spares people dead links: the views ask `rules` themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest

from foureyes.workbench.access.rules import Action, HoldingsAsked, may, may_ever


@dataclass(frozen=True, slots=True)
class Rights:
    """What an officer's roles can use."""

    view: bool
    find: bool
    decide: bool
    confirm: bool
    holdings: bool
    """What is about the workspace as a whole: its sources, what could not be read."""
    coordinate: bool
    read_record: bool
    administer: bool


def rights_of(viewer: object) -> Rights:
    """What the viewer's roles can use."""
    view = may_ever(viewer, Action.VIEW)
    return Rights(
        view=view,
        find=may_ever(viewer, Action.FIND),
        decide=may_ever(viewer, Action.DECIDE),
        confirm=may_ever(viewer, Action.CONFIRM),
        holdings=view and may(viewer, Action.VIEW, HoldingsAsked()),
        coordinate=may_ever(viewer, Action.COORDINATE),
        read_record=may_ever(viewer, Action.READ_RECORD),
        administer=may_ever(viewer, Action.ADMINISTER),
    )


def rights(request: HttpRequest) -> dict[str, Callable[[], Rights]]:
    """Context processor: `rights`. Asks only where a page needs them."""

    @cache
    def asked() -> Rights:
        return rights_of(getattr(request, "user", None))

    return {"rights": asked}
