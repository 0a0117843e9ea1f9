"""Filters that turn findings into what templates show. They never mark anything as safe HTML."""

from __future__ import annotations

from collections.abc import Iterator

from django import template

from foureyes.workbench.findings import texts
from foureyes.workbench.findings.actions.regions import shape_of
from foureyes.workbench.findings.models import Certainty, Region
from foureyes.workbench.findings.shapes import Stretch
from foureyes.workbench.findings.texts import Piece

register = template.Library()
SHORT = 600
"""Signs of a note that a list shows; its page shows all."""


@register.filter
def pieces(text: object) -> Iterator[Piece]:
    """A text in pieces, with where the names in it lead."""
    return texts.pieces(str(text))


@register.filter
def begun(text: object) -> str:
    """The beginning of a text."""
    whole = str(text)
    return whole if len(whole) <= SHORT else whole[:SHORT].rstrip() + "…"


@register.filter
def is_long(text: object) -> bool:
    """Whether a list shows only its beginning."""
    return len(str(text)) > SHORT


@register.filter
def seen(text: object) -> str:
    """A line of a text with what cannot be seen as an escape."""
    return texts.seen(str(text))


@register.filter
def fragment(region: Region) -> str:
    """Where a region lies, as a Media Fragment: `xywh=percent:10,20,30,40&t=1.5,3`."""
    shape = str(shape_of(region))
    if region.from_ms is None or region.to_ms is None:
        return shape
    return f"{shape}&{Stretch(region.from_ms, region.to_ms)}"


@register.filter
def certain(value: object) -> str:
    """How sure somebody is, in words."""
    return str(Certainty(str(value)).label) if value in Certainty.values else ""


@register.filter
def seconds(milliseconds: object) -> str:
    """Milliseconds of a film as `0:07.5`."""
    if not isinstance(milliseconds, int):
        return ""
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}:{rest // 1000:02}" + f"{rest % 1000 / 1000:.3f}"[1:].rstrip("0").rstrip(".")
