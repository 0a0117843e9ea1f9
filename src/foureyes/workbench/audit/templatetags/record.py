"""Filters that say an entry in words, and keep what was looked for in the addresses of other pages of it."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django import template

from foureyes.workbench.audit.models import Entry
from foureyes.workbench.audit.searching import Sought
from foureyes.workbench.audit.wording import sentence

register = template.Library()


@register.filter
def in_words(entry: Entry) -> str:
    """Who did what, as a sentence."""
    return sentence(entry)


@register.filter
def details(entry: Entry) -> list[tuple[str, str]]:
    """Names and values of the detail."""
    if not entry.detail:
        return []
    stated = json.loads(entry.detail)
    if not isinstance(stated, dict):
        return []
    return [(str(name), _said(value)) for name, value in stated.items()]


@register.simple_tag
def elsewhere(sought: Sought, **place: int) -> str:
    """The query of an address that looks for the same at another place."""
    return "?" + urlencode({**sought.stated, **{name: number for name, number in place.items() if number}})


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
