"""Draws pieces of pages that say the same for the same values: once, and kept for all who see the same.

What is kept hangs on nothing but the values and the language, so it can never show anybody what the values do
not say, and never grows old. A piece that names the viewer, a form's token or the time is none of these.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

KEPT_AT_MOST = 4_000
"""Pieces: a row of the board has about 1.3 kB."""


class _Piece:
    """A template and what it shows; the same as another where it shows the same."""

    __slots__ = ("_key", "name", "value")

    def __init__(self, name: str, value: object, shown: Hashable) -> None:
        self.name, self.value = name, value
        self._key = (name, get_language(), shown)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Piece) and self._key == other._key


@register.simple_tag
def drawn(name: str, value: object, shown: Hashable | None = None) -> SafeString:
    """The template of this name with `value` as its `it`.

    Args:
        name: Of the template; it reads `it` alone.
        value: What it draws.
        shown: All that the template reads of the value; the value itself where that can be compared.
    """
    return _drawn(_Piece(name, value, value if shown is None else shown))


@lru_cache(maxsize=KEPT_AT_MOST)
def _drawn(piece: _Piece) -> SafeString:
    made = render_to_string(piece.name, {"it": piece.value})
    piece.value = None  # the key stays in the cache: it must not hold what it was drawn from
    return made
