"""A number with its words, as every note and every line of the command says it. It knows no word itself."""

from __future__ import annotations


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 record`, `2 records`; with `many` anything else: `1 picture is`, `2 pictures are`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
