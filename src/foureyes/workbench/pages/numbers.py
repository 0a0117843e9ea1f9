"""Whole numbers as people of a language write them."""

from __future__ import annotations

from django.utils.formats import number_format


def grouped(number: int) -> str:
    """`12,345` in English, `12 345` in French."""
    return number_format(number, use_l10n=True, force_grouping=True)
